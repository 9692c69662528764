/** Grants opened once (S6.5): the folder that every walk below one begins at, held by its descriptor. */
import { closeSync, constants } from 'node:fs';
import { CcosError } from '../foundation/errors.ts';
import type { Grant } from '../model/program.ts';
import { descend, Folder, identityOfDescriptor, type Identity, type WalkOptions } from './walk.ts';

/**
 * A granted file is held open, and a file of that name is the granted one while both are the same inode. Without the
 * open descriptor the inode could be used again for another file.
 */
export interface GrantedFile {
  readonly name: string;
  readonly fd: number;
  readonly identity: Identity;
}

/**
 * An open grant. The path was resolved when it was granted, so a link on the way means that somebody changed it since.
 */
export class OpenGrant {
  readonly grant: Grant;
  /** The granted folder, or the folder that holds the granted file. */
  readonly folder: Folder;
  readonly file: GrantedFile | null;

  private constructor(grant: Grant, folder: Folder, file: GrantedFile | null) {
    this.grant = grant;
    this.folder = folder;
    this.file = file;
  }

  /** Opens a grant by walking to it from the root. Throws `WalkFailure` or the system's error. */
  static open(grant: Grant, options: WalkOptions = {}): OpenGrant {
    const names = grant.path.split('/').filter((name) => name !== '');
    const name = grant.kind === 'file' ? names.pop() : undefined;
    const root = Folder.root(options);
    try {
      const folder = descend(root, names);
      try {
        return new OpenGrant(grant, folder, name === undefined ? null : hold(folder, name));
      } catch (error) {
        folder.close();
        throw error;
      }
    } finally {
      root.close();
    }
  }

  close(): void {
    this.folder.close();
    if (this.file !== null) closeSync(this.file.fd);
  }
}

function hold(folder: Folder, name: string): GrantedFile {
  const fd = folder.open(name, constants.O_RDONLY);
  return { name, fd, identity: identityOfDescriptor(fd) };
}

/**
 * The grants of one run, each opened at its first use and held until `close`, so that a folder that moves stays the
 * same.
 */
export class HeldGrants {
  readonly #options: WalkOptions;
  readonly #open = new Map<string, OpenGrant>();
  #closed = false;

  constructor(options: WalkOptions = {}) {
    this.#options = options;
  }

  /** The open grant. Throws as `OpenGrant.open` does, and `INTERNAL` after `close`. */
  of(grant: Grant): OpenGrant {
    if (this.#closed) throw new CcosError('INTERNAL', 'A grant was asked for after the end of its run');
    const key = `${grant.kind} ${grant.path}`;
    let opened = this.#open.get(key);
    if (opened === undefined) this.#open.set(key, (opened = OpenGrant.open(grant, this.#options)));
    return opened;
  }

  /** Frees every descriptor; a second time does nothing. */
  close(): void {
    this.#closed = true;
    for (const opened of this.#open.values()) opened.close();
    this.#open.clear();
  }
}
