/** Records as lines for people; `--json` prints the records themselves. */
import type { RecordFilter } from '../causal-chain/filter.ts';
import type { ChainRecord, JsonValue } from '../causal-chain/record.ts';
import { visibleOnOneLine } from '../foundation/controls.ts';
import { CcosError } from '../foundation/errors.ts';
import { compileGlob } from '../security/glob.ts';
import type { Options } from './table.ts';

type Payload = ChainRecord['payload'];

/** `12  2026-11-24 04:05:06.789  GovernanceDecision  deny ccos.io.read-file (no-grant)  action-…`. */
export function recordLine(record: ChainRecord): string {
  const time = new Date(record.time).toISOString().replace('T', ' ').replace('Z', '');
  const about = aboutOf(record);
  return [String(record.seq).padStart(5), time, record.kind.padEnd(18), about, record.id]
    .filter((part) => part !== '')
    .join('  ');
}

/** What a record says in one phrase: its outcome, what it is about, and why. */
export function aboutOf(record: ChainRecord): string {
  const { payload } = record;
  if (record.kind.startsWith('Intent')) return aboutIntent(payload, record.intent ?? '');
  const subject = payload['subject'];
  const id =
    textOf(isObject(subject) ? subject['id'] : undefined) ??
    textOf(payload['capability']) ??
    textOf(payload['name']) ??
    textOf(payload['step']);
  const outcome = textOf(payload['outcome']) ?? textOf(payload['status']);
  const rule = textOf(payload['rule']);
  return [outcome, id, rule === null ? null : `(${rule})`].filter((part) => part !== null).join(' ');
}

/** What a record says of an intent: its move, its edge, its goal, or where a whole graph came from. */
function aboutIntent(payload: Payload, intent: string): string {
  const { oldStatus, newStatus, from, type, to, goal, source } = payload;
  const parts =
    newStatus === undefined
      ? from === undefined
        ? [intent, goal, source]
        : [from, type, to]
      : [oldStatus, '→', newStatus, intent];
  return parts
    .map((part) => textOf(part) ?? '')
    .filter((part) => part !== '')
    .join(' ');
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? visibleOnOneLine(value) : null;
}

function isObject(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The options that say which records, as the reader takes them. Throws `USAGE` for a bad glob. */
export function filterOf(options: Options): RecordFilter {
  const { run, plan, intent, kind, outcome, since, until, limit } = options;
  const given = { run, plan, intent, kind, outcome, since, until, limit, capability: matcherOf(options.capability) };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as RecordFilter;
}

function matcherOf(glob: string | undefined): ((id: string) => boolean) | undefined {
  if (glob === undefined) return undefined;
  try {
    const { matches } = compileGlob(glob);
    return (id) => matches(id);
  } catch (cause) {
    throw new CcosError('USAGE', `Cannot read ${JSON.stringify(glob)} as the GLOB of --capability`, {
      cause,
      hint: 'an id, in which * stands for one or more characters',
    });
  }
}

/** A record with what stands below it. */
export interface RecordTree {
  readonly record: ChainRecord;
  readonly children: RecordTree[];
}

/** Records under their parents, in order; those whose parent is not among them are roots. */
export function treeOf(records: readonly ChainRecord[]): RecordTree[] {
  const known = new Map<string, RecordTree>();
  const roots: RecordTree[] = [];
  for (const record of records) {
    const tree = { record, children: [] };
    // Only what came before is a parent (L5.2), so that nothing hangs below itself.
    (known.get(record.parent ?? '')?.children ?? roots).push(tree);
    known.set(record.id, tree);
  }
  return roots;
}
