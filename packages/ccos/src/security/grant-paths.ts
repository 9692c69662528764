/**
 * Opening the paths of `--read` and `--write` (S6.3–S6.5, S14.9): resolved once, refused by name, missing folders
 * made last.
 */
import { mkdirSync, readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CcosError, errnoOf } from '../foundation/errors.ts';
import { nearestPath } from '../foundation/nearest-path.ts';
import type { Grant } from '../model/program.ts';
import { quoteForShell, renderOptions } from './hints.ts';
import { folderAsWritten, isNeverBindable } from './paths.ts';

/** A grant, and the folder that has to be made for it. */
export interface PlannedGrant {
  readonly grant: Grant;
  readonly missing: string | null;
}

/** Reads one path of an option. Throws `USAGE`; makes nothing. */
export function planGrant(
  access: Grant['access'],
  asWritten: string,
  place: { baseFolder: string; hidden: readonly string[] },
): PlannedGrant {
  const usage = (message: string, hint?: string): CcosError =>
    new CcosError('USAGE', message, { hint, details: { option: `--${access}`, path: asWritten } });
  if (asWritten === '') throw usage(`--${access} takes a path, found an empty one`, 'use . for the base folder');
  const lexical = resolve(place.baseFolder, asWritten);
  const never = (): CcosError =>
    usage(`Path '${asWritten}' can never be exposed to a guest`, 'name the folder that the plan needs');
  if (isNeverBindable(lexical, place.hidden)) throw never();
  const found = look(lexical);
  const missing = found === null && access === 'write' ? missingFolder(lexical) : null;
  if (found === null && missing === null)
    throw usage(`--${access}: '${asWritten}' does not exist`, absentHint(access, asWritten, lexical));
  const path = found?.path ?? missing ?? lexical;
  if (isNeverBindable(path, place.hidden)) throw never();
  const kind = found === null || found.stats.isDirectory() ? 'folder' : 'file';
  if (kind === 'file') assertFile(access, asWritten, found?.stats);
  return { grant: Object.freeze({ path, asWritten, kind, access }), missing };
}

/** Makes the folders that are missing, and returns all grants. Throws `IO`. */
export function makeFolders(planned: readonly PlannedGrant[]): Grant[] {
  for (const { missing } of planned) {
    if (missing === null) continue;
    try {
      mkdirSync(missing);
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') continue;
      throw new CcosError('IO', `Cannot make the folder of --write: ${(error as Error).message}`, {
        cause: error,
        details: { op: 'mkdir', path: missing, errno: errnoOf(error) },
        hint: 'check the owner of its parent folder',
      });
    }
  }
  return planned.map(({ grant }) => grant);
}

function assertFile(access: Grant['access'], asWritten: string, stats: Stats | undefined): void {
  if (access === 'write') {
    const hint = renderOptions([{ option: '--write', value: folderAsWritten(asWritten) }]);
    throw new CcosError('USAGE', `--write takes a folder, '${asWritten}' is a file`, {
      hint,
      details: { option: '--write', path: asWritten },
    });
  }
  if (stats?.isFile() === true) return;
  throw new CcosError('USAGE', `--read takes a folder or a regular file, '${asWritten}' is neither`, {
    details: { option: '--read', path: asWritten },
  });
}

/** The resolved path and what stands there; null when nothing does, or a link that leads nowhere. Throws `IO`. */
function look(path: string): { readonly path: string; readonly stats: Stats } | null {
  try {
    const real = realpathSync(path);
    return { path: real, stats: statSync(real) };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return null;
    throw new CcosError('IO', `Cannot open a granted path: ${(error as Error).message}`, {
      cause: error,
      details: { op: 'realpath', path, errno },
      hint: 'check its owner and modes',
    });
  }
}

/**
 * The resolved form of a folder that can be made: its parent exists, and nothing, not even a broken link, has its
 * name.
 */
function missingFolder(path: string): string | null {
  const parent = look(dirname(path));
  if (parent === null || !parent.stats.isDirectory()) return null;
  return names(parent.path).includes(basename(path)) ? null : join(parent.path, basename(path));
}

/** What to write instead: the same path with the first wrong name replaced by the nearest that exists there. */
function absentHint(access: Grant['access'], asWritten: string, path: string): string {
  const { near, wrong } = nearestPath(asWritten, path);
  if (near !== null) return `did you mean ${renderOptions([{ option: `--${access}`, value: near }])}`;
  return access === 'write' ? `mkdir -p ${quoteForShell(dirname(asWritten))}` : `there is no '${wrong}' in that folder`;
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
