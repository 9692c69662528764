import { describe, expect, test } from 'vitest';
import { compile } from '../machine/compile.ts';
import { LIBRARY } from '../machine/library.ts';
import { runSync } from '../machine/run.ts';
import type { SyncHost } from '../machine/run.ts';
import { EFFECT_TEMPLATES } from '../syntax/effect-templates.ts';
import { typeText } from '../types/type.ts';
import type { FnType } from '../types/type.ts';
import type { Value } from '../values/kinds.ts';
import { Vec } from '../values/vector.ts';
import { PRELUDE } from './prelude.ts';
import { parseSignature, SIGNATURE_TYPES } from './signature.ts';

/** Values of every kind, as texts, so that one program can hand all of them to a function. */
const POOL = [
  'nil | true | false | 0 | 1 | 2 | 16 | -3 | 9007199254740993 | 2.5 | 2.0 | ##NaN | "" | "abc" | "a" | "1" | "%s"',
  ':k | :ms | \'s | [] | [0] | [1 2 3] | [[:a 1] [:b 2]] | ["a" "b"] | \'() | \'(1 2) | {} | {:a 1} | {"x" [1]}',
  '#{} | #{1 2} | #"a" | (ex-info "m" {:a 1}) | inc | (fn [& xs] (first xs)) | (fn [& xs] []) | (atom 1)',
].flatMap((line) => line.split(' | '));

const TYPES = SIGNATURE_TYPES.map(([name, text]) => `(deftype ${name} ${text})`).join(' ');

/** What may be wrong with other arguments than those whose kind is wrong, and is told first. */
const VALUES = [
  'InvalidArgument',
  'IndexOutOfBounds',
  'DivisionByZero',
  'IntegerOverflow',
  'ArityMismatch',
  'InvalidRegex',
];

/** Whether `args` fit a way, as an expression over the parameters `a0`, `a1` …. */
function fits(way: FnType, count: number): string {
  if (way.rest === null ? way.parameters.length !== count : way.parameters.length > count) return 'false';
  const tests = Array.from(
    { length: count },
    (_none, i) => `(valid? ${typeText(way.parameters[i] ?? (way.rest as never))} a${i})`,
  );
  return `(and ${tests.join(' ')})`;
}

/** The calls of `name` with the values at the given indices of the pool: `[way outcome]` of each, outcome as its kind or whether the result's type holds. */
function outcomes(name: string, ways: readonly FnType[], rows: readonly (readonly number[])[]): readonly string[] {
  const count = rows[0]?.length ?? 0;
  const params = Array.from({ length: count }, (_none, i) => `a${i}`).join(' ');
  const way = ways.map((one, i) => `${fits(one, count)} ${i}`).join(' ');
  const result = ways.map((one, i) => `(= w ${i}) (if (valid? ${typeText(one.result)} r) "ok" "result")`).join(' ');
  const source = `${TYPES} (def pool [${POOL.join(' ')}])
    (for [[${params}] (map (fn [row] (map (fn [i] (nth pool i)) row)) input)]
      (let [w (cond ${way} :else -1)]
        (str w " " (try (let [r (${name} ${params})] (cond ${result} :else "ok")) (catch e (name (:kind e)))))))`;
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(`${name}: ${compiled.diagnostics[0]?.message as string}`);
  const outcome = runSync(compiled.program, { input: Vec.of(rows.map((row) => Vec.of([...row]))) });
  if (outcome.status !== 'completed')
    throw new Error(`${name}: ${outcome.status} ${'error' in outcome ? outcome.error.message : ''}`);
  return (outcome.value as Vec).toArray() as string[];
}

/** Answers what effect functions compute with. */
const HOST: SyncHost = { executeCapability: ({ id }) => REPLIES[id] ?? 'text' };
const REPLIES: Readonly<Record<string, Value>> = { 'ccos.system.random': 0.5, 'ccos.system.random-int': 0 };

const fitting = new Map<string, readonly number[]>();

/** The positions in the pool of what satisfies a type. */
function candidates(type: string): readonly number[] {
  let found = fitting.get(type);
  if (found === undefined) {
    const compiled = compile(`${TYPES} (keep-indexed (fn [i v] (if (valid? ${type} v) i nil)) [${POOL.join(' ')}])`);
    const outcome = compiled.ok ? runSync(compiled.program, {}) : null;
    if (outcome?.status !== 'completed') throw new Error(`no candidates of ${type}`);
    fitting.set(type, (found = (outcome.value as Vec).toArray() as number[]));
  }
  return found;
}

/** All values and pairs of the pool; of longer rows a sample, and for each way one of rows that it takes. */
function rowsOf(ways: readonly FnType[], count: number): readonly (readonly number[])[] {
  const n = POOL.length;
  if (count <= 1) return count === 0 ? [[]] : POOL.map((_text, i) => [i]);
  if (count === 2) return Array.from({ length: n * n }, (_none, i) => [i % n, Math.floor(i / n)]);
  let state = 12345;
  const below = (most: number): number => (state = (state * 1103515245 + 12345) % 2147483648) % most;
  const any = Array.from({ length: 1000 }, () => Array.from({ length: count }, () => below(n)));
  const own = ways.flatMap((way) => {
    if (fits(way, count) === 'false') return [];
    const choices = Array.from({ length: count }, (_none, i) =>
      candidates(typeText(way.parameters[i] ?? (way.rest as never))),
    );
    return Array.from({ length: 400 }, () => choices.map((choice) => choice[below(choice.length)] as number));
  });
  return [...any, ...own];
}

// `log` in head position is the effect function (R11.8).
const names = [...new Set(LIBRARY.names())].filter((name) => name !== 'log');

describe('R15.20 the table of signatures', () => {
  test.each(names)('%s takes and gives what it says', (name) => {
    const entry = LIBRARY.get(name);
    const ways = entry?.ways() ?? [];
    const counts = new Set(
      ways.flatMap(({ parameters: { length: n }, rest }) => (rest === null ? [n] : [n, n + 1, n + 2])),
    );
    const seen = new Set<string>();
    for (const count of counts) {
      const rows = rowsOf(ways, count);
      outcomes(name, ways, rows).forEach((line, i) => {
        const [way, outcome] = line.split(' ') as [string, string];
        const call = `(${name} ${(rows[i] as number[]).map((at) => POOL[at]).join(' ')})`;
        seen.add(line);
        if (way === '-1') expect([call, outcome]).toEqual([call, VALUES.includes(outcome) ? outcome : 'TypeError']);
        else expect([call, outcome]).not.toEqual([call, 'result']);
      });
    }
    // No way is there in vain, and what no way takes is a TypeError somewhere.
    const reached = ways.filter((way, i) => typeText(way.result) === ':never' || seen.has(`${i} ok`));
    expect(reached.map((way) => typeText(way))).toEqual(ways.map((way) => typeText(way)));
    if ([...seen].some((line) => line.startsWith('-1'))) expect([...seen]).toContain('-1 TypeError');
  });

  test.each(Object.entries(EFFECT_TEMPLATES))('R11.8 %s asks for what it says', (name, { signature }) => {
    const { ways, min, max } = parseSignature(signature);
    const kindOf = (args: readonly string[]): string => {
      const compiled = compile(`${TYPES} (${name} ${args.join(' ')})`);
      const outcome = compiled.ok ? runSync(compiled.program, { host: HOST }) : null;
      return outcome?.status === 'failed' ? outcome.error.kind : 'none';
    };
    for (const count of [min - 1, max === null ? min - 1 : max + 1]) {
      if (count >= 0) expect([count, kindOf(Array<string>(count).fill('"a"'))]).toEqual([count, 'ArityMismatch']);
    }
    for (const { parameters } of ways) {
      const right = parameters.map((type) => POOL[candidates(typeText(type)).at(-1) as number] as string);
      expect([
        right,
        ['none', 'InvalidArgument', 'SerializationError'].includes(kindOf(right)) || kindOf(right),
      ]).toEqual([right, true]);
      parameters.forEach((type, i) => {
        const wrong = POOL.findIndex((_text, at) => !candidates(typeText(type)).includes(at));
        if (wrong >= 0) expect([name, i, kindOf(right.with(i, POOL[wrong] as string))]).toEqual([name, i, 'TypeError']);
      });
    }
  });

  test('the arity of what is written in RTFS is that of its clauses', () => {
    for (const [name, { signature }] of Object.entries(PRELUDE)) {
      const { min, max } = LIBRARY.get(name) as { min: number; max: number | null };
      expect([name, signature.min, signature.max]).toEqual([name, min, max]);
    }
  });
});
