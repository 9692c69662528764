/** The state folder that a command works on. */
import { resolve } from 'node:path';
import type { Options } from './table.ts';

/** `--home DIR`, else `.ccos` below the working folder; absolute. */
export function homeOf(options: Options): string {
  return resolve(options.home ?? '.ccos');
}
