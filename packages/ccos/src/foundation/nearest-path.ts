/** What to write instead of a path that is not there. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nearestName } from './nearest.ts';

/**
 * The path as written with its first wrong name replaced by the nearest that exists in that folder, or null; `wrong` is that
 * name. `path` is the absolute form of `asWritten`.
 */
export function nearestPath(asWritten: string, path: string): { readonly near: string | null; readonly wrong: string } {
  let folder = dirname(path),
    wrong = basename(path);
  const behind: string[] = [];
  while (!existsSync(folder) && folder !== dirname(folder)) {
    behind.unshift(wrong);
    wrong = basename(folder);
    folder = dirname(folder);
  }
  const near = nearestName(wrong, names(folder));
  if (near === null) return { near, wrong };
  return { near: join(asWritten, '..', ...behind.map(() => '..'), near, ...behind), wrong };
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
