/**
 * The engine itself: what its module imports, its memory and stack, and what code inside it can reach (M10, M18 #54).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeBytecode, readBytecode } from './bytecode.ts';
import { Engine, EngineFailure, STACK_BYTES } from './engine.ts';
import { engineModule, readEngine } from './guest-bundle.ts';
import { engineImports } from './imports.ts';
import { PAGE_BYTES, withMemoryMaximum } from './memory-section.ts';

const MB = 1024 * 1024;
const module = engineModule(readEngine(), 64 * MB);

interface Run {
  readonly interrupt?: () => boolean;
  readonly memoryMb?: number;
  readonly now?: number;
}
/** What the code reported by `report(text)`, in order. */
function reports(source: string, { interrupt = () => false, memoryMb = 64, now = 0 }: Run = {}): string[] {
  const seen: string[] = [];
  const engine = new Engine(module, {
    functions: {
      report: (text) => {
        seen.push(text ?? 'not a string');
        return null;
      },
    },
    now: () => now,
    fillRandom: (bytes) => {
      bytes.fill(4);
    },
    interrupt,
  });
  engine.allow(memoryMb * MB);
  engine.run({ source });
  return seen;
}
function failure(run: () => unknown): EngineFailure {
  try {
    run();
  } catch (error) {
    if (error instanceof EngineFailure) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

describe('M10.1 imports', () => {
  const host = {
    memory: () => new WebAssembly.Memory({ initial: 1 }),
    now: () => 0,
    fillRandom: () => {},
    interrupt: () => false,
    call: () => 0,
  };
  const imports = engineImports(host);
  const listed = WebAssembly.Module.imports(module)
    .map(({ module: from, name }) => `${from}.${name}`)
    .toSorted();

  test('the pinned engine imports these, and the table has exactly these', () => {
    const given = Object.entries(imports).flatMap(([from, functions]) =>
      Object.keys(functions).map((name) => `${from}.${name}`),
    );
    expect(listed).toEqual([
      'env.host_call',
      'env.host_get_timezone_offset',
      'env.host_interrupt',
      'env.host_module_load',
      'env.host_module_normalize',
      'env.host_promise_rejection',
      'wasi_snapshot_preview1.clock_time_get',
      'wasi_snapshot_preview1.fd_close',
      'wasi_snapshot_preview1.fd_fdstat_get',
      'wasi_snapshot_preview1.fd_seek',
      'wasi_snapshot_preview1.fd_write',
      'wasi_snapshot_preview1.random_get',
    ]);
    expect(given.toSorted()).toEqual(listed);
  });

  test('every import of files and modules refuses', () => {
    const { env, wasi_snapshot_preview1: wasi } = imports;
    const called = (functions: Record<string, Function>, name: string): unknown => functions[name]?.(1, 0, 0, 0);
    expect(['fd_close', 'fd_fdstat_get', 'fd_seek', 'fd_write'].map((name) => called(wasi, name))).toEqual([
      8, 8, 8, 52,
    ]);
    expect(
      ['host_module_load', 'host_module_normalize', 'host_get_timezone_offset'].map((name) => called(env, name)),
    ).toEqual([0, 0, 0]);
  });
});

describe('memory', () => {
  test('M20.10 the maximum stands in the memory section: growing beyond it is refused', () => {
    const none = { memory: () => memory, now: () => 0, fillRandom: () => {}, interrupt: () => false, call: () => 0 };
    const bounded = new WebAssembly.Module(withMemoryMaximum(readEngine(), 100));
    const memory: WebAssembly.Memory = new WebAssembly.Instance(bounded, { ...engineImports(none) }).exports[
      'memory'
    ] as WebAssembly.Memory;
    const pages = memory.buffer.byteLength / PAGE_BYTES;
    expect(() => memory.grow(101 - pages)).toThrow(RangeError);
    expect(memory.grow(100 - pages)).toBe(pages);
  });
  test.each([
    [0, 'needs'],
    [17, 'needs'],
  ])('a maximum of %d pages is refused', (pages, message) => {
    expect(() => withMemoryMaximum(readEngine(), pages)).toThrow(message);
  });
  test('a module without a memory, or cut off, is refused', () => {
    expect(() => withMemoryMaximum(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0), 100)).toThrow('declares no memory');
    expect(() => withMemoryMaximum(readEngine().subarray(0, 11), 100)).toThrow(RangeError);
  });

  test('M10.2 reaching the limit is out of memory, catchable inside, and the instance lives on', () => {
    const seen = reports(
      `const a = []; try { for (;;) a.push(new Uint8Array(65536)); } catch (e) { report(e.name + ': ' + e.message + ' ' + (a.length >> 4)); }
      a.length = 0; report('alive ' + new Uint8Array(1 << 20).length);`,
      { memoryMb: 8 },
    );
    expect(seen).toEqual(['InternalError: out of memory 7', 'alive 1048576']);
  });
  test.each([
    'const a = []; for (;;) a.push(new Uint8Array(65536))',
    'let s = "x"; for (;;) s += s + s',
    'const m = new Map(); for (let i = 0; ; i++) m.set(i, {})',
    'new Uint8Array(2 ** 31 - 1)',
    'const f = []; for (;;) f.push(() => f)',
    'new Array(1e9).fill(0)',
    '"x".repeat(2 ** 29)',
  ])('M10.2 %s ends as out of memory', (source) => {
    expect(failure(() => reports(source, { memoryMb: 8 }))).toMatchObject({
      reason: expect.stringMatching(/out-of-memory|threw/),
    });
  });
});

describe('M10.5 stack', () => {
  test('the stack is 16 MiB of the memory', () => {
    const engine = new Engine(module, { functions: {}, now: () => 0, fillRandom: () => {}, interrupt: () => false });
    expect(engine.memoryBytes).toBeGreaterThan(STACK_BYTES);
    expect(engine.memoryBytes).toBeLessThan(STACK_BYTES + 4 * MB);
  });
});

describe('M18 #54 nothing of the host is in reach', () => {
  test.each([
    'process',
    'require',
    'global',
    'std',
    'os',
    'WebAssembly',
    'Atomics',
    'console',
    'fetch',
    'setTimeout',
    'performance',
    'Buffer',
    'print',
    'scriptArgs',
    'Worker',
    'navigator',
  ])('%s is undefined', (name) => {
    expect(reports(`report(typeof ${name})`)).toEqual(['undefined']);
  });
  test('the global object holds the language and the given functions, and nothing else', () => {
    const known = reports('report(Object.getOwnPropertyNames(globalThis).toSorted().join(" "))')[0]?.split(' ') ?? [];
    expect(known.filter((name) => !(name in globalThis))).toEqual(
      ['InternalError', 'report'].filter((name) => known.includes(name)),
    );
  });
  test.each([
    [
      "constructors lead to the guest's own functions",
      'report(String(report.constructor === Function) + typeof report.constructor("return this")().process)',
      'trueundefined',
    ],
    [
      'stack hooks see no host frame',
      'Error.prepareStackTrace = (e, s) => s; try { null.x } catch (e) { report(String(e.stack).includes("/") ? "path" : "none") }',
      'none',
    ],
    [
      'an error thrown through a host function has no host stack',
      'try { report({ toString() { throw new Error("mine") } }); report("called") } catch (e) { report(e.message) }',
      'not a string',
    ],
    ['a host function takes no object', 'report({}); report(new Proxy({}, {}))', 'not a string'],
    ['new on a host function', 'try { new report("x"); } catch (e) { report(e.name) }', 'TypeError'],
  ])('%s', (_what, source, expected) => {
    expect(reports(source)[0]).toBe(expected);
  });
  test('import() is refused and static import does not parse', () => {
    expect(reports('import("fs").then(() => report("loaded"), () => report("refused")); report("went on")')).toEqual([
      'went on',
    ]);
    expect(failure(() => reports('import fs from "fs"')).reason).toBe('threw');
  });
  test('M10.1 the clock is what the host says', () => {
    expect(
      reports(
        'const a = Date.now(); for (let i = 0; i < 1e5; i++); report(a + " " + Date.now() + " " + new Date().toISOString() + new Date().getTimezoneOffset())',
        { now: 1_500 },
      ),
    ).toEqual(['1500 1500 1970-01-01T00:00:01.500Z0']);
  });
});

test('M10.2 the interrupt ends a loop beyond any catch, and the same program at the same place', () => {
  const turns = (): string[] => {
    let left = 20;
    const seen: string[] = [];
    const engine = new Engine(module, {
      functions: {
        report: (text) => {
          seen.push(text ?? '');
          return null;
        },
      },
      now: () => 0,
      fillRandom: () => {},
      interrupt: () => left-- <= 0,
    });
    expect(
      failure(() =>
        engine.run({
          source:
            'let n = 0; try { for (;;) if (++n % 1000 === 0) report(String(n)) } catch (e) { report("caught") } finally { report("finally") }',
        }),
      ).reason,
    ).toBe('interrupted');
    return seen;
  };
  const first = turns();
  expect(first.at(-1)).toMatch(/^\d+$/);
  expect(turns()).toEqual(first);
});

test('an error of the code is its name and message', () => {
  expect(failure(() => reports('throw new TypeError("no")'))).toMatchObject({
    reason: 'threw',
    message: 'TypeError: no',
  });
  expect(failure(() => reports('throw "text"'))).toMatchObject({ reason: 'threw', message: 'text' });
  expect(failure(() => reports('throw { get message() { throw 1 } }')).reason).toBe('threw');
});

describe('M20.10 bytecode', () => {
  const engine = readEngine(),
    source = Buffer.from('report("ran")');
  test('counts only for the engine and source it was made of, and only whole', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ccos-bytecode-'));
    try {
      const file = join(folder, 'x.bytecode');
      const made = makeBytecode({ engine, source });
      writeFileSync(file, made);
      const bytecode = readBytecode(file, { engine, source });
      const seen: string[] = [];
      new Engine(module, {
        functions: {
          report: (text) => {
            seen.push(text ?? '');
            return null;
          },
        },
        now: () => 0,
        fillRandom: () => {},
        interrupt: () => false,
      }).run({ bytecode: bytecode ?? new Uint8Array() });
      expect(seen).toEqual(['ran']);
      expect(readBytecode(file, { engine, source: Buffer.from('report("else")') })).toBeNull();
      expect(readBytecode(file, { engine: engine.subarray(1), source })).toBeNull();
      for (const at of [3, 40, made.length - 1]) {
        const bent = Buffer.from(made);
        bent[at] = (bent[at] ?? 0) ^ 1;
        writeFileSync(file, bent);
        expect(readBytecode(file, { engine, source })).toBeNull();
      }
      expect(readBytecode(join(folder, 'none'), { engine, source })).toBeNull();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
