/** `index.json` (A3.2–A3.6): a readable projection of the shards, never asked where an object is. */
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { writeFileAtomic } from '../foundation/atomic-file.ts';
import type { Clock } from '../foundation/clock.ts';
import { isHash, type Hash } from '../foundation/digest.ts';
import { readWhole, type Files } from '../foundation/files.ts';
import type { Logger } from '../foundation/logger.ts';
import { listShards, objectPath } from './shards.ts';

/** File times lag behind the clock by a timer tick; without this an object stored behind a listing could seem older than it. */
const COARSE_MS = 20;

/** What the index says; `mark` is its modification time, the moment its last full listing began (A3.5). */
export type IndexState =
  | { readonly state: 'present'; readonly entries: ReadonlyMap<string, string>; readonly mark: number }
  | { readonly state: 'absent' | 'corrupt' };

/** The text of an index: one entry a line, ascending (A3.2). */
export function indexText(hashes: readonly Hash[]): string {
  const lines = hashes.map((hash) => `  "${hash}": "${objectPath(hash)}"`);
  return lines.length === 0 ? '{}\n' : `{\n${lines.join(',\n')}\n}\n`;
}

/** Reads the index of a store. Throws what the system says. */
export function readIndex(root: string, files: Files): IndexState {
  const path = join(root, 'index.json');
  const status = files.status(path);
  const bytes = status === null ? null : status.kind === 'file' ? readWhole(files, path) : Buffer.alloc(0);
  if (bytes === null || status === null) return { state: 'absent' };
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return { state: 'corrupt' };
    const entries = new Map(Object.entries(parsed as Record<string, string>));
    const sound = [...entries].every(([hash, at]) => isHash(hash) && typeof at === 'string');
    return sound ? { state: 'present', entries, mark: status.mtimeMs } : { state: 'corrupt' };
  } catch {
    return { state: 'corrupt' };
  }
}

/** Where an index is written, and who is told when a bad one was put aside. */
export interface IndexPlace {
  readonly root: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Writes the index, under the lock: from a listing (`all`), or the present one and what this process stored (A3.4). A bad one is
 * kept aside and rebuilt from a listing (A6.2). Throws `IO`.
 */
export async function writeIndex(place: IndexPlace, what: 'all' | ReadonlySet<Hash>): Promise<void> {
  const { root, files, clock, logger } = place;
  const state = readIndex(root, files);
  if (state.state === 'corrupt') {
    const keptAs = `index.json.corrupt-${new Date(clock.now()).toISOString().replaceAll(/[-:.]/g, '')}-${randomBytes(3).toString('hex')}`;
    files.rename(join(root, 'index.json'), join(root, keptAs));
    logger.warn('INDEX_REBUILT', 'the index of the archive could not be read and was made anew', {
      reason: 'corrupt',
      keptAs,
    });
  }
  const listed = what === 'all' || state.state !== 'present';
  const mark = listed ? clock.now() - COARSE_MS : state.mark;
  const hashes = listed
    ? listShards(root, files).objects.map(({ hash }) => hash)
    : [
        ...new Set([
          ...[...state.entries].filter(([hash, at]) => objectPath(hash) === at).map(([hash]) => hash),
          ...what,
        ]),
      ].toSorted();
  await writeFileAtomic(join(root, 'index.json'), indexText(hashes), { files, mtimeMs: mark });
}
