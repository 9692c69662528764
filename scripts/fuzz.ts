/**
 * npm run fuzz -- rtfs [--runs N] [--seed N] [--target NAME]: tries generated inputs on the language until one fails or all have
 * passed. Prints the seed, which repeats the run, and of a failure the smallest input. Exits 1 on a failure or a hang, 2 on usage.
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Choices, seedOf } from '../packages/rtfs/test/fuzz/choices.ts';
import type { Failure } from '../packages/rtfs/test/fuzz/target.ts';
import { TARGETS } from '../packages/rtfs/test/fuzz/targets.ts';
import type { Campaign } from '../packages/rtfs/test/fuzz/worker.ts';

/** A case that takes longer hangs. */
const HANG_MS = 30_000;
/** The stack of the walls. */
const STACK_MB = 64;

interface Done {
  readonly target: string;
  readonly runs: number;
  readonly ms: number;
  readonly failure: Failure | null;
}

function usage(what: string): never {
  process.stderr.write(
    `${what}\nnpm run fuzz -- rtfs [--runs N] [--seed N] [--target ${TARGETS.map(({ name }) => name).join('|')}]\n`,
  );
  process.exit(2);
}

function whole(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) usage(`--${name} is no number: ${text}`);
  return Number(text);
}

/** The arguments; ends the process for wrong ones. */
function asked(): Omit<Campaign, 'progress'> {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { runs: { type: 'string' }, seed: { type: 'string' }, target: { type: 'string' } },
    });
    if (positionals.join() !== 'rtfs') usage('what is fuzzed is rtfs');
    const only = values.target ?? null;
    if (only !== null && !TARGETS.some(({ name }) => name === only)) usage(`no target ${only}`);
    const random = Math.floor(Math.random() * 1e9);
    return { seed: whole('seed', values.seed, random), runs: whole('runs', values.runs, 10_000), only };
  } catch (error) {
    return usage((error as Error).message);
  }
}

const { seed, runs, only } = asked();
const progress = new SharedArrayBuffer(12);
const at = new Int32Array(progress);
process.stdout.write(`seed ${seed}\n`);

const worker = new Worker(new URL('../packages/rtfs/test/fuzz/worker.ts', import.meta.url), {
  workerData: { seed, runs, only, progress } satisfies Campaign,
  resourceLimits: { stackSizeMb: STACK_MB },
});

function fail(target: string, run: number, input: string, what: string): never {
  process.stdout.write(
    `FAILED ${target}, run ${run}: ${what}\n--- input, also as JSON\n${input}\n${JSON.stringify(input)}\n`,
  );
  process.stdout.write(`repeat: npm run fuzz -- rtfs --runs ${run + 1} --seed ${seed} --target ${target}\n`);
  process.exit(1);
}

let seen = -1;
const watch = setInterval(() => {
  const now = Atomics.load(at, 2);
  const target = TARGETS[Atomics.load(at, 0)];
  if (now === seen && target !== undefined) {
    const run = Atomics.load(at, 1);
    fail(target.name, run, target.make(Choices.from(seedOf(seed, run))), `no end within ${HANG_MS} ms`);
  }
  seen = now;
}, HANG_MS);

worker.on('message', ({ target, runs: share, ms, failure }: Done) => {
  if (failure !== null) fail(target, failure.run, failure.input, failure.what);
  process.stdout.write(`${target}: ${share} runs in ${(ms / 1000).toFixed(1)} s\n`);
});
worker.on('error', (error: Error) => {
  const target = TARGETS[Atomics.load(at, 0)];
  const run = Atomics.load(at, 1);
  fail(
    target?.name ?? '',
    run,
    target?.make(Choices.from(seedOf(seed, run))) ?? '',
    `the thread died: ${error.message}`,
  );
});
worker.on('exit', (code) => {
  clearInterval(watch);
  process.exit(code);
});
