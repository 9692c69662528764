/** Where the package's own built files are, from the source tree and from a built chunk alike. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CcosError } from './errors.ts';

/**
 * The `bundle` folder of the package `ccos`: walks up from the given module to the folder whose package.json has that name.
 * @throws `INTERNAL` when no such folder is above.
 */
export function bundleFolder(from: string = import.meta.url): string {
  for (let folder = dirname(fileURLToPath(from)); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown };
      if (name === 'ccos') return join(folder, 'bundle');
    }
    if (dirname(folder) === folder)
      throw new CcosError('INTERNAL', `Cannot find the package ccos above ${fileURLToPath(from)}`);
  }
}
