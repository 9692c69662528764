/** The reference evaluator against the tables: what it knows of the language it knows as the specification says it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EXPECTED_FAILURES } from '../conformance/expected-failures.ts';
import { agrees, HOST, rowsOf } from '../conformance/table.ts';
import { read } from '../../src/reader/read.ts';
import { formToValue } from '../../src/reader/data.ts';
import type { Form } from '../../src/reader/forms.ts';
import { fail } from '../../src/values/fail.ts';
import { runReference } from './evaluate.ts';

/** What it does not know: types beyond a few names, classes, effect functions, docs, spaced annotations, limits, qualified names. */
const UNKNOWN = new RegExp(
  [
    'valid\\?|validate|conform|deftype|defstruct|declare|defn-|resource|input|"doc"|\\[:|\\(1000000\\)|1000000\\)|deep|inf',
    'catch [A-Z]|catch java|print|current-time|sleep|\\(log|step :info|@timeout|@plan|:plan-id|context/|[a-z]/[a-z]',
    'max-iterations|merge_policy|\\[x :int|x: int|x : int|\\} :map|:span|Arity mismatch|delegation|is fn|defmacro|\\(module|\\(import|`|parallel \\[a ?:|\\(atom 1\\)\\) ⇒|:int "doc"|with-resource \\[r R',
  ].join('|'),
  'u',
);
const STATIC = /^!(ParseError|SyntaxError|UnknownType|InvalidRegex|StackOverflow)/;

const rows = ['appendix-a', 'rules']
  .flatMap((name) => rowsOf(readFileSync(new URL(`../conformance/${name}.rtfs`, import.meta.url), 'utf8')))
  .filter(({ source, wanted }) => {
    return !EXPECTED_FAILURES.has(source) && !STATIC.test(wanted) && !UNKNOWN.test(`${source} ⇒ ${wanted}`);
  });

describe('the reference evaluator', () => {
  test('it knows most rows', () => {
    expect(rows.length).toBeGreaterThan(560);
  });

  test.each(rows)('$section: $source ⇒ $wanted', ({ source, wanted, hosted }) => {
    const { end } = runReference(source, (id, args) =>
      hosted ? HOST.executeCapability({ id, args } as never) : fail('SecurityViolation', 'there is no host'),
    );
    const got = end.startsWith('!') ? end : { value: formToValue(read(end).forms[0] as Form) };
    expect(agrees(got, wanted), `got ${end}`).toBe(true);
  });
});
