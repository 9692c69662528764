/**
 * Writing below a grant: a whole file atomically, or one write at the end of it (P5, M20.11). Parent folders are never
 * made.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { errnoOf } from '../foundation/errors.ts';
import { exists, type FileCall, fileError, fromSystem, manyLinks, notFile } from './file-errors.ts';
import { openNamed, type Place } from './file-place.ts';
import type { Folder } from './walk.ts';

/**
 * Puts the whole content in place of what the name holds: a temporary file beside it, synced, renamed, the folder
 * synced. A crash leaves the old file or the new one. The mode of a file that was there stays. With `create` the name
 * must be free.
 */
export function replaceFile(call: FileCall, place: Place, bytes: Uint8Array, create: boolean): void {
  const before = writableTarget(call, place);
  if (create && before !== null) throw exists(call);
  const { folder, name } = place;
  const temporary = temporaryName();
  const fd = openNamed(call, { folder, name: temporary }, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL);
  let claimed = false;
  try {
    try {
      writeAll(fd, bytes);
      if (before !== null) fchmodSync(fd, before.mode & 0o777);
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
    if (create) claimed = claim(place);
    renameSync(folder.path(temporary), folder.path(name));
    folder.verify();
  } catch (error) {
    removeQuietly(folder, temporary);
    if (claimed) removeQuietly(folder, name);
    throw fromSystem(call, error, before);
  }
  syncFolder(folder);
}

/** Adds bytes to the end in one write, which no other append can tear; makes the file where there is none (P5). */
export function appendBytes(call: FileCall, place: Place, bytes: Uint8Array): void {
  assertExposed(call, place);
  const fd = openNamed(call, place, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
  try {
    const { size } = assertWritable(call, fstatSync(fd));
    if (bytes.length > 0) appendWhole(call, fd, bytes);
    fdatasyncSync(fd);
    if (size === 0) syncFolder(place.folder);
  } catch (error) {
    throw fromSystem(call, error, null);
  } finally {
    closeSync(fd);
  }
}

function appendWhole(call: FileCall, fd: number, bytes: Uint8Array): void {
  const sizeBefore = fstatSync(fd).size;
  const written = writeSync(fd, bytes);
  if (written === bytes.length) return;
  // The disk filled up in the middle: what did land is taken back, unless somebody appended behind it meanwhile.
  if (fstatSync(fd).size === sizeBefore + written) ftruncateSync(fd, sizeBefore);
  throw fileError('IO_FULL', call, `The disk is full: ${call.asked}`, 'free some space, or write less');
}

/**
 * What the name holds, if that can be replaced; null where it holds nothing. Opening it asks the system for the right
 * to write.
 */
function writableTarget(call: FileCall, place: Place): Stats | null {
  assertExposed(call, place);
  let fd: number;
  try {
    fd = place.folder.open(place.name, constants.O_WRONLY);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw fromSystem(call, error, place.folder.stat(place.name));
  }
  try {
    return assertWritable(call, fstatSync(fd));
  } finally {
    closeSync(fd);
  }
}

/** A hidden folder is empty and read-only, as an empty mount is (S6.4). */
function assertExposed(call: FileCall, place: Place): void {
  if (!place.folder.hidden) return;
  throw fileError(
    'IO_DENIED',
    call,
    `The file system is read-only: ${call.asked}`,
    'this folder is never exposed to a plan',
  );
}

function assertWritable(call: FileCall, stats: Stats): Stats {
  if (!stats.isFile()) throw notFile(call, stats);
  if (stats.nlink > 1) throw manyLinks(call, stats.nlink);
  return stats;
}

/** Takes a free name, so that the rename over it replaces nothing of anybody else's. */
function claim(place: Place): true {
  closeSync(place.folder.open(place.name, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL));
  return true;
}

/** Random, so that nobody can put something in its place beforehand. */
function temporaryName(): string {
  return `.ccos-${Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString('hex')}.tmp`;
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

function removeQuietly(folder: Folder, name: string): void {
  try {
    unlinkSync(folder.path(name));
  } catch {
    // The error that brought us here is the one to tell; at worst a file with a temporary name stays.
  }
}

function syncFolder(folder: Folder): void {
  let fd: number;
  try {
    fd = folder.open('.', constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    // A folder that may be written and not read cannot be opened for a sync; the file in it was written all the same.
    if (errnoOf(error) === 'EACCES') return;
    throw error;
  }
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
