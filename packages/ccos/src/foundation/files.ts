/**
 * The system calls on files that hold state, in one injectable object: a shim in its place fails or kills at each of them
 * in turn (§8.9). They block, for on a local disk that is fastest by far; only a sync can wait in the thread pool.
 */
import fs, { constants } from 'node:fs';
import { CcosError, errnoOf } from './errors.ts';

/** What of a file's status is looked at. */
export interface FileStatus {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly size: number;
  readonly mode: number;
  readonly links: number;
  readonly mtimeMs: number;
  /** When its names, mode or content last changed; unlike `mtimeMs`, nobody sets it. */
  readonly changedMs: number;
  /** When it was made; its last change where the file system does not tell. */
  readonly bornMs: number;
  /** Changes whenever the file is replaced or written: device, inode, size and its times of change in nanoseconds. */
  readonly stamp: string;
}

/** The system calls. Each throws what the system says; callers turn that into a `CcosError`. */
export interface Files {
  /** Opens without following a link in the last place (`O_NOFOLLOW`); the mode holds whatever the umask. */
  open(path: string, access: 'read' | 'append' | 'create', mode?: number): number;
  /** Reads up to `into.length` bytes from a position; 0 at the end. */
  read(fd: number, into: Uint8Array, position: number): number;
  /** Writes at the file's own position (the end, when opened to append); returns how much was written. */
  write(fd: number, bytes: Uint8Array, offset: number): number;
  fdatasync(fd: number): void;
  /** The same in the thread pool. */
  fdatasyncLater(fd: number): Promise<void>;
  truncate(fd: number, size: number): void;
  setModified(fd: number, ms: number): void;
  close(fd: number): void;
  /** Syncs a folder: its entries are durable. */
  syncFolder(path: string): void;
  /** The same in the thread pool. */
  syncFolderLater(path: string): Promise<void>;
  link(from: string, to: string): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  makeFolder(path: string, mode: number): void;
  setMode(path: string, mode: number): void;
  /** Null when nothing is there. Does not follow a link. */
  status(path: string): FileStatus | null;
  statusOf(fd: number): FileStatus;
  list(path: string): string[];
  /** Throws when the process may not do that with the path. */
  access(path: string, what: 'read' | 'write'): void;
}

const FLAGS = {
  read: constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  append: constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW,
  create: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
} as const;

/** The machine's own files. */
export const systemFiles: Files = {
  open(path, access, mode = 0o600) {
    const fd = fs.openSync(path, FLAGS[access], mode);
    if (access === 'create') fs.fchmodSync(fd, mode);
    return fd;
  },
  read: (fd, into, position) => fs.readSync(fd, into, 0, into.length, position),
  write: (fd, bytes, offset) => fs.writeSync(fd, bytes, offset, bytes.length - offset, null),
  fdatasync: (fd) => fs.fdatasyncSync(fd),
  fdatasyncLater: (fd) =>
    new Promise((resolve, reject) => {
      fs.fdatasync(fd, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    }),
  truncate: (fd, size) => fs.ftruncateSync(fd, size),
  setModified: (fd, ms) => fs.futimesSync(fd, ms / 1_000, ms / 1_000),
  close: (fd) => fs.closeSync(fd),
  syncFolder(path) {
    const fd = fs.openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  },
  async syncFolderLater(path) {
    const folder = await fs.promises.open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  link: (from, to) => fs.linkSync(from, to),
  rename: (from, to) => fs.renameSync(from, to),
  unlink: (path) => fs.unlinkSync(path),
  makeFolder(path, mode) {
    fs.mkdirSync(path, { mode });
    fs.chmodSync(path, mode);
  },
  setMode: (path, mode) => fs.chmodSync(path, mode),
  status(path) {
    const found = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? null : statusFrom(found);
  },
  statusOf: (fd) => statusFrom(fs.fstatSync(fd, { bigint: true })),
  list: (path) => fs.readdirSync(path),
  access: (path, what) => fs.accessSync(path, what === 'read' ? constants.R_OK | constants.X_OK : constants.W_OK),
};

function statusFrom(found: fs.BigIntStats): FileStatus {
  const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : found.isSymbolicLink() ? 'link' : 'other';
  return {
    kind,
    size: Number(found.size),
    mode: Number(found.mode) & 0o7777,
    links: Number(found.nlink),
    mtimeMs: Number(found.mtimeMs),
    changedMs: Number(found.ctimeMs),
    bornMs: Number(found.birthtimeMs > 0n ? found.birthtimeMs : found.ctimeMs),
    stamp: `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`,
  };
}

/** A failed system call as `IO {op, path, errno}`; a `CcosError` passes unchanged. */
export function ioError(op: string, path: string, thrown: unknown): CcosError {
  if (thrown instanceof CcosError) return thrown;
  const errno = errnoOf(thrown) ?? 'EIO';
  return new CcosError('IO', `Cannot ${op} ${path}: ${errno}`, {
    details: { op, path, errno },
    cause: thrown,
    hint: `look at ${path}, its owner and the space on its disk`,
  });
}

/** All bytes of an open file, from the start. */
export function readOpen(files: Files, fd: number): Buffer {
  const size = files.statusOf(fd).size;
  const bytes = Buffer.alloc(size);
  let filled = 0;
  while (filled < size) {
    const count = files.read(fd, bytes.subarray(filled), filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

/** All bytes of a regular file, or null when nothing is there. Throws what the system says; a link is refused (`ELOOP`). */
export function readWhole(files: Files, path: string): Buffer | null {
  let fd: number;
  try {
    fd = files.open(path, 'read');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    return readOpen(files, fd);
  } finally {
    files.close(fd);
  }
}

/** Writes all bytes, looping on short writes (A4.3). */
export function writeAll(files: Files, fd: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) offset += files.write(fd, bytes, offset);
}
