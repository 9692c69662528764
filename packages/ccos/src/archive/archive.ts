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

/** A content-addressed archive of entities of one type, or of several with one codec each. Every method rejects with `ARCHIVE_CLOSED` behind `close`. */
export interface ContentAddressableArchive<T extends Archivable> {
  /** Stores an entity once; resolves with its hash (A2.5). Throws A1's codes, `ARCHIVE_TOO_LARGE`, `ARCHIVE_PATH`, `IO`. */
  store(entity: T, options?: StoreOptions): Promise<Hash>;
  /** The entity of a hash, verified (A5.1); undefined when there is none. Throws `HASH_FORMAT`, `ARCHIVE_CORRUPT`, `ARCHIVE_TYPE`, `ARCHIVE_PATH`. */
  retrieve(hash: Hash): Promise<T | undefined>;
  /** The same where a record or an object names the hash (A5.3). Throws `ARCHIVE_MISSING {hash, namedBy}` beside. */
  require(hash: Hash, namedBy: string): Promise<T>;
  /** Presence only; reads no content (A2.6). Throws `HASH_FORMAT`. */
  exists(hash: Hash): Promise<boolean>;
  stats(): Promise<ArchiveStats>;
  /** Never rejects for bad content; it reports (A5.4). */
  verifyIntegrity(): Promise<IntegrityReport>;
  /** Ascending (A2.9). */
  listHashes(filter?: { readonly type?: string }): Promise<Hash[]>;
  /** One object at a time, in ascending hash order (A2.9). */
  stream(filter?: {
    readonly type?: string;
    readonly after?: Hash;
  }): AsyncIterable<{ readonly hash: Hash; readonly entity: T }>;
  /** Writes what is derived (A3.4). */
  flush(): Promise<void>;
  /** Flushes what is derived and ends the use; idempotent (A2.10). */
  close(): Promise<void>;
}
