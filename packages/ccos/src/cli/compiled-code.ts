/**
 * V8's compiled code, kept between starts: most of a short command's time is compiling its own program. The folder is the user's
 * cache; code is taken from it only where nobody else can have written it.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from '../foundation/cache-folder.ts';

/** Where compiled code is kept. */
export function compiledFolder(): string {
  return join(cacheFolder(), 'compiled');
}

/** Keeps compiled code in the folder from now on, in this thread. Does nothing where the folder is not the user's own. */
export function keepCompiledCode(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = lstatSync(folder);
    if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o022) !== 0)) return;
    enableCompileCache(folder);
  } catch {
    // A folder that cannot be made or read costs the time that it would have saved, and nothing else.
  }
}
