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
  let text: string;
  try {
    text = canonicalText(draft);
  } catch (cause) {
    if (!(cause instanceof CcosError)) throw cause;
    throw refused(draft, (cause.details['pointer'] as string | undefined) ?? '/payload', 'plain JSON data', cause);
  }
  // A copy: what the caller changes afterwards is not what was checked.
  const whole = JSON.parse(text) as RecordDraft;
  const fault = check(draftShape, whole);
  if (fault !== null) throw refused(draft, pointerOf(fault), fault.expected);
  // The payload is no longer than the whole, which is short as a rule.
  if (text.length * 3 > PAYLOAD_BYTES_MAX && Buffer.byteLength(canonicalText(whole.payload)) > PAYLOAD_BYTES_MAX) {
    throw refused(draft, '/payload', `at most ${PAYLOAD_BYTES_MAX} bytes`);
  }
  return whole;
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
  const body = canonicalText(unhashed);
  const hash = sha256(RECORD_DOMAIN + body);
  return { record: { hash, ...unhashed }, line: `{"hash":"${hash}",${body.slice(1)}\n` };
}

/** The hash that a line without its newline should begin with (L3.2). */
export function hashOfLine(line: string): string {
  return sha256(`${RECORD_DOMAIN}{${line.slice(OPENING_CHARACTERS)}`);
}
