/**
 * The descriptor walk (M7.8, M20.11): a path below a grant is opened one component at a time, each relative to the
 * folder opened before, and no link is followed. So neither `..`, nor a link, nor a swap in between leaves the grant.
 *
 * On Linux the folder before is named by its descriptor (`/proc/self/fd/N/NAME`), which cannot be swapped. Elsewhere
 * each folder is opened by its path and then compared with what the path names now, by device and inode. All calls are
 * synchronous: the thread pool makes a walk forty times slower. Folders of this file are never made recursively, since
 * `mkdir -p` follows links.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, statSync, type Stats } from 'node:fs';
import { errnoOf } from '../foundation/errors.ts';

/** How folders are named: by descriptor, or by path with the identity compared afterwards. */
export type WalkMethod = 'descriptor' | 'identity';

/** What this platform can do. */
export const WALK_METHOD: WalkMethod = process.platform === 'linux' ? 'descriptor' : 'identity';

/** How a walk is done; `hidden` names folders that look empty and read-only, as behind an empty mount (S6.4). */
export interface WalkOptions {
  readonly method?: WalkMethod;
  readonly hidden?: readonly string[];
}

/** Why a walk ended before its last component. */
export type WalkReason = 'absent' | 'link' | 'not-folder' | 'changed' | 'system';

/** A component that could not be entered: the `index`th of the names, counted from 0. */
export class WalkFailure extends Error {
  readonly reason: WalkReason;
  readonly index: number;
  constructor(reason: WalkReason, index: number, cause: unknown) {
    super(`walk ended at component ${index}: ${reason}`, { cause });
    this.reason = reason;
    this.index = index;
  }
}

/** Linux's O_PATH, which Node does not name; it has the same value on x86-64 and arm64. */
const O_PATH = 0o10000000;

/** Device and inode of an open file or of a name: what it is, whatever it is called. */
export type Identity = string;

const identityOf = (stats: { readonly dev: bigint; readonly ino: bigint }): Identity => `${stats.dev}:${stats.ino}`;

/** The identity of what a descriptor is open on. */
export function identityOfDescriptor(fd: number): Identity {
  return identityOf(fstatSync(fd, { bigint: true }));
}

interface Place {
  readonly path: string;
  readonly identity: Identity;
}
interface Rules {
  readonly method: WalkMethod;
  readonly hidden: ReadonlySet<Identity>;
}

/** An open folder, below which names are looked up without following links. Whoever got it closes it. */
export class Folder {
  /** True for a folder that looks empty and read-only (S6.4); everything below is absent. */
  readonly hidden: boolean;
  readonly #fd: number;
  readonly #rules: Rules;
  /** With the method `identity`: every folder on the way here, as it was when it was opened. */
  readonly #places: readonly Place[];

  private constructor(fd: number, rules: Rules, places: readonly Place[]) {
    this.#fd = fd;
    this.#rules = rules;
    this.#places = places;
    this.hidden = rules.hidden.size > 0 && rules.hidden.has(identityOfDescriptor(fd));
  }

  /** The root folder, where the walk to a grant begins. */
  static root(options: WalkOptions = {}): Folder {
    const rules = { method: options.method ?? WALK_METHOD, hidden: identitiesOf(options.hidden ?? []) };
    const fd = openSync('/', folderFlags(rules.method));
    return new Folder(
      fd,
      rules,
      rules.method === 'identity' ? [{ path: '/', identity: identityOfDescriptor(fd) }] : [],
    );
  }

  /** The folder of that name in this one. Throws the system's error: a link or a file is ENOTDIR or ELOOP. */
  enter(name: string): Folder {
    const path = this.path(name);
    const fd = openSync(path, folderFlags(this.#rules.method));
    try {
      const places =
        this.#rules.method === 'identity' ? [...this.#places, { path, identity: identityOfDescriptor(fd) }] : [];
      const folder = new Folder(fd, this.#rules, places);
      folder.verify();
      return folder;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** A descriptor on the name itself, never on what a link of that name points to (ELOOP). A pipe does not block. */
  open(name: string, flags: number, mode = 0o666): number {
    const fd = openSync(this.path(name), flags | constants.O_NOFOLLOW | constants.O_NONBLOCK | closeOnExec, mode);
    try {
      this.verify();
      return fd;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** What the name is, links not followed; null where there is none. */
  stat(name: string): Stats | null {
    const stats = lstatSync(this.path(name), { throwIfNoEntry: false }) ?? null;
    this.verify();
    return stats;
  }

  /** Where a name in this folder is found, for calls that take no descriptor. */
  path(name: string): string {
    if (this.#rules.method === 'descriptor') return `/proc/self/fd/${this.#fd}/${name}`;
    const here = this.#places.at(-1)?.path ?? '/';
    return here === '/' ? `/${name}` : `${here}/${name}`;
  }

  /** With the method `identity`: every folder on the way is still the one that was opened. */
  verify(): void {
    for (const [index, place] of this.#places.entries()) {
      const now = lstatSync(place.path, { bigint: true, throwIfNoEntry: false });
      if (now === undefined || identityOf(now) !== place.identity) throw new WalkFailure('changed', index, null);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

// Node opens everything with O_CLOEXEC already; the constant stands here so that the walk does not depend on that
// habit.
const closeOnExec = (constants as { readonly O_CLOEXEC?: number }).O_CLOEXEC ?? 0;

function folderFlags(method: WalkMethod): number {
  // O_PATH asks for no right to read, only to pass through, as a path lookup does.
  const access = method === 'descriptor' ? O_PATH : constants.O_RDONLY;
  return access | constants.O_DIRECTORY | constants.O_NOFOLLOW | closeOnExec;
}

function identitiesOf(paths: readonly string[]): ReadonlySet<Identity> {
  const found = new Set<Identity>();
  for (const path of paths) {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats !== undefined) found.add(identityOf(stats));
  }
  return found;
}

/**
 * Enters the named folders one after another, beginning at `start`, which stays open; those between are closed, and the
 * caller closes the last. Without names that is `start` once more, under a descriptor of its own. Throws `WalkFailure`.
 */
export function descend(start: Folder, names: readonly string[]): Folder {
  let here = start.enter('.');
  for (const [index, name] of names.entries()) {
    const from = here;
    try {
      if (from.hidden) throw new WalkFailure('absent', index, null);
      here = from.enter(name);
    } catch (error) {
      throw failure(from, name, index, error);
    } finally {
      from.close();
    }
  }
  return here;
}

/**
 * Says why a folder could not be entered; the name is looked at once more only for the message, nothing is opened by
 * it.
 */
function failure(from: Folder, name: string, index: number, error: unknown): WalkFailure {
  if (error instanceof WalkFailure) return error;
  const errno = errnoOf(error);
  if (errno === 'ENOENT') return new WalkFailure('absent', index, error);
  if (errno !== 'ENOTDIR' && errno !== 'ELOOP') return new WalkFailure('system', index, error);
  const stats = lstatSync(from.path(name), { throwIfNoEntry: false });
  if (stats === undefined) return new WalkFailure('absent', index, error);
  return new WalkFailure(
    stats.isSymbolicLink() ? 'link' : stats.isDirectory() ? 'changed' : 'not-folder',
    index,
    error,
  );
}
