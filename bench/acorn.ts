/** The parser of JavaScript that reading is compared with. It lives in `bench/package.json`, which has a lock file of its own. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installPeers } from './install.ts';

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
    return installPeers() ?? (require(NAME) as Acorn);
  }
}
