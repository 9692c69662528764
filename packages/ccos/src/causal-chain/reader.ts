/** Reading records without taking a lock or creating anything (L10): what `log` and `why` and every other fold stands on. */
import { join } from 'node:path';
import { CcosError } from '../foundation/errors.ts';
import { ioError, systemFiles, type Files } from '../foundation/files.ts';
import { isId } from '../foundation/ids.ts';
import { openStateFolder } from '../foundation/state-folder.ts';
import { readHeadFile, type Head } from './head.ts';
import { checkKeyModes } from './keys.ts';
import { PAYLOADS } from './payloads.ts';
import type { ChainRecord } from './record.ts';
import { listSegments, readLines } from './segments.ts';

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

/** A record and the line it stands in, without its newline. */
export interface StoredRecord {
  readonly record: ChainRecord;
  readonly line: string;
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

/** Opens the record of a home for reading. Throws `STATE_OPEN`, `CHAIN_KEY_MODE`. A home without records reads as empty. */
export async function openChainReader(home: string, files: Files = systemFiles): Promise<ChainReader> {
  const path = await openStateFolder(home, 'read', files);
  checkKeyModes(path, files);
  return new ChainReader(join(path, 'chain'), files);
}

/** The records of a chain folder, by linear scans of what is on disk now. */
export class ChainReader {
  readonly #folder: string;
  readonly #files: Files;

  constructor(folder: string, files: Files) {
    this.#folder = folder;
    this.#files = files;
  }

  /** The signed head, or null before the first; its signature is `verify`'s to judge. Throws `CHAIN_BROKEN`, `IO`. */
  head(): Head | null {
    const file = this.#reading(() => readHeadFile(this.#folder, this.#files));
    if (file.head === null && file.found === 'no head') throw broken(0, 'head.json is no head');
    return file.head;
  }

  /** The matching records (L10.1). Throws `CHAIN_QUERY {pointer}`, `CHAIN_BROKEN`, `IO`. */
  query(filter: RecordFilter = {}): ChainRecord[] {
    return this.select(filter).map((stored) => stored.record);
  }

  /** The same, each with its stored line. Throws as `query` does. */
  select(filter: RecordFilter = {}): StoredRecord[] {
    const matches = matcher(filter);
    const { limit = Number.POSITIVE_INFINITY, order = 'oldest' } = filter;
    const found: StoredRecord[] = [];
    for (const stored of this.records(filter.afterSeq)) {
      if (order === 'oldest' && found.length >= limit) break;
      if (!matches(stored.record)) continue;
      found.push(stored);
      if (order === 'newest' && found.length > limit) found.shift();
    }
    return order === 'newest' ? found.reverse() : found;
  }

  /** The record of an id (L10.3). Throws `CHAIN_NOT_FOUND`, `CHAIN_BROKEN`, `IO`. */
  get(id: string): ChainRecord {
    // The id stands in the line verbatim, so that other lines need not be parsed.
    const needle = `"id":${JSON.stringify(id)}`;
    if (isId('action', id)) for (const { record } of this.records(0, needle)) if (record.id === id) return record;
    throw new CcosError('CHAIN_NOT_FOUND', `Cannot find the record ${JSON.stringify(id)}`, {
      details: { id },
      hint: 'ccos log lists the records',
    });
  }

  /** The records whose parent is this one, in order. Throws `CHAIN_NOT_FOUND`, `CHAIN_BROKEN`, `IO`. */
  children(id: string): ChainRecord[] {
    this.get(id);
    return [...this.records(0, `"parent":${JSON.stringify(id)}`)]
      .map(({ record }) => record)
      .filter((record) => record.parent === id);
  }

  /** The record of an id and what stands above it, up to the root of its tree (L5.3). Throws as `get` does. */
  pathToRoot(id: string): ChainRecord[] {
    const path = [this.get(id)];
    for (let parent = path[0]?.parent; parent !== undefined; parent = path.at(-1)?.parent) path.push(this.get(parent));
    return path;
  }

  /** Every record in order, read line by line; with a needle only the lines that hold it. Throws `CHAIN_BROKEN`, `IO`. */
  *records(afterSeq = 0, needle?: string): Generator<StoredRecord> {
    const { segments } = this.#reading(() => listSegments(this.#folder, this.#files));
    let seq = 0;
    for (const segment of segments) {
      const lines = readLines(this.#files, segment, { to: segment.size });
      for (;;) {
        const next = this.#reading(() => lines.next());
        if (next.done === true) break;
        // What has no newline yet is being written, or was torn: no record.
        if (!next.value.complete) break;
        seq++;
        if (seq <= afterSeq || (needle !== undefined && next.value.text?.includes(needle) !== true)) continue;
        yield { record: parsedLine(next.value.text, seq), line: next.value.text as string };
      }
    }
  }

  #reading<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw ioError('read the chain in', this.#folder, error);
    }
  }
}

/** The record of a line that stands at a number. Throws `CHAIN_BROKEN`. */
export function parsedLine(text: string | null, seq: number): ChainRecord {
  try {
    const record = JSON.parse(text ?? '') as ChainRecord | null;
    if (record !== null && typeof record === 'object' && record.seq === seq) return record;
  } catch {
    /* Told below. */
  }
  throw broken(seq, 'the line is no record of that number');
}

/** `CHAIN_BROKEN {seq, reason}` (L14.2). */
export function broken(seq: number, reason: string): CcosError {
  return new CcosError('CHAIN_BROKEN', `Cannot trust the chain: record ${seq} does not verify (${reason})`, {
    details: { seq, reason },
    hint: 'ccos verify tells what is wrong; restore the file from a copy, or start a new chain: --home DIR',
  });
}

function matcher(filter: RecordFilter): (record: ChainRecord) => boolean {
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
    same(filter.outcome, record.payload['outcome'] ?? record.payload['status']) &&
    (filter.since === undefined || record.time >= filter.since) &&
    (filter.until === undefined || record.time <= filter.until) &&
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

/** The capability that a record is about; a decision names it as its subject. */
function capabilityOf(record: ChainRecord): string {
  const subject = record.payload['subject'] as { kind?: unknown; id?: unknown } | undefined;
  const id = record.payload['capability'] ?? (subject?.kind === 'capability' ? subject.id : undefined);
  return typeof id === 'string' ? id : '';
}
