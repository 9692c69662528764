/**
 * The guest on Node: descriptor 3 is the channel, read and written synchronously (M20.9), all frames of one turn in one write.
 * The wall around this process is the host's; nothing here defends anything.
 */
import { hash } from 'node:crypto';
import { readFileSync, readSync, writeSync } from 'node:fs';
import { nodeTextCodec } from '../microvm/node-codec.ts';
import { fileEffect } from './files.ts';
import { LineReader } from './line-reader.ts';
import { GuestLoop } from './serve.ts';

const CHANNEL = 3;
const READ_BYTES = 256 * 1024;
const WRITE_BYTES = 256 * 1024;

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
  const chunk = Buffer.allocUnsafe(READ_BYTES),
    written = Buffer.allocUnsafe(WRITE_BYTES);
  const lines = new LineReader((line) => {
    loop.receive(line);
  });
  while (!loop.over) {
    const count = readSync(CHANNEL, chunk, 0, READ_BYTES, null);
    if (count === 0) return;
    lines.take(chunk.subarray(0, count));
    loop.advance();
    // No UTF-16 unit is more than three bytes of UTF-8.
    const kept = outgoing.length * 3 <= WRITE_BYTES;
    const bytes = kept ? written : Buffer.from(outgoing, 'utf8');
    const length = kept ? written.write(outgoing) : bytes.length;
    outgoing = '';
    for (let sent = 0; sent < length;) sent += writeSync(CHANNEL, bytes, sent, length - sent);
  }
}

serve();
// No exit handlers, no timers: nothing of this process outlives its run.
process.exit(0);
