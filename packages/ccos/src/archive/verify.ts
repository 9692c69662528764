/** Verifying a store of files (A5.4, A5.5): reads everything, takes no lock, writes nothing. */
import { join } from 'node:path';
import { CANONICAL_BYTES_MAX } from '../foundation/canonical-json.ts';
import type { Hash } from '../foundation/digest.ts';
import { CcosError, errnoOf } from '../foundation/errors.ts';
import { readWhole, type Files } from '../foundation/files.ts';
import type { CorruptObject, IntegrityReport } from './archive.ts';
import { compareIndex, isStale, readIndex, trashedHashes, type Difference, type IndexState } from './index-file.ts';
import { openObject } from './object.ts';
import { turn, type StorePlace } from './place.ts';
import { objectPath, walkObjects, type FoundObject, type Stray, type Strays } from './shards.ts';

/** Objects between two turns for everything else. */
const TURN_EVERY = 64;

/** A report, and the strays with what `repair` needs to know of them. */
export interface Verified {
  readonly report: IntegrityReport;
  readonly strays: readonly Stray[];
}

/** Verifies every object of a store and compares its index with what is there. Throws for no content; `CANCELLED` on a signal. */
export async function verifyStore(place: StorePlace, signal?: AbortSignal): Promise<Verified> {
  const { root, files, clock } = place;
  const start = clock.monotonic();
  const found: Strays = { misplaced: [], orphanTemps: [] };
  const objects: FoundObject[] = [];
  const corrupt: CorruptObject[] = [];
  for (const object of walkObjects(root, files, found)) {
    objects.push(object);
    // Looked at again, for a store may be putting a good file in place of the bad one.
    const fault = judgeFile(place, object) && judgeFile(place, object);
    if (fault !== null) corrupt.push(fault);
    if (objects.length % TURN_EVERY === 0) await turn();
    if (signal?.aborted === true) throw cancelled();
  }
  const index = indexFindings(place, objects);
  const strays = found.misplaced.filter(({ path }) => files.status(join(root, path)) !== null);
  const entries = index.difference.strayed.map(({ hash, path }) => ({ path, reason: `the index has ${hash} there` }));
  const misplaced = [...strays.map(({ path, reason }) => ({ path, reason })), ...entries];
  const report = {
    ok: index.state === 'ok' && corrupt.length === 0 && misplaced.length === 0,
    checked: objects.length,
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
    durationMs: clock.monotonic() - start,
    corrupt,
    missing: index.difference.missing,
    unlisted: index.difference.unlisted,
    pending: index.difference.pending,
    misplaced,
    orphanTemps: found.orphanTemps.map(({ path }) => path),
    index: index.state,
  };
  return { report, strays };
}

/** What is wrong with an object's file; null when it is sound, or gone. */
export function judgeFile(
  { root, files }: StorePlace,
  { hash, path }: { hash: Hash; path: string },
): CorruptObject | null {
  let bytes: Buffer | null;
  try {
    const status = files.status(join(root, path));
    if (status !== null && status.size > CANONICAL_BYTES_MAX) return { hash, path, found: null, reason: 'size' };
    bytes = readWhole(files, join(root, path));
  } catch (error) {
    return { hash, path, found: errnoOf(error), reason: 'unreadable' };
  }
  if (bytes === null) return null;
  const opened = openObject(hash, bytes);
  return 'fault' in opened ? { hash, path, found: opened.found, reason: opened.fault } : null;
}

interface IndexFindings {
  readonly state: IntegrityReport['index'];
  readonly difference: Difference;
}

/** The index against the listing; each difference is looked at again, for stores and deletions may be under way (A5.5). */
function indexFindings(place: StorePlace, objects: readonly FoundObject[]): IndexFindings {
  const first = compared(place, objects);
  if (first.state === 'ok' && first.difference.pending.length === 0) return first;
  const { missing, unlisted, pending } = first.difference;
  // Gone since the listing, or there only since then.
  const gone = new Set([...unlisted, ...pending].filter((hash) => statusOf(place, hash) === null));
  const come = missing.flatMap((hash) => {
    const status = statusOf(place, hash);
    return status === null ? [] : [{ hash, path: objectPath(hash), ...status }];
  });
  return compared(place, [...objects.filter(({ hash }) => !gone.has(hash)), ...come]);
}

function compared({ root, files, ...rest }: StorePlace, objects: readonly FoundObject[]): IndexFindings {
  const index: IndexState = readIndex(root, files);
  if (index.state !== 'present')
    return { state: index.state, difference: { missing: [], unlisted: [], pending: [], strayed: [] } };
  const difference = compareIndex(index, objects, trashedHashes({ root, files, ...rest }));
  return { state: isStale(difference) ? 'stale' : 'ok', difference };
}

function statusOf({ root, files }: StorePlace, hash: Hash): ReturnType<Files['status']> {
  return files.status(join(root, objectPath(hash)));
}

function cancelled(): CcosError {
  return new CcosError('CANCELLED', 'Cannot finish verifying the archive: it was cancelled');
}
