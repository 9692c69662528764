import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { compile } from '../machine/compile.ts';
import { runSync } from '../machine/run.ts';
import { print } from '../values/print.ts';

afterEach(() => vi.unstubAllGlobals());

/** The code that the engine gets for a program. */
function codeOf(source: string): string {
  const codes: string[] = [];
  const construct = (target: FunctionConstructor, args: string[]): object => {
    codes.push(args.at(-1) as string);
    return new target(...args);
  };
  vi.stubGlobal('Function', new Proxy(Function, { construct }));
  if (!compile(source).ok) throw new Error(source);
  return codes.at(-1) as string;
}

describe('core shape 2: the common case stands in line where code runs often', () => {
  test.each([
    ['(+ input 1)', false],
    ['(defn f [x] (+ x 1)) (f input)', false],
    ['(defn g [x] (+ x 1)) (defn f [x] (g x)) (f input)', false],
    ['(defn f [x] (+ x 1)) nil', false],
    // A loop that has a fast version leaves little to the other one.
    ['(loop [i 0] (if (< i 9) (recur (+ i 1)) i))', false],
    ['(dotimes [i 9] (+ i input))', true],
    ['(loop [i 0] (if (< (count (str i)) 3) (recur (+ i 1)) i))', true],
    ['(defn f [x] (+ x 1)) (dotimes [i 9] (f i))', true],
    ['(defn g [x] (+ x 1)) (defn f [x] (g x)) (dotimes [i 9] (f i))', true],
    ['(defn f [x] (if (= x nil) (+ (f x) 1) x)) (f input)', true],
    ['(defn f [x] (g x)) (defn g [x] (if (= x nil) (f x) (+ x 1))) (f input)', true],
    ['(defn f [x] (+ x 1)) [f]', true],
    ['[(fn [x] (+ x 1))]', true],
  ])('%s: %s', (source, isInLine) => expect(codeOf(source).includes('typeof')).toBe(isInLine));
});

const OPERANDS =
  '0 1 -1 7 2147483647 -2147483648 9007199254740991 9007199254740993 -9223372036854775808 9223372036854775807 ' +
  '2.0 -0.0 0.5 "a" "b" nil :k [1] true';
const operand = fc.constantFrom(...OPERANDS.split(' '));
const { term } = fc.letrec<{ term: string }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('a', 'b', '1'),
    fc
      .tuple(fc.constantFrom('+', '-', '*', 'mod', 'rem', '<', '<=', '>', '>=', '='), tie('term'), tie('term'))
      .map(([f, x, y]) => `(${f} ${x} ${y})`),
    fc.tuple(fc.constantFrom('inc', 'dec', 'not', 'nil?'), tie('term')).map(([f, x]) => `(${f} ${x})`),
    fc.tuple(tie('term'), tie('term'), tie('term')).map(([x, y, z]) => `(if ${x} (+ ${y} ${z} b) ${z})`),
  ),
}));

/** How a program ends, and the place in its second line that an error is told of. */
function end(source: string): unknown {
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message as string);
  const outcome = runSync(compiled.program);
  if (outcome.status === 'completed') return print(outcome.value);
  if (!('error' in outcome)) throw new Error(outcome.status);
  const { kind, message, span } = outcome.error;
  return [kind, message, span?.line, span?.column, span?.endColumn];
}

describe('R8.1 code that runs seldom and code that runs often', () => {
  test('end the same: value, error and its place', () => {
    fc.assert(
      fc.property(term, operand, operand, (expression, a, b) => {
        const seldom = `(let [a ${a} b ${b}]\n${expression}\n)`;
        const often = `((fn [a b]\n${expression}\n) ${a} ${b})`;
        expect(end(seldom)).toEqual(end(often));
      }),
      { numRuns: 1000 },
    );
  });

  test('a value that is cast is told of where the cast stands, whatever gave it', () => {
    expect(end('(defn f [x] :int\n(- x 0.5))\n(f 3)')).toEqual(end('(defn f [x] :int\n(do 2.5))\n(f 3)'));
  });
});
