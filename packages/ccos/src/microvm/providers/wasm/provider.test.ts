/**
 * The wasm provider with the product's own guest: the language, calls, limits and depth behind this wall (M2–M5, M10,
 * M16.4).
 */
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { print, type Value } from '@ccos/rtfs';
import { executionId } from '../../../foundation/ids.ts';
import { CcosError } from '../../../foundation/errors.ts';
import type { GuestCall, GuestEffects, GuestHost, GuestReply } from '../../../model/guest-host.ts';
import { defaultLimits, type RunLimits } from '../../../model/limits.ts';
import type { ExecutionResult, Program } from '../../../model/program.ts';
import { SecurityAuthorizer } from '../../../security/authorizer.ts';
import type { ExecutionContext } from '../../../security/execution-context.ts';
import { RuntimeContext } from '../../../security/runtime-context.ts';
import type { GuestProvider } from '../../guest-provider.ts';
import { makeBytecode } from './bytecode.ts';
import { bundleOf, readEngine, type GuestBundle } from './guest-bundle.ts';
import { wasmProvider } from './provider.ts';

const WORKER = new URL('./worker.ts', import.meta.url);
const MB = 1024 * 1024;

let provider: GuestProvider, bundle: GuestBundle;
beforeAll(async () => {
  const built = await build({
    entryPoints: [fileURLToPath(new URL('../../../guest/quickjs.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'neutral',
    target: 'es2023',
    conditions: ['source'],
    logLevel: 'silent',
  });
  const source = built.outputFiles[0]?.text ?? '';
  const made = makeBytecode({ engine: readEngine(), source: Buffer.from(source) });
  bundle = { ...bundleOf(source), code: { bytecode: made.subarray(made.indexOf('\n') + 1) } };
  provider = wasmProvider({ bundle, workerFile: WORKER });
  await provider.initialize();
});
afterAll(() => provider.cleanup());

interface Setting {
  readonly limits?: Partial<RunLimits>;
  readonly call?: (call: GuestCall, effects: GuestEffects) => Promise<GuestReply>;
  readonly input?: Value;
  readonly signal?: AbortSignal;
  readonly by?: GuestProvider;
}
function contextOf(source: string, setting: Setting): ExecutionContext {
  const program: Program = { kind: 'rtfs-source', source };
  const runtimeContext = RuntimeContext.full();
  const refuse = (): Promise<never> => Promise.reject(new CcosError('INTERNAL', 'not asked for in this test'));
  const guestHost: GuestHost = {
    call: setting.call ?? refuse,
    context: refuse,
    pause: refuse,
    checkpoint: refuse,
    step: async () => ({ ok: null }),
  };
  return {
    executionId: executionId(),
    program,
    authorization: SecurityAuthorizer.authorizeProgram(runtimeContext, program),
    args: [],
    input: setting.input ?? null,
    config: { limits: { ...defaultLimits(), ...setting.limits }, network: 'Denied', grants: [], hidden: [], env: {} },
    runtimeContext,
    minIsolation: 'wasm',
    tenant: 'test',
    guestHost,
    signal: setting.signal ?? new AbortController().signal,
  };
}
const run = (source: string, setting: Setting = {}): Promise<ExecutionResult> =>
  (setting.by ?? provider).executeProgram(contextOf(source, setting));
async function failure(source: string, setting: Setting = {}): Promise<CcosError> {
  try {
    await run(source, setting);
  } catch (error) {
    if (error instanceof CcosError) return error;
    throw error;
  }
  throw new Error('the run did not fail');
}

describe('programs', () => {
  test.each([
    ['(+ 1 2)', '3'],
    ['(reduce + 0 (map (fn [x] (* x x)) (range 10)))', '285'],
    ['{:a [1 2.5 "é" nil true]}', '{:a [1 2.5 "é" nil true]}'],
    ['9223372036854775807', '9223372036854775807'],
    ['(/ 7.0 2)', '3.5'],
    ['(defn fact [n] (if (< n 2) 1 (* n (fact (- n 1))))) (fact 20)', '2432902008176640000'],
    ['(str "x" 1.0)', '"x1.0"'],
  ])('%s is %s', async (source, expected) => {
    expect(print((await run(source)).value)).toBe(expected);
  });

  test('M2.4 what was measured is told, and for the rest why it was not', async () => {
    const { metadata } = await run('(reduce + 0 (range 20000))');
    expect(metadata).toMatchObject({
      provider: 'wasm',
      isolation: 'wasm',
      simulated: false,
      exitCode: null,
      signal: null,
      imageDigest: null,
      guestDigest: bundle.digest,
      unmeasured: { exitCode: 'a thread has no exit code', imageDigest: 'no image' },
      enforcement: { files: 'descriptor-walk', time: 'host-timer' },
    });
    expect(metadata.cpuTimeMs).toBeGreaterThan(0);
    expect(metadata.peakMemoryBytes).toBeGreaterThan(16 * MB);
    expect(metadata.startupMs).toBeGreaterThan(0);
  });

  test('calls go to the host, inside map too, and their errors can be caught', async () => {
    const asked: string[] = [];
    const call = async ({ capability, args }: GuestCall, effects: GuestEffects): Promise<GuestReply> => {
      asked.push(capability);
      expect(
        effects.covers({ grant: { path: '/', asWritten: '/', kind: 'folder', access: 'read' }, relative: 'etc' }),
      ).toBe(false);
      return args[0] === 3 ? { error: { kind: 'IoError', message: 'no' } } : { ok: args[0] ?? null };
    };
    const source = '(map (fn [n] (try (call :ccos.echo n) (catch IoError e -1))) [1 2 3 4])';
    expect(print((await run(source, { call })).value)).toMatch(/^[[(]1 2 -1 4[\])]$/);
    expect(asked).toEqual(Array.from({ length: 4 }, () => 'ccos.echo'));
  });

  test('a value over one frame travels both ways', async () => {
    const long = 'é'.repeat(1_000_000);
    const call = async ({ args }: GuestCall): Promise<GuestReply> => ({ ok: args[0] ?? null });
    expect((await run('(call :ccos.echo input)', { call, input: long, limits: { timeoutMs: 30_000 } })).value).toBe(
      long,
    );
  });

  test('R17 the same program has the same value whatever the clock', async () => {
    const values = await Promise.all(
      [1, 2].map(async () => print((await run('(map (fn [n] (* n 1.1)) (range 5))')).value)),
    );
    expect(values[0]).toBe(values[1]);
  });
});

describe('limits', () => {
  test('an endless loop ends at its time', async () => {
    expect((await failure('(loop [n 0] (recur (+ n 1)))', { limits: { timeoutMs: 300 } })).code).toMatch(
      /^LIMIT_(TIME|FUEL)$|^LOOP_LIMIT$/,
    );
  });
  test.each([
    ['(loop [v [] n 0] (recur (conj v (str "item " n)) (+ n 1)))'],
    ['(reduce (fn [s n] (str s "xxxxxxxxxxxxxxxx" s)) "y" (range 60))'],
    ['(try (loop [v [] n 0] (recur (conj v (str "item " n)) (+ n 1))) (catch _ e :caught))'],
  ])('M18 #48 memory without end is a limit, and catch does not catch it: %s', async (source) => {
    const error = await failure(source, { limits: { memoryMb: 8, timeoutMs: 20_000 } });
    expect([error.code, error.exit]).toEqual([expect.stringMatching(/^(LIMIT_MEMORY|STRING_LIMIT)$/), 6]);
  });
  test('M10.5 10,000 frames are computed, 10,001 are StackOverflow', async () => {
    const deep = (n: number): string => `(defn down [n] (if (= n 0) 0 (+ 1 (down (- n 1))))) (down ${n})`;
    expect((await run(deep(9_990))).value).toBe(9_990);
    expect((await failure(deep(10_001))).code).toBe('STACK_OVERFLOW');
    const yielding = (n: number): string =>
      `(defn down [n] (if (= n 0) (call :ccos.echo 0) (+ 1 (down (- n 1))))) (down ${n})`;
    const call = async (): Promise<GuestReply> => ({ ok: 0 });
    expect((await run(yielding(9_990), { call })).value).toBe(9_990);
    expect((await failure(yielding(10_001), { call })).code).toBe('STACK_OVERFLOW');
    const mapped = (n: number): string =>
      `(defn down [n] (if (= n 0) 0 (+ 1 (first (map down [(- n 1)]))))) (down ${n})`;
    expect((await run(mapped(3_000))).value).toBe(3_000);
    expect((await failure(mapped(100_000))).code).toBe('STACK_OVERFLOW');
  });
  test('a part of a core cannot be held', async () => {
    expect(await failure('1', { limits: { cpuShare: 0.5 } })).toMatchObject({
      code: 'ENFORCEMENT_UNAVAILABLE',
      details: { limit: 'cpuShare' },
    });
  });
});

describe('M18 #55 names of the engine are ordinary names', () => {
  test.each([
    'globalThis',
    'process',
    'constructor',
    '__proto__',
    'eval',
    'Function',
    'ccosSend',
    'ccosReceive',
    'Math',
  ])('%s is unbound', async (name) => {
    expect((await failure(`(do ${name})`)).code).toMatch(/^(UNDEFINED_SYMBOL|PLAN_UNRESOLVED|SYNTAX_ERROR)$/);
  });
  test('as keys they are only keys', async () => {
    expect(
      print(
        (
          await run(
            '(let [m {"__proto__" 1 "constructor" 2}] [(get m "__proto__") (get m "constructor") (get {} "toString")])',
          )
        ).value,
      ),
    ).toBe('[1 2 nil]');
  });
});

describe('life cycle', () => {
  test('M3.1 a provider that is not initialised runs nothing', async () => {
    const fresh = wasmProvider({ bundle, workerFile: WORKER });
    expect(await failure('1', { by: fresh })).toMatchObject({
      code: 'PROVIDER_NOT_INITIALIZED',
      message: 'Wasm provider not initialized',
    });
  });
  test('M3.4 cancel ends a run, and nothing stays', async () => {
    const stop = new AbortController();
    const running = failure('(loop [n 0] (recur (+ n 1)))', { signal: stop.signal });
    setTimeout(() => stop.abort(), 300);
    expect((await running).code).toBe('CANCELLED');
    expect(provider.list()).toEqual([]);
  });
  test('M4.6 the probe launches a guest; what is missing is the reason, with a remedy', async () => {
    expect(await provider.probe()).toMatchObject({
      available: true,
      version: expect.stringMatching(/^quickjs \d/),
      checks: [
        { name: 'engine', ok: true },
        { name: 'launch', ok: true },
      ],
    });
    const broken = await wasmProvider({ bundle: bundleOf('throw 1'), workerFile: WORKER }).probe();
    expect(broken).toMatchObject({
      available: false,
      reason: expect.stringContaining('did not start'),
      remedy: expect.stringMatching(/./),
    });
    expect(await wasmProvider({ bundle, workerFile: '/nonexistent/worker.js' }).probe()).toMatchObject({
      available: false,
    });
  });
});
