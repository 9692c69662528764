import { describe, expect, test } from 'vitest';
import { print } from '../values/print.ts';
import { compile } from './compile.ts';
import { runSync } from './run.ts';
import type { SyncHost } from './run.ts';
import type { Compiled, CompileOptions, ModuleResolver } from './types.ts';

/** Modules by name, as a host has them. */
function modules(texts: Readonly<Record<string, string>>): ModuleResolver {
  return { resolve: (name) => (Object.hasOwn(texts, name) ? { source: texts[name]!, file: `${name}.rtfs` } : null) };
}

function value(source: string, options: CompileOptions = {}, host?: SyncHost): string {
  const compiled = compile(source, options);
  if (!compiled.ok) return `!${errorOf(compiled).kind}`;
  const end = runSync(compiled.program, host === undefined ? {} : { host });
  if (end.status === 'completed') return print(end.value);
  return end.status === 'failed' ? `!${end.error.kind}` : `!${end.status}`;
}

function errorOf(compiled: Compiled): Compiled['diagnostics'][number] {
  const found = compiled.diagnostics.find(({ severity }) => severity === 'error');
  if (found === undefined) throw new Error('it compiles');
  return found;
}

function effectsOf(source: string, options: CompileOptions = {}) {
  const compiled = compile(source, options);
  if (!compiled.ok) throw new Error(errorOf(compiled).message);
  return compiled.program.effects;
}

function rows(table: string): [string, string][] {
  return table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' ⇒ ') as [string, string]);
}

describe('R10.1 R10.2 R10.4 modules of the text', () => {
  test.each(
    rows(`
    (module m (:exports [f]) (defn f [] 1)) ⇒ {"exports" ["f"] "name" "m"}
    (module a.b (defn f [] 1) (defn- g [] 2) (def k 3)) ⇒ {"exports" ["f" "k"] "name" "a.b"}
    (module m (defn f [] 1)) (import m) ⇒ nil
    (module m (defn f [] 1)) (import m) (m/f) ⇒ 1
    (module a.b (defn f [] 1)) (import a.b) (a.b/f) ⇒ 1
    (module m (defn f [] 1)) (import m :as q) (q/f) ⇒ 1
    (module m (defn f [] 1)) (import m :as q) (m/f) ⇒ !UndefinedSymbol
    (module m (defn f [] 1)) (import m :only [f]) [(f) (m/f)] ⇒ [1 1]
    (module m (defn f [] 1)) (import m :only [f] :as q) [(f) (q/f)] ⇒ [1 1]
    (import m) (module m (def k 5)) m/k ⇒ 5
    (module m (:exports [f]) (defn g [] 1) (defn f [] (g))) (import m) (m/f) ⇒ 1
    (module m (:exports [f]) (defn g [] 1) (defn f [] 2)) (import m) (m/g) ⇒ !UndefinedSymbol
    (module m (:exports [f])) ⇒ !ModuleError
    (module m (def k 1)) (import m :only [j]) ⇒ !ModuleError
    (module m (def k 1)) (module m (def k 2)) ⇒ !ModuleError
    (module m (def k 1)) (module n (def k 2)) (import m :as q) (import n :as q) ⇒ !ModuleError
    (module m (def k 1)) (import m) (import m) (import m :as n) [m/k n/k] ⇒ [1 1]
    (import nowhere) ⇒ !ModuleError
    (module m (module n (def k 1))) ⇒ !SyntaxError
    (do (module m (def k 1))) ⇒ !SyntaxError
    (module m (def k 1)) (do (import m)) ⇒ !SyntaxError
    (module m (def k 1)) (defn f [] (import m) m/k) (f) ⇒ !SyntaxError
    (module "m" (def k 1)) ⇒ !SyntaxError
    (module m (:exports f) (def k 1)) ⇒ !SyntaxError
    (import) ⇒ !SyntaxError
    (import m :as) ⇒ !SyntaxError
    (import m :as a/b) ⇒ !SyntaxError
    (import m :other x) ⇒ !SyntaxError
    (import a..b) ⇒ !ModuleError
    (import ..b) ⇒ !ModuleError
    (import a/b) ⇒ !ModuleError
    (import m#1) ⇒ !ModuleError
    (def x 1) (module m (def y x)) ⇒ !UndefinedSymbol
    (module m (def x 1)) (import m) x ⇒ !UndefinedSymbol
    (module m (def x 1)) (import m :only [x]) (def x 2) [x m/x] ⇒ [2 1]
    (module m (def x 1)) (import m :only [x]) (let [x 3] x) ⇒ 3
    (module m (def x 1)) (import m :only [x]) (set! x 2) ⇒ !SyntaxError
    (module m (def x 1)) (import m) (defn f [] (set! m/x 2)) ⇒ !SyntaxError
    (module m (def n 0) (defn up [] (set! n (+ n 1)) n)) (import m) [(m/up) (m/up) m/n] ⇒ [1 2 2]
    (module a (def k 1)) (module b (import a) (def j (+ a/k 1))) (import b) [b/j] ⇒ [2]
    (module a (def k 1)) (module b (import a) (def j 2)) (import b) a/k ⇒ !UndefinedSymbol
    (module a (import b)) (module b (import a)) (import a) ⇒ !ModuleError
    (module a (import a)) ⇒ !ModuleError
    (module m (deftype Age [:and int [:>= 0]])) (import m :only [Age]) (let [a:Age -1] a) ⇒ !TypeValidationError
    (module m (deftype Age [:and int [:>= 0]])) (import m) (let [a:m/Age 1] a) ⇒ 1
    (module m (deftype Age [:and int [:>= 0]])) (import m) (let [a:Age 1] a) ⇒ !UnknownType
    (module m (defstruct P :x int)) (import m :as q) (q/P {:x "a"}) ⇒ !TypeValidationError
    (module m (defmacro tw [x] \`(* 2 ~x))) (import m :as q) (q/tw 4) ⇒ 8
    (module m (defmacro tw [x] \`(* 2 ~x))) (import m :only [tw]) (tw 4) ⇒ 8
    (module m (defmacro tw [x] \`(* 2 ~x))) (import m) (let [m/tw inc] (m/tw 4)) ⇒ 5
    (module m (:exports [f]) (defmacro tw [x] \`(* 2 ~x)) (defn f [] (tw 4))) (import m) (m/f) ⇒ 8
    (module m (:exports [f]) (defmacro tw [x] \`(* 2 ~x)) (defn f [] 1)) (import m) (m/tw 4) ⇒ !UndefinedSymbol
    (module m (defn h [x] (list '+ x x)) (defmacro tw [x] (h x))) (import m) (m/tw 4) ⇒ 8
  `),
  )('%s ⇒ %s', (source, wanted) => {
    expect(value(source)).toBe(wanted);
  });

  test('R10.5 the prefixes of the library are those of a module where one is imported as such', () => {
    expect(value('[(str/join "," [1 2]) (clojure.string/upper-case "a") (set/union #{1} #{2})]')).toBe(
      '["1,2" "A" #{1 2}]',
    );
    const m = '(module m (def join 5)) (import m :as str) ';
    expect(value(m + 'str/join')).toBe('5');
    expect(value(m + '(str/upper-case "a")')).toBe('!UndefinedSymbol');
    expect(value(m + '(string/upper-case "a")')).toBe('"A"');
  });

  test('what a text exports', () => {
    const exportsOf = (source: string): readonly string[] | false => {
      const compiled = compile(source);
      return compiled.ok && compiled.program.exports;
    };
    expect(exportsOf('(def a 1) (defn b [] 1) (defn- c [] 1) (deftype D int) (let [e 1] (def f 1))')).toEqual([
      'a',
      'b',
      'D',
    ]);
    expect(exportsOf('(defmacro m [] 1) (def a 1)')).toEqual(['a', 'm']);
    expect(exportsOf('(module m (:exports [b]) (def a 1) (def b 1))')).toEqual(['b']);
  });
});

describe('R10.3 modules of the host', () => {
  test('a module is one form of its name, or the forms themselves', () => {
    const texts = modules({ 'a.b': '(module a.b (:exports [f]) (defn f [] 1))', bare: '(def k 2) (defn- h [] 3)' });
    expect(value('(import a.b :as q) (import bare) [(q/f) bare/k]', { modules: texts })).toBe('[1 2]');
    expect(value('(import bare :only [h])', { modules: texts })).toBe('!ModuleError');
    expect(value('(import x)', { modules: modules({ x: '(module y (def k 1))' }) })).toBe('!ModuleError');
  });

  test('modules of the text come first', () => {
    const texts = modules({ m: '(def k :host)' });
    expect(value('(import m) (module m (def k :text)) m/k', { modules: texts })).toBe(':text');
  });

  test('each is evaluated once, at its first import, in import order', () => {
    const said: string[] = [];
    const host: SyncHost = {
      executeCapability: ({ args }) => {
        said.push(String(args[0]));
        return null;
      },
    };
    const texts = modules({
      a: '(call :t.say "a") (import b) (call :t.say "a again") (def k 1)',
      b: '(call :t.say "b") (def k 2)',
      c: '(import a) (import b) (call :t.say "c")',
    });
    const source = '(call :t.say "start") (import a) (import c) (import b) (import a) (call :t.say "end")';
    expect(value(source, { modules: texts }, host)).toBe('nil');
    expect(said).toEqual(['start', 'a', 'b', 'a again', 'c', 'end']);
  });

  test('each is asked for once, and the program says which it loaded', () => {
    const asked: string[] = [];
    const texts = modules({ a: '(import b)', b: '(def k 1)' });
    const resolver: ModuleResolver = {
      resolve: (name) => {
        asked.push(name);
        return texts.resolve(name);
      },
    };
    const compiled = compile('(import a) (import b) (import a)', { modules: resolver });
    expect(asked).toEqual(['a', 'b']);
    expect(compiled.ok && compiled.program.modules.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('a cycle is told with its chain', () => {
    const found = errorOf(
      compile('(import a)', { modules: modules({ a: '(import b)', b: '(import c)', c: '(import b)' }) }),
    );
    expect(found).toMatchObject({
      kind: 'ModuleError',
      code: 'ModuleCycle',
      message: 'Module error: modules import each other: b → c → b',
      span: { file: 'c.rtfs', line: 1 },
    });
  });

  test('a chain of imports is 64 modules at most', () => {
    const texts = modules(
      Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`m${i}`, `(import m${i + 1}) (def k ${i})`])),
    );
    const last = modules({ m69: '(def k 1)' });
    const chain: ModuleResolver = { resolve: (name) => last.resolve(name) ?? texts.resolve(name) };
    expect(value('(import m6) m6/k', { modules: chain })).toBe('6');
    expect(errorOf(compile('(import m5)', { modules: chain })).code).toBe('ModuleDepth');
  });

  test('a name that objects have, too', () => {
    const texts: ModuleResolver = { resolve: (name) => ({ source: `(def k "${name}")`, file: name }) };
    expect(value('(import __proto__) (import constructor :as c) [__proto__/k c/k]', { modules: texts })).toBe(
      '["__proto__" "constructor"]',
    );
  });

  test('what is wrong in a module is shown in its own text', () => {
    const options = { file: 'plan', modules: modules({ m: '(def a 1)\n(if)' }) };
    expect(errorOf(compile('(import m)', options))).toMatchObject({
      kind: 'SyntaxError',
      span: { file: 'm.rtfs', line: 2 },
      excerpt: '(if)',
    });
    const unread = { modules: modules({ m: '(def a 1' }) };
    expect(errorOf(compile('(import m)', unread))).toMatchObject({ kind: 'ParseError', span: { file: 'm.rtfs' } });
    const macro = { modules: modules({ m: '(defmacro bad [] (call :x))' }) };
    expect(errorOf(compile('(import m)', macro))).toMatchObject({ kind: 'MacroError', span: { file: 'm.rtfs' } });
  });

  test('an error of a run names the module', () => {
    const compiled = compile('(import m)\n(m/f)', { file: 'plan', modules: modules({ m: '\n\n(defn f [] (/ 1 0))' }) });
    if (!compiled.ok) throw new Error('it does not compile');
    const end = runSync(compiled.program);
    expect(end.status === 'failed' && end.error.span).toMatchObject({ file: 'm.rtfs', line: 3 });
  });

  test('a resolver that throws is no module, and says why (R13.9)', () => {
    const resolver: ModuleResolver = {
      resolve: () => {
        throw new Error('the disk is gone');
      },
    };
    expect(errorOf(compile('(import m)', { modules: resolver }))).toMatchObject({
      kind: 'ModuleError',
      code: 'ModuleNotFound',
      message: 'Module error: the module m cannot be had: the disk is gone',
    });
  });

  test('R17.5 the sources of a program are sixteen texts at most', () => {
    const limits = { sourceBytes: 1_000 };
    const texts: Record<string, string> = {};
    for (let i = 0; i < 17; i++) texts[`m${i}`] = `(def k ${i}) ; ${'x'.repeat(900)}`;
    const imports = (n: number): string => Array.from({ length: n }, (_, i) => `(import m${i})`).join('\n');
    expect(value(imports(17), { limits, modules: modules(texts) })).toBe('nil');
    texts['m16'] = `(def k 1) ; ${'x'.repeat(985)}`;
    for (let i = 0; i < 16; i++) texts[`m${i}`] = `(def k 1) ; ${'x'.repeat(985)}`;
    expect(errorOf(compile(imports(17), { limits, modules: modules(texts) })).message).toContain('16000 bytes');
    expect(errorOf(compile('(import big)', { limits, modules: modules({ big: 'x'.repeat(1_001) }) })).code).toBe(
      'SourceTooLarge',
    );
  });
});

describe('R10.6 R11.9 effects and sites', () => {
  const texts = modules({
    net: '(defn get-it [u] (step "fetch" (call :t.get u)))\n(def at-load (call :t.load))',
  });

  test("a program's effects include its modules', whose sites begin with the module's name", () => {
    const effects = effectsOf('(import net)\n(call :t.own)', { modules: texts });
    expect(effects.capabilities).toEqual(['t.get', 't.load', 't.own']);
    expect(effects.calls.map(({ id, site, span }) => [id, site, span.file])).toEqual([
      ['t.get', 'net:0.3.2', 'net.rtfs'],
      ['t.load', 'net:1.2', 'net.rtfs'],
      ['t.own', '1', undefined],
    ]);
    expect(effects.steps).toMatchObject([{ name: 'fetch', site: 'net:0.3' }]);
    expect(effectsOf('1', { modules: texts }).pure).toBe(true);
  });

  test('call paths are those sites', () => {
    const paths: string[] = [];
    const host: SyncHost = {
      executeCapability: ({ path, step }) => {
        paths.push(`${path} ${step?.path ?? ''}`);
        return null;
      },
    };
    const source = '(import net) (step-parallel (net/get-it "a") (net/get-it "b"))';
    value(source, { modules: texts }, host);
    expect(paths).toEqual(['net:1.2#0 ', '1#0|0/net:0.3.2#0 1#0|0/net:0.3#0', '1#0|1/net:0.3.2#0 1#0|1/net:0.3#0']);
  });

  test('the sites of a module are the same wherever it stands', () => {
    const body = '(defn f [] (call :a)) (defn g [] (call :b))';
    const sites = (source: string, options?: CompileOptions): unknown =>
      effectsOf(source, options).calls.map(({ site }) => site);
    expect(sites(`(import m)`, { modules: modules({ m: body }) })).toEqual(['m:0.3', 'm:1.3']);
    expect(sites(`(import m)`, { modules: modules({ m: `(module m (:exports [f]) ${body})` }) })).toEqual([
      'm:0.3',
      'm:1.3',
    ]);
    expect(sites(`(module m ${body})`)).toEqual(['m:0.3', 'm:1.3']);
  });

  test('the expanded text compiles to the same program with the same modules', () => {
    const options = { modules: modules({ u: '(defmacro tw [x] `(let [v# ~x] (call :t.a v#))) (defn f [] (tw 1))' }) };
    const source =
      '(module m (:exports [tw k]) (defmacro tw [x] `(* 2 ~x)) (def k (tw 3)))\n(import m) (import u :only [tw])\n[(m/tw m/k) (tw 2)]';
    const compiled = compile(source, options);
    if (!compiled.ok) throw new Error(errorOf(compiled).message);
    const { expanded, effects } = compiled.program;
    expect(expanded.split('\n')).toEqual([
      '(module m (:exports [tw k]) (defmacro tw [x] `(* 2 ~x)) (def k (* 2 3)))',
      '(import m)',
      '(import u :only [tw])',
      '[(* 2 m/k) (let [v__3 2] (call :t.a v__3))]'.replaceAll('v__3', /v__\d/.exec(expanded)?.[0] ?? ''),
    ]);
    const again = compile(expanded, options);
    const sites = (one: typeof effects): unknown => one.calls.map(({ id, site }) => [id, site]);
    expect(again.ok && sites(again.program.effects)).toEqual(sites(effects));
    expect(again.ok && again.program.expanded).toBe(expanded);
  });
});
