/**
 * The lock of a state folder, and leases (A8): `BEGIN EXCLUSIVE` on an empty SQLite database. The kernel frees it when its
 * owner dies, however it dies, so nothing is ever stolen, aged or cleaned up.
 *
 * A lock belongs to the process: closing any descriptor of the database frees it. So a database is opened once a process,
 * here alone, and is never closed while the process may hold it; calls of one process queue before it, in order.
 */
import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { pause, systemClock, type Clock } from './clock.ts';
import { CcosError } from './errors.ts';
import { ioError } from './files.ts';

/** How long `acquire` tries before it gives up (A8.4). */
export const LOCK_TIMEOUT_MS = 5_000;
/** A note is overwritten in place, padded with spaces to this many bytes, so that nothing of the one before stays behind it. */
const NOTE_BYTES = 512;
const SQLITE_BUSY = 5;

/** Who holds a lock; for messages only (A8.1). */
export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  readonly since: number;
}

/** A held lock is given back by calling this, once. */
export type Release = () => void;

/** One lock of one folder, shared by everybody in this process who opened it. */
export interface FolderLock {
  /** True while somebody in this process has the lock. */
  readonly held: boolean;
  /** Takes the lock without waiting, or returns null when another process, or somebody before in this one, has it. */
  tryAcquire(): Release | null;
  /** Waits for the lock, in order, without blocking the event loop (A8.4). Throws `STORE_LOCKED {pid, host, since}`. */
  acquire(timeoutMs?: number): Promise<Release>;
  /** Runs something under the lock. Throws `STORE_LOCKED`, and what the work throws. */
  run<T>(work: () => T | Promise<T>): Promise<T>;
}

/** A lock held for long, such as that of a run (A8.5). */
export interface Lease {
  release(): void;
}

const opened = new Map<string, DatabaseLock>();

/** The lock of a state folder or a store: `lock.db` in it. The folder exists. Throws `IO`. */
export function openLock(folder: string, clock: Clock = systemClock): FolderLock {
  return openDatabase(folder, 'lock', clock);
}

/**
 * Takes the lease `<name>.db` in a folder, writing `<name>.json` beside it with `more` added (A8.5).
 * Returns null when a living process has it. Throws `IO`.
 */
export function takeLease(
  folder: string,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
  clock: Clock = systemClock,
): Lease | null {
  const lock = openDatabase(folder, name, clock);
  const release = lock.tryAcquire(more);
  return release === null
    ? null
    : {
        release: () => {
          release();
          lock.close();
        },
      };
}

/** Who wrote the note beside a lock last, or null; for messages only (A8.1). */
export function lockOwner(folder: string, name = 'lock'): LockOwner | null {
  try {
    const note = JSON.parse(fs.readFileSync(join(folder, `${name}.json`), 'utf8')) as LockOwner;
    return typeof note.pid === 'number' ? note : null;
  } catch {
    return null;
  }
}

function openDatabase(folder: string, name: string, clock: Clock): DatabaseLock {
  let path: string;
  try {
    path = join(fs.realpathSync(folder), `${name}.db`);
  } catch (error) {
    throw ioError('open the lock in', folder, error);
  }
  const known = opened.get(path);
  // A folder that was deleted and made anew has another file behind the same name.
  if (known !== undefined && known.isCurrent()) return known;
  const lock = new DatabaseLock(path, clock);
  opened.set(path, lock);
  return lock;
}

class DatabaseLock implements FolderLock {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #inode: string;
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #rollback: StatementSync;
  #note: number | null = null;
  /** Settles when the holder in this process gives the lock back; null while nobody here holds it. */
  #held: PromiseWithResolvers<void> | null = null;
  #waiting: Promise<unknown> = Promise.resolve();
  #queued = 0;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
    // Loaded at the first lock, so that commands without state never pay for it.
    const { DatabaseSync } = createRequire(import.meta.url)('node:sqlite') as typeof import('node:sqlite');
    try {
      fs.closeSync(fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_NOFOLLOW, 0o600));
      this.#database = new DatabaseSync(path, { timeout: 0 });
    } catch (error) {
      throw ioError('open the lock', path, error);
    }
    this.#begin = this.#database.prepare('BEGIN EXCLUSIVE');
    this.#rollback = this.#database.prepare('ROLLBACK');
    this.#inode = inodeOf(path);
  }

  /** For leases, of which a process can have many: closes the database, which nobody in this process holds any more. */
  close(): void {
    if (opened.get(this.#path) === this) opened.delete(this.#path);
    this.#database.close();
    if (this.#note !== null) fs.closeSync(this.#note);
  }

  get held(): boolean {
    return this.#held !== null;
  }

  isCurrent(): boolean {
    return inodeOf(this.#path) === this.#inode;
  }

  tryAcquire(more: Readonly<Record<string, unknown>> = {}): Release | null {
    if (this.#held !== null || this.#queued > 0) return null;
    return this.#take(more);
  }

  async acquire(timeoutMs: number = LOCK_TIMEOUT_MS): Promise<Release> {
    const before = this.#waiting;
    this.#queued++;
    const turn = before.then(() => this.#wait(timeoutMs));
    // Whoever comes next waits until this one has the lock or gave up; the lock itself says when it is free.
    this.#waiting = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#queued--;
    }
  }

  async run<T>(work: () => T | Promise<T>): Promise<T> {
    const release = this.tryAcquire() ?? (await this.acquire());
    try {
      return await work();
    } finally {
      release();
    }
  }

  async #wait(timeoutMs: number): Promise<Release> {
    const deadline = this.#clock.monotonic() + timeoutMs;
    for (;;) {
      const held = this.#held;
      const release = held === null ? this.#take({}) : null;
      if (release !== null) return release;
      const left = deadline - this.#clock.monotonic();
      if (left <= 0) throw this.#locked(timeoutMs);
      // Whoever holds it here tells when it is free; another process has to be asked again and again.
      if (held === null) await pause(randomInt(1, 20));
      else await settledWithin(held.promise, left);
    }
  }

  #take(more: Readonly<Record<string, unknown>>): Release | null {
    try {
      this.#begin.run();
    } catch (error) {
      if ((error as { errcode?: unknown }).errcode === SQLITE_BUSY) return null;
      throw ioError('lock', this.#path, error);
    }
    const held = Promise.withResolvers<void>();
    this.#held = held;
    this.#tell(more);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#rollback.run();
      this.#held = null;
      held.resolve();
    };
  }

  /** Writes the note for messages; it is not synced and no decision is taken from it, so a failure is none of ours (A8.1). */
  #tell(more: Readonly<Record<string, unknown>>): void {
    try {
      this.#note ??= fs.openSync(
        `${this.#path.slice(0, -3)}.json`,
        fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_NOFOLLOW,
        0o600,
      );
      const note = JSON.stringify({ pid: process.pid, host: hostname(), since: this.#clock.now(), ...more });
      if (note.length > NOTE_BYTES) fs.ftruncateSync(this.#note, 0);
      fs.writeSync(this.#note, note.padEnd(NOTE_BYTES), 0);
    } catch {
      /* Messages will name no owner. */
    }
  }

  #locked(timeoutMs: number): CcosError {
    const owner = lockOwner(join(this.#path, '..'));
    const who = owner === null ? 'another process' : `process ${owner.pid} on ${owner.host}`;
    return new CcosError(
      'STORE_LOCKED',
      `Cannot lock ${this.#path}: ${who} has held it for more than ${timeoutMs} ms`,
      {
        details: owner === null ? {} : { ...owner },
        hint: `wait for ${who} to end, or end it`,
      },
    );
  }
}

/** Resolves when the promise is settled, or after so many milliseconds. */
function settledWithin(promise: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void promise.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function inodeOf(path: string): string {
  const found = fs.statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? '' : `${found.dev}:${found.ino}`;
}
