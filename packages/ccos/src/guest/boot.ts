/**
 * Starts the guest bundle beside it from V8's code cache (M20.9): compiled code of the same bundle by the same Node, made at build
 * after a warm-up run. A cache that V8 refuses costs only its time; which bundle it belongs to is in its file's name.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { wrapped } from './wrapped.ts';

const bundle = join(__dirname, 'guest.cjs');
const script = new Script(wrapped(readFileSync(bundle, 'utf8')), {
  filename: bundle,
  cachedData: readFileSync(join(__dirname, 'guest.cache')),
});
const run = script.runInThisContext() as (...args: readonly unknown[]) => void;
run({}, createRequire(bundle), { exports: {} }, bundle, __dirname);
