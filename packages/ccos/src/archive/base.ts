/** What every archive has in common (A11.1): hashes, codecs, refusals. A backend only keeps bytes under names. */
import { systemClock, type Clock } from '../foundation/clock.ts';
import { assertHash, type Hash } from '../foundation/digest.ts';
import { asCcosError, CcosError } from '../foundation/errors.ts';
import type {
  Archivable,
  ArchivedObject,
  ArchiveStats,
  Codec,
  ContentAddressableArchive,
  GcOptions,
  GcReport,
  IntegrityReport,
  ObjectInfo,
  StoreOptions,
} from './archive.ts';
import { corrupt, openObject, sealObject, type ObjectContent } from './object.ts';
import { missing, reachable } from './reach.ts';

/** Bytes of an object, and where they lie. The bytes may be others after the next call: who keeps them copies them. */
export interface StoredBytes {
  readonly bytes: Buffer;
  readonly path: string;
}
/** A name of a backend's listing: where the object lies, how large it is, and since when. */
export interface StoredName {
  readonly hash: Hash;
  readonly path: string;
  readonly sizeBytes: number;
  readonly storedAt: number;
}
/** An object on its way into a backend. */
export interface NewObject {
  readonly hash: Hash;
  readonly bytes: Buffer;
}

/** How an archive is opened, whatever keeps its bytes. */
export interface ArchiveOptions {
  readonly clock?: Clock;
  /** Bytes of one object at most (A3.11); 64 MiB by default. */
  readonly maxObjectBytes?: number;
  /** Bytes of all objects at most (A3.11); no limit by default. */
  readonly quotaBytes?: number;
  /** What must not be deleted beside the roots of a `gc`: everything that the chain names, for example (A10.1). */
  readonly pinned?: () => Iterable<Hash>;
}

/** Bytes of one object at most, unless the caller says otherwise (A3.11). */
const OBJECT_BYTES_MAX = 64 * 1_024 * 1_024;
/** Bytes and objects of one group of a batch (A9.1). */
const GROUP_BYTES_MAX = 8 * 1_024 * 1_024,
  GROUP_OBJECTS_MAX = 1_024;
const HOUR_MS = 3_600_000;

/** An archive above a backend that puts, reads, lists and removes bytes. */
export abstract class BaseArchive<T extends Archivable> implements ContentAddressableArchive<T> {
  readonly #codecs: ReadonlyMap<string, Codec<T>>;
  readonly #options: ArchiveOptions;
  /** Types never change, so each is read once (A2.8). */
  readonly #types = new Map<Hash, string>();
  #closed = false;

  constructor(codecs: readonly Codec<T>[], options: ArchiveOptions) {
    this.#codecs = new Map(codecs.map((codec) => [codec.type, codec]));
    this.#options = options;
  }

  /** Keeps bytes under a hash, unless they are there and verify (A2.5). */
  protected abstract put(object: NewObject, durable: boolean): Promise<void>;
  /** Keeps a group of them; resolves to what was kept, and the error that ended it. Throws nothing. */
  protected abstract putGroup(group: readonly NewObject[], durable: boolean): Promise<GroupResult>;
  protected abstract read(hash: Hash): StoredBytes | undefined;
  protected abstract has(hash: Hash): boolean;
  /** Ascending. */
  protected abstract names(): AsyncIterable<StoredName>;
  /** Removes one object; false when it is absent. */
  protected abstract remove(hash: Hash): Promise<boolean>;
  /** Removes those that were stored before a moment, stored again included; a dry run only tells which. */
  protected abstract collect(unnamed: readonly StoredName[], before: number, dryRun: boolean): Promise<StoredName[]>;
  protected abstract verify(signal?: AbortSignal): Promise<IntegrityReport>;
  protected abstract writeDerived(): Promise<void>;
  protected abstract end(): Promise<void>;

  async store(entity: T, options: StoreOptions = {}): Promise<Hash> {
    this.assertOpen();
    const object = this.#seal(entity);
    if (this.#options.quotaBytes !== undefined) await this.#checkQuota([object]);
    await this.put(object, options.durability !== 'relaxed');
    return object.hash;
  }

  async storeBatch(entities: Iterable<T> | AsyncIterable<T>, options: StoreOptions = {}): Promise<Hash[]> {
    this.assertOpen();
    const hashes: Hash[] = [];
    const stored: Hash[] = [];
    let group: NewObject[] = [];
    const flushGroup = async (): Promise<void> => {
      const unique = [...new Map(group.map((object) => [object.hash, object])).values()];
      group = [];
      if (unique.length === 0) return;
      if (this.#options.quotaBytes !== undefined) await this.#checkQuota(unique);
      const result = await this.putGroup(unique, options.durability !== 'relaxed');
      stored.push(...result.stored);
      if (result.error !== null) throw result.error;
    };
    let failure: unknown = null;
    let bytes = 0;
    try {
      for await (const entity of entities) {
        const object = this.#seal(entity);
        if (bytes + object.bytes.length > GROUP_BYTES_MAX || group.length >= GROUP_OBJECTS_MAX) {
          await flushGroup();
          bytes = 0;
        }
        bytes += object.bytes.length;
        group.push(object);
        hashes.push(object.hash);
      }
    } catch (error) {
      failure = error;
    }
    try {
      // What came before an error of the iterable is under way, and is stored (A9.3).
      await flushGroup();
    } catch (error) {
      failure ??= error;
    }
    if (failure === null) return hashes;
    throw withStored(failure, stored);
  }

  async retrieve(hash: Hash): Promise<T | undefined> {
    const stored = this.#stored(hash);
    return stored === undefined ? undefined : this.#decode(this.#open(hash, stored));
  }

  /** Any object, of whatever type, verified; undefined when there is none. Throws as `retrieve` does, but for `ARCHIVE_TYPE`. */
  async object(hash: Hash): Promise<ArchivedObject | undefined> {
    const stored = this.#stored(hash);
    return stored === undefined ? undefined : { ...this.#open(hash, stored), bytes: Buffer.from(stored.bytes) };
  }

  /** The same where something names the hash. Throws `ARCHIVE_MISSING` beside. */
  async requireObject(hash: Hash, namedBy: string): Promise<ArchivedObject> {
    const object = await this.object(hash);
    if (object !== undefined) return object;
    throw missing(hash, namedBy);
  }

  async require(hash: Hash, namedBy: string): Promise<T> {
    const entity = await this.retrieve(hash);
    if (entity !== undefined) return entity;
    throw missing(hash, namedBy);
  }

  async exists(hash: Hash): Promise<boolean> {
    this.assertOpen();
    assertHash(hash);
    return this.has(hash);
  }

  async stats(): Promise<ArchiveStats> {
    this.assertOpen();
    const byType: Record<string, { entities: number; sizeBytes: number }> = {};
    let totalEntities = 0,
      totalSizeBytes = 0,
      oldest = Number.POSITIVE_INFINITY,
      newest = Number.NEGATIVE_INFINITY;
    for await (const { hash, sizeBytes, storedAt } of this.names()) {
      const type = this.#typeOf(hash);
      if (type === undefined) continue;
      const of = (byType[type] ??= { entities: 0, sizeBytes: 0 });
      of.entities++;
      of.sizeBytes += sizeBytes;
      totalEntities++;
      totalSizeBytes += sizeBytes;
      oldest = Math.min(oldest, storedAt);
      newest = Math.max(newest, storedAt);
    }
    const [oldestTimestamp, newestTimestamp] = totalEntities === 0 ? [null, null] : [oldest, newest];
    return { totalEntities, totalSizeBytes, oldestTimestamp, newestTimestamp, byType };
  }

  async listHashes(filter: { readonly type?: string } = {}): Promise<Hash[]> {
    this.assertOpen();
    const hashes: Hash[] = [];
    for await (const { hash } of this.names())
      if (filter.type === undefined || this.#typeOf(hash) === filter.type) hashes.push(hash);
    return hashes;
  }

  /** What is there, with type, size and time, ascending by hash. An object that does not verify has no type, and fits no filter. */
  async *list(filter: { readonly type?: string } = {}): AsyncGenerator<ObjectInfo> {
    this.assertOpen();
    for await (const { hash, sizeBytes, storedAt } of this.names()) {
      const type = this.#typeIfSound(hash);
      if (type !== undefined && (filter.type === undefined || type === filter.type))
        yield { hash, type, sizeBytes, storedAt };
    }
  }

  async *stream(
    filter: { readonly type?: string; readonly after?: Hash } = {},
  ): AsyncGenerator<{ readonly hash: Hash; readonly entity: T }> {
    this.assertOpen();
    if (filter.after !== undefined) assertHash(filter.after);
    for await (const { hash } of this.names()) {
      if (filter.after !== undefined && hash <= filter.after) continue;
      const stored = this.#stored(hash);
      const content = stored === undefined ? undefined : this.#open(hash, stored);
      if (content !== undefined && (filter.type === undefined || content.type === filter.type))
        yield { hash, entity: this.#decode(content) };
    }
  }

  async verifyIntegrity(options: { readonly signal?: AbortSignal } = {}): Promise<IntegrityReport> {
    this.assertOpen();
    return this.verify(options.signal);
  }

  async delete(hash: Hash): Promise<boolean> {
    this.assertOpen();
    assertHash(hash);
    for (const pin of this.#options.pinned?.() ?? [])
      if (pin === hash)
        throw new CcosError('ARCHIVE_PINNED', `Cannot delete the object ${hash}: it is still named`, {
          details: { hash },
          hint: 'nothing that the record names is deleted',
        });
    this.#types.delete(hash);
    return this.remove(hash);
  }

  async gc(roots: Iterable<Hash>, options: GcOptions = {}): Promise<GcReport> {
    this.assertOpen();
    const { dryRun = false, olderThanMs = HOUR_MS } = options;
    const named = reachable([...roots, ...(this.#options.pinned?.() ?? [])], (hash) => this.#refsOf(hash));
    let total = 0;
    const unnamed: StoredName[] = [];
    for await (const name of this.names()) {
      total++;
      if (!named.has(name.hash) && this.#codecs.has(this.#typeIfSound(name.hash) ?? '')) unnamed.push(name);
    }
    const removed = await this.collect(unnamed, this.clock.now() - olderThanMs, dryRun);
    if (!dryRun) for (const { hash } of removed) this.#types.delete(hash);
    return {
      kept: total - removed.length,
      removed: removed.length,
      freedBytes: removed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      removedHashes: removed.map(({ hash }) => hash),
      dryRun,
    };
  }

  async flush(): Promise<void> {
    this.assertOpen();
    await this.writeDerived();
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

  protected get clock(): Clock {
    return this.#options.clock ?? systemClock;
  }

  /** An entity's object. Throws `ARCHIVE_TYPE`, `ARCHIVE_TOO_LARGE`, and A1's codes (A2.3). */
  #seal(entity: T): NewObject {
    const type = entity.entityType();
    if (!this.#codecs.has(type)) throw this.#wrongType(type);
    const { hash, text } = sealObject(type, entity.toBody());
    const bytes = Buffer.from(text, 'utf8');
    const { maxObjectBytes = OBJECT_BYTES_MAX } = this.#options;
    if (bytes.length > maxObjectBytes)
      throw new CcosError(
        'ARCHIVE_TOO_LARGE',
        `Cannot archive ${bytes.length} bytes: an object has at most ${maxObjectBytes}`,
        { details: { size: bytes.length, maxObjectBytes }, hint: 'split the value, or raise maxObjectBytes' },
      );
    return { hash, bytes };
  }

  /** Counts everything, so that only those pay who set a quota. Throws `ARCHIVE_QUOTA`. */
  async #checkQuota(objects: readonly NewObject[]): Promise<void> {
    const { quotaBytes = Number.POSITIVE_INFINITY } = this.#options;
    let used = 0;
    for await (const { sizeBytes } of this.names()) used += sizeBytes;
    const size = objects.reduce((sum, { hash, bytes }) => sum + (this.has(hash) ? 0 : bytes.length), 0);
    if (used + size > quotaBytes)
      throw new CcosError('ARCHIVE_QUOTA', `Cannot archive ${size} bytes: ${used} of ${quotaBytes} are used`, {
        details: { size, used, quotaBytes },
        hint: 'remove what nothing names, or raise quotaBytes',
      });
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

  /** Undefined when the object is gone. Throws `ARCHIVE_CORRUPT`. */
  #typeOf(hash: Hash): string | undefined {
    const known = this.#types.get(hash);
    if (known !== undefined) return known;
    const stored = this.#stored(hash);
    if (stored === undefined) return undefined;
    const { type } = this.#open(hash, stored);
    this.#types.set(hash, type);
    return type;
  }

  /** Null when it does not verify, undefined when it is gone. */
  #typeIfSound(hash: Hash): string | null | undefined {
    try {
      return this.#typeOf(hash);
    } catch (error) {
      if (error instanceof CcosError && error.code.startsWith('ARCHIVE_')) return null;
      throw error;
    }
  }

  /** What an object names; undefined when it is absent, nothing for a type without codec. */
  #refsOf(hash: Hash): readonly Hash[] | undefined {
    const stored = this.#stored(hash);
    if (stored === undefined) return undefined;
    const { type, body } = this.#open(hash, stored);
    const codec = this.#codecs.get(type);
    return codec?.refs?.(codec.decode(body)) ?? [];
  }

  #decode(content: ObjectContent): T {
    const codec = this.#codecs.get(content.type);
    if (codec === undefined) throw this.#wrongType(content.type);
    return codec.decode(content.body);
  }

  /** `ARCHIVE_TYPE {expected, found}` (A2.4). */
  #wrongType(found: string): CcosError {
    const expected = [...this.#codecs.keys()].join(', ');
    return new CcosError('ARCHIVE_TYPE', `Cannot take a ${found} here: this archive holds ${expected}`, {
      details: { expected, found },
      hint: `name an object of the type ${expected}`,
    });
  }
}

/** What came of a group of a batch. */
export interface GroupResult {
  readonly stored: readonly Hash[];
  readonly error: CcosError | null;
}

/** The error of a batch with what was stored all the same (A9.2). */
function withStored(thrown: unknown, stored: readonly Hash[]): CcosError {
  const { code, message, span, hint, details } =
    thrown instanceof CcosError
      ? thrown
      : new CcosError('INTERNAL', `Cannot go on with the batch: ${asCcosError(thrown).message}`, {
          hint: 'what gave the entities failed; what came before is stored',
        });
  return new CcosError(code, message, { span, hint, details: { ...details, stored }, cause: thrown });
}
