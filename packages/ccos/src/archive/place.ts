/** Where a store of files lies, and with what it is worked on; and its folders beside the shards (A3). */
import { join } from 'node:path';
import { makeFolders, syncFoldersLater, syncNewFolders } from '../foundation/atomic-file.ts';
import type { Clock } from '../foundation/clock.ts';
import { errnoOf } from '../foundation/errors.ts';
import { ioError, type Files } from '../foundation/files.ts';
import type { FolderLock } from '../foundation/lock.ts';
import type { Logger } from '../foundation/logger.ts';
import { wrongPath } from './shards.ts';

/** A store of files. `tempAgeMs` is how old a temp file must be to be nobody's (A7.1). */
export interface StorePlace {
  readonly root: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tempAgeMs: number;
  /** The lock that guards index, delete, gc and repair (A8.2); opened when it is first needed. */
  lock(): FolderLock;
}

/** A folder of the store that holds no objects. */
export type SideFolder = 'quarantine' | 'trash';

/** How many files are moved before the lock is free again: their syncs, made together, take less than 100 ms (A8.2). */
export const MOVES_AT_ONCE = 32;

/** The names in a folder beside the shards; none when it is absent. Throws `ARCHIVE_PATH` for a link, `IO`. */
export function sideNames({ root, files }: StorePlace, side: SideFolder): string[] {
  const path = join(root, side);
  const status = files.status(path);
  if (status === null) return [];
  if (status.kind !== 'folder') throw wrongPath(path, status.kind);
  return files.list(path).toSorted();
}

/** One file on its way: `from` is relative to the store, `name` what it is called in the folder beside the shards. */
export interface Move {
  readonly from: string;
  readonly name: string;
}

/** Moves files by one rename each, under the lock, and makes that durable. Throws `ARCHIVE_PATH`, `IO`. */
export async function moveAside(place: StorePlace, side: SideFolder, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  const { root, files } = place;
  const folder = join(root, side);
  try {
    sideNames(place, side);
    syncNewFolders(files, makeFolders(files, folder));
    for (const { from, name } of moves) files.rename(join(root, from), join(folder, name));
    const touched = new Set(moves.map(({ from }) => join(root, from, '..')));
    await syncFoldersLater(files, touched.add(folder));
  } catch (error) {
    throw ioError(`move to ${side}`, root, error);
  }
}

/** A name for what is quarantined (A6.3) that nothing there has: `<stem>.<UTC time>.json`. */
export function quarantineName(place: StorePlace, stem: string): string {
  const taken = new Set(sideNames(place, 'quarantine'));
  for (let at = place.clock.now(); ; at++) {
    const name = `${stem}.${utcStamp(at)}.json`;
    if (!taken.has(name)) return name;
  }
}

/** `20261124T040506789Z`. */
export function utcStamp(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:.]/g, '');
}

/** Removes a file that may be gone already. Throws `IO`. */
export function removeFile(files: Files, path: string): void {
  try {
    files.unlink(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw ioError('remove', path, error);
  }
}

/** Lets everything else that waits have its turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
