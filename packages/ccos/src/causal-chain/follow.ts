/** Following the chain (L10.4): what was appended since one looked last, without reading again what one has seen. */
import { join } from 'node:path';
import { ioError, systemFiles, type Files } from '../foundation/files.ts';
import { openStateFolder } from '../foundation/state-folder.ts';
import { checkKeyModes } from './keys.ts';
import type { ChainRecord } from './record.ts';
import { NO_HASH, recordFault } from './schema.ts';
import { readLines, segmentName, type Line } from './segments.ts';
import { broken, parsedLine, type StoredRecord } from './stored.ts';

/** A record by its number and its hash. */
export interface ChainPosition {
  readonly seq: number;
  readonly hash: string;
}

/** `{"hash":"` comes before the hash in a line (L2.2). */
const HASH_AT = 9;
const HASH_LENGTH = 64;

/** Opens the record of a home for following it, each time from its first record on; nothing is written. Throws `STATE_OPEN`, `CHAIN_KEY_MODE`. */
export async function openChainFollower(home: string, files: Files = systemFiles): Promise<() => ChainFollower> {
  const path = await openStateFolder(home, 'read', files);
  checkKeyModes(path, files);
  return () => new ChainFollower(join(path, 'chain'), files);
}

/** A place in the files of a chain that moves on as records are read. It takes no lock. */
export class ChainFollower {
  readonly #folder: string;
  readonly #files: Files;
  #segment = 1;
  #offset = 0;
  #position: ChainPosition = { seq: 0, hash: NO_HASH };

  constructor(folder: string, files: Files) {
    this.#folder = folder;
    this.#files = files;
  }

  /** The last record that was read or passed over; `seq` 0 before the first. */
  get position(): ChainPosition {
    return this.#position;
  }

  /** Moves behind a record. False where the chain has no such record; it then stands at the chain's end. Throws `IO`. */
  seek({ seq, hash }: ChainPosition): boolean {
    if (seq > this.#position.seq)
      for (const _line of this.#lines()) {
        if (this.#position.seq === seq) break;
      }
    return this.#position.seq === seq && this.#position.hash === hash;
  }

  /** The records behind the position whose kind begins with `kinds`, judged by their shape alone. Throws `CHAIN_BROKEN`, `IO`. */
  *records(kinds: string): Generator<ChainRecord> {
    const needle = `"kind":"${kinds}`;
    for (const { text } of this.#lines()) {
      if (text?.includes(needle) !== true) continue;
      const record = parsedLine(text, this.#position.seq);
      // The needle may stand in a payload, too.
      if (typeof record.kind !== 'string' || !record.kind.startsWith(kinds)) continue;
      if (recordFault(record) !== null) throw broken(record.seq, 'schema');
      yield record;
    }
  }

  /** The records behind the place, as far as they are there, in order; those up to `passed` are not parsed. Throws `CHAIN_BROKEN`, `IO`. */
  *stored(passed = 0): Generator<StoredRecord> {
    for (const { text } of this.#lines())
      if (this.#position.seq > passed) yield { record: parsedLine(text, this.#position.seq), line: text as string };
  }

  /** Whole lines; what has no newline yet is being written, or was torn. */
  *#lines(): Generator<Line> {
    for (;;) {
      const name = segmentName(this.#segment);
      const path = join(this.#folder, name);
      const size = this.#size(path);
      if (size === null) return;
      if (size < this.#offset) throw broken(this.#position.seq, 'truncated');
      if (size === this.#offset) {
        // A segment is never written again once there is a next one, which was looked for before the size.
        if (this.#size(join(this.#folder, segmentName(this.#segment + 1))) === null) return;
        if (this.#size(path) !== this.#offset) continue;
        this.#segment++;
        this.#offset = 0;
        continue;
      }
      for (const line of this.#read(name, path, size)) {
        if (!line.complete) return;
        this.#offset += line.bytes;
        const hash = line.text?.slice(HASH_AT, HASH_AT + HASH_LENGTH) ?? '';
        this.#position = { seq: this.#position.seq + 1, hash };
        yield line;
      }
    }
  }

  *#read(name: string, path: string, to: number): Generator<Line> {
    const lines = readLines(this.#files, { name, path }, { from: this.#offset, to });
    try {
      yield* lines;
    } catch (error) {
      throw ioError('read', path, error);
    }
  }

  #size(path: string): number | null {
    try {
      return this.#files.status(path)?.size ?? null;
    } catch (error) {
      throw ioError('look at', path, error);
    }
  }
}
