/** Makes the code cache of the guest bundle (M20.9): runs it once over a few frames, then keeps what V8 compiled. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { cacheName, GUEST_STACK_KB, wrapped } from '../packages/ccos/src/guest/wrapped.ts';

/** Runs in a Node of its own: the bundle ends by `process.exit`, and what it compiled until then is written. */
const MAKER = `const fs = require('node:fs'), vm = require('node:vm');
const [text, bundle, out] = process.argv.slice(1);
const script = new vm.Script(fs.readFileSync(text, 'utf8'), { filename: bundle });
process.on('exit', () => fs.writeFileSync(out, script.createCachedData()));
script.runInThisContext()({}, require, { exports: {} }, bundle, '/');`;

/** A program that touches what most plans touch, so that its functions are compiled in the cache. */
const WARM_UP = `(defn f [n] (if (< n 2) n (+ (f (- n 1)) (f (- n 2)))))
(step "warm" (let [m {:a (f 5) :b "x,y"}] (str (reduce + 0 (map (fn [x] (* x (:a m))) (range 10))) (call :ccos.echo (split (:b m) ",")))))`;

/** Writes the cache beside the bundle and removes caches of older bundles. */
export async function makeCodeCache(folder: string): Promise<void> {
  const bundle = join(folder, 'guest.cjs');
  const source = readFileSync(bundle, 'utf8');
  const name = cacheName(createHash('sha256').update(source).digest('hex'));
  const scratch = mkdtempSync(join(folder, 'cache-'));
  try {
    const text = join(scratch, 'text'),
      made = join(scratch, 'made');
    writeFileSync(text, wrapped(source));
    await warmUp([text, bundle, made]);
    renameSync(made, join(folder, name));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  for (const old of readdirSync(folder))
    if (/^guest-[0-9a-f]{16}\.cache$/.test(old) && old !== name) rmSync(join(folder, old), { force: true });
}

/** Speaks the host's side of one short run. */
async function warmUp(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [`--stack-size=${GUEST_STACK_KB}`, '-e', MAKER, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    env: {},
  });
  const channel = child.stdio[3] as Socket;
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  let id = 0,
    text = '';
  const run = 'a'.repeat(32),
    bytes = 'A'.repeat(43);
  const send = (t: string, body: object): void => {
    channel.write(`${JSON.stringify({ v: 1, id: id++, t, ...body })}\n`);
  };
  channel.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n')) {
      const frame = JSON.parse(text.slice(0, at)) as { t: string; id: number; event?: string };
      text = text.slice(at + 1);
      if (frame.t === 'ready')
        send('run', {
          run,
          program: { kind: 'rtfs-source', source: WARM_UP },
          args: [],
          input: null,
          config: { fuel: 1e9, deadlineMs: 30_000, memoryBytes: 1e9 },
          env: {},
        });
      if (frame.t === 'call' || frame.event === 'started') send('reply', { re: frame.id, ok: true, value: 'x' });
      if (frame.t === 'result') send('bye', {});
    }
  });
  send('hello', {
    protocols: [1],
    nonce: bytes,
    entropy: bytes,
    time: 0,
    limits: { unanswered: 8, blobBytes: 1e7 },
    frameCap: 1_048_576,
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const code = await ended;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`The guest bundle ended its warm-up with ${code}`);
}
