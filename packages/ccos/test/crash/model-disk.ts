/**
 * A model of a disk that loses its power (A13): the calls that change something are done for real and written down, and what was on
 * the disk at any moment is built from them, leaving out any of those that no sync has made durable.
 */
import fs from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { systemFiles, type Files } from '../../src/foundation/files.ts';

/** One change. Entries belong to folders and are durable when these are synced; content belongs to a file, by its number. */
type Change =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'entry'; readonly file: number; readonly from: string | null; readonly to: string | null }
  | { readonly kind: 'content'; readonly file: number; readonly bytes: Buffer; readonly ms: number }
  | { readonly kind: 'time'; readonly file: number; readonly ms: number };
/** A sync covers what stood there when it began. */
type Sync =
  | { readonly kind: 'sync file'; readonly file: number; readonly begun: number }
  | { readonly kind: 'sync folder'; readonly path: string; readonly begun: number };
type Event = Change | Sync;

interface ModelFile {
  bytes: Buffer;
  ms: number;
}

/** What happened to one store. */
export class ModelDisk {
  readonly files: Files;
  readonly #root: string;
  readonly #events: Event[] = [];
  readonly #before = new Map<string, number>();
  readonly #content = new Map<number, ModelFile>();
  readonly #folders = new Set<string>();
  readonly #named = new Map<string, number>();
  readonly #open = new Map<number, number>();
  #numbers = 0;

  /** `root` holds what is on the disk already, all of it durable. */
  constructor(root: string) {
    this.#root = root;
    for (const path of fs.readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      const status = fs.lstatSync(join(root, path));
      if (status.isDirectory()) this.#folders.add(path);
      else {
        const file = this.#numbers++;
        this.#before.set(path, file);
        this.#named.set(path, file);
        this.#content.set(file, { bytes: fs.readFileSync(join(root, path)), ms: status.mtimeMs });
      }
    }
    this.files = this.#recording();
  }

  /** How many events there were up to now: a moment at which the power can fail. */
  get moment(): number {
    return this.#events.length;
  }

  /** The changes before a moment that no sync has made durable. */
  unsynced(moment: number): number[] {
    return [...this.#events.slice(0, moment).keys()].filter((at) => {
      const change = this.#events[at] as Event;
      return change.kind !== 'sync file' && change.kind !== 'sync folder' && !this.#isDurable(change, at, moment);
    });
  }

  /** Writes into a folder what the disk may hold when the power fails at a moment and some changes are lost. */
  image(moment: number, lost: ReadonlySet<number>, into: string, zeroed: boolean): void {
    const entries = new Map(this.#before);
    const folders = new Set(this.#folders);
    const content = new Map([...this.#content].map(([file, kept]) => [file, { ...kept }]));
    for (const [at, change] of this.#events.slice(0, moment).entries()) apply(change, lost.has(at), zeroed);
    fs.mkdirSync(into, { recursive: true });
    const isThere = (path: string): boolean => path === '.' || (folders.has(path) && isThere(dirname(path)));
    for (const path of [...folders].filter(isThere).toSorted()) fs.mkdirSync(join(into, path), { mode: 0o700 });
    for (const [path, file] of entries) {
      if (!isThere(dirname(path))) continue;
      const { bytes, ms } = content.get(file) ?? { bytes: Buffer.alloc(0), ms: Date.now() };
      fs.writeFileSync(join(into, path), bytes, { mode: 0o600 });
      fs.utimesSync(join(into, path), ms / 1_000, ms / 1_000);
    }

    function apply(change: Event, isLost: boolean, zeros: boolean): void {
      if (change.kind === 'content') {
        const kept = content.get(change.file) ?? { bytes: Buffer.alloc(0), ms: change.ms };
        const bytes = isLost ? Buffer.alloc(zeros ? change.bytes.length : 0) : change.bytes;
        content.set(change.file, { bytes: Buffer.concat([kept.bytes, bytes]), ms: change.ms });
      }
      if (isLost) return;
      if (change.kind === 'folder') folders.add(change.path);
      if (change.kind === 'time')
        content.set(change.file, { bytes: Buffer.alloc(0), ...content.get(change.file), ms: change.ms });
      if (change.kind !== 'entry') return;
      if (change.from !== null && entries.get(change.from) === change.file) entries.delete(change.from);
      if (change.to !== null) entries.set(change.to, change.file);
    }
  }

  #isDurable(change: Change, at: number, moment: number): boolean {
    const behind = this.#events.slice(at + 1, moment);
    const synced = (path: string): boolean =>
      behind.some((event) => event.kind === 'sync folder' && event.path === dirname(path) && event.begun > at);
    if (change.kind === 'folder') return synced(change.path);
    if (change.kind === 'entry') return [change.from, change.to].every((path) => path === null || synced(path));
    // A data sync writes the times too when the size changed with them, as it does in a file that was just made.
    return behind.some((event) => event.kind === 'sync file' && event.file === change.file && event.begun > at);
  }

  #recording(): Files {
    const note = (event: Event): void => {
      this.#events.push(event);
    };
    const at = (path: string): string => relative(this.#root, path) || '.';
    const number = (fd: number): number => this.#open.get(fd) ?? -1;
    const move = (from: string | null, to: string | null, file: number): void => {
      if (from !== null) this.#named.delete(from);
      if (to !== null) this.#named.set(to, file);
      note({ kind: 'entry', file, from, to });
    };
    return {
      ...systemFiles,
      open: (path, access, mode) => {
        const fd = systemFiles.open(path, access, mode);
        const file = access === 'create' ? this.#numbers++ : (this.#named.get(at(path)) ?? -1);
        this.#open.set(fd, file);
        if (access === 'create') move(null, at(path), file);
        return fd;
      },
      write: (fd, bytes, offset) => {
        const count = systemFiles.write(fd, bytes, offset);
        const written = Buffer.from(bytes.subarray(offset, offset + count));
        note({ kind: 'content', file: number(fd), bytes: written, ms: Date.now() });
        return count;
      },
      setModified: (fd, ms) => {
        systemFiles.setModified(fd, ms);
        note({ kind: 'time', file: number(fd), ms });
      },
      fdatasync: (fd) => {
        systemFiles.fdatasync(fd);
        note({ kind: 'sync file', file: number(fd), begun: this.#events.length });
      },
      fdatasyncLater: async (fd) => {
        const [file, begun] = [number(fd), this.#events.length];
        await systemFiles.fdatasyncLater(fd);
        note({ kind: 'sync file', file, begun });
      },
      syncFolder: (path) => {
        systemFiles.syncFolder(path);
        note({ kind: 'sync folder', path: at(path), begun: this.#events.length });
      },
      syncFolderLater: async (path) => {
        // What comes in while it is under way is not covered for sure: only what stood there when it began.
        const begun = this.#events.length;
        await systemFiles.syncFolderLater(path);
        note({ kind: 'sync folder', path: at(path), begun });
      },
      link: (from, to) => {
        systemFiles.link(from, to);
        note({ kind: 'entry', file: this.#named.get(at(from)) ?? -1, from: null, to: at(to) });
        this.#named.set(at(to), this.#named.get(at(from)) ?? -1);
      },
      rename: (from, to) => {
        systemFiles.rename(from, to);
        move(at(from), at(to), this.#named.get(at(from)) ?? -1);
      },
      unlink: (path) => {
        systemFiles.unlink(path);
        move(at(path), null, this.#named.get(at(path)) ?? -1);
      },
      makeFolder: (path, mode) => {
        systemFiles.makeFolder(path, mode);
        note({ kind: 'folder', path: at(path) });
      },
    };
  }
}
