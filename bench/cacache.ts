/** npm's own content-addressed cache, which verified reads are compared with. It lives in `bench/package.json`. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installPeers } from './install.ts';

/** As much of it as is used. */
export interface Cacache {
  put(cache: string, key: string, data: Buffer): Promise<string>;
  readonly get: { byDigest(cache: string, digest: string): Promise<Buffer> };
}

const NAME = 'cacache';
const require = createRequire(join(import.meta.dirname, 'package.json'));

/** The cache, installed when it is missing; or why it cannot be had. */
export function openCacache(): Cacache | string {
  try {
    return require(NAME) as Cacache;
  } catch {
    const problem = installPeers();
    return problem ?? (require(NAME) as Cacache);
  }
}
