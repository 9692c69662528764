/**
 * The index of a chain (L10.2): where each record stands, what it is searched by, and the roots of full subtrees, in one SQLite
 * file below `chain/index/`. It is derived: taken further by whoever reads next, begun anew from the first segment that is not as it
 * was, and never believed for a verdict. A chain that is short is read instead, which is quicker and leaves no file.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { makeFolders } from '../foundation/atomic-file.ts';
import { CcosError } from '../foundation/errors.ts';
import type { Files } from '../foundation/files.ts';
import { capabilityOf, outcomeOf, type RecordFilter } from './filter.ts';
import { nodeOf } from './merkle.ts';
import { readLines, readPlaces, type Place, type SegmentFile } from './segments.ts';
import { parsedLine } from './stored.ts';
import { subtreesOf, type Subtree } from './subtrees.ts';

/** Bytes from which on a chain has an index: below, reading it takes a few hundredths of a second. */
export const INDEXED_BYTES_MIN = 4 * 1_024 * 1_024;

/** Roots of subtrees from this level on are kept; those below are made again from at most 2^4 leaves. */
const KEPT_LEVEL = 4;
const KEPT_LEAVES = 16;
const BUSY_MS = 2_000;
/** Another form of the file is another name. */
const NAME = 'records-1.db';
/** What a record is looked up by, each with an index of its own. */
const KEYS = ['id', 'run', 'plan', 'intent', 'parent', 'capability', 'outcome', 'kind', 'time'] as const;
const TABLES = `
  CREATE TABLE segments (number INTEGER PRIMARY KEY, stamp TEXT, file TEXT, bytes INTEGER, seq INTEGER, last TEXT);
  CREATE TABLE records (seq INTEGER PRIMARY KEY, segment INTEGER, offset INTEGER, bytes INTEGER, hash TEXT, id TEXT, kind TEXT,
    run TEXT, plan TEXT, intent TEXT, parent TEXT, capability TEXT, outcome TEXT, step TEXT, principal TEXT, time REAL);
  CREATE TABLE subtrees (level INTEGER, at INTEGER, hash TEXT, PRIMARY KEY (level, at)) WITHOUT ROWID;
  ${KEYS.map((key) => `CREATE INDEX records_${key} ON records (${key}) WHERE ${key} IS NOT NULL;`).join('\n')}
`;
const COLUMNS = 16;

interface SegmentRow {
  readonly stamp: string;
  readonly file: string;
  readonly bytes: number;
  /** The number and the hash of the last record up to its end. */
  readonly seq: number;
  readonly last: string;
}

/**
 * The index of a chain folder, taken up to where the segments now end; null where none can be kept: the folder cannot be written,
 * another process is at it for too long, a line cannot be read. Whoever gets null reads the segments.
 */
export function openIndex(folder: string, files: Files, segments: readonly SegmentFile[]): ChainIndex | null {
  for (const again of [false, true]) {
    try {
      return currentIndex(folder, files, segments);
    } catch (error) {
      // A file that is no database, or none of ours, is made anew, once.
      if (again || error instanceof CcosError) return null;
      removeIndex(folder);
    }
  }
  return null;
}

/** Takes the file away where that can be done: the next question begins a new one. */
export function removeIndex(folder: string): void {
  try {
    for (const suffix of ['', '-journal']) fs.rmSync(join(folder, 'index', NAME + suffix), { force: true });
  } catch {
    /* What cannot be removed cannot be taken further either: the segments are read. */
  }
}

function currentIndex(folder: string, files: Files, segments: readonly SegmentFile[]): ChainIndex {
  makeFolders(files, join(folder, 'index'));
  const path = join(folder, 'index', NAME);
  let index = new ChainIndex(path);
  try {
    if (!index.isOf(segments, files)) {
      index.close();
      removeIndex(folder);
      index = new ChainIndex(path);
    }
    index.takeIn(folder, segments, files);
    return index;
  } catch (error) {
    index.close();
    throw error;
  }
}

/** Device and inode. */
function fileOf(files: Files, { path }: SegmentFile): string {
  return (files.status(path)?.stamp ?? '').split(':').slice(0, 2).join(':');
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** An open index. */
export class ChainIndex {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens the file, or makes it. Throws what the system and SQLite say. */
  constructor(path: string) {
    // Made here, so that its mode depends on nothing else.
    fs.closeSync(fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_NOFOLLOW, 0o600));
    const sqlite = createRequire(import.meta.url)('node:sqlite') as typeof import('node:sqlite');
    this.#database = new sqlite.DatabaseSync(path, { timeout: BUSY_MS });
    try {
      this.#database.exec('PRAGMA trusted_schema = OFF; PRAGMA synchronous = NORMAL');
      this.#atOnce(() => {
        if (this.#one<{ n: number }>('SELECT count(*) AS n FROM sqlite_schema')?.n === 0) this.#database.exec(TABLES);
      });
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  /** True when the first segment is the file that it was: of a copied or replaced chain nothing is known. */
  isOf([first]: readonly SegmentFile[], files: Files): boolean {
    const row = this.#segment(1);
    return row === null || (first !== undefined && row.file === fileOf(files, first));
  }

  /** Takes in what the segments hold beyond what is known. Throws `CHAIN_BROKEN`, and what SQLite says. */
  takeIn(folder: string, segments: readonly SegmentFile[], files: Files): void {
    const changed = segments.some(
      (segment) => this.#segment(segment.number)?.stamp !== files.status(segment.path)?.stamp,
    );
    if (!changed && this.#segment(segments.length + 1) === null) return;
    this.#atOnce(() => {
      for (const segment of segments) {
        const row = this.#segment(segment.number);
        const stamp = files.status(segment.path)?.stamp ?? '';
        if (row?.stamp === stamp) continue;
        const goesOn = row !== null && this.#goesOn(row, folder, segment, files);
        if (!goesOn) this.#forgetFrom(segment.number);
        this.#takeSegment(segment, files, { from: goesOn ? row.bytes : 0, stamp });
      }
      this.#forgetFrom(segments.length + 1);
    });
  }

  /** Where the records stand that a filter asks for, in its order and up to its limit. */
  find(filter: RecordFilter): Place[] {
    const { since, until, afterSeq, limit, order, kind, capability, ...same } = filter;
    const terms: string[] = [];
    const values: SQLInputValue[] = [];
    const demand = (term: string, ...given: readonly SQLInputValue[]): void => {
      terms.push(term);
      values.push(...given);
    };
    const among = (column: string, words: readonly string[]): void =>
      demand(`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(words));
    for (const [column, value] of Object.entries(same)) if (value !== undefined) demand(`${column} = ?`, value);
    if (since !== undefined) demand('time >= ?', since);
    if (until !== undefined) demand('time <= ?', until);
    if (afterSeq !== undefined) demand('seq > ?', afterSeq);
    if (kind !== undefined) among('kind', [kind].flat());
    if (typeof capability === 'string') demand('capability = ?', capability);
    if (typeof capability === 'function') among('capability', this.#capabilities().filter(capability));
    const where = terms.length === 0 ? '' : ` WHERE ${terms.join(' AND ')}`;
    return this.#all<Place>(
      `SELECT seq, segment, offset, bytes FROM records${where} ORDER BY seq ${order === 'newest' ? 'DESC' : 'ASC'} LIMIT ?`,
      ...values,
      limit === undefined ? -1 : Math.ceil(limit),
    );
  }

  /** Where the records stand that have an id in a member; of several with one id, the first. */
  having(member: 'id' | 'parent', id: string): Place[] {
    const limit = member === 'id' ? 1 : -1;
    return this.#all<Place>(
      `SELECT seq, segment, offset, bytes FROM records WHERE ${member} = ? ORDER BY seq LIMIT ?`,
      id,
      limit,
    );
  }

  /** The root of a full subtree (L12.5). Throws `TypeError` for one that is not there. */
  readonly subtree: Subtree = (level, at) => {
    if (level >= KEPT_LEVEL) {
      const row = this.#one<{ hash: string }>('SELECT hash FROM subtrees WHERE level = ? AND at = ?', level, at);
      if (row === null) throw new TypeError(`no subtree ${at} of level ${level}`);
      return row.hash;
    }
    const leaves = 2 ** level;
    return subtreesOf(this.#hashes(at * leaves, leaves))(level, 0);
  };

  #hashes(start: number, count: number): string[] {
    const rows = this.#all<{ hash: string }>(
      'SELECT hash FROM records WHERE seq > ? ORDER BY seq LIMIT ?',
      start,
      count,
    );
    return rows.map(({ hash }) => hash);
  }

  /** Each capability once, by leaps over the index. */
  #capabilities(): string[] {
    const found: string[] = [];
    for (let last: string | null = null; ;) {
      const row: { id: string | null } | null = this.#one(
        'SELECT min(capability) AS id FROM records WHERE capability IS NOT NULL AND (?1 IS NULL OR capability > ?1)',
        last,
      );
      if (row === null || row.id === null) return found;
      found.push((last = row.id));
    }
  }

  /** True when the segment is the file that it was, has grown, and its last known record stands where it stood. */
  #goesOn(row: SegmentRow, folder: string, segment: SegmentFile, files: Files): boolean {
    if (row.file !== fileOf(files, segment) || segment.size < row.bytes || row.bytes === 0) return false;
    const places = this.#all<Place>('SELECT seq, segment, offset, bytes FROM records WHERE seq = ?', row.seq);
    if (places[0]?.segment !== segment.number || (segment.size === row.bytes && !isLeft(segment, files))) return false;
    const [line] = readPlaces(folder, places, files);
    return line?.startsWith(`{"hash":"${row.last}",`) === true;
  }

  #forgetFrom(segment: number): void {
    const kept = this.#segment(segment - 1)?.seq ?? 0;
    this.#run('DELETE FROM segments WHERE number >= ?', segment);
    this.#run('DELETE FROM records WHERE seq > ?', kept);
    // The last record of a subtree is (at + 1) * 2^level.
    this.#run('DELETE FROM subtrees WHERE (at + 1) * (1 << level) > ?', kept);
  }

  #takeSegment(segment: SegmentFile, files: Files, { from, stamp }: { from: number; stamp: string }): void {
    let bytes = from;
    let seq = this.#one<{ seq: number | null }>('SELECT max(seq) AS seq FROM records')?.seq ?? 0;
    let last = '';
    for (const line of readLines(files, segment, { from, to: segment.size })) {
      if (!line.complete) break;
      seq++;
      bytes += line.bytes;
      const record = parsedLine(line.text, seq);
      last = String(record.hash);
      const { id, kind, run, plan, intent, parent, step, principal, time } = record;
      const capability = capabilityOf(record);
      const texts = [last, id, kind, run, plan, intent, parent, capability, outcomeOf(record), step, principal];
      this.#run(
        `INSERT INTO records VALUES (${Array(COLUMNS).fill('?').join(', ')})`,
        seq,
        segment.number,
        line.offset,
        line.bytes,
        ...texts.map(textOrNull),
        typeof time === 'number' ? time : null,
      );
      if (seq % KEPT_LEAVES === 0) this.#keepSubtrees(seq);
    }
    const end = this.#hashes(seq - 1, 1)[0] ?? last;
    const file = fileOf(files, segment);
    this.#run('REPLACE INTO segments VALUES (?, ?, ?, ?, ?, ?)', segment.number, stamp, file, bytes, seq, end);
  }

  /** Keeps the roots of the subtrees that a record completes. */
  #keepSubtrees(seq: number): void {
    let at = seq / KEPT_LEAVES - 1;
    let node = subtreesOf(this.#hashes(seq - KEPT_LEAVES, KEPT_LEAVES))(KEPT_LEVEL, 0);
    for (let level = KEPT_LEVEL; ; level++) {
      this.#run('REPLACE INTO subtrees VALUES (?, ?, ?)', level, at, node);
      if (at % 2 === 0) return;
      node = nodeOf(this.subtree(level, at - 1), node);
      at = (at - 1) / 2;
    }
  }

  #segment(number: number): SegmentRow | null {
    return this.#one<SegmentRow>('SELECT stamp, file, bytes, seq, last FROM segments WHERE number = ?', number);
  }

  #atOnce(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    return statement;
  }
  #run(sql: string, ...values: readonly SQLInputValue[]): void {
    this.#statement(sql).run(...values);
  }
  #all<Row>(sql: string, ...values: readonly SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }
  #one<Row>(sql: string, ...values: readonly SQLInputValue[]): Row | null {
    return (this.#statement(sql).get(...values) as Row | undefined) ?? null;
  }
}

/** True for a segment that was left, whose mode and with it its stamp changed once more (L8.8). */
function isLeft(segment: SegmentFile, files: Files): boolean {
  return ((files.status(segment.path)?.mode ?? 0) & 0o200) === 0;
}
