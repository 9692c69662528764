/** The archive of files (A3): one file an object, published whole or not at all. */
import { dirname, join, resolve } from 'node:path';
import {
  makeFolders,
  syncNewFolders,
  syncNewFoldersLater,
  writeFileAtomic,
  writeFilesAtomic,
} from '../foundation/atomic-file.ts';
import { CANONICAL_BYTES_MAX } from '../foundation/canonical-json.ts';
import { systemClock } from '../foundation/clock.ts';
import type { Hash } from '../foundation/digest.ts';
import { asCcosError, CcosError, errnoOf } from '../foundation/errors.ts';
import { ioError, readOpen, systemFiles, type Files } from '../foundation/files.ts';
import { openLock } from '../foundation/lock.ts';
import { silentLogger, type Logger } from '../foundation/logger.ts';
import type { Archivable, Codec, IntegrityReport, RepairReport } from './archive.ts';
import {
  BaseArchive,
  type ArchiveOptions,
  type GroupResult,
  type NewObject,
  type StoredBytes,
  type StoredName,
} from './base.ts';
import { amendIndex, indexText, rebuildIndex } from './index-file.ts';
import { corrupt, openObject } from './object.ts';
import { moveAside, MOVES_AT_ONCE, sideNames, turn, type StorePlace } from './place.ts';
import { quarantine, repairStore } from './repair.ts';
import { objectPath, walkObjects, wrongPath } from './shards.ts';
import { verifyStore } from './verify.ts';

/** After so many stores of a process the index is written (A3.4). */
const INDEX_EVERY = 1_024;
/** An object that is stored again is fresh for `gc` (A10.3); its file is touched when it was not for so long. */
const FRESH_MS = 600_000;
/** A folder that is younger may have been made by somebody who has not synced it yet; an older one the kernel wrote long ago. */
const SETTLED_MS = 60_000;
const TEMP_AGE_MS = 3_600_000;
/** Where short objects are read; what was read is used, or copied, before anything else can be. */
const SHORT = Buffer.allocUnsafeSlow(65_536);
/** Names between two turns for everything else. */
const TURN_EVERY = 256;

/** How an archive of files is opened. */
export interface FileArchiveOptions extends ArchiveOptions {
  readonly files?: Files;
  readonly logger?: Logger;
  /** The state folder whose lock guards the index; the store's own by default (A8.1). */
  readonly lockFolder?: string;
  /** How old a temp file must be to be nobody's (A7.1), in milliseconds; an hour by default. */
  readonly tempAgeMs?: number;
}

/** What can be done with a store that was opened for reading. */
export type ArchiveReader<T extends Archivable> = Pick<
  FileArchive<T>,
  | 'retrieve'
  | 'require'
  | 'object'
  | 'requireObject'
  | 'exists'
  | 'stats'
  | 'list'
  | 'listHashes'
  | 'stream'
  | 'verifyIntegrity'
  | 'close'
>;

/**
 * Opens an archive of files for reading and writing, and makes its folder and empty index at first use (A3.4, A3.7).
 * @throws `ARCHIVE_OPEN` (A6.6), `ARCHIVE_PATH` for a link in the place of a folder.
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
  const archive = new FileArchive(root, codecs, options);
  try {
    if (status !== null) files.access(root, 'write');
    syncNewFolders(files, makeFolders(files, root));
    if (files.status(join(root, 'index.json')) === null) await makeIndex(root, files);
    await archive.finishTrash();
  } catch (error) {
    if (error instanceof CcosError && error.code === 'ARCHIVE_PATH') throw error;
    throw cannotOpen(root, String((error as CcosError).details?.['errno'] ?? errnoOf(error)), error);
  }
  return archive;
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

/** Opens an archive of files for reading: nothing is made or written. Throws `ARCHIVE_OPEN` (A6.6). */
export async function openArchiveReader<T extends Archivable>(
  folder: string,
  codecs: readonly Codec<T>[],
  options: FileArchiveOptions = {},
): Promise<ArchiveReader<T>> {
  const files = options.files ?? systemFiles;
  const root = resolve(folder);
  const status = files.status(root);
  if (status?.kind !== 'folder')
    throw cannotOpen(root, status === null ? 'it does not exist' : `it is a ${status.kind}`);
  try {
    files.access(root, 'read');
  } catch (error) {
    throw cannotOpen(root, String(errnoOf(error)), error);
  }
  return new FileArchive(root, codecs, options);
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
  readonly #place: StorePlace;
  /** Objects that this process has synced, or found synced by itself. */
  readonly #durable = new Set<Hash>();
  /** Shard folders that were looked at; of those that are true, the way down to them is durable too. */
  readonly #folders = new Map<string, boolean>();
  #unlisted = new Set<Hash>();

  constructor(root: string, codecs: readonly Codec<T>[], options: FileArchiveOptions) {
    super(codecs, options);
    const { files = systemFiles, clock = systemClock, logger = silentLogger, tempAgeMs = TEMP_AGE_MS } = options;
    const lockFolder = options.lockFolder ?? root;
    this.#root = root;
    this.#files = files;
    this.#place = { root, files, clock, logger, tempAgeMs, lock: () => openLock(lockFolder, clock) };
  }

  /** Verifies everything, keeps what is bad aside and makes the index right (A6.2–A6.5). Throws `ARCHIVE_PATH`, `IO`, `STORE_LOCKED`. */
  async repair(options: { readonly dryRun?: boolean } = {}): Promise<RepairReport> {
    this.assertOpen();
    const report = await repairStore(this.#place, options.dryRun ?? false);
    this.#durable.clear();
    this.#unlisted = new Set();
    return report;
  }

  protected override async put(object: NewObject, durable: boolean): Promise<void> {
    if (await this.#isThere(object, durable)) return;
    const { hash, bytes } = object;
    const path = this.#pathOf(hash);
    this.#makeFolders(hash);
    const result = await writeFileAtomic(path, bytes, this.#writing(durable));
    if (durable) {
      syncNewFolders(this.#files, this.#unsettled([hash]));
      this.#settled([hash]);
    }
    if (result === 'written') this.#unlisted.add(hash);
    await this.#listSometimes();
  }

  protected override async putGroup(group: readonly NewObject[], durable: boolean): Promise<GroupResult> {
    const stored: Hash[] = [];
    const absent: NewObject[] = [];
    try {
      for (const object of group) {
        if (await this.#isThere(object, durable)) stored.push(object.hash);
        else {
          this.#makeFolders(object.hash);
          absent.push(object);
        }
      }
      const batch = absent.map(({ hash, bytes }) => ({ path: this.#pathOf(hash), bytes }));
      const { done, error } = await writeFilesAtomic(batch, this.#writing(durable));
      const hashes = done.map(({ path }) => path.slice(-'.json'.length - 64, -'.json'.length));
      if (durable) {
        await syncNewFoldersLater(this.#files, this.#unsettled(hashes));
        this.#settled(hashes);
      }
      for (const hash of hashes) this.#unlisted.add(hash);
      stored.push(...hashes);
      if (error === null) await this.#listSometimes();
      return { stored, error };
    } catch (error) {
      return { stored, error: asCcosError(error) };
    }
  }

  protected override read(hash: Hash): StoredBytes | undefined {
    const path = this.#pathOf(hash);
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
      return { bytes: this.#readOpen(fd, hash, path), path };
    } catch (error) {
      throw ioError('read', path, error);
    } finally {
      this.#files.close(fd);
    }
  }

  /** Most objects are short, and read whole by one call; only of others it has to be known first what and how large they are. */
  #readOpen(fd: number, hash: Hash, path: string): Buffer {
    try {
      const count = this.#files.read(fd, SHORT, 0);
      if (count > 0 && count < SHORT.length) return SHORT.subarray(0, count);
    } catch {
      // A folder or a pipe, perhaps; told below.
    }
    const status = this.#files.statusOf(fd);
    if (status.kind !== 'file') throw wrongPath(path, status.kind === 'other' ? 'device' : status.kind);
    if (status.size > CANONICAL_BYTES_MAX) throw corrupt(hash, path, status.size, null);
    return readOpen(this.#files, fd);
  }

  protected override has(hash: Hash): boolean {
    this.#checkFolders(hash);
    const path = this.#pathOf(hash);
    const status = this.#files.status(path);
    if (status !== null && status.kind !== 'file') throw wrongPath(path, status.kind);
    return status !== null;
  }

  protected override async *names(): AsyncGenerator<StoredName> {
    let count = 0;
    for (const { hash, path, size, mtimeMs } of walkObjects(this.#root, this.#files)) {
      yield { hash, path, sizeBytes: size, storedAt: Math.round(mtimeMs) };
      if (++count % TURN_EVERY === 0) await turn();
    }
  }

  protected override async remove(hash: Hash): Promise<boolean> {
    return this.#place.lock().run(async () => {
      if (!this.has(hash)) return false;
      await moveAside(this.#place, 'trash', [{ from: objectPath(hash), name: `${hash}.json` }]);
      this.#forget([hash]);
      await amendIndex(this.#place, []);
      return true;
    });
  }

  #pathOf(hash: Hash): string {
    return `${this.#root}/${objectPath(hash)}`;
  }

  /** In slices, so that the lock is never held for long; each file is looked at again under the lock (A8.2). */
  protected override async collect(
    unnamed: readonly StoredName[],
    before: number,
    dryRun: boolean,
  ): Promise<StoredName[]> {
    const isOld = ({ path }: StoredName): boolean => {
      const status = this.#files.status(join(this.#root, path));
      return status?.kind === 'file' && status.changedMs <= before;
    };
    if (dryRun) return unnamed.filter(isOld);
    const removed: StoredName[] = [];
    for (let at = 0; at < unnamed.length; at += MOVES_AT_ONCE) {
      await this.#place.lock().run(async () => {
        const old = unnamed.slice(at, at + MOVES_AT_ONCE).filter(isOld);
        await moveAside(
          this.#place,
          'trash',
          old.map(({ hash, path }) => ({ from: path, name: `${hash}.json` })),
        );
        this.#forget(old.map(({ hash }) => hash));
        removed.push(...old);
      });
    }
    if (removed.length > 0) await this.#place.lock().run(() => amendIndex(this.#place, []));
    return removed;
  }

  protected override async verify(signal?: AbortSignal): Promise<IntegrityReport> {
    return (await verifyStore(this.#place, signal)).report;
  }

  protected override async writeDerived(): Promise<void> {
    this.#unlisted = new Set();
    await rebuildIndex(this.#place);
  }

  protected override async end(): Promise<void> {
    if (this.#unlisted.size > 0) await this.#place.lock().run(() => this.#list());
  }

  /** Finishes what a process that died left in `trash/` (A3.7); another one that has the lock does it in our place. */
  async finishTrash(): Promise<void> {
    if (sideNames(this.#place, 'trash').length === 0) return;
    const release = this.#place.lock().tryAcquire();
    if (release === null) return;
    try {
      await amendIndex(this.#place, []);
    } finally {
      release();
    }
  }

  /** True when the good bytes are there, and durable where that was asked for; a bad file makes room for them (A2.5). */
  async #isThere({ hash }: NewObject, durable: boolean): Promise<boolean> {
    const path = this.#pathOf(hash);
    const known = this.#durable.has(hash);
    const present = known ? undefined : this.read(hash);
    if (known ? !this.has(hash) : present === undefined) return false;
    if (present !== undefined && !('content' in openObject(hash, present.bytes))) {
      await quarantine(this.#place, objectPath(hash));
      return false;
    }
    if (!(await this.#refresh(path))) return false;
    if (!durable || known) return true;
    return this.#syncPresent(hash, path);
  }

  /** Syncs what somebody else wrote, for they may not have yet; false when it is gone. */
  #syncPresent(hash: Hash, path: string): boolean {
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
    syncNewFolders(this.#files, this.#unsettled([hash]));
    this.#settled([hash]);
    return true;
  }

  /**
   * Makes an old object fresh, for whoever stores it again will name it (A10.3). Only under the lock, so that no `gc` is between its
   * look and its move; whoever has the lock in this process does neither meanwhile. False when the object is gone.
   */
  async #refresh(path: string): Promise<boolean> {
    const touch = (): boolean => {
      const status = this.#files.status(path);
      if (status === null) return false;
      if (status.changedMs > this.clock.now() - FRESH_MS) return true;
      this.#files.setMode(path, status.mode);
      return true;
    };
    const status = this.#files.status(path);
    if (status === null) return false;
    if (status.changedMs > this.clock.now() - FRESH_MS) return true;
    const lock = this.#place.lock();
    return lock.held ? touch() : lock.run(touch);
  }

  #writing(durable: boolean): Parameters<typeof writeFilesAtomic>[1] {
    return {
      files: this.#files,
      clock: this.clock,
      overwrite: false,
      durability: durable ? 'durable' : 'relaxed',
      // What is done is done at once, so whoever has the lock in this process need not give it up first.
      exclusively: async (work) => (this.#place.lock().held ? work() : this.#place.lock().run(work)),
    };
  }

  #makeFolders(hash: Hash): void {
    const folder = objectFolder(hash);
    if (this.#folders.has(folder)) return;
    if (makeFolders(this.#files, join(this.#root, folder)).length > 0) this.#folders.set(folder, false);
    else this.#checkFolders(hash);
  }

  /** The folders on the way down to objects that somebody made and may not have synced, outermost first (A4.7). */
  #unsettled(hashes: readonly Hash[]): string[] {
    const folders = hashes.map(objectFolder).filter((folder) => this.#folders.get(folder) !== true);
    const ways = new Set(folders.flatMap((folder) => [dirname(folder), folder]));
    return [...ways].map((way) => join(this.#root, way)).toSorted((a, b) => a.length - b.length);
  }

  /** Behind a durable write: objects and the way down to them are durable, whoever made it. */
  #settled(hashes: readonly Hash[]): void {
    for (const hash of hashes) {
      this.#durable.add(hash);
      this.#folders.set(objectFolder(hash), true);
    }
  }

  /** No link below the store is followed: folders are looked at when they are first used (A3.9). */
  #checkFolders(hash: Hash): void {
    const folder = objectFolder(hash);
    if (this.#folders.has(folder)) return;
    let young = false;
    for (const path of [`${this.#root}/${dirname(folder)}`, `${this.#root}/${folder}`]) {
      const status = this.#files.status(path);
      if (status === null) return;
      if (status.kind !== 'folder') throw wrongPath(path, status.kind);
      young ||= status.bornMs > this.clock.now() - SETTLED_MS;
    }
    this.#folders.set(folder, !young);
  }

  #forget(hashes: readonly Hash[]): void {
    for (const hash of hashes) {
      this.#durable.delete(hash);
      this.#unlisted.delete(hash);
    }
  }

  /** Now and then, when the lock is free: whoever stores under the lock has it already (A3.4). */
  async #listSometimes(): Promise<void> {
    if (this.#unlisted.size < INDEX_EVERY) return;
    const release = this.#place.lock().tryAcquire();
    if (release === null) return;
    try {
      await this.#list();
    } finally {
      release();
    }
  }

  async #list(): Promise<void> {
    const listed = this.#unlisted;
    this.#unlisted = new Set();
    await amendIndex(this.#place, listed);
  }
}

/** `aa/bb`. */
function objectFolder(hash: Hash): string {
  return `${hash.slice(0, 2)}/${hash.slice(2, 4)}`;
}
