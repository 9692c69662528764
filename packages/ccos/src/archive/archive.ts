/** The content-addressed archive (A2): what is stored, and what every store of it can do. */
import type { Hash } from '../foundation/digest.ts';
import type { Parsed } from '../foundation/canonical-json.ts';

/** Something that can be archived. `contentHash` is the hash of its object (A2.1). */
export interface Archivable {
  contentHash(): Hash;
  entityId(): string;
  entityType(): string;
  toBody(): unknown;
}

/** Reads entities of one type back from their bodies (A2.4). `decode` throws for a body that is none. */
export interface Codec<T extends Archivable> {
  readonly type: string;
  decode(body: Parsed): T;
  /** The objects that an entity names, which `gc` keeps with it (A10.2); none by default. */
  refs?(entity: T): readonly Hash[];
}

/** An object without being read as an entity: what it takes to show any object of a store. */
export interface ArchivedObject {
  readonly type: string;
  readonly body: Parsed;
  readonly bytes: Buffer;
}

/** A line of a listing. `type` is null for an object that does not verify; `storedAt` is Unix milliseconds of the first store. */
export interface ObjectInfo {
  readonly hash: Hash;
  readonly type: string | null;
  readonly sizeBytes: number;
  readonly storedAt: number;
}

/** `relaxed` is atomic against a killed process, not against power loss (A4.10). Default `durable`. */
export interface StoreOptions {
  readonly durability?: 'durable' | 'relaxed';
}

/** Figures of an archive; times are Unix milliseconds of the first store, null when it is empty (A2.8). */
export interface ArchiveStats {
  readonly totalEntities: number;
  readonly totalSizeBytes: number;
  readonly oldestTimestamp: number | null;
  readonly newestTimestamp: number | null;
  readonly byType: Readonly<Record<string, { readonly entities: number; readonly sizeBytes: number }>>;
}

/** An object that does not verify (A5.4). */
export interface CorruptObject {
  readonly hash: Hash;
  readonly path: string;
  readonly found: string | null;
  readonly reason: 'hash' | 'form' | 'type' | 'size' | 'unreadable';
}

/** What a verification found (A5.4): `ok` when all lists but `orphanTemps` and `pending` are empty and the index is `ok`. */
export interface IntegrityReport {
  readonly ok: boolean;
  readonly checked: number;
  readonly bytes: number;
  readonly durationMs: number;
  readonly corrupt: readonly CorruptObject[];
  readonly missing: readonly Hash[];
  readonly unlisted: readonly Hash[];
  readonly pending: readonly Hash[];
  readonly misplaced: readonly { readonly path: string; readonly reason: string }[];
  readonly orphanTemps: readonly string[];
  readonly index: 'ok' | 'absent' | 'corrupt' | 'stale';
}

/** What `gc` removed, or would (A10.4). */
export interface GcReport {
  readonly kept: number;
  readonly removed: number;
  readonly freedBytes: number;
  readonly removedHashes: readonly Hash[];
  readonly dryRun: boolean;
}

/** `olderThanMs`: younger objects are kept, for their writer may not have named them yet (A10.3). Default 1 h. */
export interface GcOptions {
  readonly dryRun?: boolean;
  readonly olderThanMs?: number;
}

/** What `repair` did, or would do (A6.3–A6.5). Paths are relative to the store. */
export interface RepairReport {
  readonly dryRun: boolean;
  readonly checked: number;
  /** Moved to `quarantine/`; `keptAs` is null in a dry run. */
  readonly quarantined: readonly { readonly path: string; readonly reason: string; readonly keptAs: string | null }[];
  /** Listed, and not there: taken out of the index. */
  readonly forgotten: readonly Hash[];
  /** Found, and left where it is: beside the shards, or sound objects with names elsewhere. */
  readonly left: readonly { readonly path: string; readonly reason: string }[];
  /** Why the index was made anew; null when it was right. */
  readonly index: { readonly reason: string; readonly keptAs?: string } | null;
}

/** A content-addressed archive of entities of one type, or of several with one codec each. Every method rejects with `ARCHIVE_CLOSED` behind `close`. */
export interface ContentAddressableArchive<T extends Archivable> {
  /** Stores an entity once; resolves with its hash (A2.5). Throws A1's codes, `ARCHIVE_TOO_LARGE`, `ARCHIVE_PATH`, `IO`. */
  store(entity: T, options?: StoreOptions): Promise<Hash>;
  /** Stores several, with one sync a group and folder (A9). What an error left stored is in its `details.stored`. Throws as `store` does. */
  storeBatch(entities: Iterable<T> | AsyncIterable<T>, options?: StoreOptions): Promise<Hash[]>;
  /** The entity of a hash, verified (A5.1); undefined when there is none. Throws `HASH_FORMAT`, `ARCHIVE_CORRUPT`, `ARCHIVE_TYPE`, `ARCHIVE_PATH`. */
  retrieve(hash: Hash): Promise<T | undefined>;
  /** The same where a record or an object names the hash (A5.3). Throws `ARCHIVE_MISSING {hash, namedBy}` beside. */
  require(hash: Hash, namedBy: string): Promise<T>;
  /** Presence only; reads no content (A2.6). Throws `HASH_FORMAT`. */
  exists(hash: Hash): Promise<boolean>;
  stats(): Promise<ArchiveStats>;
  /** Never rejects for bad content; it reports (A5.4). Throws `CANCELLED` when the signal aborts. */
  verifyIntegrity(options?: { readonly signal?: AbortSignal }): Promise<IntegrityReport>;
  /** Ascending (A2.9). */
  listHashes(filter?: { readonly type?: string }): Promise<Hash[]>;
  /** One object at a time, in ascending hash order (A2.9). */
  stream(filter?: {
    readonly type?: string;
    readonly after?: Hash;
  }): AsyncIterable<{ readonly hash: Hash; readonly entity: T }>;
  /** Removes one object; false when there is none. Throws `HASH_FORMAT`, `ARCHIVE_PINNED` for one that is still named (A10.1). */
  delete(hash: Hash): Promise<boolean>;
  /**
   * Removes what neither the roots nor the pinned objects reach (A10.2). An object of an unknown type is kept, as is one that does not
   * verify. Throws `ARCHIVE_MISSING` for a root or a named object that is absent, and then nothing is removed.
   */
  gc(roots: Iterable<Hash>, options?: GcOptions): Promise<GcReport>;
  /** Writes what is derived (A3.4). */
  flush(): Promise<void>;
  /** Flushes what is derived and ends the use; idempotent (A2.10). */
  close(): Promise<void>;
}
