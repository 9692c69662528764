/**
 * What the code generator writes (R13.10): whatever a program is called, holds and says, the text that the engine is given
 * consists of words this file knows, and nothing of the program runs or stays behind.
 */
import { compile } from '../../src/machine/compile.ts';
import { runSync } from '../../src/machine/run.ts';
import { RUNTIME_NAMES } from '../../src/compile/unit.ts';
import type { Value } from '../../src/values/kinds.ts';
import type { Choices } from './choices.ts';
import { makeProgram } from './programs.ts';
import type { Target } from './target.ts';

const NAMES = (
  '__proto__ constructor prototype toString valueOf hasOwnProperty globalThis arguments eval this null undefined NaN class function var let const return ' +
  "yield await async new delete typeof void in of import export static super rt d e s R K k0 v0 m1 p1x0 AB F S add process require $ $_ a$b x'y a.b x->y <script> &amp a&b"
).split(' ');
const STRINGS = [
  '`${globalThis.canary=1}`',
  '"+(globalThis.canary=1)+"',
  "';globalThis.canary=1;'",
  '*/globalThis.canary=1/*',
  '\u2028globalThis.canary=1\u2028',
  '\n}catch(e){}globalThis.canary=1//',
  '</script>',
  '__proto__',
  'constructor',
  '\\',
  '\\u0027',
  '\0',
  '${',
  '}',
  '//',
  '#{',
  '\ud83d\ude00',
];
const NUMBERS = [
  '123456789',
  '-987654321',
  '1.2345678e9',
  '9223372036854775807',
  '-9223372036854775808',
  '1e300',
  '##NaN',
  '##-Inf',
  '-0.0',
];
const KEYWORDS = [...NAMES.filter((name) => !/^[<>&]/.test(name)), 'a/b', 'com.acme:v1.0/x'].map((name) => `:${name}`);

function string(c: Choices): string {
  const text = c.pick(STRINGS);
  return `"${[...text].map((one) => (/["\\\n\0\u2028]/u.test(one) ? `\\u{${one.codePointAt(0)?.toString(16) as string}}` : one)).join('')}"`;
}

/** Programs with something hostile in every position that takes a name, text, number or keyword. */
function makeHostile(c: Choices): string {
  if (c.once(4)) return renamed(c, makeProgram(c));
  return Array.from({ length: 1 + c.below(3) }, () => line(c)).join('\n');
}

function line(c: Choices): string {
  const [n, o] = [c.pick(NAMES), c.pick(NAMES)];
  const [s, t, k, i] = [string(c), string(c), c.pick(KEYWORDS), c.pick(NUMBERS)];
  return c.pick([
    `(def ${n} ${s} ${i})`,
    `(defn ${n} ${s} [${o}] (str ${o} ${t}))`,
    `((fn ${n} [${o}] [${o} ${k} ${i}]) ${s})`,
    `(let [${n} ${i} ${o} ${s}] {${k} ${n} ${s} ${o} ${i} ${k}})`,
    `(let [{:keys [${n}] :or {${n} ${s}} :as all} {${k} ${i}}] all)`,
    `(let [{:strs [${n}] ${k} q} {}] [${n} q])`,
    `(match ${s} ${t} 1 ${i} 2 ${k} 3 (or ${s} ${k}) 4 ${n} ${n})`,
    `(case ${k} ${k} ${s} ${s} ${i} ${i})`,
    `(try (throw {:kind ${k} :message ${s}}) (catch ${k} ${n} (:message ${n})) (finally ${i}))`,
    `(try (throw ${s}) (catch ${n} ${o} ${k}))`,
    `(step ${s} :params {${t} ${i}} :context-keys [${t}] :profile {${k} ${s}} (get %params ${t}))`,
    `(call ${k} ${s} {${k} ${i}})`,
    `(call ${s} ${k})`,
    `^{${k} ${s}} (call :t.echo ${i})`,
    `(do (set! ${n} ${i}) (set! ${k} ${s}) [(get ${k}) ${n}])`,
    `(loop [${n} 0 ${o} ${s}] (if (< ${n} 3) (recur (+ ${n} 1) (str ${o} ${t})) [${n} ${o}]))`,
    `(for [${n} [${i} ${s}] :let [${o} ${k}]] [${n} ${o}])`,
    `(parallel [${n} ${s}] [${o} ${i}])`,
    `(letfn [(${n} [x] ${s}) (${o} [x] (${n} x))] (${o} ${i}))`,
    `(re-test #"[${k.slice(1).replaceAll(/[^a-z]/gu, '')}x]" ${s})`,
    `'(${n} ${s} ${k} ${i} [${o}])`,
    `(checkpoint ${s} ${i})`,
    `(let [a (atom ${s})] (swap! a str ${t}) @a)`,
    `(${n} ${s})`,
    `(ex-data (${n.replaceAll(/[^A-Za-z]/gu, '').replace(/^./u, (one) => one.toUpperCase())}X. ${s} ${k}))`,
    `@${n.replace(/^[^A-Za-z]/u, 'a')}`,
    `(valid? [:map [${k} string] {${k} [:enum ${s} ${i}]}] {${k} ${s}})`,
    `(assert false ${s})`,
  ]);
}

function renamed(c: Choices, text: string): string {
  const names = new Map<string, string>();
  return text.replaceAll(/(?<![:\w"])(?:[abcxyf]|d[123]|top|f[12])(?![\w"?!-])/gu, (name) => {
    let other = names.get(name);
    if (other === undefined) {
      const used = new Set(names.values());
      other = c.pick(NAMES.filter((one) => !used.has(one)));
      names.set(name, other);
    }
    return other;
  });
}

// ── what must hold ──────────────────────────────────────────────────────────────────────────────────────────────────

const WORDS = new Set([
  ...RUNTIME_NAMES,
  ...'R K rt d e s const let function return if else for do while break continue try catch throw new yield instanceof typeof true false null undefined'.split(
    ' ',
  ),
  ...'Math Number'.split(' '),
]);
/** What may stand behind a dot. */
const PROPERTIES = new Set(
  (
    'aborted abort aborting abs again askCall askCheckpoint askContext askPause branch call call1 call2 call3 cast caught charge collectionSize completeStep done f failStep fuel full ' +
    'g generator generatorBody input isSafeInteger keywordOf length libraryValue limits loopIterations loopLimit low max may mayRetry min mine ' +
    'n next openStep out pauseMs plain plainBody push setContext spec spread startStep state stepContext traced undefinedSymbol value'
  ).split(' '),
);
const KEYS = new Set(['plain', 'generator']);
const GENERATED = /^[A-Za-z]\d+(?:x\d+)?$/;
const TOKEN = /\s+|'(?:number|use strict)'|([A-Za-z_$][\w$]*)|(\d+)|([-+*/%=<>!&|?:;,.(){}[\]]+)/y;
/** Numbers of a program's shape are small; those of a program are not, here. */
const SHAPE_MAX = 100_000;

/** The first thing in generated code that no generator writes; null if there is none. */
export function foreign(code: string): string | null {
  TOKEN.lastIndex = 0;
  let before = '';
  while (TOKEN.lastIndex < code.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(code);
    if (found === null) return code.slice(at, at + 40);
    const [text, word, number, marks] = found;
    const isProperty = before.endsWith('.');
    if (
      word !== undefined &&
      !(isProperty ? PROPERTIES.has(word) : WORDS.has(word) || GENERATED.test(word) || KEYS.has(word))
    )
      return `${before}${text}`;
    if (number !== undefined && Number(number) > SHAPE_MAX && Number(number) !== Number.MAX_SAFE_INTEGER) return text;
    if (marks !== undefined && /\/\/|\/\*/.test(marks)) return text;
    if (text.trim() !== '') before = text;
  }
  return null;
}

/** Names of the engine's own prototypes: a program that changed one would be seen by all. */
function prototypes(): string {
  return [Object, Array, Function, String, Number, Map]
    .map(({ prototype }) => Object.getOwnPropertyNames(prototype).length)
    .join();
}

const ENGINE = globalThis.Function;

/** Every text that becomes code while `work` runs. */
function codeOf(work: () => void): string[] {
  const texts: string[] = [];
  const spy = function spy(...args: string[]): unknown {
    texts.push(...args);
    return Reflect.construct(ENGINE, args);
  };
  globalThis.Function = Object.assign(spy, { prototype: ENGINE.prototype }) as unknown as FunctionConstructor;
  try {
    work();
  } finally {
    globalThis.Function = ENGINE;
  }
  return texts;
}

/** What is wrong with the code of a program. */
export function checkCode(source: string): string | null {
  const before = prototypes();
  let ended: string | null = null;
  const texts = codeOf(() => {
    const compiled = compile(source);
    if (!compiled.ok) {
      const internal = compiled.diagnostics.find(({ kind }) => kind === 'InternalError');
      ended = internal === undefined ? null : internal.message;
      return;
    }
    const host = { executeCapability: ({ args }: { args: readonly Value[] }): Value => args[0] ?? null };
    const outcome = runSync(compiled.program, { host, fuel: 50_000 });
    if ('error' in outcome && outcome.error.kind === 'InternalError') ended = outcome.error.message;
  });
  for (const text of texts) {
    const what = foreign(text);
    if (what !== null) return `in generated code: ${what}`;
  }
  if ('canary' in globalThis) {
    delete (globalThis as { canary?: unknown }).canary;
    return 'the program ran as code';
  }
  if (prototypes() !== before) return 'a prototype has changed';
  return ended;
}

export const CODE: Target = { name: 'code', weight: 2, make: makeHostile, check: checkCode };
