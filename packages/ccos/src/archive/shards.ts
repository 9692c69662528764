/** Where objects lie in a store of files (A3), and what else lies there. */
import { join } from 'node:path';
import { isTempName } from '../foundation/atomic-file.ts';
import { isHash, type Hash } from '../foundation/digest.ts';
import { CcosError, errnoOf } from '../foundation/errors.ts';
import { ioError, type Files } from '../foundation/files.ts';

const SHARD = /^[0-9a-f]{2}$/;
/** What may lie at the root of a store beside its shards (A3). */
const KNOWN_AT_ROOT = /^(?:index\.json(?:\.corrupt-.+)?|quarantine|trash|lock\.db(?:-journal)?|lock\.json)$/;

/** `aa/bb/<hash>.json` (A3.1). */
export function objectPath(hash: Hash): string {
  return `${hash.slice(0, 2)}/${hash.slice(2, 4)}/${hash}.json`;
}

/** `ARCHIVE_PATH`: something else where an object or a folder of them should be (A3.9). */
export function wrongPath(path: string, found: string): CcosError {
  return new CcosError('ARCHIVE_PATH', `Cannot follow ${path} in the archive: it is a ${found}`, {
    details: { path, found },
    hint: 'remove it, and ask who put it there',
  });
}

/** An object's file, found by listing. Times are Unix milliseconds. */
export interface FoundObject {
  readonly hash: Hash;
  readonly path: string;
  readonly mtimeMs: number;
  /** When it was published, or its names changed last. */
  readonly changedMs: number;
  readonly size: number;
}

/** A file that does not belong where it is. `atRoot`: beside the shards, where somebody else may have meant to put it. */
export interface Stray {
  readonly path: string;
  readonly reason: string;
  readonly atRoot: boolean;
}

/** What a walk comes across that is no object (A5.5). */
export interface Strays {
  readonly misplaced: Stray[];
  readonly orphanTemps: { readonly path: string; readonly mtimeMs: number }[];
}

/** The objects of a store, ascending by hash, one shard after the other; follows no link (A3.9). Throws `IO`. */
export function* walkObjects(
  root: string,
  files: Files,
  strays: Strays = { misplaced: [], orphanTemps: [] },
): Generator<FoundObject> {
  try {
    for (const first of shards(root, '', files, strays))
      for (const second of shards(root, first, files, strays))
        yield* objectsIn(root, `${first}/${second}`, files, strays);
  } catch (error) {
    throw ioError('list', root, error);
  }
}

function* shards(root: string, below: string, files: Files, strays: Strays): Generator<string> {
  for (const name of names(join(root, below), files)) {
    const path = below === '' ? name : `${below}/${name}`;
    const status = files.status(join(root, path));
    if (status === null) continue;
    if (below === '' && KNOWN_AT_ROOT.test(name) && (status.kind === 'file' || status.kind === 'folder')) continue;
    if (isTempName(name) && status.kind === 'file') strays.orphanTemps.push({ path, mtimeMs: status.mtimeMs });
    else if (SHARD.test(name) && status.kind === 'folder') yield name;
    else
      strays.misplaced.push({
        path,
        reason: status.kind === 'link' ? 'a link' : 'not part of a store',
        atRoot: below === '',
      });
  }
}

function* objectsIn(root: string, shard: string, files: Files, strays: Strays): Generator<FoundObject> {
  const found = names(join(root, shard), files);
  for (const name of found) {
    const path = `${shard}/${name}`;
    const status = files.status(join(root, path));
    if (status === null) continue;
    const { kind, links, mtimeMs, changedMs, size } = status;
    if (isTempName(name) && kind === 'file') {
      strays.orphanTemps.push({ path, mtimeMs });
      continue;
    }
    const hash = name.endsWith('.json') ? name.slice(0, -5) : '';
    const reason = !isHash(hash)
      ? 'not the name of an object'
      : objectPath(hash) !== path
        ? 'in the wrong shard'
        : kind !== 'file'
          ? `a ${kind === 'other' ? 'device' : kind}`
          : null;
    if (reason !== null) {
      strays.misplaced.push({ path, reason, atRoot: false });
      continue;
    }
    // A writer that died between linking and unlinking its temp file leaves a second link, which is no fault.
    const ownLinks = 1 + found.filter((other) => isTempName(other) && other.startsWith(`.${name}.`)).length;
    if (links > ownLinks) strays.misplaced.push({ path, reason: HARD_LINKS, atRoot: false });
    yield { hash, path, mtimeMs, changedMs, size };
  }
}

/** The reason of an object that has other names elsewhere: it is told, and it is an object all the same (A3.9). */
export const HARD_LINKS = 'a file with several hard links';

function names(folder: string, files: Files): string[] {
  try {
    return files.list(folder).toSorted();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
