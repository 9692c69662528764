/** Opening and making the state folder (L1.4, L1.5). Nothing in it is created, moved or repaired when it cannot be opened. */
import { join, resolve } from 'node:path';
import { isTempName, writeFileAtomic } from './atomic-file.ts';
import { CcosError, errnoOf } from './errors.ts';
import { readWhole, systemFiles, type Files } from './files.ts';

/** What CCOS puts into its state folder (§6 of the architecture), apart from `.gitignore`, which proves nothing by its name. */
const OURS: ReadonlySet<string> = new Set([
  'keys',
  'microvm.toml',
  'chain',
  'archive',
  'intents',
  'lock.db',
  'lock.json',
  'approvals',
  'capabilities',
  'state',
  'runs',
]);
const IGNORE_ALL = '*\n';

/**
 * Opens the state folder and returns its absolute path. For `write`, a missing one is made 0700 with a `.gitignore` of `*`
 * before anything else is in it (L1.4); an empty one is taken over the same way.
 * @throws `STATE_OPEN {path, reason}`: absent (for `read`), no folder, unreadable, not writable, foreign (L1.5).
 */
export async function openStateFolder(
  home: string,
  access: 'read' | 'write',
  files: Files = systemFiles,
): Promise<string> {
  const path = resolve(home);
  const found = statusOf(files, path);
  if (found === 'absent' && access === 'read') throw cannotOpen(path, 'it does not exist', 'run a plan first');
  if (found === 'no folder') throw cannotOpen(path, 'it is no folder');
  const empty = found === 'absent' || entriesOf(files, path, access) === 0;
  if (empty && access === 'write') {
    try {
      await writeFileAtomic(join(path, '.gitignore'), IGNORE_ALL, { files });
    } catch (cause) {
      throw cannotOpen(
        path,
        `it cannot be written (${(cause as CcosError).details['errno'] as string})`,
        undefined,
        cause,
      );
    }
  }
  return path;
}

/** A link to a folder is as good as the folder, for the user named it; below it no link is followed. */
function statusOf(files: Files, path: string): 'absent' | 'folder' | 'no folder' {
  let kind;
  try {
    kind = files.status(path)?.kind;
  } catch (cause) {
    // A file in the middle of the path is no folder to be in.
    throw cannotOpen(
      path,
      errnoOf(cause) === 'ENOTDIR' ? 'it lies below a file' : `it is unreadable (${errnoOf(cause)})`,
      undefined,
      cause,
    );
  }
  if (kind === undefined) return 'absent';
  if (kind === 'link') {
    try {
      return files.status(`${path}/.`)?.kind === 'folder' ? 'folder' : 'no folder';
    } catch {
      return 'no folder';
    }
  }
  return kind === 'folder' ? 'folder' : 'no folder';
}

/** How many entries of ours are in a readable folder. Throws `STATE_OPEN` for a foreign one. */
function entriesOf(files: Files, path: string, access: 'read' | 'write'): number {
  let names: string[];
  try {
    files.access(path, 'read');
    names = files.list(path).filter((name) => !isTempName(name));
  } catch (cause) {
    throw cannotOpen(path, `it is unreadable (${errnoOf(cause)})`, undefined, cause);
  }
  if (access === 'write') {
    try {
      files.access(path, 'write');
    } catch (cause) {
      throw cannotOpen(path, `it is not writable (${errnoOf(cause)})`, undefined, cause);
    }
  }
  const ours = names.filter((name) => OURS.has(name) || (name === '.gitignore' && ignoresAll(files, path)));
  if (names.length > 0 && ours.length === 0) {
    throw cannotOpen(path, `it is foreign: it holds ${JSON.stringify(names.toSorted()[0])} and nothing of CCOS`);
  }
  return ours.length;
}

function ignoresAll(files: Files, path: string): boolean {
  try {
    return readWhole(files, join(path, '.gitignore'))?.toString('utf8').trim() === '*';
  } catch {
    return false;
  }
}

function cannotOpen(path: string, reason: string, remedy?: string, cause?: unknown): CcosError {
  return new CcosError('STATE_OPEN', `Cannot open the state folder ${path}: ${reason}`, {
    details: { path, reason },
    cause,
    hint: `${remedy === undefined ? '' : `${remedy}, or `}name another folder: --home DIR`,
  });
}
