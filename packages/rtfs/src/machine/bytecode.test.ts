import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { print } from '../values/print.ts';
import { fail } from '../values/fail.ts';
import { sha256 } from '../stdlib/sha256.ts';
import { decodeBytecode, encodeBytecode } from './bytecode.ts';
import type { Bytecode } from './bytecode.ts';
import { BytecodeError, isBytecode, PAYLOAD_AT, seal } from './bytecode-format.ts';
import { readPayload } from './bytecode-read.ts';
import { writePayload } from './bytecode-write.ts';
import { read as readForms } from '../reader/read.ts';
import { compile, compileBytecode } from './compile.ts';
import { Regex } from '../values/kinds.ts';
import { resolveLimits } from './limits.ts';
import { runSync } from './run.ts';
import type { SyncHost } from './run.ts';
import type { Compiled, CompiledProgram, Diagnostic, Outcome } from './types.ts';

const SOURCE = 'ab'.repeat(32);
const FILE = 'plan.rtfs';

const TEXTS: Readonly<Record<string, string>> = {
  'lib.text': `(module lib.text (:exports [loud fail twice]) (import lib.marks)
    (defn- hidden [s] (str s lib.marks/mark)) (defn loud [s] (call :t.echo (hidden (upper-case s))))
    (defn fail [x]
      (/ 1 x))
    (defmacro twice [x] \`(let [a# ~x b# ~x] [a# b#])))`,
  'lib.marks': '(def mark "!") (defmacro unused [] 1) (defstruct point :x int)',
};
const modules = {
  resolve: (name: string) =>
    Object.hasOwn(TEXTS, name) ? { source: TEXTS[name] as string, file: `${name.replace('.', '/')}.rtfs` } : null,
};

const compiled = (text: string): Compiled => compile(text, { file: FILE, modules });

function programOf(text: string): CompiledProgram {
  const result = compiled(text);
  if (!result.ok) throw new Error(result.diagnostics.find(({ severity }) => severity === 'error')?.message);
  return result.program;
}

const containerOf = (text: string): Uint8Array => encodeBytecode(programOf(text), { file: FILE, source: SOURCE });

/** All that can be seen of a run: its end with places and usage, and each call with its path. */
function seen(program: CompiledProgram): unknown {
  const calls: unknown[] = [];
  const host: SyncHost = {
    executeCapability: ({ id, args, path, step }) => {
      calls.push([id, path, step?.path, args.map((arg) => print(arg))]);
      return id === 't.fail' ? fail('CapabilityError', 'no') : (args[0] ?? null);
    },
    getContextValue: (key) => (key === 'plan-id' ? 'p1' : undefined),
  };
  return { calls, end: ending(runSync(program, { host, fuel: 2_000_000 })), effects: program.effects };
}

function ending(end: Outcome): unknown {
  if (end.status === 'completed') return [print(end.value), end.usage];
  if (end.status !== 'failed' && end.status !== 'exhausted') return end;
  const { kind, message, data, span, trace, hint } = end.error;
  return [kind, message, print(data), span, trace, hint, end.usage];
}

/** Findings without their line; what the reader warns of is told of a text alone. */
const told = (diagnostics: readonly Diagnostic[]): unknown =>
  diagnostics.filter(({ kind }) => kind !== 'ParseError').map((one) => ({ ...one, excerpt: '' }));

/** Holds a text to its bytecode; false where it does not compile. */
function agrees(text: string): boolean {
  const source = compiled(text);
  if (!source.ok) return false;
  const bytes = encodeBytecode(source.program, { file: FILE, source: SOURCE });
  const code = decodeBytecode(bytes);
  expect(code.source).toBe(SOURCE);
  const program = compileBytecode(code);
  if (!program.ok) throw new Error(program.diagnostics[0]?.message);
  expect(seen(program.program)).toEqual(seen(source.program));
  expect(program.program.exports).toEqual(source.program.exports);
  expect(told(program.diagnostics)).toEqual(told(source.diagnostics));
  // Bytecode is its own bytecode.
  if (code.modules.length === 0)
    expect([...encodeBytecode(program.program, { file: FILE, source: SOURCE })]).toEqual([...bytes]);
  return true;
}

const MACROS = readFileSync(new URL('./macros.test.ts', import.meta.url), 'utf8');
const MODULES = readFileSync(new URL('./modules.test.ts', import.meta.url), 'utf8');
const APPENDIX = readFileSync(new URL('../../test/conformance/appendix-a.rtfs', import.meta.url), 'utf8');

/** The programs of tables `program ⇒ value`. */
function rowsOf(table: string): string[] {
  return table.split('\n').flatMap((line) => {
    const at = line.lastIndexOf(' ⇒ ');
    return at < 0 || line.startsWith(';;') ? [] : [line.slice(0, at).trim()];
  });
}
const unescaped = (text: string): string => text.replaceAll('\\`', '`').replaceAll('\\\\', '\\');

const PROGRAMS = [
  '(import lib.text :as t :only [twice]) (twice (t/loud "a")) (step "s" (twice (t/fail 0)))',
  '(import lib.marks) (valid? lib.marks/point {:x 1}) lib.marks/mark',
  '(module m (:exports [f g]) (defmacro g [x] `(f ~x ~x)) (defn f [& r] (call :t.echo r))) (import m) (m/g (m/f 1))',
  '(defmacro m [& xs] `(step "s" ~@(map (fn [x] `(call :t.echo ~x)) xs))) (m 1 2.5 -7) (m (m "a") (/ 1 0))',
  '(defmacro later [x] (list (quote fn) [] x)) (map (later (call :t.echo 1)) [])\n(-> 1 (later) (f))\n((later\n (t 1)))',
  '[9007199254740991 9007199254740993 -9223372036854775808 4503599627370496 -4503599627370495 0 -1 1.5 2.0 -0.0 1e300]',
  '["" "ä😀" "\\u{0}" #"a\\"b+" :k :a/b nil true false \'(a b) #{1 2} {:a [1]} `(x ~(+ 1 2) ~@[1])]',
  '(defn ^{:private true} f [x:int & r] ^{:runtime.learning true} (call :t.echo x)) (f 1)\n\n(f "😀😀" \n :x)',
  '(map #(+ %1 (call :t.echo %2)) [1 2] [3 4]) @(atom 1) (deftype p [:map [:a int]]) (valid? p {:a 1})',
  '',
];

describe('M1.4 bytecode is the program', () => {
  test('Appendix A, macros and modules: value, call paths, sites, effects, fuel, places of errors', () => {
    const rows = [...rowsOf(APPENDIX), ...rowsOf(unescaped(MACROS)), ...rowsOf(unescaped(MODULES))];
    const agreeing = rows.filter(agrees);
    expect(agreeing.length).toBeGreaterThan(420);
  }, 120_000);

  test.each(PROGRAMS)('%s', (text) => {
    expect(agrees(text)).toBe(true);
  });

  const leaf = fc.constantFrom('1', '2.5', '"s"', ':k', 'x', 'nil', '[]', '{:a 1}', "'(a b)", '(call :t.echo x)', 'q#');
  const { form } = fc.letrec<{ form: string }>((tie) => ({
    form: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.tuple(tie('form'), tie('form')).map(([a, b]) => `(+ ${a}\n  ${b})`),
      fc.tuple(tie('form'), tie('form')).map(([a, b]) => `(let [x ${a}] ${b})`),
      fc.tuple(tie('form'), tie('form')).map(([a, b]) => `(twice ${a}) ${b}`),
      fc.tuple(tie('form')).map(([a]) => `(step "s" (unless false ${a}))`),
      fc.tuple(tie('form')).map(([a]) => `(try (t/fail ${a}) (catch e (:kind e)))`),
      fc.tuple(tie('form')).map(([a]) => `(t/loud (str ${a}))`),
      fc.tuple(tie('form')).map(([a]) => `[\`(a# ~${a}) ;; x\n "😀"]`),
    ),
  }));
  const header = '(import lib.text :as t :only [twice]) (defmacro unless [c b] `(if ~c nil ~b)) (def x 1)\n';

  test('generated programs with macros and modules', () => {
    let compiling = 0;
    fc.assert(
      fc.property(fc.array(form, { minLength: 1, maxLength: 3 }), (forms) => {
        if (agrees(header + forms.join('\n'))) compiling++;
      }),
      { numRuns: 200 },
    );
    expect(compiling).toBeGreaterThan(50);
  }, 60_000);

  test('the bodies of macros are not in it', () => {
    const text = Buffer.from(containerOf('(defmacro m [] (str "only-in-the-body" 1)) (m)')).toString('latin1');
    expect(text).not.toContain('only-in-the-body ');
    expect(decodeBytecode(containerOf('(defmacro m [a b] (str a b)) (m 1 2)')).forms[0]).toMatchObject({
      items: [{ name: 'defmacro' }, { name: 'm' }, { t: 'vector', items: [] }],
    });
  });

  test('its layout stays: golden bytes of version 1', () => {
    const bytes = containerOf('(import lib.marks)\n(defmacro m [x] x)\n(m [1 -2.5 "é" :k])');
    expect(sha256(bytes)).toBe('e00b1988fca33a598772708a68077de9a745540735d63921d35b937c556232ba');
  });
});

describe('M1.4 bytecode is checked', () => {
  const refused = (bytes: Uint8Array): boolean => {
    try {
      decodeBytecode(bytes);
      return false;
    } catch (error) {
      if (error instanceof BytecodeError) return true;
      throw error;
    }
  };
  /** Null for what is refused when it is compiled. */
  const compiledOf = (code: Bytecode): Compiled | null => {
    try {
      return compileBytecode(code);
    } catch (error) {
      if (error instanceof BytecodeError) return null;
      throw error;
    }
  };
  const containers = [
    containerOf('(import lib.text :as t :only [twice])\n(twice (t/loud "a"))'),
    containerOf('[1 -2.5 9223372036854775807 "é" :k #"a+" `(a ~(+ 1 2) ~@[3])] #{1} \'q ((fn [x : int] @x) 1)'),
    containerOf(''),
  ];

  test('every single changed byte and every cut is refused', () => {
    for (const bytes of containers) {
      expect(refused(bytes)).toBe(false);
      for (let at = 0; at < bytes.length; at++) {
        for (const bits of [1, 0x80, 0xff]) {
          const changed = bytes.slice();
          changed[at] = (changed[at] as number) ^ bits;
          if (!refused(changed)) throw new Error(`byte ${at} changed by ${bits} is taken`);
          expect(isBytecode(changed)).toBe(true);
        }
        if (!refused(bytes.subarray(0, at))) throw new Error(`cut at ${at}, it is taken`);
      }
      expect(refused(Uint8Array.of(...bytes, 0))).toBe(true);
    }
  });

  test('no text is taken for bytecode', () => {
    const texts = ['', '(+ 1 2)', '\ufeff(f)', ' RTFS\r\n', '#!/usr/bin/env RTFS\r\n', ';RTFS bytecode'];
    for (const text of texts) expect(isBytecode(new TextEncoder().encode(text))).toBe(false);
  });

  test('random bytes and random payloads under a right digest never crash', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => refused(bytes)));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (payload) => {
        refused(seal(SOURCE, payload));
      }),
      { numRuns: 500 },
    );
  });

  test('changed payloads under a right digest are refused or are a program like any other', () => {
    let taken = 0;
    for (const bytes of containers) {
      const payload = bytes.subarray(PAYLOAD_AT);
      const change = fc.array(fc.tuple(fc.nat(payload.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
      fc.assert(
        fc.property(change, (changes) => {
          const changed = payload.slice();
          for (const [at, byte] of changes) changed[at] = byte;
          const sealed = seal(SOURCE, changed);
          if (refused(sealed)) return;
          taken++;
          const code = decodeBytecode(sealed);
          const result = compiledOf(code);
          if (result === null) return;
          for (const { kind } of result.diagnostics) expect(kind).not.toBe('InternalError');
          // What it means can be spelled, and the spelling means the same.
          if (!result.ok || code.modules.length > 0) return;
          expect(compile(result.program.expanded).ok).toBe(true);
        }),
        { numRuns: 700 },
      );
    }
    expect(taken).toBeGreaterThan(100);
  }, 60_000);

  const span = { start: 0, end: 0, line: 1, column: 1, endLine: 1, endColumn: 1 };
  const symbol = (name: string) => ({ t: 'symbol', name, span }) as const;
  const nested = (depth: number): Parameters<typeof writePayload>[0]['forms'][number] =>
    depth === 0 ? symbol('x') : { t: 'vector', items: [nested(depth - 1)], span };
  const taken = (...forms: Parameters<typeof writePayload>[0]['forms'][number][]): boolean =>
    !refused(seal(SOURCE, writePayload({ file: '', expansions: 0, forms, modules: [] })));

  test('a program holds only what a text could spell', () => {
    expect(taken(symbol('x'), symbol('%next'), symbol('core/map'), nested(512))).toBe(true);
    for (const name of ['', 'a b', '1x', 'nil', 'x#', '(', ':k', 'a\0b', 'resource://a', 'x'.repeat(1025)])
      expect([name, taken(symbol(name))]).toEqual([name, false]);
    expect(taken(symbol('123e4567-e89b-12d3-a456-426614174000'))).toBe(false);
    expect(taken({ t: 'quasiquote', form: symbol('x#'), span })).toBe(true);
    expect(taken({ t: 'map', items: [symbol('a')], span })).toBe(false);
    expect(taken({ t: 'annotation', type: symbol('int'), span })).toBe(false);
    expect(taken({ t: 'list', items: [], span, meta: symbol('a') })).toBe(false);
    expect(taken(nested(600))).toBe(false);
  });

  test('an operation of the runtime is a name like any other, and no program has it', () => {
    for (const name of ['%yield', '%call', '%next', '%apply']) {
      const payload = writePayload({
        file: '',
        expansions: 0,
        forms: [{ t: 'list', items: [symbol(name)], span }],
        modules: [],
      });
      const text = compile(`(${name})`);
      const code = compileBytecode(decodeBytecode(seal(SOURCE, payload)));
      expect(code.ok).toBe(text.ok);
      expect(code.diagnostics.map(({ message }) => message)).toEqual(text.diagnostics.map(({ message }) => message));
    }
  });

  test('a call of a macro that is left in it is refused', () => {
    const { forms } = readForms('(defmacro m [x] x) (m 1)');
    const payload = writePayload({ file: '', expansions: 0, forms, modules: [] });
    expect(() => compileBytecode(decodeBytecode(seal(SOURCE, payload)))).toThrow('a call of a macro is left in it');
  });

  const withModules = (text: string, ...names: string[]): Uint8Array => {
    const heads = names.map((name) => ({ name, file: name, form: readForms(`(module ${name} (def k 1))`).forms[0]! }));
    return seal(SOURCE, writePayload({ file: '', expansions: 0, forms: readForms(text).forms, modules: heads }));
  };

  test('modules are those that it imports, each once', () => {
    const compileOf = (bytes: Uint8Array): unknown => compileBytecode(decodeBytecode(bytes)).ok;
    expect(compileOf(withModules('(import a) (import b)', 'a', 'b'))).toBe(true);
    expect(compileOf(withModules('(import a) (import b)', 'a'))).toBe(false);
    expect(() => compileOf(withModules('(import a)', 'a', 'b'))).toThrow('a module in it is not imported');
    expect(() => compileOf(withModules('(module a (def k 2)) (import a)', 'a'))).toThrow('is not imported');
    expect(() => compileOf(withModules('(import a)', 'a', 'a'))).toThrow('a module stands in it twice');
  });

  test('a program has one spelling', () => {
    const empty = [1, 0, 0, 0, 0, 0];
    expect([...writePayload({ file: '', expansions: 0, forms: [], modules: [] })]).toEqual(empty);
    for (const other of [
      [0x81, ...empty],
      [2, 0, 1, 97, 0, 0, 0, 0],
      [2, 0, 0, 0, 0, 0, 0],
      [...empty, 0],
    ])
      expect([other, refused(seal(SOURCE, Uint8Array.from(other)))]).toEqual([other, true]);
    expect(refused(seal(SOURCE, Uint8Array.from([0x81, 0, ...empty.slice(1)])))).toBe(true);
    // nil with the span of the form before, and the same span told anew.
    expect(refused(seal(SOURCE, Uint8Array.from([...empty.slice(0, 5), 1, 0])))).toBe(false);
    expect(refused(seal(SOURCE, Uint8Array.from([...empty.slice(0, 5), 1, 32, 0, 0])))).toBe(true);
  });

  test('no file of it acts on a terminal', () => {
    for (const file of ['\u001b[2J', 'a\nb', 'a\u202eb', 'x'.repeat(1025)])
      expect([file, refused(seal(SOURCE, writePayload({ file, expansions: 0, forms: [], modules: [] })))]).toEqual([
        file,
        true,
      ]);
  });

  test('few bytes are not a long text, nor much work', () => {
    const literal = (value: string | Regex) => ({ t: 'literal', value, span }) as const;
    const many = (form: ReturnType<typeof literal>, n: number) => Array.from({ length: n }, () => form);
    expect(taken(...many(literal('x'.repeat(1024)), 1024))).toBe(true);
    expect(taken(...many(literal('x'.repeat(1024)), 17 * 1024))).toBe(false);
    // A pattern is compiled once, however often it is named.
    const regexes = many(literal(new Regex('(?:abcdefgh){1,900}', null)), 3);
    const { forms } = decodeBytecode(
      seal(SOURCE, writePayload({ file: '', expansions: 0, forms: regexes, modules: [] })),
    );
    expect(new Set(forms.map((form) => form.t === 'literal' && form.value)).size).toBe(1);
  });

  test('what is announced and not there takes no memory', () => {
    // A number of strings of 2^48, then nothing.
    const huge = Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01);
    expect(() => readPayload(huge, resolveLimits())).toThrow('announces more than it holds');
  });
});
