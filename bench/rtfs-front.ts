/**
 * The language around its kernels: reading, compiling, the first result, yields to the host, regular expressions, the codec.
 * Each row beside what does the same in plain JavaScript, or beside a smaller text where time must be linear (rtfs.md, R19).
 */
import { HOSTILE } from '../packages/rtfs/test/hostile.ts';
import { compile } from '../packages/rtfs/src/machine/compile.ts';
import { run, runSync } from '../packages/rtfs/src/machine/run.ts';
import type { CompiledProgram, HostInterface, Json } from '../packages/rtfs/src/machine/types.ts';
import { read } from '../packages/rtfs/src/reader/read.ts';
import { decode, encode } from '../packages/rtfs/src/values/codec.ts';
import type { Value } from '../packages/rtfs/src/values/kinds.ts';
import { openAcorn } from './acorn.ts';
import type { Acorn } from './acorn.ts';
import { plan, programs, records } from './front-texts.ts';
import type { Row } from './measure.ts';

const SAMPLES = 21;
const WARM_UP = 10;
const MEGABYTE = 1_000_000;

type Work = () => unknown;

/** A row of work in this process. */
function row(name: string, reference: string, bound: number, work: Work, baseline: Work): Row {
  return {
    name,
    reference,
    bound,
    samples: SAMPLES,
    warmUp: WARM_UP,
    subject: timed(work),
    baseline: timed(baseline),
  };
}

function timed(work: Work): () => Promise<number> {
  return async () => {
    const startedAt = performance.now();
    await work();
    return performance.now() - startedAt;
  };
}

/** The rows of `rtfs-front`; what needs a peer only where the peer is there. */
export async function rtfsFrontRows(): Promise<{ rows: Row[]; absent: string[]; close(): Promise<void> }> {
  const acorn = openAcorn();
  const rows = [...readerRows(), ...planRows(), ...yieldRows(), ...regexRows(), ...codecRows(), ...hostileRows()];
  if (typeof acorn !== 'string') rows.unshift(parserRow(acorn));
  const absent = typeof acorn === 'string' ? [`acorn: ${acorn}`] : [];
  return { rows, absent, close: () => Promise.resolve() };
}

/** The program of a text. Throws where it is none, so that no row measures a refusal. */
function compiled(text: string): CompiledProgram {
  const result = compile(text);
  if (!result.ok) throw new Error(`the program of the benchmark: ${result.diagnostics[0]?.message ?? ''}`);
  return result.program;
}

/** Texts of one size that differ from sample to sample, for the engine remembers what it compiled. */
function fresh<T>(count: number, make: (seed: number) => T): () => T {
  const texts = Array.from({ length: count }, (_none, i) => make(i + 1));
  let next = 0;
  return () => texts[next++ % count] as T;
}

const TEXTS = SAMPLES + WARM_UP;

function parserRow(acorn: Acorn): Row {
  const rtfs = fresh(TEXTS, (seed) => programs(MEGABYTE, seed).rtfs);
  const js = fresh(TEXTS, (seed) => programs(MEGABYTE, seed).js);
  return row(
    'read and compile a program of 1 MB',
    'acorn, as much JavaScript',
    4,
    () => compiled(rtfs()),
    () => acorn.parse(js(), { ecmaVersion: 2024 }),
  );
}

function readerRows(): Row[] {
  const { json, rtfs } = records(3700);
  const big = fresh(TEXTS, (seed) => programs(MEGABYTE, seed).rtfs);
  const small = fresh(TEXTS, (seed) => programs(MEGABYTE / 10, seed).rtfs);
  return [
    row(
      `read ${megabytes(rtfs)} of data`,
      'JSON.parse of it',
      15,
      () => read(rtfs),
      () => JSON.parse(json),
    ),
    row(
      'read and compile 1 MB',
      '100 kB',
      11,
      () => compiled(big()),
      () => compiled(small()),
    ),
  ];
}

function megabytes(text: string): string {
  return `${(text.length / MEGABYTE).toFixed(2)} MB`;
}

/** Each sample compiles plans that neither engine has seen before. */
function planRows(): Row[] {
  const A_SAMPLE = 20;
  let [rtfsSeed, jsSeed] = [0, 0];
  return [
    row(
      `compile and run ${A_SAMPLE} plans of 50 lines`,
      'new Function',
      25,
      () => {
        for (let i = 0; i < A_SAMPLE; i++) {
          const outcome = runSync(compiled(plan(++rtfsSeed).rtfs));
          if (outcome.status !== 'completed') throw new Error('a plan of the benchmark failed');
        }
      },
      () => {
        // The text is the subject here; it comes from this file.
        // oxlint-disable-next-line typescript/no-implied-eval
        for (let i = 0; i < A_SAMPLE; i++) (new Function(plan(++jsSeed).js) as Work)();
      },
    ),
  ];
}

const CALLS = 20_000;
const HOST: HostInterface = {
  executeCapability: async ({ args }) => args[0] ?? null,
  getContextValue: () => undefined,
  notifyStepStarted: async ({ step }) => step.path,
  notifyStepCompleted: async () => undefined,
  notifyStepFailed: async () => undefined,
};

/** The same calls from places of different kinds, each beside a loop that awaits an async function as often. */
function yieldRows(): Row[] {
  const places: readonly (readonly [string, string])[] = [
    ['in a loop', `(loop [i 0 s 0] (if (< i ${CALLS}) (recur (inc i) (+ s (call :t.echo 1))) s))`],
    ['in map', `(reduce + 0 (map (fn [i] (call :t.echo 1)) (range ${CALLS})))`],
    [
      'in a function that is handed on',
      `(defn each [f n] (loop [i 0 s 0] (if (< i n) (recur (inc i) (+ s (f i))) s))) (each (fn [i] (call :t.echo 1)) ${CALLS})`,
    ],
    [
      '1,000 calls deep',
      `(defn deep [n] (if (= n 0) (loop [i 0 s 0] (if (< i ${CALLS}) (recur (inc i) (+ s (call :t.echo 1))) s)) (+ 0 (deep (- n 1))))) (deep 1000)`,
    ],
  ];
  return places.map(([where, text]) => {
    const program = compiled(text);
    const subject = async (): Promise<void> => {
      const outcome = await run(program, { host: HOST, limits: { calls: CALLS } });
      if (outcome.status !== 'completed' || outcome.value !== CALLS) throw new Error('the calls were not answered');
    };
    return row(`${CALLS} yields ${where}`, 'as many awaits', 20, subject, awaits);
  });
}

const echo = async (x: number): Promise<number> => x;

async function awaits(): Promise<void> {
  let sum = 0;
  for (let i = 0; i < CALLS; i++) sum += await echo(1);
  if (sum !== CALLS) throw new Error('the awaits were not answered');
}

function regexRows(): Row[] {
  const patterns = ['(a+)+$', '(a|aa)+$', '(.*)*x', '(a*)*b', '[^b]*b'];
  const [big, small] = ['a'.repeat(1_000_000), 'a'.repeat(100_000)].map((text) => `${text}c`) as [string, string];
  return patterns.map((pattern) => {
    const program = compiled(`(re-test ${JSON.stringify(pattern)} input)`);
    const test = (input: string) => (): void => {
      const outcome = runSync(program, { input, fuel: 10 ** 12 });
      if (outcome.status !== 'completed' || outcome.value !== false) throw new Error('the pattern should not match');
    };
    return row(`(re-test "${pattern}" …), 10⁶ characters`, '10⁵', 11, test(big), test(small));
  });
}

/** Values of the kinds that a tool's reply holds, and one full of what only the tags can say. */
function codecRows(): Row[] {
  const plain = records(3700).value;
  const tagged = compiled(
    '(vec (map (fn [i] {:id i :f (* 1.0 i) :k :some/key :set #{i (+ i 1)} :list (list i :a) "text" "s"}) (range 5000)))',
  );
  const outcome = runSync(tagged);
  if (outcome.status !== 'completed') throw new Error('the values of the codec could not be made');
  const values: readonly (readonly [string, Value])[] = [
    ['records', plain],
    ['tags', outcome.value],
  ];
  return values.flatMap(([name, value]) => {
    const json = encode(value);
    const text = JSON.stringify(json);
    return [
      row(
        `encode ${megabytes(text)} of ${name}`,
        'JSON.stringify',
        10,
        () => JSON.stringify(encode(value)),
        () => JSON.stringify(json),
      ),
      row(
        `decode ${megabytes(text)} of ${name}`,
        'JSON.parse',
        10,
        () => decode(JSON.parse(text) as Json),
        () => JSON.parse(text),
      ),
    ];
  });
}

/** Texts that invite a compiler to do the same work twice. */
function hostileRows(): Row[] {
  const SIZE = 100_000;
  return Object.entries(HOSTILE).map(([name, text]) => {
    const [big, small] = [text(2 * SIZE), text(SIZE)];
    const work = row(
      `read and compile ${name}, 200 kB`,
      '100 kB',
      2.5,
      () => compile(big),
      () => compile(small),
    );
    return { ...work, warmUp: 3 };
  });
}
