/**
 * The errors of the file capabilities: every refusal has its own message and remedy (E3, S6.5). A message names the
 * path that the program asked for, or the folder that an option granted; no other path of the host stands in it (E1.2).
 */
import type { Stats } from 'node:fs';
import { CcosError, errnoOf, type ErrorCode } from '../foundation/errors.ts';
import type { GrantedPath } from '../model/program.ts';
import { WalkFailure } from './walk.ts';

/** One file call, as its errors tell it. */
export interface FileCall {
  readonly capability: string;
  /** The path as the program wrote it. */
  readonly asked: string;
  readonly granted: GrantedPath;
  readonly writes: boolean;
}

/** A `CcosError` of a file call; `path` in the details is the path asked for. */
export function fileError(code: ErrorCode, call: FileCall, message: string, hint?: string, cause?: unknown): CcosError {
  const errno = errnoOf(cause);
  const details = { capability: call.capability, path: call.asked, ...(errno === null ? {} : { errno }) };
  return new CcosError(code, message, { hint, details, cause });
}

/** A file that is not there. */
export function notFound(call: FileCall, cause?: unknown): CcosError {
  return fileError(
    'IO_NOT_FOUND',
    call,
    `File not found: ${call.asked}`,
    'ccos.io.list-dir shows what the folder holds',
    cause,
  );
}

/** A link at the `index`th name below the grant (S6.5). */
export function linkBelow(call: FileCall, index: number, cause?: unknown): CcosError {
  const link = nameAt(call, index);
  return fileError(
    'IO_DENIED',
    call,
    `No link is followed below a grant: ${call.asked}`,
    `'${link}' is a link: use the path it points to, and grant that path`,
    cause,
  );
}

/** Something that is neither a regular file nor a link. */
export function notFile(call: FileCall, stats: Stats | null, cause?: unknown): CcosError {
  const kind = stats === null ? 'special file' : kindName(stats);
  const hint =
    kind === 'folder'
      ? 'ccos.io.list-dir lists a folder; a file needs its name'
      : 'only regular files are read and written';
  return fileError('IO_NOT_FILE', call, `Not a regular file but a ${kind}: ${call.asked}`, hint, cause);
}

/** A write through a name that shares its file with another name, which may lie outside the grant (M20.11). */
export function manyLinks(call: FileCall, links: number): CcosError {
  return fileError(
    'IO_DENIED',
    call,
    `A file with ${links} names is not written: ${call.asked}`,
    'one of its names may lie outside the grant: write to another name, or make this one a copy of its own',
  );
}

/** A folder on the way that cannot be entered. */
export function fromWalk(call: FileCall, failure: WalkFailure): CcosError {
  const folder = nameAt(call, failure.index);
  switch (failure.reason) {
    case 'link':
      return linkBelow(call, failure.index, failure.cause);
    case 'absent':
      return call.writes
        ? fileError(
            'IO_NOT_FOUND',
            call,
            `Folder not found: ${folder}`,
            `folders are not made by a write: make '${folder}' first`,
            failure.cause,
          )
        : fileError(
            'IO_NOT_FOUND',
            call,
            `File not found: ${call.asked}`,
            `there is no folder '${folder}'`,
            failure.cause,
          );
    case 'not-folder':
      return fileError(
        'IO_NOT_FOUND',
        call,
        `Not a folder: ${folder}`,
        `'${folder}' is a file, nothing lies below it`,
        failure.cause,
      );
    case 'changed':
      return changed(call, failure.cause);
    case 'system':
      return fromSystem(call, failure.cause, null);
  }
}

/** What was opened is not what was granted any more. */
export function changed(call: FileCall, cause?: unknown): CcosError {
  return fileError(
    'IO_DENIED',
    call,
    `Changed since it was granted: ${call.asked}`,
    'something replaced the granted file or a folder on the way to it: run the plan again',
    cause,
  );
}

/** A system call's error as the code of E3. `stats` is what the name is, where that is known. */
export function fromSystem(call: FileCall, cause: unknown, stats: Stats | null): CcosError {
  if (cause instanceof CcosError) return cause;
  if (cause instanceof WalkFailure) return fromWalk(call, cause);
  const errno = errnoOf(cause);
  switch (errno) {
    case 'ENOENT':
      return notFound(call, cause);
    case 'EISDIR':
    case 'ENXIO':
    case 'ENODEV':
      return notFile(call, stats, cause);
    case 'ELOOP':
      return linkBelow(call, Number.POSITIVE_INFINITY, cause);
    case 'EEXIST':
      return exists(call, cause);
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return fileError('IO_FULL', call, `The disk is full: ${call.asked}`, 'free some space, or write less', cause);
    case 'EROFS':
      return fileError(
        'IO_DENIED',
        call,
        `The file system is read-only: ${call.asked}`,
        'write to another folder',
        cause,
      );
    case 'EACCES':
    case 'EPERM':
      return fileError(
        'IO_DENIED',
        call,
        `The system refuses ${call.writes ? 'writing' : 'reading'}: ${call.asked}`,
        modes(stats),
        cause,
      );
    case 'ENAMETOOLONG':
      return badPath(call, 'names of at most 255 bytes', 'a longer name');
    default:
      return fileError(
        'CAP_FAILED',
        call,
        `${call.capability} failed (${errno ?? 'unknown error'}): ${call.asked}`,
        undefined,
        cause,
      );
  }
}

/** A file that must not exist yet. */
export function exists(call: FileCall, cause?: unknown): CcosError {
  return fileError(
    'IO_EXISTS',
    call,
    `The file exists already: ${call.asked}`,
    'take another name, or {:mode "overwrite"}',
    cause,
  );
}

/** A result or content over its cap. */
export function tooLarge(call: FileCall, what: string, hint: string): CcosError {
  return fileError('CAP_TOO_LARGE', call, `${what}: ${call.asked}`, hint);
}

/** A path that cannot name a file (S6.2). */
export function badPath(call: FileCall, expected: string, found: string): CcosError {
  return new CcosError('CAP_INPUT', `${call.capability}: a path has ${expected}, found ${found}`, {
    hint: 'write the path with plain names, as the option grants it',
    details: { capability: call.capability, pointer: '/0', expected, found },
  });
}

/**
 * A path that would leave its grant, or a write below a grant for reading: policy refuses before any file is looked at.
 */
export function violation(call: FileCall, reason: string, hint: string): CcosError {
  return new CcosError('SECURITY_VIOLATION', `Security violation: ${reason}: ${call.asked}`, {
    hint,
    details: { capability: call.capability, path: call.asked },
  });
}

/** A name that the program can know: that of the grant as the option wrote it, and the names below up to `index`. */
function nameAt(call: FileCall, index: number): string {
  const { grant, relative } = call.granted;
  const names = relative === '' ? [] : relative.split('/').slice(0, index + 1);
  return [grant.asWritten.replace(/(?<=.)\/+$/, ''), ...names].join('/');
}

function modes(stats: Stats | null): string {
  const who = typeof process.getuid === 'function' ? `, it is asked for by user ${process.getuid()}` : '';
  if (stats === null) return `check the modes of the folder${who}`;
  const what = stats.isDirectory() ? "the folder's" : 'its';
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
  return `${what} mode is ${mode}, its owner user ${stats.uid}${who}`;
}

function kindName(stats: Stats): string {
  if (stats.isDirectory()) return 'folder';
  if (stats.isFIFO()) return 'pipe';
  if (stats.isSocket()) return 'socket';
  return 'device';
}
