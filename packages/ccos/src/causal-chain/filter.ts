/** Searching the record (L10.1): what may be asked, and which records answer. */
import { CcosError } from '../foundation/errors.ts';
import { PAYLOADS } from './payloads.ts';
import type { ChainRecord } from './record.ts';

/** Which records: every given member must hold (L10.1). Times are Unix milliseconds, both ends included. */
export interface RecordFilter {
  readonly run?: string;
  readonly plan?: string;
  readonly intent?: string;
  readonly kind?: string | readonly string[];
  /** A capability id, or what says which ids match: the one glob matcher is not this room's (S3.1). */
  readonly capability?: string | ((id: string) => boolean);
  readonly outcome?: string;
  readonly step?: string;
  readonly principal?: string;
  readonly since?: number;
  readonly until?: number;
  readonly afterSeq?: number;
  /** At most so many: the first of them, or with `order: 'newest'` the last, newest first. */
  readonly limit?: number;
  readonly order?: 'oldest' | 'newest';
}

const FILTER_MEMBERS = new Set([
  'run',
  'plan',
  'intent',
  'kind',
  'capability',
  'outcome',
  'step',
  'principal',
  'since',
  'until',
  'afterSeq',
  'limit',
  'order',
]);

/** The records that a filter asks for, its limit and order aside. Throws `CHAIN_QUERY {pointer}`. */
export function matcher(filter: RecordFilter): (record: ChainRecord) => boolean {
  checkFilter(filter);
  const kinds = filter.kind === undefined ? null : new Set<string>([filter.kind].flat());
  const { capability } = filter;
  const wants = typeof capability === 'string' ? (id: string): boolean => id === capability : capability;
  const same = (wanted: string | undefined, found: unknown): boolean => wanted === undefined || wanted === found;
  return (record) =>
    same(filter.run, record.run) &&
    same(filter.plan, record.plan) &&
    same(filter.intent, record.intent) &&
    same(filter.step, record.step) &&
    same(filter.principal, record.principal) &&
    (kinds === null || kinds.has(record.kind)) &&
    same(filter.outcome, outcomeOf(record)) &&
    (filter.since === undefined || (typeof record.time === 'number' && record.time >= filter.since)) &&
    (filter.until === undefined || (typeof record.time === 'number' && record.time <= filter.until)) &&
    (filter.afterSeq === undefined || record.seq > filter.afterSeq) &&
    (wants === undefined || wants(capabilityOf(record)));
}

function checkFilter(filter: RecordFilter): void {
  for (const [name, value] of Object.entries(filter)) {
    if (!FILTER_MEMBERS.has(name)) throw badFilter(name, `one of ${[...FILTER_MEMBERS].join(', ')}`);
    if (value === undefined) continue;
    const isCount = ['since', 'until', 'afterSeq', 'limit'].includes(name);
    if (isCount && !(Number.isFinite(value) && (value as number) >= 0)) throw badFilter(name, 'a number, not negative');
    if (
      !isCount &&
      name !== 'kind' &&
      typeof value !== 'string' &&
      !(name === 'capability' && typeof value === 'function')
    )
      throw badFilter(name, 'a string');
  }
  if (filter.order !== undefined && filter.order !== 'oldest' && filter.order !== 'newest')
    throw badFilter('order', 'oldest or newest');
  for (const kind of [filter.kind ?? []].flat()) {
    if (!Object.hasOwn(PAYLOADS, kind)) throw badFilter('kind', `one of ${Object.keys(PAYLOADS).join(', ')}`);
  }
}

function badFilter(name: string, expected: string): CcosError {
  return new CcosError('CHAIN_QUERY', `Cannot search the chain by ${name}: it must be ${expected}`, {
    details: { pointer: `/${name}` },
    hint: expected,
  });
}

/** How it ended, for records that say so: of a call or a decision, or the status of a run. */
export function outcomeOf(record: ChainRecord): unknown {
  return record.payload['outcome'] ?? record.payload['status'];
}

/** The capability that a record is about; a decision names it as its subject. Empty where there is none. */
export function capabilityOf(record: ChainRecord): string {
  const subject = record.payload['subject'] as { kind?: unknown; id?: unknown } | null | undefined;
  const id = record.payload['capability'] ?? (subject?.kind === 'capability' ? subject.id : undefined);
  return typeof id === 'string' ? id : '';
}
