/** Repairing a store of files (A6): what is bad is moved aside, the index is made anew; nothing is discarded. */
import { join } from 'node:path';
import type { RepairReport } from './archive.ts';
import { rebuildIndex, readIndex } from './index-file.ts';
import { moveAside, MOVES_AT_ONCE, quarantineName, type StorePlace } from './place.ts';
import { HARD_LINKS } from './shards.ts';
import { judgeFile, verifyStore } from './verify.ts';

interface Bad {
  readonly path: string;
  readonly reason: string;
  /** Looks again, under the lock, at what is about to be moved (A8.2). */
  still(): boolean;
}

/**
 * Verifies everything, moves corrupt objects and what else lies wrongly in the shards to `quarantine/`, and makes the index anew where
 * it is not right (A6.2–A6.5). What lies beside the shards is left to its owner, and told. Throws `ARCHIVE_PATH`, `IO`, `STORE_LOCKED`.
 */
export async function repairStore(place: StorePlace, dryRun: boolean): Promise<RepairReport> {
  const { root, files } = place;
  const { report, strays } = await verifyStore(place);
  const stray = strays.filter(({ atRoot, reason }) => !atRoot && reason !== HARD_LINKS);
  const bad: Bad[] = [
    ...report.corrupt.map(({ hash, path, reason }) => ({
      path,
      reason,
      still: () => judgeFile(place, { hash, path }) !== null,
    })),
    ...stray.map(({ path, reason }) => ({ path, reason, still: () => files.status(join(root, path)) !== null })),
  ];
  const quarantined = dryRun
    ? bad.map(({ path, reason }) => ({ path, reason, keptAs: null }))
    : await quarantineAll(place, bad);
  const index = dryRun
    ? report.index === 'ok' && bad.length === 0 && report.pending.length === 0
      ? null
      : { reason: report.index }
    : await indexAnew(place);
  return {
    dryRun,
    checked: report.checked,
    quarantined,
    forgotten: report.missing,
    left: strays.filter((one) => !stray.includes(one)).map(({ path, reason }) => ({ path, reason })),
    index,
  };
}

async function quarantineAll(place: StorePlace, bad: readonly Bad[]): Promise<RepairReport['quarantined']> {
  const quarantined: { path: string; reason: string; keptAs: string }[] = [];
  for (let at = 0; at < bad.length; at += MOVES_AT_ONCE) {
    await place.lock().run(async () => {
      for (const { path, reason } of bad.slice(at, at + MOVES_AT_ONCE).filter((one) => one.still()))
        quarantined.push({ path, reason, keptAs: await quarantine(place, path) });
    });
  }
  return quarantined;
}

/** Moves one file, link or folder of the shards to `quarantine/` (A6.3); returns its new path below the store. Throws `IO`. */
export async function quarantine(place: StorePlace, path: string): Promise<string> {
  const name = quarantineName(place, (path.split('/').at(-1) ?? path).replace(/\.json$/, ''));
  await moveAside(place, 'quarantine', [{ from: path, name }]);
  return `quarantine/${name}`;
}

/** What was done to the index; null when it was right. Listing what was pending is no repair, and is told as `pending`. */
async function indexAnew(place: StorePlace): Promise<RepairReport['index']> {
  const before = readIndex(place.root, place.files);
  const rebuilt = await rebuildIndex(place);
  if (rebuilt !== null) return rebuilt;
  const after = readIndex(place.root, place.files);
  const same = before.state === 'present' && after.state === 'present' && before.entries.size === after.entries.size;
  return same ? null : { reason: 'pending' };
}
