/** A plan as text and as bytecode (M1): the same behind every wall, and checked by every guest before it is compiled. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, runSync } from '@ccos/rtfs';
import { encodeBytecode } from '@ccos/rtfs/internal';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChainReader } from '../../src/causal-chain/reader.ts';
import { CcosError } from '../../src/foundation/errors.ts';
import { executionId } from '../../src/foundation/ids.ts';
import { open, type RunReport } from '../../src/index.ts';
import { createFactory } from '../../src/microvm/providers/index.ts';
import { wasmProvider } from '../../src/microvm/providers/wasm/provider.ts';
import type { GuestHost } from '../../src/model/guest-host.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import type { Program } from '../../src/model/program.ts';
import { SecurityAuthorizer } from '../../src/security/authorizer.ts';
import { RuntimeContext } from '../../src/security/runtime-context.ts';
import { wall } from '../cli/walls.ts';

const PROVIDERS = (['mock', 'wasm', 'process'] as const).filter((name) => name !== 'process' || wall.process.available);
type Provider = (typeof PROVIDERS)[number];

const LIBRARY = `(module lib.text (:exports [loud fail twice])
  (defn loud [s] (call :ccos.echo (upper-case s)))
  (defn fail [x]
    (/ 1 x))
  (defmacro twice [x] \`(let [a# ~x b# ~x] [a# b#])))`;
const HEAD = `(import lib.text :as t :only [twice])
(defmacro each [& xs] \`(step "each" ~@(map (fn [x] \`(t/loud ~x)) xs)))`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccos-bytecode-'));
  mkdirSync(join(folder, 'plans/lib'), { recursive: true });
  writeFileSync(join(folder, 'plans/lib/text.rtfs'), LIBRARY);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Seen extends Pick<RunReport, 'rtfs' | 'error' | 'planHash'> {
  readonly paths: readonly string[];
}

async function behind(provider: Provider, plan: string | Uint8Array, fuel?: number): Promise<Seen> {
  const home = mkdtempSync(join(folder, 'home-'));
  const place = typeof plan === 'string' ? { file: 'plans/plan.rtfs', modules: join(folder, 'plans') } : {};
  const ccos = open({ home, base: folder, provider, policy: fuel === undefined ? {} : { limits: { fuel } } });
  const { rtfs, error, planHash } = await ccos.run(plan, place);
  await ccos.close();
  const calls = (await openChainReader(home)).query({}).filter(({ kind }) => kind === 'CapabilityCall');
  return { rtfs, error, planHash, paths: calls.map(({ payload }) => payload['callPath'] as string) };
}

const bytecodeOf = async (source: string): Promise<Uint8Array> =>
  (await open().compile(source, { file: 'plans/plan.rtfs', modules: join(folder, 'plans') })).bytecode;

const NO_HOST = ((): GuestHost => {
  const refuse = (): Promise<never> => Promise.reject(new CcosError('INTERNAL', 'not asked for here'));
  return { call: refuse, context: refuse, pause: refuse, checkpoint: refuse, step: refuse };
})();

/** Runs a program on a provider itself: nobody has looked at its bytes before the guest does. */
async function unseen(name: Provider, program: Program): Promise<unknown> {
  const provider = createFactory(wasmProvider({})).getProvider(name);
  const runtimeContext = RuntimeContext.full();
  await provider.initialize();
  try {
    const { value } = await provider.executeProgram({
      executionId: executionId(),
      program,
      args: [],
      input: null,
      runtimeContext,
      authorization: SecurityAuthorizer.authorizeProgram(runtimeContext, program),
      config: { limits: defaultLimits(), network: 'Denied', grants: [], hidden: [], env: {} },
      minIsolation: 'none',
      tenant: 'test',
      guestHost: NO_HOST,
      signal: new AbortController().signal,
    });
    return value;
  } finally {
    await provider.cleanup();
  }
}

describe('M1 bytecode behind every wall', () => {
  test.each([
    ['values, calls and steps', `${HEAD}\n[(twice (t/loud "a")) (each "b" "c") (step-parallel (t/loud "d") 1.0)]`],
    ['an error in a module', `${HEAD}\n(each "b")\n(twice (t/fail 0))`],
    ['an error of its own', `${HEAD}\n(each "b")\n(step "s"\n  (throw {:kind :mine :message "m"}))`],
    ['a call that is refused', '(println "a")\n(call (keyword (str "ccos." "io.read-file")) "x")'],
  ])(
    '%s: the same value, error, place and call paths',
    async (_, source) => {
      const bytecode = await bytecodeOf(source);
      for (const provider of PROVIDERS) {
        const asText = await behind(provider, source);
        const asBytes = await behind(provider, bytecode);
        expect([provider, asBytes.rtfs]).toEqual([provider, asText.rtfs]);
        expect(asBytes.paths).toEqual(asText.paths);
        expect(asBytes.paths.length).toBeGreaterThan(0);
        const place = (error: CcosError | null): unknown =>
          error === null
            ? null
            : [error.code, error.message, error.span?.line, error.span?.column, error.details['steps']];
        expect([provider, place(asBytes.error)]).toEqual([provider, place(asText.error)]);
        if (asText.error?.span?.file?.endsWith('text.rtfs')) expect(asBytes.error?.span?.file).toBe('lib/text.rtfs');
      }
    },
    60_000,
  );

  test('the same fuel, to the unit', async () => {
    const source = '(defmacro sum [n] `(loop [i# 0 s# 0] (if (< i# ~n) (recur (inc i#) (+ s# i#)) s#))) (sum 1000)';
    const compiled = compile(source);
    if (!compiled.ok) throw new Error('it compiles');
    const { fuel } = runSync(compiled.program).usage;
    const bytecode = await bytecodeOf(source);
    for (const provider of PROVIDERS) {
      for (const plan of [source, bytecode]) {
        expect((await behind(provider, plan, fuel)).rtfs).toBe('499500');
        expect((await behind(provider, plan, fuel - 1)).error?.code).toBe('LIMIT_FUEL');
      }
    }
  }, 60_000);

  test('bytecode of more than one frame', async () => {
    const bytecode = await bytecodeOf(`(count "${'é123456789'.repeat(60_000)}")`);
    expect(bytecode.length).toBeGreaterThan(512 * 1024);
    for (const provider of PROVIDERS)
      expect([provider, (await behind(provider, bytecode)).rtfs]).toEqual([provider, '600000']);
  }, 60_000);

  test('M1.4 every guest checks what it is given', async () => {
    const compiled = compile('(+ 40 2)');
    if (!compiled.ok) throw new Error('it compiles');
    const bytes = encodeBytecode(compiled.program, { file: 'plan', source: '0'.repeat(64) });
    const base64 = (of: Uint8Array): string => Buffer.from(of).toString('base64');
    const changed = bytes.slice();
    changed[changed.length - 1]! ^= 1;
    for (const provider of PROVIDERS) {
      expect(await unseen(provider, { kind: 'rtfs-bytecode', bytes: base64(bytes) })).toBe(42);
      for (const broken of [base64(changed), base64(bytes.subarray(0, 50)), '', '====', `${base64(bytes)}AAAA`])
        await expect(unseen(provider, { kind: 'rtfs-bytecode', bytes: broken })).rejects.toMatchObject({
          code: 'BYTECODE_INVALID',
          exit: 3,
        });
    }
  }, 60_000);
});
