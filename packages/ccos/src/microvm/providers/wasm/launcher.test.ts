/**
 * Real workers with guests that are hostile or broken (M5, M8.4, M8.7, M10, M18): each ends in a typed error within its
 * time, and no worker stays. A guest here is a text that speaks frames by hand; it is handed to the launcher as data.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../foundation/clock.ts';
import { CcosError } from '../../../foundation/errors.ts';
import type { GuestHost } from '../../../model/guest-host.ts';
import { defaultLimits, type RunLimits } from '../../../model/limits.ts';
import type { GuestProcess } from '../../provider.ts';
import { GuestSession } from '../../session.ts';
import { bundleOf, readEngine } from './guest-bundle.ts';
import { WasmLauncher } from './launcher.ts';

const WORKER = new URL('./worker.ts', import.meta.url);
const MB = 1024 * 1024;

/** What every guest here begins with: answers `hello`, then waits for `run`. `RUN` is its token. */
const PRELUDE = `
  const send = ccosSend, receive = ccosReceive, digest = ccosDigest(); let id = 0;
  const out = (t, body) => send(JSON.stringify({ v: 1, id: id++, t, ...body }) + '\\n');
  const frames = function* () { for (let text; (text = receive()) !== null;) for (const line of text.split('\\n')) if (line) yield JSON.parse(line); }();
  const until = (t) => { for (;;) { const { value, done } = frames.next(); if (done) return null; if (value.t === t) return value; } };
  const hello = until('hello');
  const ready = (over) => out('ready', { protocol: 1, nonce: hello.nonce, guest: digest, runtime: 'test', features: [], ...over });
`;
const RUNNING = `${PRELUDE} ready(); const RUN = until('run').run; const done = (value) => out('result', { run: RUN, ok: true, value });`;

const guests: GuestProcess[] = [];
afterEach(async () => {
  await Promise.all(guests.splice(0).map((guest) => guest.kill()));
});

const refuse = (): Promise<never> => Promise.reject(new CcosError('INTERNAL', 'not asked for in this test'));
const NO_HOST: GuestHost = { call: refuse, context: refuse, pause: refuse, checkpoint: refuse, step: refuse };

interface Setting {
  readonly limits?: Partial<RunLimits>;
  readonly host?: Partial<GuestHost>;
  readonly stackMb?: number;
}
/** Launches a guest and runs a program in it; what `run` gave or threw, and the guest. */
async function run(
  source: string,
  { limits: over = {}, host = {}, stackMb = 64 }: Setting = {},
): Promise<{ value?: unknown; error?: CcosError; guest: GuestProcess; ms: number }> {
  const limits = { ...defaultLimits(), timeoutMs: 10_000, ...over };
  const bundle = bundleOf(source);
  const launcher = new WasmLauncher({ engine: readEngine(), bundle, workerFile: WORKER, stackMb });
  const guest = await launcher.launch(
    {
      executionId: 'exec-test',
      config: { limits, network: 'Denied', grants: [], hidden: [], env: {} },
    },
    new AbortController().signal,
  );
  guests.push(guest);
  const session = new GuestSession(guest, {
    guestHost: { ...NO_HOST, ...host },
    guestDigest: bundle.digest,
    limits,
    clock: systemClock,
  });
  let started = performance.now();
  try {
    await session.handshake();
    started = performance.now();
    const deadline = systemClock.monotonic() + limits.timeoutMs;
    const value = await session.run({ program: { kind: 'rtfs-source', source: '1' }, args: [], input: null, deadline });
    await session.close();
    return { value, guest, ms: performance.now() - started };
  } catch (error) {
    if (!(error instanceof CcosError)) throw error;
    return { error, guest, ms: performance.now() - started };
  }
}

describe('a guest that behaves', () => {
  test('gives its value, and its figures are measured', async () => {
    const { value, error, guest } = await run(`${RUNNING} let n = 0; for (let i = 0; i < 3e6; i++) n += i; done(42)`);
    expect(error).toBeUndefined();
    expect(value).toBe(42);
    expect(await guest.exited).toEqual({ code: null, signal: null });
    const usage = (await guest.usage()) as { cpuTimeMs: { value: number }; peakMemoryBytes: { value: number } };
    expect(usage.cpuTimeMs.value).toBeGreaterThan(5);
    expect(usage.peakMemoryBytes.value).toBeGreaterThan(16 * MB);
    expect(usage.peakMemoryBytes.value).toBeLessThan(64 * MB);
    expect(guest.mounts('/', 'read')).toBe(false);
    expect(guest.enforcement).toMatchObject({ files: 'descriptor-walk', memory: 'quickjs-limit' });
  });

  test('peak memory is what the program needed', async () => {
    const { guest } = await run(`${RUNNING} new Uint8Array(${40 * MB}).fill(1); done(1)`);
    const { peakMemoryBytes } = await guest.usage();
    expect((peakMemoryBytes as { value: number }).value).toBeGreaterThan(56 * MB);
  });

  test('M8.1 calls and replies go to and fro, many in one message', async () => {
    const calls: string[] = [];
    const host = {
      call: async ({ path }: { path: string }) => {
        calls.push(path);
        return { ok: `answer é ${path}` };
      },
    };
    const call = `out('call', { run: RUN, path: String(i), step: null, capability: 'ccos.echo', args: [], hints: {}, timeoutMs: null, exposure: { expose: null, keys: null } })`;
    const { value } = await run(
      `${RUNNING} let last; for (let i = 0; i < 500; i++) { ${call}; last = until('reply').value; } done(last)`,
      { host },
    );
    expect(value).toBe('answer é 499');
    expect(calls).toHaveLength(500);
  });
});

describe('limits', () => {
  test('M10.2 an endless loop of 100 ms ends by 250 ms, and nothing is left', async () => {
    const { error, ms, guest } = await run(`${RUNNING} try { for (;;); } catch { for (;;); } finally { for (;;); }`, {
      limits: { timeoutMs: 100 },
    });
    expect(error?.code).toBe('LIMIT_TIME');
    expect(ms).toBeLessThan(250);
    await guest.exited;
  });
  test.each([
    ['library calls that do not poll', `const s = 'a'.repeat(1e6); for (;;) s.indexOf('b' + s)`],
    ['regular expression backtracking', `/^(a+)+$/.test('a'.repeat(40) + 'b')`],
    ['a start without an end', null],
  ])('M18 #49 %s end too', async (_what, source) => {
    const { error } = await run(source === null ? `${PRELUDE} ready(); for (;;);` : `${RUNNING} ${source}`, {
      limits: { timeoutMs: 150 },
    });
    expect(error?.code).toBe('LIMIT_TIME');
  });

  test.each([
    ['arrays', 'const a = []; for (;;) a.push(new Uint8Array(65536).fill(1))'],
    ['strings', 'const a = []; for (;;) a.push("x".repeat(65536) + a.length)'],
    ['objects', 'const m = []; for (;;) m.push({ a: 1 })'],
  ])('M18 #48 memory without end (%s) is LIMIT_MEMORY, with what was measured', async (_what, source) => {
    const { error, guest } = await run(`${RUNNING} ${source}`, { limits: { memoryMb: 16, timeoutMs: 20_000 } });
    expect(error).toMatchObject({ code: 'LIMIT_MEMORY', message: expect.stringContaining('out of memory') });
    expect(error?.details).toMatchObject({
      limit: 'memoryMb',
      value: 16,
      enforcement: 'quickjs-limit',
      measured: expect.any(Number),
    });
    await guest.exited;
  });
  test('M5 cpu time beyond its limit is LIMIT_CPU', async () => {
    const { error } = await run(`${RUNNING} for (;;);`, { limits: { cpuTimeMs: 150 } });
    expect(error?.code).toBe('LIMIT_CPU');
  });
  test('a guest that floods the channel is held back, and ends by its time', async () => {
    const before = process.memoryUsage().rss;
    const { error } = await run(`${RUNNING} for (;;) out('log', { level: 'info', text: 'y'.repeat(4000) })`, {
      limits: { timeoutMs: 500 },
    });
    expect(error?.code).toBe('LIMIT_TIME');
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * MB);
  });
});

describe('M10.5 depth', () => {
  const shapes = {
    plain: 'const f = (n) => n === 0 ? 0 : 1 + f(n - 1); f(N)',
    generator: 'function* g(n) { return n === 0 ? 0 : 1 + (yield* g(n - 1)); } g(N).next()',
    'map callback': 'const f = (n) => n === 0 ? 0 : [n].map((m) => f(m - 1))[0] + 1; f(N)',
    apply: 'function f(n) { return n === 0 ? 0 : 1 + f.apply(null, [n - 1]); } f(N)',
    'compiled function': 'const f = new Function("n", "return n === 0 ? 0 : 1 + f(n - 1)"); globalThis.f = f; f(N)',
    'many locals': `function f(n) { ${Array.from({ length: 120 }, (_, i) => `let v${i} = n + ${i};`).join('')} return n === 0 ? v119 : f(n - 1) + v7; } f(N)`,
  };
  test.each(Object.entries(shapes))(
    '10,000 frames fit (%s); a million are an error of the engine inside, not of the host',
    async (_shape, source) => {
      const deep = `try { ${source.replaceAll('N)', '1000000)')} } catch (e) { done(e.name + ': ' + e.message) }`;
      const { value, error } = await run(`${RUNNING} { ${source.replaceAll('N)', '10000)')} } ${deep}`);
      expect(error).toBeUndefined();
      expect(value).toMatch(
        /^(RangeError: Maximum call stack size exceeded|InternalError: (stack overflow|out of memory))$/,
      );
    },
  );
});

describe('M8.4, M8.7 guests that misbehave', () => {
  test.each<[string, string, string, Partial<RunLimits>?]>([
    ['silence at the start', `for (;;) ccosReceive();`, 'STARTUP_TIMEOUT', { startupTimeoutMs: 200 }],
    ['a loop at the start', `for (;;);`, 'STARTUP_TIMEOUT', { startupTimeoutMs: 200 }],
    ['a wrong nonce', `${PRELUDE} ready({ nonce: 'A'.repeat(43) }); until('bye')`, 'HANDSHAKE_FAILED'],
    ['another digest', `${PRELUDE} ready({ guest: 'sha256:00' }); until('bye')`, 'HANDSHAKE_FAILED'],
    ['source that does not parse', `)(`, 'LAUNCH_FAILED'],
    ['an end without a result', `${RUNNING}`, 'GUEST_CRASH'],
    ['an error outside everything', `${RUNNING} throw new TypeError('x')`, 'GUEST_CRASH'],
    ['garbage', `${RUNNING} send('no json\\n'); until('bye')`, 'PROTOCOL_VIOLATION'],
    [
      'a frame of the host',
      `${RUNNING} out('reply', { re: 0, ok: true, value: 1 }); until('bye')`,
      'PROTOCOL_VIOLATION',
    ],
    [
      'another run',
      `${RUNNING} out('result', { run: '0'.repeat(32), ok: true, value: 1 }); until('bye')`,
      'PROTOCOL_VIOLATION',
    ],
    ['two results', `${RUNNING} done(1); done(2); until('bye')`, 'PROTOCOL_VIOLATION'],
    ['a frame over its cap', `${RUNNING} send('"' + 'x'.repeat(1100000) + '"\\n'); until('bye')`, 'PROTOCOL_VIOLATION'],
    ['a message over every cap', `${RUNNING} send('x'.repeat(5000000)); until('bye')`, 'PROTOCOL_VIOLATION'],
    ['depth 100,000', `${RUNNING} send('['.repeat(100000) + '\\n'); until('bye')`, 'PROTOCOL_VIOLATION'],
    ['nothing that is a string', `${RUNNING} send({}); send(); send(null); done(7); until('bye')`, ''],
  ])('%s', async (_what, source, code, limits) => {
    const { error, guest, value } = await run(source, { limits: { ...limits, timeoutMs: 3_000 } });
    expect(error?.code ?? '').toBe(code);
    if (code === '') expect(value).toBe(7);
    await guest.exited;
    expect(guest.stderrTail()).not.toMatch(/\/work|node_modules|file:/);
  });

  test('a trap of the instance is GUEST_CRASH, and the next guest runs', async () => {
    // With too small a stack it is the host's engine that overflows, in the middle of the instance.
    const { error } = await run(`${RUNNING} const f = (n) => 1 + f(n + 1); try { f(0); } catch { done(1); }`, {
      stackMb: 1,
    });
    expect(error).toMatchObject({
      code: 'GUEST_CRASH',
      details: { stderr: 'RangeError: Maximum call stack size exceeded' },
    });
    expect((await run(`${RUNNING} done(1)`)).value).toBe(1);
  });

  test('M18 #26 the environment and arguments of the host are not in reach of the worker', async () => {
    const { value } = await run(
      `${RUNNING} done(Object.getOwnPropertyNames(globalThis).filter((name) => /env|argv|process|secret/i.test(name)))`,
    );
    expect(value).toMatchObject({ n: 0 });
  });
});

test('M3.4, M3.5 cancel ends a guest that does not listen; kill is idempotent and leaves no worker', async () => {
  const bundle = bundleOf(`${RUNNING} for (;;);`);
  const limits = defaultLimits();
  const guest = await new WasmLauncher({ engine: readEngine(), bundle, workerFile: WORKER }).launch(
    {
      executionId: 'exec-test',
      config: { limits, network: 'Denied', grants: [], hidden: [], env: {} },
    },
    new AbortController().signal,
  );
  const session = new GuestSession(guest, {
    guestHost: NO_HOST,
    guestDigest: bundle.digest,
    limits,
    clock: systemClock,
  });
  await session.handshake();
  const running = session.run({
    program: { kind: 'rtfs-source', source: '1' },
    args: [],
    input: null,
    deadline: systemClock.monotonic() + 30_000,
  });
  setTimeout(() => session.cancel(), 50);
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await guest.kill()).toEqual({ code: null, signal: null });
  expect(await guest.kill()).toEqual({ code: null, signal: null });
});

test('an aborted launch starts nothing', async () => {
  const launcher = new WasmLauncher({ engine: readEngine(), bundle: bundleOf(''), workerFile: WORKER });
  const spec = {
    executionId: 'exec-test',
    config: { limits: defaultLimits(), network: 'Denied', grants: [], hidden: [], env: {} },
  } as const;
  await expect(launcher.launch(spec, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
});
