/** An archive in memory (A11.1): bytes, not references. */
import type { Hash } from '../foundation/digest.ts';
import type { Archivable, Codec, IntegrityReport } from './archive.ts';
import {
  BaseArchive,
  type ArchiveOptions,
  type GroupResult,
  type NewObject,
  type StoredBytes,
  type StoredName,
} from './base.ts';
import { openObject } from './object.ts';

interface Kept {
  readonly bytes: Buffer;
  readonly storedAt: number;
  /** When it was stored last, which keeps it from `gc` (A10.3). */
  again: number;
}

/** The same interface, hashes and errors as the archive of files; nothing outlives the process. */
export class MemoryArchive<T extends Archivable> extends BaseArchive<T> {
  readonly #objects = new Map<Hash, Kept>();

  constructor(codecs: readonly Codec<T>[], options: ArchiveOptions = {}) {
    super(codecs, options);
  }

  protected override async put({ hash, bytes }: NewObject): Promise<void> {
    const now = this.clock.now();
    const present = this.#objects.get(hash);
    if (present === undefined) this.#objects.set(hash, { bytes, storedAt: now, again: now });
    else present.again = now;
  }

  protected override async putGroup(group: readonly NewObject[]): Promise<GroupResult> {
    for (const object of group) await this.put(object);
    return { stored: group.map(({ hash }) => hash), error: null };
  }

  protected override read(hash: Hash): StoredBytes | undefined {
    const kept = this.#objects.get(hash);
    return kept === undefined ? undefined : { bytes: kept.bytes, path: hash };
  }

  protected override has(hash: Hash): boolean {
    return this.#objects.has(hash);
  }

  protected override async *names(): AsyncGenerator<StoredName> {
    for (const hash of [...this.#objects.keys()].toSorted()) {
      const kept = this.#objects.get(hash);
      if (kept !== undefined) yield { hash, path: hash, sizeBytes: kept.bytes.length, storedAt: kept.storedAt };
    }
  }

  protected override async remove(hash: Hash): Promise<boolean> {
    return this.#objects.delete(hash);
  }

  protected override async collect(
    unnamed: readonly StoredName[],
    before: number,
    dryRun: boolean,
  ): Promise<StoredName[]> {
    const old = unnamed.filter(({ hash }) => (this.#objects.get(hash)?.again ?? Number.POSITIVE_INFINITY) <= before);
    if (!dryRun) for (const { hash } of old) this.#objects.delete(hash);
    return old;
  }

  protected override async verify(): Promise<IntegrityReport> {
    const start = this.clock.monotonic();
    const corrupt = [...this.#objects].flatMap(([hash, { bytes }]) => {
      const opened = openObject(hash, bytes);
      return 'fault' in opened ? [{ hash, path: hash, found: opened.found, reason: opened.fault }] : [];
    });
    return {
      ok: corrupt.length === 0,
      checked: this.#objects.size,
      bytes: [...this.#objects.values()].reduce((sum, kept) => sum + kept.bytes.length, 0),
      durationMs: this.clock.monotonic() - start,
      corrupt,
      missing: [],
      unlisted: [],
      pending: [],
      misplaced: [],
      orphanTemps: [],
      index: 'ok',
    };
  }

  protected override async writeDerived(): Promise<void> {
    // Nothing is derived.
  }

  protected override async end(): Promise<void> {
    this.#objects.clear();
  }
}
