/** Checking drafts and records against the table of payloads (L2.1), and the bytes of a record (L3). */
import { canonicalText } from '../foundation/canonical-json.ts';
import { domain, sha256 } from '../foundation/digest.ts';
import { CcosError } from '../foundation/errors.ts';
import { draftShape, PAYLOADS, recordShape } from './payloads.ts';
import type { ChainRecord, RecordDraft } from './record.ts';
import { pointerOf, type Shape, type ShapeFault } from './shape.ts';

/** Bytes of a payload's canonical JSON at most (L2). */
export const PAYLOAD_BYTES_MAX = 64 * 1_024;
/** The hash before the first record (L2). */
export const NO_HASH = '0'.repeat(64);

/** `{"hash":"` + 64 hex + `",`: how a line begins, so that the hashed bytes stand in it verbatim (L2.2, L3.2). */
const OPENING_CHARACTERS = 75;
const RECORD_DOMAIN = domain('record');
/** Members of a record but for its hash, in the order of canonical JSON. */
const MEMBERS = [
  'id',
  'intent',
  'kind',
  'parent',
  'payload',
  'plan',
  'prev',
  'principal',
  'run',
  'seq',
  'step',
  'time',
  'v',
] as const satisfies readonly (keyof ChainRecord)[];
/** The canonical text of payloads that were checked and not yet sealed, so that the largest part of a line is written once. */
const checkedPayloads = new WeakMap<object, string>();

function check(shape: Shape, value: { readonly kind?: unknown; readonly payload?: unknown }): ShapeFault | null {
  const fault = shape(value);
  if (fault !== null) return fault;
  const inPayload = PAYLOADS[value.kind as keyof typeof PAYLOADS](value.payload);
  return inPayload === null ? null : { path: ['payload', ...inPayload.path], expected: inPayload.expected };
}

/** What is wrong with a record as it was read, or null (L11.5). */
export function recordFault(record: object): ShapeFault | null {
  return check(recordShape, record);
}

/**
 * The draft without its undefined members, checked (L2.1).
 * @throws `CHAIN_SCHEMA {pointer}`, also for what canonical JSON cannot carry and for a payload over 64 KiB.
 */
export function checkedDraft(draft: RecordDraft): RecordDraft {
  const { payload, ...others } = draft;
  const text = textOf(draft, '/payload', payload);
  // A copy: what the caller changes afterwards is not what was checked.
  const whole = JSON.parse(textOf(draft, '', others)) as Omit<RecordDraft, 'payload'>;
  const checked: RecordDraft = { ...whole, payload: JSON.parse(text) as RecordDraft['payload'] };
  const fault = check(draftShape, checked);
  if (fault !== null) throw refused(draft, pointerOf(fault), fault.expected);
  if (text.length * 3 > PAYLOAD_BYTES_MAX && Buffer.byteLength(text) > PAYLOAD_BYTES_MAX)
    throw refused(draft, '/payload', `at most ${PAYLOAD_BYTES_MAX} bytes`);
  checkedPayloads.set(checked.payload, text);
  return checked;
}

function textOf(draft: RecordDraft, place: '' | '/payload', value: unknown): string {
  try {
    return value === undefined ? 'null' : canonicalText(value);
  } catch (cause) {
    if (!(cause instanceof CcosError)) throw cause;
    const pointer = cause.details['pointer'];
    throw refused(draft, typeof pointer === 'string' ? place + pointer : '/payload', 'plain JSON data', cause);
  }
}

function refused(draft: RecordDraft, pointer: string, expected: string, cause?: unknown): CcosError {
  return new CcosError(
    'CHAIN_SCHEMA',
    `Cannot record ${String(draft.kind)}: ${pointer === '' ? 'it' : pointer} must be ${expected}`,
    {
      details: { pointer, kind: String(draft.kind), expected },
      cause,
      hint: `see ${pointer} in the schema of the kind`,
    },
  );
}

/** A record with its hash, and its line with the newline (L3.1, L3.2). */
export function seal(unhashed: Omit<ChainRecord, 'hash'>): { readonly record: ChainRecord; readonly line: string } {
  let body = '';
  for (const name of MEMBERS) {
    const value = unhashed[name];
    if (value === undefined) continue;
    const known = typeof value === 'object' ? checkedPayloads.get(value) : undefined;
    body += `${body === '' ? '{' : ','}"${name}":${known ?? canonicalText(value)}`;
  }
  body += '}';
  const hash = sha256(RECORD_DOMAIN + body);
  return { record: { hash, ...unhashed }, line: `{"hash":"${hash}",${body.slice(1)}\n` };
}

/** The hash that a line without its newline should begin with (L3.2). */
export function hashOfLine(line: string): string {
  return sha256(`${RECORD_DOMAIN}{${line.slice(OPENING_CHARACTERS)}`);
}
