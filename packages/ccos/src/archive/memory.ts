/** An archive in memory (A11.1): bytes, not references. */
import type { Hash } from '../foundation/digest.ts';
import { systemClock, type Clock } from '../foundation/clock.ts';
import type { Archivable, Codec, IntegrityReport } from './archive.ts';
import { BaseArchive, type StoredBytes } from './base.ts';
import { openObject } from './object.ts';

/** The same interface, hashes and errors as the archive of files; nothing outlives the process. */
export class MemoryArchive<T extends Archivable> extends BaseArchive<T> {
  readonly #objects = new Map<Hash, StoredBytes>();
  readonly #clock: Clock;

  constructor(codecs: readonly Codec<T>[], options: { readonly clock?: Clock; readonly maxObjectBytes?: number } = {}) {
    super(codecs, options.maxObjectBytes);
    this.#clock = options.clock ?? systemClock;
  }

  protected override async put(hash: Hash, bytes: Buffer): Promise<void> {
    if (!this.#objects.has(hash)) this.#objects.set(hash, { bytes, path: hash, storedAt: this.#clock.now() });
  }

  protected override read(hash: Hash): StoredBytes | undefined {
    return this.#objects.get(hash);
  }
  protected override has(hash: Hash): boolean {
    return this.#objects.has(hash);
  }
  protected override names(): Hash[] {
    return [...this.#objects.keys()].toSorted();
  }
  override async flush(): Promise<void> {
    this.assertOpen();
  }
  protected override async end(): Promise<void> {
    this.#objects.clear();
  }

  override async verifyIntegrity(): Promise<IntegrityReport> {
    this.assertOpen();
    const start = this.#clock.monotonic();
    const corrupt = [...this.#objects].flatMap(([hash, { bytes, path }]) => {
      const opened = openObject(hash, bytes);
      return 'fault' in opened ? [{ hash, path, found: opened.found, reason: opened.fault }] : [];
    });
    const bytes = [...this.#objects.values()].reduce((sum, stored) => sum + stored.bytes.length, 0);
    return {
      ok: corrupt.length === 0,
      checked: this.#objects.size,
      bytes,
      durationMs: this.#clock.monotonic() - start,
      corrupt,
      missing: [],
      unlisted: [],
      pending: [],
      misplaced: [],
      orphanTemps: [],
      index: 'ok',
    };
  }
}
