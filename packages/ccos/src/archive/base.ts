/** What every archive has in common (A11.1): hashes, codecs, refusals. A backend only keeps bytes under names. */
import { assertHash, type Hash } from '../foundation/digest.ts';
import { CcosError } from '../foundation/errors.ts';
import type {
  Archivable,
  ArchiveStats,
  Codec,
  ContentAddressableArchive,
  IntegrityReport,
  StoreOptions,
} from './archive.ts';
import { corrupt, openObject, sealObject, type ObjectContent } from './object.ts';

/** Bytes of an object, where they lie, and since when. */
export interface StoredBytes {
  readonly bytes: Buffer;
  readonly path: string;
  readonly storedAt: number;
}

/** Bytes of one object at most, unless the caller says otherwise (A3.11). */
export const OBJECT_BYTES_MAX = 64 * 1_024 * 1_024;

/** An archive above a backend: `put`, `read`, `has`, `names`. */
export abstract class BaseArchive<T extends Archivable> implements ContentAddressableArchive<T> {
  readonly #codecs: ReadonlyMap<string, Codec<T>>;
  readonly #maxObjectBytes: number;
  #closed = false;

  constructor(codecs: readonly Codec<T>[], maxObjectBytes: number = OBJECT_BYTES_MAX) {
    this.#codecs = new Map(codecs.map((codec) => [codec.type, codec]));
    this.#maxObjectBytes = maxObjectBytes;
  }

  /** Keeps bytes under a hash, unless they are there and verify (A2.5). */
  protected abstract put(hash: Hash, bytes: Buffer, durable: boolean): Promise<void>;
  protected abstract read(hash: Hash): StoredBytes | undefined;
  protected abstract has(hash: Hash): boolean;
  /** Ascending. */
  protected abstract names(): Hash[];
  abstract verifyIntegrity(): Promise<IntegrityReport>;
  abstract flush(): Promise<void>;
  protected abstract end(): Promise<void>;

  async store(entity: T, options: StoreOptions = {}): Promise<Hash> {
    this.assertOpen();
    const type = entity.entityType();
    if (!this.#codecs.has(type)) throw wrongType([...this.#codecs.keys()].join(', '), type);
    const { hash, text } = sealObject(type, entity.toBody());
    const bytes = Buffer.from(text, 'utf8');
    if (bytes.length > this.#maxObjectBytes) {
      throw new CcosError(
        'ARCHIVE_TOO_LARGE',
        `Cannot archive ${bytes.length} bytes: an object has at most ${this.#maxObjectBytes}`,
        {
          details: { size: bytes.length, maxObjectBytes: this.#maxObjectBytes },
          hint: 'split the value, or raise maxObjectBytes',
        },
      );
    }
    await this.put(hash, bytes, options.durability !== 'relaxed');
    return hash;
  }

  async retrieve(hash: Hash): Promise<T | undefined> {
    const stored = this.#stored(hash);
    return stored === undefined ? undefined : this.#decode(this.#open(hash, stored));
  }

  async require(hash: Hash, namedBy: string): Promise<T> {
    const entity = await this.retrieve(hash);
    if (entity !== undefined) return entity;
    throw new CcosError('ARCHIVE_MISSING', `Cannot find the object ${hash}, which ${namedBy} names`, {
      details: { hash, namedBy },
      hint: 'restore the archive from a copy',
    });
  }

  async exists(hash: Hash): Promise<boolean> {
    this.assertOpen();
    assertHash(hash);
    return this.has(hash);
  }

  async stats(): Promise<ArchiveStats> {
    this.assertOpen();
    const byType: Record<string, { entities: number; sizeBytes: number }> = {};
    const times: number[] = [];
    let totalSizeBytes = 0;
    for (const hash of this.names()) {
      const stored = this.#stored(hash);
      if (stored === undefined) continue;
      const of = (byType[this.#open(hash, stored).type] ??= { entities: 0, sizeBytes: 0 });
      of.entities++;
      of.sizeBytes += stored.bytes.length;
      totalSizeBytes += stored.bytes.length;
      times.push(stored.storedAt);
    }
    const bound = (pick: (a: number, b: number) => number): number | null =>
      times.length === 0 ? null : times.reduce(pick);
    return {
      totalEntities: times.length,
      totalSizeBytes,
      oldestTimestamp: bound(Math.min),
      newestTimestamp: bound(Math.max),
      byType,
    };
  }

  async listHashes(filter: { readonly type?: string } = {}): Promise<Hash[]> {
    this.assertOpen();
    if (filter.type === undefined) return this.names();
    return this.names().filter((hash) => {
      const stored = this.#stored(hash);
      return stored !== undefined && this.#open(hash, stored).type === filter.type;
    });
  }

  async *stream(
    filter: { readonly type?: string; readonly after?: Hash } = {},
  ): AsyncGenerator<{ readonly hash: Hash; readonly entity: T }> {
    this.assertOpen();
    if (filter.after !== undefined) assertHash(filter.after);
    for (const hash of this.names()) {
      if (filter.after !== undefined && hash <= filter.after) continue;
      const stored = this.#stored(hash);
      const content = stored === undefined ? undefined : this.#open(hash, stored);
      if (content !== undefined && (filter.type === undefined || content.type === filter.type))
        yield { hash, entity: this.#decode(content) };
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.end();
  }

  /** Throws `ARCHIVE_CLOSED` (A2.10). */
  protected assertOpen(): void {
    if (this.#closed)
      throw new CcosError('ARCHIVE_CLOSED', 'Cannot use the archive: it was closed', { hint: 'open it again' });
  }

  #stored(hash: Hash): StoredBytes | undefined {
    this.assertOpen();
    assertHash(hash);
    return this.read(hash);
  }

  #open(hash: Hash, stored: StoredBytes): ObjectContent {
    const opened = openObject(hash, stored.bytes);
    if ('content' in opened) return opened.content;
    throw corrupt(hash, stored.path, stored.bytes.length, opened.found);
  }

  #decode(content: ObjectContent): T {
    const codec = this.#codecs.get(content.type);
    if (codec === undefined) throw wrongType([...this.#codecs.keys()].join(', '), content.type);
    return codec.decode(content.body);
  }
}

/** `ARCHIVE_TYPE {expected, found}` (A2.4). */
function wrongType(expected: string, found: string): CcosError {
  return new CcosError('ARCHIVE_TYPE', `Cannot take a ${found} here: this archive holds ${expected}`, {
    details: { expected, found },
    hint: `name an object of the type ${expected}`,
  });
}
