/**
 * The thread of one wasm guest (M10.1): it holds the instance, hands lines to and fro, and keeps the meter. The thread
 * itself is thrown away with its guest. It serves nothing while the instance runs; `terminate` from outside is the wall
 * for time.
 */
import { createHash } from 'node:crypto';
import { receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { nodeTextCodec } from '../../node-codec.ts';
import { Engine, EngineFailure, type EngineCode } from './engine.ts';
import { PAGE_BYTES } from './memory-section.ts';
import { Meter } from './meter.ts';

/** What the host gives a worker. */
export interface WorkerData {
  readonly module: WebAssembly.Module;
  readonly code: EngineCode;
  /** Digest of the bundle's source, which the guest says in its `ready` frame (M8.3). */
  readonly digest: string;
  readonly port: MessagePort;
  readonly meter: SharedArrayBuffer;
  /** Bytes that the program may allocate beyond what the engine holds when the bundle is loaded. */
  readonly memoryBytes: number;
  readonly cpuTimeMs: number | null;
  readonly entropy: Uint8Array;
  readonly startedAt: number;
}

/** A single message may be this long, two frames; the guest's bundle sends less. */
const MESSAGE_CHARACTERS_MAX = 2 * 1024 * 1024;
/** How far the host may be behind (M8.6). */
const UNREAD_CHARACTERS_MAX = 4 * 1024 * 1024;
/** How often the thread's clocks are read at most, in milliseconds: the interrupt comes far more often. */
const SAMPLE_MS = 5;

const data = workerData as WorkerData;
const meter = new Meter(data.meter);
let clock = data.startedAt;
let sampledAt = 0;
let limited = false;
let drawn = 0;

function sample(engine: Engine | null): void {
  sampledAt = performance.now();
  const { user, system } = process.threadCpuUsage();
  meter.cpuMs = Math.round((user + system) / 1_000);
  if (engine !== null) meter.pages = engine.memoryBytes / PAGE_BYTES;
}

/** Called every 10,000 backward jumps and calls inside (M10.2). */
function interrupt(): boolean {
  if (performance.now() - sampledAt < SAMPLE_MS) return false;
  sample(engine);
  if (data.cpuTimeMs === null || meter.cpuMs <= data.cpuTimeMs) return false;
  meter.cause = 'cpu';
  return true;
}

function send(text: string | null): null {
  if (text === null) return null;
  if (text.length > MESSAGE_CHARACTERS_MAX) {
    meter.cause = 'over-cap';
    throw new EngineFailure('threw', 'a message over the cap');
  }
  sample(engine);
  meter.addUnread(text.length);
  data.port.postMessage(text);
  meter.waitForReader(UNREAD_CHARACTERS_MAX);
  return null;
}

/** Waits for the next message; null when the host has closed the channel. */
function receive(): string | null {
  // The first time, the bundle is loaded: what is allocated now is the floor, and the program's memory comes on top
  // (M5.4).
  if (!limited) engine?.allow(data.memoryBytes);
  limited = true;
  sample(engine);
  for (;;) {
    const { rings } = meter;
    const next = receiveMessageOnPort(data.port);
    if (next !== undefined) {
      clock = Date.now();
      return next.message as string | null;
    }
    meter.waitForRing(rings);
  }
}

/** The random source of the engine's own library: bytes drawn from the entropy that the host sent (M10.1). */
function fillRandom(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += 32, drawn++) {
    const block = createHash('sha256').update(data.entropy).update(String(drawn)).digest();
    bytes.set(block.subarray(0, Math.min(32, bytes.length - at)), at);
  }
}

let engine: Engine | null = null;
try {
  engine = new Engine(data.module, {
    functions: {
      ccosSend: send,
      ccosReceive: receive,
      ccosNow: () => Date.now(),
      ccosDigest: () => data.digest,
      ccosToBase64: (text) => nodeTextCodec.toBase64(text ?? ''),
      ccosFromBase64: (text) => nodeTextCodec.fromBase64(text ?? ''),
    },
    now: () => clock,
    fillRandom,
    interrupt,
  });
  engine.run(data.code);
} catch (error) {
  if (!(error instanceof EngineFailure)) throw error;
  if (error.reason === 'out-of-memory') meter.cause = 'out-of-memory';
  if (error.reason === 'threw') throw error;
} finally {
  sample(engine);
  data.port.close();
}
