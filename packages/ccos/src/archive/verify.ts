/** Verifying a store of files (A5.4, A5.5): reads everything, takes no lock, writes nothing. */
import { join } from 'node:path';
import type { Clock } from '../foundation/clock.ts';
import type { Hash } from '../foundation/digest.ts';
import { errnoOf } from '../foundation/errors.ts';
import { readWhole, type Files } from '../foundation/files.ts';
import type { CorruptObject, IntegrityReport } from './archive.ts';
import { readIndex, type IndexState } from './index-file.ts';
import { openObject } from './object.ts';
import { listShards, objectPath, type FoundObject } from './shards.ts';

/** Verifies every object of a store and compares its index with what is there. Never throws for bad content. */
export function verifyStore(root: string, files: Files, clock: Clock): IntegrityReport {
  const start = clock.monotonic();
  const { objects, misplaced, orphanTemps } = listShards(root, files);
  const corrupt: CorruptObject[] = [];
  for (const object of objects) {
    const fault = judge(root, object, files);
    if (fault !== null) corrupt.push(fault);
  }
  const index = readIndex(root, files);
  const difference = compare(root, files, index, objects);
  const stale = difference.missing.length + difference.unlisted.length + difference.strayed.length > 0;
  const state = index.state === 'present' ? (stale ? 'stale' : 'ok') : index.state;
  const all = [...misplaced, ...difference.strayed];
  return {
    ok: state === 'ok' && corrupt.length === 0 && all.length === 0,
    checked: objects.length,
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
    durationMs: clock.monotonic() - start,
    corrupt,
    missing: difference.missing,
    unlisted: difference.unlisted,
    pending: difference.pending,
    misplaced: all,
    orphanTemps,
    index: state,
  };
}

function judge(root: string, object: FoundObject, files: Files): CorruptObject | null {
  const { hash, path } = object;
  let bytes: Buffer | null;
  try {
    bytes = readWhole(files, join(root, path));
  } catch (error) {
    return { hash, path, found: errnoOf(error), reason: 'unreadable' };
  }
  if (bytes === null) return null;
  const opened = openObject(hash, bytes);
  return 'fault' in opened ? { hash, path, found: opened.found, reason: opened.fault } : null;
}

interface Difference {
  readonly missing: Hash[];
  readonly unlisted: Hash[];
  readonly pending: Hash[];
  readonly strayed: { path: string; reason: string }[];
}

function compare(root: string, files: Files, index: IndexState, objects: readonly FoundObject[]): Difference {
  const difference: Difference = { missing: [], unlisted: [], pending: [], strayed: [] };
  if (index.state !== 'present') return difference;
  const present = new Set(objects.map(({ hash }) => hash));
  for (const [hash, path] of index.entries) {
    if (path !== objectPath(hash)) difference.strayed.push({ path, reason: `the index has ${hash} there` });
    // Looked at again, for a store may have been under way while the shards were listed (A5.5).
    if (!present.has(hash) && files.status(join(root, objectPath(hash))) === null) difference.missing.push(hash);
  }
  for (const { hash, mtimeMs } of objects) {
    if (index.entries.has(hash)) continue;
    // File times are as coarse as a timer tick, so what is as old as the mark came after the listing.
    (mtimeMs >= index.mark ? difference.pending : difference.unlisted).push(hash);
  }
  return difference;
}
