/** The archive of files (A3): one file an object, published whole or not at all. */
import { dirname, join, resolve } from 'node:path';
import { makeFolders, syncNewFolders, writeFileAtomic } from '../foundation/atomic-file.ts';
import { systemClock, type Clock } from '../foundation/clock.ts';
import type { Hash } from '../foundation/digest.ts';
import { CcosError, errnoOf } from '../foundation/errors.ts';
import { ioError, readOpen, systemFiles, type Files } from '../foundation/files.ts';
import { openLock, type FolderLock } from '../foundation/lock.ts';
import { silentLogger, type Logger } from '../foundation/logger.ts';
import type { Archivable, Codec, IntegrityReport } from './archive.ts';
import { BaseArchive, type StoredBytes } from './base.ts';
import { indexText, writeIndex } from './index-file.ts';
import { openObject } from './object.ts';
import { listShards, objectPath, wrongPath } from './shards.ts';
import { verifyStore } from './verify.ts';

/** After so many stores of a process the index is written (A3.4). */
const INDEX_EVERY = 1_024;

/** How an archive of files is opened. `lockFolder` is the state folder whose lock guards the index; the store's own by default (A8.1). */
export interface FileArchiveOptions {
  readonly files?: Files;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly lockFolder?: string;
  readonly maxObjectBytes?: number;
}

/**
 * Opens an archive of files for reading and writing, and makes its folder and empty index at first use (A3.4, A3.7).
 * @throws `ARCHIVE_OPEN` (A6.6), `ARCHIVE_PATH` for a link in its place.
 */
export async function openFileArchive<T extends Archivable>(
  folder: string,
  codecs: readonly Codec<T>[],
  options: FileArchiveOptions = {},
): Promise<FileArchive<T>> {
  const files = options.files ?? systemFiles;
  const root = resolve(folder);
  const status = files.status(root);
  if (status !== null && status.kind !== 'folder') throw cannotOpen(root, `it is a ${status.kind}`);
  try {
    if (status !== null) files.access(root, 'write');
    syncNewFolders(files, makeFolders(files, root));
    if (files.status(join(root, 'index.json')) === null) await makeIndex(root, files);
  } catch (error) {
    throw cannotOpen(root, String((error as CcosError).details?.['errno'] ?? errnoOf(error)), error);
  }
  return new FileArchive(root, codecs, options);
}

/** The empty index of a new store; another process may be faster, and fill it. */
async function makeIndex(root: string, files: Files): Promise<void> {
  await writeFileAtomic(join(root, 'index.json'), indexText([]), { files, overwrite: false }).catch(
    (error: unknown) => {
      if ((error as CcosError).details?.['errno'] !== 'EEXIST') throw error;
    },
  );
}

/** The archive of a folder, for reading alone: nothing is made, and an absent folder is empty. */
export function readFileArchive<T extends Archivable>(
  folder: string,
  codecs: readonly Codec<T>[],
  options: Pick<FileArchiveOptions, 'files'> = {},
): Pick<FileArchive<T>, 'retrieve' | 'require' | 'exists'> {
  return new FileArchive(resolve(folder), codecs, options);
}

function cannotOpen(path: string, reason: string, cause?: unknown): CcosError {
  return new CcosError('ARCHIVE_OPEN', `Cannot open the archive ${path}: ${reason}`, {
    details: { path, reason },
    cause,
    hint: `look at ${path}, its owner and its mode`,
  });
}

/** Made by `openFileArchive`. */
export class FileArchive<T extends Archivable> extends BaseArchive<T> {
  readonly #root: string;
  readonly #files: Files;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lockFolder: string;
  /** Objects that this process has synced, or found synced by itself. */
  readonly #durable = new Set<Hash>();
  readonly #stored = new Set<Hash>();
  #sinceIndex = 0;
  #indexing: Promise<void> = Promise.resolve();

  constructor(root: string, codecs: readonly Codec<T>[], options: FileArchiveOptions) {
    super(codecs, options.maxObjectBytes);
    this.#root = root;
    this.#files = options.files ?? systemFiles;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#lockFolder = options.lockFolder ?? root;
  }

  protected override async put(hash: Hash, bytes: Buffer, durable: boolean): Promise<void> {
    if (this.#durable.has(hash) && this.has(hash)) return;
    this.#checkFolders(hash);
    const path = join(this.#root, objectPath(hash));
    const present = this.read(hash);
    const sound = present !== undefined && 'content' in openObject(hash, present.bytes);
    if (sound && this.#syncPresent(hash, durable)) return;
    if (present !== undefined && !sound) await this.#quarantine(hash);
    const result = await writeFileAtomic(path, bytes, {
      files: this.#files,
      clock: this.#clock,
      overwrite: false,
      durability: durable ? 'durable' : 'relaxed',
      exclusively: (work) => this.#lock().run(work),
    });
    if (durable) this.#durable.add(hash);
    if (result === 'present') return;
    this.#stored.add(hash);
    if (++this.#sinceIndex >= INDEX_EVERY) this.#writeIndexLater();
  }

  /** The index wants the lock, which whoever stores may hold: it is written when the lock is free, and `close` waits for it. */
  #writeIndexLater(): void {
    this.#sinceIndex = 0;
    const before = this.#indexing;
    this.#indexing = (async () => {
      await before;
      await this.#writeIndex(this.#stored);
    })();
    // Told by `flush` and `close`.
    this.#indexing.catch(() => undefined);
  }

  protected override read(hash: Hash): StoredBytes | undefined {
    const path = join(this.#root, objectPath(hash));
    let fd: number;
    try {
      this.#checkFolders(hash);
      fd = this.#files.open(path, 'read');
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'ENOENT') return undefined;
      if (errno === 'ELOOP' || errno === 'ENXIO') throw wrongPath(path, errno === 'ELOOP' ? 'link' : 'device');
      throw ioError('read', path, error);
    }
    try {
      const status = this.#files.statusOf(fd);
      if (status.kind !== 'file') throw wrongPath(path, status.kind);
      return { bytes: readOpen(this.#files, fd), path, storedAt: Math.round(status.mtimeMs) };
    } catch (error) {
      throw ioError('read', path, error);
    } finally {
      this.#files.close(fd);
    }
  }

  protected override has(hash: Hash): boolean {
    this.#checkFolders(hash);
    const path = join(this.#root, objectPath(hash));
    const status = this.#files.status(path);
    if (status !== null && status.kind !== 'file') throw wrongPath(path, status.kind);
    return status !== null;
  }

  protected override names(): Hash[] {
    try {
      return listShards(this.#root, this.#files)
        .objects.map(({ hash }) => hash)
        .toSorted();
    } catch (error) {
      throw ioError('list', this.#root, error);
    }
  }

  override async verifyIntegrity(): Promise<IntegrityReport> {
    this.assertOpen();
    return verifyStore(this.#root, this.#files, this.#clock);
  }

  override async flush(): Promise<void> {
    this.assertOpen();
    await this.#indexing;
    await this.#writeIndex('all');
  }

  protected override async end(): Promise<void> {
    await this.#indexing;
    if (this.#stored.size > 0) await this.#writeIndex(this.#stored);
  }

  #lock(): FolderLock {
    return openLock(this.#lockFolder, this.#clock);
  }

  async #writeIndex(what: 'all' | ReadonlySet<Hash>): Promise<void> {
    const place = { root: this.#root, files: this.#files, clock: this.#clock, logger: this.#logger };
    await this.#lock().run(() => writeIndex(place, what));
    this.#sinceIndex = 0;
  }

  /** No link below the store is followed (A3.9). */
  #checkFolders(hash: Hash): void {
    for (const below of [hash.slice(0, 2), `${hash.slice(0, 2)}/${hash.slice(2, 4)}`]) {
      const path = join(this.#root, below);
      const status = this.#files.status(path);
      if (status === null) return;
      if (status.kind !== 'folder') throw wrongPath(path, status.kind);
    }
  }

  /** What is there verifies and is published (A2.5); whoever published it may not have synced it yet (A4.5). False when it is gone. */
  #syncPresent(hash: Hash, durable: boolean): boolean {
    if (!durable) return true;
    const path = join(this.#root, objectPath(hash));
    try {
      const fd = this.#files.open(path, 'read');
      try {
        this.#files.fdatasync(fd);
      } finally {
        this.#files.close(fd);
      }
      this.#files.syncFolder(dirname(path));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return false;
      throw ioError('sync', path, error);
    }
    this.#durable.add(hash);
    return true;
  }

  /** A bad file makes room for the good one; nothing is discarded (A6.3). */
  async #quarantine(hash: Hash): Promise<void> {
    const name = `${hash}.${new Date(this.#clock.now()).toISOString().replaceAll(/[-:.]/g, '')}.json`;
    const folder = join(this.#root, 'quarantine');
    try {
      syncNewFolders(this.#files, makeFolders(this.#files, folder));
      this.#files.rename(join(this.#root, objectPath(hash)), join(folder, name));
      this.#files.syncFolder(folder);
    } catch (error) {
      throw ioError('quarantine', objectPath(hash), error);
    }
  }
}
