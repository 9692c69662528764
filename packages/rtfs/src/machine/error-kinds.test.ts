/** R18: the exact message and data of each kind that a program can raise. */
import { expect, test } from 'vitest';
import { print } from '../values/print.ts';
import { ErrorValue } from '../values/kinds.ts';
import { compile } from './compile.ts';
import { runSync } from './run.ts';

/** Kind, message and data of the error that a program ends with; for one that does not compile, of its first finding. */
function errorOf(source: string, limits: Record<string, number> = {}): readonly [string, string, string] {
  const compiled = compile(source);
  if (!compiled.ok) {
    const [first] = compiled.diagnostics;
    return [first?.kind ?? '', first?.message ?? '', ''];
  }
  const outcome = runSync(compiled.program, { limits });
  if (!('error' in outcome) || !(outcome.error instanceof ErrorValue)) throw new Error(`it ${outcome.status}`);
  const { kind, message, data } = outcome.error;
  return [kind, message, print(data)];
}

test.each([
  ['(+ 1 coutn)', 'UndefinedSymbol', 'Undefined symbol: coutn', '{:symbol coutn :similar ["count"]}'],
  [
    '(upper-case 5)',
    'TypeError',
    'Type error in upper-case: expected string, got integer',
    '{:operation "upper-case" :expected "string" :actual "integer"}',
  ],
  [
    '(inc 1 2)',
    'ArityMismatch',
    'Arity mismatch in inc: expected 1, got 2',
    '{:function "inc" :expected "1" :actual 2}',
  ],
  [
    '((fn f [a b & c] a) 1)',
    'ArityMismatch',
    'Arity mismatch in f: expected at least 2, got 1',
    '{:function "f" :expected "at least 2" :actual 1}',
  ],
  ['(/ 1 0)', 'DivisionByZero', 'Division by zero', 'nil'],
  [
    '(+ 9223372036854775807 1)',
    'IntegerOverflow',
    'Integer overflow in +',
    '{:operation "+" :arguments [9223372036854775807 1]}',
  ],
  ['(factorial -1)', 'InvalidArgument', 'Invalid argument in factorial: -1 is negative', '{:function "factorial"}'],
  ['([1 2] 5)', 'IndexOutOfBounds', 'Index out of bounds: index 5 is not in range [0, 2)', '{:index 5 :length 2}'],
  ['(match 5 1 :a)', 'MatchError', 'Match error: no clause matches 5', '{:value 5}'],
  ['(parse-json "{\\n x")', 'JsonError', 'JSON error at 2:2: expected a member name in quotes', '{:line 2 :column 2}'],
  ['(serialize-json inc)', 'SerializationError', 'Cannot serialise function at .', '{:path "."}'],
  ['(assert false "no")', 'AssertionError', 'no', 'nil'],
  ['(assert false)', 'AssertionError', 'Assertion failed', 'nil'],
  ['(throw (ex-info "m" {:a 1}))', 'ExceptionInfo', 'm', '{:a 1}'],
  ['(throw {:kind :late :n 1})', 'late', '{:kind :late :n 1}', '{:kind :late :n 1}'],
  ['(throw 42)', 'Thrown', '42', '42'],
  ['(throw (Late. "m" 5))', 'Late', 'm', '5'],
  [
    '(call :t.echo 1)',
    'SecurityViolation',
    'Security violation: t.echo: there is no host',
    '{:capability "t.echo" :rule "no-host"}',
  ],
  [
    '(conform [:vector int] [1 "a"])',
    'TypeValidationError',
    'Type validation error: value: expected [:vector :int], got [1 "a"] at [1]',
    '',
  ],
  ['(match [1 1] [x x] x)', 'SyntaxError', '', ''],
  ['(let [x:Foo 1] x)', 'UnknownType', 'Unknown type: Foo', ''],
  ['(re-test "(" "a")', 'InvalidRegex', '', ''],
] as const)('R18 %s', (source, kind, message, data) => {
  const [foundKind, foundMessage, foundData] = errorOf(source);
  expect(foundKind).toBe(kind);
  if (message !== '') expect(foundMessage).toBe(message);
  if (data !== '') expect(foundData).toBe(data);
});

test.each([
  ['(do (defn f [n] (+ 1 (f n))) (f 1))', 'StackOverflow', 'frames', 100],
  ['(while true 1)', 'LoopLimit', 'loopIterations', 50],
  ['(repeat-str "ab" 100)', 'StringLimit', 'stringLength', 50],
  ['(range 100)', 'CollectionLimit', 'collectionSize', 50],
  ['(loop [] (recur))', 'FuelExhausted', 'fuel', 1000],
] as const)('R17.6 %s', (source, kind, limit, max) => {
  expect(errorOf(source, { [limit]: max })).toEqual([
    kind,
    `Limit ${limit} reached: ${max}`,
    `{:limit "${limit}" :max ${max}}`,
  ]);
});
