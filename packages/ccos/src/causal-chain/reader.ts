/** Reading records without taking a lock (L10): what `log` and `why` and every other fold stands on. */
import { join } from 'node:path';
import { CcosError } from '../foundation/errors.ts';
import { ioError, systemFiles, type Files } from '../foundation/files.ts';
import { isId } from '../foundation/ids.ts';
import { openStateFolder } from '../foundation/state-folder.ts';
import { matcher, type RecordFilter } from './filter.ts';
import { readHeadFile, type Head } from './head.ts';
import { INDEXED_BYTES_MIN, openIndex, removeIndex, type ChainIndex } from './index-file.ts';
import { checkKeyModes } from './keys.ts';
import type { ChainRecord } from './record.ts';
import { listSegments, readLines, readPlaces } from './segments.ts';
import { broken, parsedLine, type StoredRecord } from './stored.ts';
import { subtreesOf, type Subtree } from './subtrees.ts';

/** How a chain is read. */
export interface ReaderOptions {
  readonly files?: Files;
  /** Bytes of a chain from which on it has an index; a test wants less. */
  readonly indexedBytesMin?: number;
}

/** Opens the record of a home for reading. Throws `STATE_OPEN`, `CHAIN_KEY_MODE`. A home without records reads as empty. */
export async function openChainReader(home: string, options: ReaderOptions = {}): Promise<ChainReader> {
  const files = options.files ?? systemFiles;
  const path = await openStateFolder(home, 'read', files);
  checkKeyModes(path, files);
  return new ChainReader(join(path, 'chain'), { ...options, files });
}

/** The records of a chain folder as they are on disk now: a short chain is read, a long one is looked up in its index. */
export class ChainReader {
  readonly #folder: string;
  readonly #files: Files;
  readonly #indexedBytesMin: number;

  constructor(folder: string, { files = systemFiles, indexedBytesMin = INDEXED_BYTES_MIN }: ReaderOptions = {}) {
    this.#folder = folder;
    this.#files = files;
    this.#indexedBytesMin = indexedBytesMin;
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
    return this.#asked((index) => index.find(filter), matches) ?? this.scan(filter);
  }

  /** The same by reading every record: what an index must equal (L10.2). Throws as `query` does. */
  scan(filter: RecordFilter): StoredRecord[] {
    const matches = matcher(filter);
    const { limit = Number.POSITIVE_INFINITY, order = 'oldest' } = filter;
    const found: StoredRecord[] = [];
    for (const stored of this.records(filter.afterSeq)) {
      if (order === 'oldest' && found.length >= limit) break;
      if (!matches(stored.record)) continue;
      found.push(stored);
      // Twice the limit, so that a long chain is not moved by one again and again.
      if (order === 'newest' && found.length > 2 * limit) found.splice(0, found.length - limit);
    }
    return order === 'newest' ? found.slice(Math.max(0, found.length - limit)).reverse() : found;
  }

  /** The record of an id (L10.3). Throws `CHAIN_NOT_FOUND`, `CHAIN_BROKEN`, `IO`. */
  get(id: string): ChainRecord {
    return this.stored(id).record;
  }

  /** The same with its line. Throws as `get` does. */
  stored(id: string): StoredRecord {
    const [found] = isId('action', id) ? this.#having('id', id) : [];
    if (found !== undefined) return found;
    throw new CcosError('CHAIN_NOT_FOUND', `Cannot find the record ${JSON.stringify(id)}`, {
      details: { id },
      hint: 'ccos log lists the records',
    });
  }

  /** The records whose parent is this one, in order. Throws `CHAIN_NOT_FOUND`, `CHAIN_BROKEN`, `IO`. */
  children(id: string): ChainRecord[] {
    this.get(id);
    return this.#having('parent', id).map(({ record }) => record);
  }

  /** The record of an id and what stands above it, up to the root of its tree (L5.3). Throws as `get` does. */
  pathToRoot(id: string): ChainRecord[] {
    const path = [this.get(id)];
    for (let last = path[0]; last?.parent !== undefined; last = path.at(-1)) {
      const above = this.get(last.parent);
      // L5.2; in a chain that was changed it would go on for ever.
      if (above.seq >= last.seq) throw broken(last.seq, 'parent');
      path.push(above);
    }
    return path;
  }

  /**
   * Works with the roots of full subtrees over at least `size` records (L12.5): from the index where there is one, else from all
   * records. Throws `CHAIN_BROKEN`, `IO`, and what the work throws.
   */
  withSubtrees<T>(size: number, work: (subtree: Subtree) => T): T {
    const index = this.#index();
    if (index !== null) {
      try {
        return work(index.subtree);
      } catch (error) {
        if (error instanceof CcosError) throw error;
        removeIndex(this.#folder);
      } finally {
        index.close();
      }
    }
    const hashes: string[] = [];
    for (const { record } of this.records()) if (hashes.push(record.hash) === size) break;
    if (hashes.length < size) throw broken(hashes.length + 1, 'truncated');
    return work(subtreesOf(hashes));
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

  /** The records with an id in a member. It stands in the line verbatim, so that other lines need not be parsed. */
  #having(member: 'id' | 'parent', id: string): StoredRecord[] {
    const matches = (record: ChainRecord): boolean => record[member] === id;
    const found = this.#asked((index) => index.having(member, id), matches);
    if (found !== null) return found;
    const scanned: StoredRecord[] = [];
    for (const stored of this.records(0, `"${member}":${JSON.stringify(id)}`)) {
      if (!matches(stored.record)) continue;
      scanned.push(stored);
      if (member === 'id') break;
    }
    return scanned;
  }

  /** The lines that the index names; null where there is none, or where one of them is not what it says: then it is begun anew. */
  #asked(
    ask: (index: ChainIndex) => ReturnType<ChainIndex['find']>,
    matches: (record: ChainRecord) => boolean,
  ): StoredRecord[] | null {
    const index = this.#index();
    if (index === null) return null;
    try {
      const places = ask(index);
      const found: StoredRecord[] = [];
      for (const line of readPlaces(this.#folder, places, this.#files)) {
        const seq = places[found.length]?.seq ?? 0;
        const record = parsedLine(line, seq);
        if (line === null || !matches(record)) throw broken(seq, 'another record stands there');
        found.push({ record, line });
      }
      return found;
    } catch {
      removeIndex(this.#folder);
      return null;
    } finally {
      index.close();
    }
  }

  #index(): ChainIndex | null {
    const { segments } = this.#reading(() => listSegments(this.#folder, this.#files));
    const bytes = segments.reduce((sum, { size }) => sum + size, 0);
    return bytes < this.#indexedBytesMin ? null : openIndex(this.#folder, this.#files, segments);
  }

  #reading<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw ioError('read the chain in', this.#folder, error);
    }
  }
}
