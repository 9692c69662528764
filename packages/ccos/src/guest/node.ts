/**
 * The guest on Node: descriptor 3 is the channel, read and written synchronously (M20.9), all frames of one turn in one write.
 * The wall around this process is the host's; nothing here defends anything.
 */
import { hash } from 'node:crypto';
import { readFileSync, readSync, writeSync } from 'node:fs';
import { nodeTextCodec } from '../microvm/node-codec.ts';
import { fileEffect } from './files.ts';
import { GuestLoop } from './serve.ts';

const CHANNEL = 3;
const READ_BYTES = 256 * 1024;

/** Serves the channel until the host says `bye` or goes away. Never returns before. */
function serve(): void {
  let outgoing = '';
  const loop = new GuestLoop({
    send: (frame) => {
      outgoing += `${JSON.stringify(frame)}\n`;
    },
    now: () => Date.now(),
    codec: nodeTextCodec,
    bundleDigest: `sha256:${hash('sha256', readFileSync(__filename), 'hex')}`,
    runtime: `node ${process.version}`,
    // Node seeds its random source anew in each process, and this guest is neither restored nor cloned.
    seed: () => {},
    fileEffect: (capability, args, granted) => fileEffect(capability, args, granted),
  });
  const chunk = Buffer.allocUnsafe(READ_BYTES);
  let rest: Buffer[] = [];
  while (!loop.over) {
    const count = readSync(CHANNEL, chunk, 0, READ_BYTES, null);
    if (count === 0) return;
    let from = 0;
    for (let at = chunk.indexOf(10, from); at >= 0 && at < count; at = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, at);
      loop.receive((rest.length === 0 ? piece : Buffer.concat([...rest, piece])).toString('utf8'));
      rest = [];
      from = at + 1;
    }
    if (from < count) rest.push(Buffer.from(chunk.subarray(from, count)));
    loop.advance();
    const bytes = Buffer.from(outgoing, 'utf8');
    outgoing = '';
    for (let sent = 0; sent < bytes.length;) sent += writeSync(CHANNEL, bytes, sent);
  }
}

serve();
// No exit handlers, no timers: nothing of this process outlives its run.
process.exit(0);
