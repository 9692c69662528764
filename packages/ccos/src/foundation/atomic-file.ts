/** The atomic write (A4): the only writer of whole files in the project. A crash at any step leaves the old file or the new one. */
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { systemClock, type Clock } from './clock.ts';
import { errnoOf, type CcosError } from './errors.ts';
import { ioError, readWhole, systemFiles, writeAll, type Files } from './files.ts';
import { SyncPace } from './sync-pace.ts';

/** How a file is written. */
export interface AtomicWriteOptions {
  /** False publishes by a link and never replaces (objects); true replaces by a rename (heads, indices). Default true. */
  readonly overwrite?: boolean;
  /** Mode of the file, whatever the umask. Default 0600. */
  readonly mode?: number;
  /** Modification time in Unix milliseconds, set before the file is published. */
  readonly mtimeMs?: number;
  /** `relaxed` skips the syncs: atomic against a killed process, not against a lost power supply (A4.10). Default `durable`. */
  readonly durability?: 'durable' | 'relaxed';
  /** Runs something under the lock of the store: needed for `overwrite: false` where hard links are not supported (A4.5). */
  readonly exclusively?: (<T>(work: () => T) => Promise<T>) | undefined;
  readonly files?: Files;
  readonly clock?: Clock;
}

/** `present`: with `overwrite: false`, another writer had published the same bytes before. */
export type AtomicWriteResult = 'written' | 'present';

const LINK_UNSUPPORTED = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);
const FOLDER_MODE = 0o700;
/** Files of a batch that are open at the same time. */
const OPEN_AT_ONCE = 64;

/** True for the name of a temp file of `writeFileAtomic` (A7.1). */
export function isTempName(name: string): boolean {
  return name.startsWith('.') && name.endsWith('.tmp');
}

/**
 * Writes a whole file atomically and durably; missing folders are made 0700 (A4.1–A4.10).
 * @throws `IO {op, path, errno}`. Before the file is published, nothing has changed and no temp file is left; after that the
 * caller must not assume durability. With `overwrite: false` over a file of other bytes: `IO` with errno `EEXIST`.
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array | string,
  options: AtomicWriteOptions = {},
): Promise<AtomicWriteResult> {
  const files = options.files ?? systemFiles;
  const pace = new SyncPace(files, options.clock ?? systemClock);
  return new AtomicWrite(path, typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes, options, files).run(
    pace,
  );
}

/** One file of a batch. */
export interface FileOfBatch {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What came of a batch: what was published durably, and the error that ended it, if one did. */
export interface BatchResult {
  readonly done: readonly { readonly path: string; readonly result: AtomicWriteResult }[];
  readonly error: CcosError | null;
}

/**
 * Writes several files, each atomically (A9.1): all temp files, synced together, then published, then each folder synced once. Their
 * folders exist. Nothing is thrown: what was published before an error is durable all the same, and no temp file is left.
 */
export async function writeFilesAtomic(
  batch: readonly FileOfBatch[],
  options: AtomicWriteOptions = {},
): Promise<BatchResult> {
  const files = options.files ?? systemFiles;
  const writes = batch.map(({ path, bytes }) => new AtomicWrite(path, bytes, options, files));
  const filled = new Set<AtomicWrite>();
  const done: { path: string; result: AtomicWriteResult }[] = [];
  let error: CcosError | null = null;
  try {
    for (let at = 0; at < writes.length; at += OPEN_AT_ONCE)
      await all(
        writes.slice(at, at + OPEN_AT_ONCE).map(async (write) => {
          await write.fill((fd) => files.fdatasyncLater(fd));
          filled.add(write);
        }),
      );
    for (const write of writes) {
      filled.delete(write);
      done.push({ path: write.path, result: await write.publish() });
    }
  } catch (thrown) {
    error = ioError('write', dirname(batch[0]?.path ?? ''), thrown);
  }
  for (const write of filled) write.discard();
  if (options.durability === 'relaxed' || done.length === 0) return { done, error };
  try {
    await syncFoldersLater(files, new Set(done.map(({ path }) => dirname(path))));
    return { done, error };
  } catch (thrown) {
    return { done: [], error: error ?? ioError('sync the folders of', dirname(batch[0]?.path ?? ''), thrown) };
  }
}

/** Waits for all of them, and only then rejects with the first error. */
async function all(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Makes missing folders one by one, outermost first, and returns those that it made (A4.1). Throws `IO`. */
export function makeFolders(files: Files, path: string): string[] {
  const missing: string[] = [];
  for (let at = path; files.status(at) === null && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  const made: string[] = [];
  for (const folder of missing) {
    try {
      files.makeFolder(folder, FOLDER_MODE);
      made.push(folder);
    } catch (error) {
      // Another process may have been faster; what it made is as good, and is synced as if it were ours.
      if (errnoOf(error) !== 'EEXIST') throw ioError('make the folder', folder, error);
      made.push(folder);
    }
  }
  return made;
}

/** Syncs the parents of new folders, given outermost first, from the innermost outwards (A4.7). Throws `IO`. */
export function syncNewFolders(files: Files, made: readonly string[]): void {
  for (const parent of parentsOf(made)) attempt('sync the folder', parent, () => files.syncFolder(parent));
}

/** The same in the thread pool, those of one depth together. Rejects with `IO`. */
export async function syncNewFoldersLater(files: Files, made: readonly string[]): Promise<void> {
  const byDepth = Map.groupBy(parentsOf(made), (parent) => parent.split('/').length);
  for (const parents of byDepth.values()) await syncFoldersLater(files, parents);
}

function parentsOf(made: readonly string[]): string[] {
  return [...new Set(made.toReversed().map((folder) => dirname(folder)))];
}

/** Syncs folders in the thread pool, together. Rejects with `IO`. */
export async function syncFoldersLater(files: Files, folders: Iterable<string>): Promise<void> {
  await all(
    [...folders].map(async (folder) => {
      try {
        await files.syncFolderLater(folder);
      } catch (error) {
        throw ioError('sync the folder', folder, error);
      }
    }),
  );
}

/** The steps of one write; `fill` and `publish` each leave no temp file behind when they throw. */
class AtomicWrite {
  readonly path: string;
  readonly #bytes: Uint8Array;
  readonly #options: AtomicWriteOptions;
  readonly #files: Files;
  readonly #temp: string;

  constructor(path: string, bytes: Uint8Array, options: AtomicWriteOptions, files: Files) {
    this.path = path;
    this.#bytes = bytes;
    this.#options = options;
    this.#files = files;
    const name = `.${basename(path)}.${process.pid}.${randomBytes(8).toString('hex')}.tmp`;
    this.#temp = join(dirname(path), name);
  }

  async run(pace: SyncPace): Promise<AtomicWriteResult> {
    const folder = dirname(this.path);
    const made = makeFolders(this.#files, folder);
    await this.fill((fd) => pace.sync(fd));
    const result = await this.publish();
    if (this.#durable) {
      attempt('sync the folder', folder, () => this.#files.syncFolder(folder));
      syncNewFolders(this.#files, made);
    }
    return result;
  }

  get #durable(): boolean {
    return this.#options.durability !== 'relaxed';
  }

  /** Steps A4.2–A4.4: the whole content in a temp file, synced. */
  async fill(sync: (fd: number) => Promise<void> | undefined): Promise<void> {
    const { mode = 0o600, mtimeMs } = this.#options;
    const fd = attempt('create', this.#temp, () => this.#files.open(this.#temp, 'create', mode));
    let open = true;
    try {
      writeAll(this.#files, fd, this.#bytes);
      if (mtimeMs !== undefined) this.#files.setModified(fd, mtimeMs);
      if (this.#durable) await sync(fd);
      open = false;
      this.#files.close(fd);
    } catch (error) {
      if (open) this.#ignoring(() => this.#files.close(fd));
      this.discard();
      throw ioError('write', this.path, error);
    }
  }

  /** Removes the temp file, behind an error that is already on its way. */
  discard(): void {
    this.#ignoring(() => this.#files.unlink(this.#temp));
  }

  /** Step A4.5. */
  async publish(): Promise<AtomicWriteResult> {
    try {
      if (this.#options.overwrite !== false) {
        this.#files.rename(this.#temp, this.path);
        return 'written';
      }
      const result = await this.#link();
      if (result !== 'renamed') this.#files.unlink(this.#temp);
      return result === 'present' ? 'present' : 'written';
    } catch (error) {
      this.discard();
      throw ioError('publish', this.path, error);
    }
  }

  async #link(): Promise<'linked' | 'renamed' | 'present'> {
    try {
      this.#files.link(this.#temp, this.path);
      return 'linked';
    } catch (error) {
      const errno = errnoOf(error) ?? '';
      if (errno === 'EEXIST') return this.#acceptPresent(error);
      const { exclusively } = this.#options;
      if (!LINK_UNSUPPORTED.has(errno) || exclusively === undefined) throw error;
      return exclusively(() => {
        if (this.#files.status(this.path) !== null) return this.#acceptPresent(error);
        this.#files.rename(this.#temp, this.path);
        return 'renamed';
      });
    }
  }

  /** Another writer published first: its bytes must be ours, and may not be durable yet. */
  #acceptPresent(cause: unknown): 'present' {
    const present = readWhole(this.#files, this.path);
    if (present === null || Buffer.compare(present, this.#bytes) !== 0) throw cause;
    if (this.#durable) {
      const fd = this.#files.open(this.path, 'read');
      try {
        this.#files.fdatasync(fd);
      } finally {
        this.#files.close(fd);
      }
    }
    return 'present';
  }

  /** For cleaning up behind an error that is already on its way. */
  #ignoring(work: () => void): void {
    try {
      work();
    } catch {
      /* The first error is the one to tell. */
    }
  }
}

function attempt<T>(op: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw ioError(op, path, error);
  }
}
