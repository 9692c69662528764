/** Standard input, read to its end. */
import { readSync } from 'node:fs';
import { errnoOf } from '../foundation/errors.ts';

const CHUNK_BYTES = 64 * 1024;
const PAUSE_MS = 5;

/** All of standard input. It may have been made non-blocking by whoever shares it: then what is not there yet is waited for. */
export function readStdin(): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const count = readNow(chunk);
    if (count === 0) return Buffer.concat(chunks);
    if (count !== null) chunks.push(chunk.subarray(0, count));
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}

/** How many bytes there were, 0 at the end; null when there is nothing yet. */
function readNow(chunk: Buffer): number | null {
  try {
    return readSync(0, chunk);
  } catch (error) {
    if (errnoOf(error) === 'EAGAIN') return null;
    throw error;
  }
}
