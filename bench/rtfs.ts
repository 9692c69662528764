/** The language beside V8 (R19.1, R19.2, R19.6) and beside its peers (R19.9). */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { compile, start } from '../packages/rtfs/src/index.ts';
import type { CompiledProgram, Value } from '../packages/rtfs/src/index.ts';
import { collect, memoryNote } from './memory.ts';
import type { Row } from './measure.ts';
import { openPeers } from './peers.ts';
import type { Peer } from './peers.ts';
import { GROWTHS, KERNELS } from './rtfs-kernels.ts';
import type { Growth, Kernel } from './rtfs-kernels.ts';

const SAMPLES = 21;
/** Runs of each side before its samples count. */
const WARM_UP = 12;
/** Sizes that R19.2 is measured at: each against half of it. */
const SIZES = [250_000, 1_000_000];
/** New machines in one sample. */
const INSTANCES = 1000;

/** The rows of `rtfs`; those of a peer only where it is installed. */
export async function rtfsRows(): Promise<{
  rows: Row[];
  absent: readonly string[];
  notes: readonly string[];
  close(): Promise<void>;
}> {
  const { peers, absent } = await openPeers();
  const worker = new Worker(new URL('rtfs-depth.ts', import.meta.url), { resourceLimits: { stackSizeMb: 64 } });
  const rows = [
    ...KERNELS.map(besideJavaScript),
    ...GROWTHS.flatMap((growth) => SIZES.flatMap((size) => [doubling(growth, size), doublingByHand(growth, size)])),
    depth(worker),
    ...peers.flatMap((peer) => (peer.newInstance === null ? [] : [instances(peer)])),
    ...peers.flatMap((peer) => KERNELS.map((kernel) => besidePeer(kernel, peer))),
  ];
  const close = async (): Promise<void> => {
    for (const peer of peers) peer.close();
    await worker.terminate();
  };
  return { rows, absent, notes: [memoryNote()], close };
}

// ── programs ────────────────────────────────────────────────────────────────────────────────────────────────────────

function program(source: string): CompiledProgram {
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(`${source}: ${compiled.diagnostics[0]?.message ?? ''}`);
  return compiled.program;
}

/** Runs on a new machine; the run alone is timed. */
function timedRun(compiled: CompiledProgram, input: Value = null): { ms: number; value: Value } {
  const machine = start(compiled, { input });
  const before = performance.now();
  const turn = machine.next();
  const ms = performance.now() - before;
  if (turn.kind !== 'done' || turn.outcome.status !== 'completed') throw new Error('the program did not complete');
  return { ms, value: turn.outcome.value };
}

function timed(work: () => unknown): number {
  const before = performance.now();
  work();
  return performance.now() - before;
}

// ── rows ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The kernel as a function of JavaScript, the text being one of `KERNELS`. */
function handWritten(kernel: Kernel): () => unknown {
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function(`return ${kernel.javascript}`)() as () => unknown;
}

function besideJavaScript(kernel: Kernel): Row {
  const compiled = program(kernel.rtfs);
  const reference = handWritten(kernel);
  same(kernel.name, timedRun(compiled).value, reference());
  return {
    name: kernel.name,
    reference: 'JavaScript',
    bound: kernel.bound,
    samples: SAMPLES,
    warmUp: WARM_UP,
    subject: async () => timedRun(compiled).ms,
    baseline: async () => timed(reference),
  };
}

function same(name: string, value: unknown, other: unknown): void {
  if (value !== other) throw new Error(`${name}: ${String(value)} is not ${String(other)}`);
}

function doubling({ name, prepare, rtfs }: Growth, size: number): Row {
  const compiled = program(rtfs);
  // Made when they are needed: what all rows hold at once would have to be collected again and again.
  let inputs: readonly [Value, Value] | null = null;
  const run = (which: 0 | 1): number => {
    inputs ??= [prepared(prepare, size / 2), prepared(prepare, size)];
    collect();
    return timedRun(compiled, inputs[which]).ms;
  };
  return {
    name: `${name}, ${size.toLocaleString('en-US')}`,
    reference: 'half as many',
    bound: 2.3,
    samples: SAMPLES,
    warmUp: 2,
    subject: async () => run(1),
    baseline: async () => run(0),
  };
}

function prepared(prepare: string, n: number): Value {
  return timedRun(program(prepare), n).value;
}

/** How the same work grows when it is written in JavaScript: told, so that a reader sees what is the machine's. */
function doublingByHand({ name, javascript }: Growth, size: number): Row {
  let works: readonly [() => unknown, () => unknown] | null = null;
  const run = (which: 0 | 1): number => {
    works ??= [javascript(size / 2), javascript(size)];
    collect();
    return timed(works[which]);
  };
  return {
    name: `${name}, ${size.toLocaleString('en-US')}, in JavaScript`,
    reference: 'half as many',
    bound: null,
    samples: SAMPLES,
    warmUp: 2,
    subject: async () => run(1),
    baseline: async () => run(0),
  };
}

/** 10⁴ frames against ten, as many calls in all; in a worker, for its stack. */
function depth(worker: Worker): Row {
  const ask = async (deep: boolean): Promise<number> => {
    worker.postMessage(deep);
    const [ms] = (await once(worker, 'message')) as [number];
    return ms;
  };
  return {
    name: 'calls 10,000 frames deep',
    reference: 'as many calls ten deep',
    bound: 2,
    samples: SAMPLES,
    warmUp: WARM_UP,
    subject: () => ask(true),
    baseline: () => ask(false),
  };
}

function instances(peer: Peer): Row {
  const compiled = program('(+ 1 2)');
  return {
    name: `${INSTANCES} new machines to (+ 1 2)`,
    reference: `as many new instances of ${peer.name}`,
    bound: 1,
    samples: SAMPLES,
    warmUp: 3,
    subject: async () =>
      timed(() => {
        for (let i = 0; i < INSTANCES; i++) start(compiled).next();
      }),
    baseline: async () =>
      timed(() => {
        for (let i = 0; i < INSTANCES; i++) peer.newInstance?.();
      }),
  };
}

function besidePeer(kernel: Kernel, peer: Peer): Row {
  const compiled = program(kernel.rtfs);
  const run = peer.kernel(kernel);
  let checked = false;
  return {
    name: kernel.name,
    reference: peer.name,
    bound: 1,
    samples: SAMPLES,
    warmUp: 1,
    subject: async () => timedRun(compiled).ms,
    baseline: async () => {
      const before = performance.now();
      const value = await run();
      const ms = performance.now() - before;
      if (!checked) same(`${kernel.name}, ${peer.name}`, value, timedRun(compiled).value);
      checked = true;
      return ms;
    },
  };
}
