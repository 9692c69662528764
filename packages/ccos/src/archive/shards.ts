/** Where objects lie in a store of files (A3), and what else lies there. */
import { join } from 'node:path';
import { isTempName } from '../foundation/atomic-file.ts';
import { isHash, type Hash } from '../foundation/digest.ts';
import { CcosError, errnoOf } from '../foundation/errors.ts';
import type { Files } from '../foundation/files.ts';

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

/** An object's file, found by listing. */
export interface FoundObject {
  readonly hash: Hash;
  readonly path: string;
  readonly mtimeMs: number;
  readonly size: number;
}
/** A listing of a store: objects ascending by hash; what does not belong; temp files (A5.5). */
export interface Listing {
  readonly objects: FoundObject[];
  readonly misplaced: { readonly path: string; readonly reason: string }[];
  readonly orphanTemps: string[];
}

/** Lists the shards of a store; follows no link (A3.9). Throws what the system says. */
export function listShards(root: string, files: Files): Listing {
  const listing: Listing = { objects: [], misplaced: [], orphanTemps: [] };
  for (const first of folders(root, '', files, listing)) {
    for (const second of folders(root, first, files, listing)) listObjects(root, `${first}/${second}`, files, listing);
  }
  return listing;
}

function folders(root: string, below: string, files: Files, listing: Listing): string[] {
  return entries(join(root, below), files).filter((name) => {
    const path = below === '' ? name : `${below}/${name}`;
    if (below === '' && KNOWN_AT_ROOT.test(name)) return false;
    if (isTempName(name)) {
      listing.orphanTemps.push(path);
      return false;
    }
    const kind = files.status(join(root, path))?.kind;
    if (SHARD.test(name) && kind === 'folder') return true;
    if (kind !== undefined)
      listing.misplaced.push({ path, reason: kind === 'link' ? 'a link' : 'not part of a store' });
    return false;
  });
}

function listObjects(root: string, shard: string, files: Files, listing: Listing): void {
  const names = entries(join(root, shard), files);
  for (const name of names) {
    const path = `${shard}/${name}`;
    if (isTempName(name)) {
      listing.orphanTemps.push(path);
      continue;
    }
    const hash = name.endsWith('.json') ? name.slice(0, -5) : '';
    const status = files.status(join(root, path));
    if (status === null) continue;
    if (!isHash(hash)) listing.misplaced.push({ path, reason: 'not the name of an object' });
    else if (objectPath(hash) !== path) listing.misplaced.push({ path, reason: 'in the wrong shard' });
    else if (status.kind !== 'file') listing.misplaced.push({ path, reason: `a ${status.kind}` });
    else {
      // A writer that died between linking and unlinking its temp file leaves a second link, which is no fault.
      const ownLinks = 1 + names.filter((other) => isTempName(other) && other.startsWith(`.${name}.`)).length;
      if (status.links > ownLinks) listing.misplaced.push({ path, reason: 'a file with several hard links' });
      listing.objects.push({ hash, path, mtimeMs: status.mtimeMs, size: status.size });
    }
  }
}

function entries(folder: string, files: Files): string[] {
  try {
    return files.list(folder).toSorted();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
