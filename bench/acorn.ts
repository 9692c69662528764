/** The parser of JavaScript that reading is compared with. It lives in `bench/package.json`, which has a lock file of its own. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** As much of it as is used. */
export interface Acorn {
  parse(text: string, options: { readonly ecmaVersion: number }): unknown;
}

const NAME = 'acorn';
const require = createRequire(join(import.meta.dirname, 'package.json'));

/** The parser, installed when it is missing; or why it cannot be had. */
export function openAcorn(): Acorn | string {
  try {
    return require(NAME) as Acorn;
  } catch {
    process.stdout.write('installing the peers of bench/package-lock.json (npm install --no-save)\n');
  }
  // Not `npm ci`: it refuses a lock file without the optional packages of other platforms.
  const done = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  if (done.status !== 0) return `npm install failed: ${done.error?.message ?? done.stderr.trim()}`;
  return require(NAME) as Acorn;
}
