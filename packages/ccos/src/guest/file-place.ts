/**
 * From a file call to an open descriptor: the names below the grant, the walk, and the one kind of file that is opened.
 */
import { closeSync, fstatSync, type Stats } from 'node:fs';
import { badPath, changed, type FileCall, fromSystem, fromWalk, notFile, notFound, violation } from './file-errors.ts';
import type { OpenGrant } from './open-grant.ts';
import { descend, type Folder, identityOfDescriptor, WalkFailure } from './walk.ts';

/** Where a call acts: a name in an open folder. */
export interface Place {
  readonly folder: Folder;
  readonly name: string;
}

/**
 * The names below the grant, each of which can only be a name (S6.2). The host has joined and normalised them before,
 * so these refusals only show when somebody else calls. Throws `CAP_INPUT` and, for what would leave the grant,
 * `SECURITY_VIOLATION`.
 */
export function namesOf(call: FileCall): string[] {
  const { relative } = call.granted;
  if (relative === '') return [];
  if (relative.startsWith('/'))
    throw violation(call, 'a path below a grant is not absolute', 'grant the folder that holds it');
  const names = relative.split('/');
  for (const name of names) {
    if (name === '..') throw violation(call, "a path has no '..'", 'write the path without it');
    if (name === '' || name === '.')
      throw badPath(call, 'names between its slashes', name === '' ? 'an empty name' : "'.'");
    if (name.includes('\0')) throw badPath(call, 'no NUL', 'NUL');
    // The system would be asked for another name, since half of a pair has no UTF-8 form.
    if (!name.isWellFormed()) throw badPath(call, 'whole characters', 'half of a surrogate pair');
    if (Buffer.byteLength(name) > 255) throw badPath(call, 'names of at most 255 bytes', 'a longer name');
  }
  return names;
}

/** Runs `act` on the folder and name that the call means; what was opened on the way is closed afterwards. */
export function atPlace<T>(call: FileCall, opened: OpenGrant, act: (place: Place) => T): T {
  const names = namesOf(call);
  if (opened.file !== null && names.length > 0) throw fromWalk(call, new WalkFailure('not-folder', -1, null));
  const name = opened.file?.name ?? names.pop();
  if (name === undefined) throw notFile(call, opened.folder.stat('.'));
  const folder = descend(opened.folder, names);
  try {
    return act({ folder, name });
  } finally {
    folder.close();
  }
}

/**
 * Opens a regular file and hands over its descriptor, which is closed afterwards. Throws for everything else that a
 * name can be. `O_NONBLOCK` of the walk sees to it that a pipe does not block here.
 */
export function withFile<T>(call: FileCall, opened: OpenGrant, flags: number, act: (fd: number, stats: Stats) => T): T {
  return atPlace(call, opened, ({ folder, name }) => {
    if (folder.hidden) throw notFound(call);
    const fd = openNamed(call, { folder, name }, flags);
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) throw notFile(call, stats);
      if (opened.file !== null && identityOfDescriptor(fd) !== opened.file.identity) throw changed(call);
      return act(fd, stats);
    } finally {
      closeSync(fd);
    }
  });
}

/** `Folder.open` whose errors are told with what the name is. */
export function openNamed(call: FileCall, place: Place, flags: number): number {
  try {
    return place.folder.open(place.name, flags);
  } catch (error) {
    throw fromSystem(call, error, place.folder.stat(place.name) ?? place.folder.stat('.'));
  }
}
