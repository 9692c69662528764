/** Each provider that runs the guest on Node: life cycle, calls, limits, identity and ends, as root, as a plain user and under kill -9 (M2-M5, M20). */
import { execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { print, Vec, type Value } from '@ccos/rtfs';
import { CcosError } from '../../src/foundation/errors.ts';
import { executionId } from '../../src/foundation/ids.ts';
import type { GuestHost } from '../../src/model/guest-host.ts';
import { defaultLimits, type RunLimits } from '../../src/model/limits.ts';
import type { ExecutionResult, Grant, GrantedPath } from '../../src/model/program.ts';
import type { MicroVMProvider } from '../../src/microvm/provider.ts';
import { mockProvider } from '../../src/microvm/providers/mock/provider.ts';
import { processProvider } from '../../src/microvm/providers/process/provider.ts';
import { SecurityAuthorizer } from '../../src/security/authorizer.ts';
import type { ExecutionContext } from '../../src/security/execution-context.ts';
import { RuntimeContext } from '../../src/security/runtime-context.ts';
import { findPlaces, isLiving } from '../../src/microvm/providers/process/cgroups.ts';
import { NO_WALL } from '../escape/kit.ts';

const src = join(import.meta.dirname, '../../src');
let folder = '';
let guest = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ccos-conformance-'));
  guest = join(folder, 'guest.cjs');
  await build({
    entryPoints: [join(src, 'guest/node.ts')],
    outfile: guest,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    conditions: ['source'],
    logLevel: 'silent',
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Setting {
  readonly limits?: Partial<RunLimits>;
  readonly call?: GuestHost['call'];
  readonly grants?: readonly Grant[];
  readonly signal?: AbortSignal;
  readonly input?: Value;
}
function contextOf(
  source: string,
  { limits = {}, call, grants = [], signal = new AbortController().signal, input = null }: Setting,
): ExecutionContext {
  const program = { kind: 'rtfs-source', source } as const;
  const runtimeContext = RuntimeContext.full();
  const refuse = (): Promise<never> => Promise.reject(new CcosError('INTERNAL', 'not asked for here'));
  const ok = (): Promise<{ ok: Value }> => Promise.resolve({ ok: null });
  return {
    executionId: executionId(),
    program,
    args: [],
    input,
    runtimeContext,
    authorization: SecurityAuthorizer.authorizeProgram(runtimeContext, program),
    config: { limits: { ...defaultLimits(), ...limits }, network: 'Denied', grants, hidden: [], env: {} },
    minIsolation: 'none',
    tenant: 'test',
    guestHost: { call: call ?? refuse, context: ok, pause: ok, checkpoint: ok, step: ok },
    signal,
  };
}
const echo: GuestHost['call'] = (call) => Promise.resolve({ ok: call.args[0] ?? null });

const WALLS: readonly [name: 'process' | 'mock', make: () => MicroVMProvider, skip: boolean][] = [
  ['process', () => processProvider({ guest, maxConcurrent: 4 }), NO_WALL !== null],
  ['mock', () => mockProvider(), false],
];
for (const [name, make, skip] of WALLS) {
  describe.skipIf(skip)(`provider ${name}${skip ? ` (${NO_WALL})` : ''}`, () => {
    let provider: MicroVMProvider;
    beforeAll(async () => {
      provider = make();
      await provider.initialize();
    });
    afterAll(() => provider.cleanup());
    const execute = (source: string, setting: Setting = {}): Promise<ExecutionResult> =>
      provider.executeProgram(contextOf(source, setting));
    const evaluates = async (source: string, setting: Setting = {}): Promise<string> =>
      print((await execute(source, setting)).value);

    test.each([
      ['(+ 1 2)', '3'],
      ['(reduce + 0 (map (fn [x] (* x x)) (range 10)))', '285'],
      ['{:a 2.0 :b [nil true "é€😀"]}', '{:a 2.0 :b [nil true "é€😀"]}'],
      ['9007199254740993', '9007199254740993'],
    ])('%s', async (source, printed) => {
      expect(await evaluates(source)).toBe(printed);
    });

    test('M8 calls, in map, in parallel beyond the bound of 8, and caught errors', async () => {
      expect(await evaluates('(mapv (fn [i] (call :ccos.echo i)) (range 40))', { call: echo })).toBe(
        `[${Array.from({ length: 40 }, (_, i) => i).join(' ')}]`,
      );
      const failing: GuestHost['call'] = () => Promise.resolve({ error: { kind: 'IoError', message: 'no' } });
      expect(await evaluates('(try (call :ccos.echo 1) (catch IoError e 7))', { call: failing })).toBe('7');
    });
    test('M8.2 a long argument and a long reply', async () => {
      const call: GuestHost['call'] = ({ args }) =>
        Promise.resolve({ ok: Vec.of([(args[0] as string).length, 'y'.repeat(700_000)]) });
      expect(
        await evaluates('(let [[n s] (call :ccos.echo (apply str (repeat 70000 "0123456789")))] [n (count s)])', {
          call,
        }),
      ).toBe('[700000 700000]');
    });
    // Under mock the depth is that of the host's own stack, which cannot be enlarged once Node runs.
    test.skipIf(name === 'mock')(
      'M10.5 10,000 frames deep, plain and yielding; one more is StackOverflow',
      async () => {
        const depth = (n: number): string => `(defn deep [n] (if (= n 0) 0 (+ 1 (deep (- n 1))))) (deep ${n})`;
        expect(await evaluates(depth(9_990))).toBe('9990');
        await expect(execute(depth(10_001))).rejects.toMatchObject({ code: 'STACK_OVERFLOW', exit: 6 });
        const yielding = (n: number): string =>
          `(defn deep [n] (if (= n 0) (call :ccos.echo 0) (+ 1 (deep (- n 1))))) (deep ${n})`;
        expect(await evaluates(yielding(9_990), { call: echo })).toBe('9990');
        const mapped = '(defn deep [n] (if (= n 0) 0 (+ 1 (first (map (fn [x] (deep x)) [(- n 1)]))))) (deep 3000)';
        expect(await evaluates(mapped)).toBe('3000');
      },
    );
    test('E1.3 errors keep code and place', async () => {
      await expect(execute('(+ 1\n   "a")')).rejects.toMatchObject({ code: 'TYPE_ERROR', span: { line: 1 } });
      await expect(execute('(throw {:kind "Mine"})')).rejects.toMatchObject({ code: 'PROGRAM_ERROR' });
      await expect(execute('(+ 1')).rejects.toMatchObject({ code: 'PARSE_ERROR', exit: 3 });
    });
    test('M5 an endless loop ends at the deadline, whoever notices', async () => {
      await expect(
        execute('(loop [i 0] (recur (+ i 1)))', { limits: { timeoutMs: 400, fuel: 1e15 } }),
      ).rejects.toMatchObject({ code: 'LIMIT_TIME', exit: 6, details: { limit: 'timeoutMs', value: 400 } });
    });
    test('M5 fuel', async () => {
      await expect(execute('(loop [i 0] (recur (+ i 1)))', { limits: { fuel: 10_000 } })).rejects.toMatchObject({
        code: 'LIMIT_FUEL',
        exit: 6,
      });
    });
    test('M3.4 cancel: true once, false for what is over or unknown; the run is CANCELLED', async () => {
      const started = Promise.withResolvers<void>();
      const context = contextOf('(call :ccos.echo 1)', {
        call: () => {
          started.resolve();
          return new Promise(() => {});
        },
      });
      const ended = provider.executeProgram(context);
      ended.catch(() => {});
      await started.promise;
      expect(provider.list().map((running) => running.executionId)).toContain(context.executionId);
      expect(await provider.cancel(context.executionId)).toBe(true);
      await expect(ended).rejects.toMatchObject({ code: 'CANCELLED', exit: 130 });
      expect(await provider.cancel(context.executionId)).toBe(false);
      expect(provider.list()).toEqual([]);
    });
    test("M3.4 the context's signal cancels too, even before the start", async () => {
      await expect(execute('1', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    });
    test('M3.1 nothing runs before initialize or after cleanup', async () => {
      const fresh = make();
      await expect(fresh.executeProgram(contextOf('1', {}))).rejects.toMatchObject({
        code: 'PROVIDER_NOT_INITIALIZED',
        exit: 7,
        message: `${name === 'mock' ? 'Mock' : 'Process'} provider not initialized`,
      });
      await fresh.initialize();
      await fresh.cleanup();
      await expect(fresh.executeProgram(contextOf('1', {}))).rejects.toMatchObject({
        code: 'PROVIDER_NOT_INITIALIZED',
      });
      await fresh.initialize();
      expect(print((await fresh.executeProgram(contextOf('1', {}))).value)).toBe('1');
      await fresh.cleanup();
    });
    test('M3.2 no program, and a forged authorization', async () => {
      const { program: _, ...rest } = contextOf('1', {});
      await expect(provider.executeProgram(rest)).rejects.toMatchObject({
        code: 'PROGRAM_MISSING',
        message: 'No program specified for execution',
      });
      const context = contextOf('1', {});
      const forged = Object.create(
        Object.getPrototypeOf(context.authorization) as object,
        Object.getOwnPropertyDescriptors(context.authorization),
      ) as typeof context.authorization;
      await expect(provider.executeProgram({ ...context, authorization: forged })).rejects.toMatchObject({
        code: 'AUTHORIZATION_INVALID',
      });
    });
    test('M2.4 metadata is measured, or null with a reason', async () => {
      const context = contextOf('1', {});
      const { metadata } = await provider.executeProgram(context);
      expect(metadata).toMatchObject({
        provider: name,
        simulated: name === 'mock',
        isolation: name === 'mock' ? 'none' : 'namespace',
        executionId: context.executionId,
        networkRequests: [],
        imageDigest: null,
      });
      for (const [field, value] of Object.entries(metadata))
        if (value === null && field !== 'signal') expect(metadata.unmeasured[field], field).toEqual(expect.any(String));
      if (name === 'process')
        expect(metadata).toMatchObject({
          exitCode: 0,
          cpuTimeMs: expect.any(Number) as number,
          peakMemoryBytes: expect.any(Number) as number,
        });
    });
  });
}

describe.skipIf(NO_WALL !== null)(`the process wall${NO_WALL === null ? '' : ` (${NO_WALL})`}`, () => {
  test('M5 a program that allocates without end is LIMIT_MEMORY, and the host goes on', async () => {
    const provider = processProvider({ guest });
    await provider.initialize();
    const ended = provider.executeProgram(
      contextOf('(loop [v []] (recur (conj v (str (count v) "-some-longer-text-that-takes-memory"))))', {
        limits: { memoryMb: 48, timeoutMs: 25_000, fuel: 1e15 },
      }),
    );
    await expect(ended).rejects.toMatchObject({ code: 'LIMIT_MEMORY', exit: 6 });
    expect(print((await provider.executeProgram(contextOf('1', {}))).value)).toBe('1');
  });

  test('P4.6 a file effect runs in the guest, below its mounts; a root-owned writable folder is left to the host', async () => {
    const data = join(folder, 'data');
    const out = join(folder, 'out');
    for (const path of [data, out]) mkdirSync(path, { mode: 0o755 });
    writeFileSync(join(data, 'a.txt'), 'hello', { mode: 0o644 });
    const root = process.getuid?.() === 0;
    if (root) chownSync(out, 12_345, 12_345);
    const grants = [data, out, folder].map((path, i): Grant => ({
      path,
      asWritten: path,
      kind: 'folder',
      access: i === 1 ? 'write' : 'read',
    }));
    const at = (grant: Grant, relative: string): GrantedPath => ({ grant, relative });
    const covered: boolean[] = [];
    const provider = processProvider({ guest });
    await provider.initialize();
    const call: GuestHost['call'] = async ({ capability, args }, effects) => {
      covered.push(effects.covers({ grant: { ...grants[0]!, access: 'write' }, relative: '' }));
      const granted = capability === 'ccos.io.read-file' ? at(grants[0]!, 'a.txt') : at(grants[1]!, 'b.txt');
      expect(effects.covers(granted)).toBe(true);
      return { ok: await effects.run(capability, args, granted) };
    };
    const source = `(call :ccos.io.write-file "${out}/b.txt" (str (call :ccos.io.read-file "${data}/a.txt") "!"))`;
    const { metadata } = await provider.executeProgram(contextOf(source, { call, grants: grants.slice(0, 2) }));
    expect(readFileSync(join(out, 'b.txt'), 'utf8')).toBe('hello!');
    expect(covered).toEqual([false, false]);
    expect(metadata.fileOperations).toMatchObject([
      { path: `${data}/a.txt`, operation: 'read', bytesProcessed: 5 },
      { path: `${out}/b.txt`, operation: 'write', bytesProcessed: 6 },
    ]);
    if (root) expect(statSync(join(out, 'b.txt')).uid).toBe(12_345);
    if (root) {
      const owned: Grant = { path: data, asWritten: 'data', kind: 'folder', access: 'write' };
      const asked: boolean[] = [];
      await provider.executeProgram(
        contextOf('(call :ccos.echo 1)', {
          grants: [owned],
          call: (one, effects) => {
            asked.push(effects.covers({ grant: owned, relative: '' }));
            return echo(one, effects);
          },
        }),
      );
      expect(asked).toEqual([false]);
    }
  });

  /** A host of its own, as a script: launches a guest whose environment bears a mark, and runs a program in it. */
  const hostScript = (mark: string, source: string, grants: readonly Grant[] = []): string => {
    const file = join(folder, `host-${mark}.ts`);
    writeFileSync(
      file,
      `
      const { processKit } = await import(${JSON.stringify(join(src, 'microvm/providers/process/provider.ts'))});
      const { GuestSession } = await import(${JSON.stringify(join(src, 'microvm/session.ts'))});
      const { defaultLimits } = await import(${JSON.stringify(join(src, 'model/limits.ts'))});
      const { systemClock } = await import(${JSON.stringify(join(src, 'foundation/clock.ts'))});
      const { launcher, guestDigest } = await processKit({ guest: process.argv[2] });
      const limits = { ...defaultLimits(), timeoutMs: 20000, fuel: 1e15, memoryMb: 64 };
      const config = { limits, network: 'Denied', grants: ${JSON.stringify(grants)}, hidden: [], env: { CCOS_MARK: ${JSON.stringify(mark)} } };
      const guest = await launcher.launch({ executionId: 'exec-' + process.pid, config }, new AbortController().signal);
      const session = new GuestSession(guest, { guestHost: {}, guestDigest, limits, clock: systemClock });
      try {
        await session.handshake();
        await guest.verify();
        console.log('ready');
        const value = await session.run({ program: { kind: 'rtfs-source', source: ${JSON.stringify(source)} }, args: [], input: null, deadline: systemClock.monotonic() + 20000 });
        console.log(JSON.stringify({ value, enforcement: guest.enforcement, usage: await guest.usage() }));
        await session.close();
      } catch (error) {
        console.log(JSON.stringify({ code: error.code, details: error.details, message: error.message }));
      }
    `,
    );
    return file;
  };
  const marked = (mark: string): number[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        try {
          return isLiving(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`CCOS_MARK=${mark}`);
        } catch {
          return false;
        }
      });

  describe('a guest that was launched ahead', () => {
    const aheadOf = (mark: string): ExecutionContext => {
      const context = contextOf('(call :ccos.echo 5)', { call: echo });
      return { ...context, config: { ...context.config, env: { CCOS_MARK: mark } } };
    };
    const groupsOf = (id: string): string[] =>
      Object.values(findPlaces())
        .map(({ folder: place }) => join(place, `ccos-${id}`))
        .filter((path) => existsSync(path));

    const activeTimers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

    test('M3.5 is discarded, at whatever moment of its start, and nothing of it is left', async () => {
      for (const waitMs of [0, 10, 30, 300]) {
        const provider = processProvider({ guest });
        const context = aheadOf(`discarded-${waitMs}`);
        const timers = activeTimers();
        await provider.launchAhead(context);
        await new Promise((resolve) => {
          setTimeout(resolve, waitMs);
        });
        if (waitMs === 300) expect(marked('discarded-300').length).toBeGreaterThan(0);
        expect(groupsOf(context.executionId)).toHaveLength(new Set(Object.values(findPlaces())).size);
        await provider.discardAhead(context.executionId);
        // No timer is left that would keep a command from ending; the test runner has some of its own, which come and go sooner.
        const until = performance.now() + 400;
        while (activeTimers() > timers && performance.now() < until) await new Promise(setImmediate);
        expect(activeTimers()).toBeLessThanOrEqual(timers);
        expect(marked(`discarded-${waitMs}`)).toEqual([]);
        expect(groupsOf(context.executionId)).toEqual([]);
      }
    });

    test('M16.1 is the one that runs the program, and is gone then', async () => {
      const provider = processProvider({ guest });
      const context = aheadOf('taken');
      await provider.launchAhead(context);
      const { value, metadata } = await provider.executeProgram(context);
      expect(value).toBe(5);
      expect(metadata.startupMs).toBeLessThanOrEqual(metadata.durationMs);
      expect(marked('taken')).toEqual([]);
      expect(groupsOf(context.executionId)).toEqual([]);
    });

    test('runs no program under another configuration', async () => {
      const provider = processProvider({ guest });
      const context = aheadOf('other');
      await provider.launchAhead(context);
      await expect(
        provider.executeProgram({ ...context, config: { ...context.config, grants: [] } }),
      ).rejects.toMatchObject({ code: 'INTERNAL' });
      await provider.cleanup();
      expect(marked('other')).toEqual([]);
    });
  });

  test('M3.8 kill -9 of the host ends a busy guest', async () => {
    const host = spawn(
      process.execPath,
      ['--conditions=source', hostScript('killed', '(loop [i 0] (recur (+ i 1)))'), guest, join(folder, 'killed')],
      { stdio: ['ignore', 'pipe', 'inherit'], env: {} },
    );
    await new Promise<void>((resolve) => {
      host.stdout.once('data', () => {
        resolve();
      });
    });
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    expect(marked('killed').length).toBeGreaterThan(0);
    host.kill('SIGKILL');
    await expect.poll(() => marked('killed'), { timeout: 1_000, interval: 20 }).toEqual([]);
  });

  describe.skipIf(process.getuid?.() !== 0)('as a plain user (needs root to become one)', () => {
    const asUser = (file: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const home = join(folder, 'user');
        mkdirSync(home, { recursive: true });
        chownSync(home, 12_345, 12_345);
        chmodSync(folder, 0o755);
        chmodSync(guest, 0o644);
        chmodSync(file, 0o644);
        execFile(
          'setpriv',
          [
            '--reuid=12345',
            '--regid=12345',
            '--clear-groups',
            process.execPath,
            '--conditions=source',
            file,
            guest,
            join(home, 'run'),
          ],
          { env: { HOME: home, PATH: process.env['PATH'] ?? '' }, cwd: '/' },
          (error, stdout, stderr) => {
            if (error === null) resolve(stdout.trim().split('\n').at(-1)!);
            else reject(new Error(stderr));
          },
        );
      });
    test('M9.3 the wall stands on a user namespace and rlimits', async () => {
      const answer = JSON.parse(await asUser(hostScript('plain', '(+ 1 2)'))) as {
        value: number;
        enforcement: object;
        usage: { cpuTimeMs: object };
      };
      expect(answer).toMatchObject({
        value: 3,
        enforcement: { memory: 'rlimit-data', processes: 'rlimit-nproc', uid: 'user-namespace' },
        usage: { cpuTimeMs: { value: expect.any(Number) as number } },
      });
    });
    test('M5 without cgroups, memory without end is LIMIT_MEMORY too', async () => {
      const answer = JSON.parse(
        await asUser(
          hostScript('hog', '(loop [v []] (recur (conj v (str (count v) "-some-longer-text-that-takes-memory"))))'),
        ),
      );
      expect(answer).toMatchObject({
        code: 'LIMIT_MEMORY',
        details: { enforcement: expect.stringMatching(/^(sampling|rlimit-data|v8-heap)$/) as string },
      });
    });
    test('10,000 frames', async () => {
      expect(
        JSON.parse(await asUser(hostScript('deep', '(defn deep [n] (if (= n 0) 0 (+ 1 (deep (- n 1))))) (deep 9990)'))),
      ).toMatchObject({ value: 9990 });
    });
  });
});
