/** A thread with the stack of the wasm wall's worker: runs the given bundle in QuickJS and posts what it reports. */
import { parentPort, workerData } from 'node:worker_threads';
import { Engine } from '../../src/microvm/providers/wasm/engine.ts';
import { engineModule, readEngine } from '../../src/microvm/providers/wasm/guest-bundle.ts';

const MEMORY_BYTES = 512 * 1024 * 1024;

const engine = new Engine(engineModule(readEngine(), MEMORY_BYTES), {
  functions: {
    report: (text) => {
      parentPort?.postMessage(text);
      return null;
    },
  },
  now: () => 0,
  fillRandom: (bytes) => bytes.fill(4),
  interrupt: () => false,
});
engine.allow(MEMORY_BYTES);
engine.run({ source: workerData as string });
