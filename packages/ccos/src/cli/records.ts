/** Records as lines for people; `--json` prints the records themselves. */
import type { ChainRecord, JsonValue } from '../causal-chain/record.ts';
import { visibleOnOneLine } from '../foundation/controls.ts';

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
