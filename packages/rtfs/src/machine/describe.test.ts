import { expect, test } from 'vitest';
import { describeName, languageNames } from './describe.ts';

test('every name has a description, and nothing else has', () => {
  const names = languageNames();
  expect(names.length).toBeGreaterThan(250);
  expect(names).toEqual([...new Set(names)].toSorted());
  expect(names.filter((name) => describeName(name) === null)).toEqual([]);
  for (const name of ['', '%seq', 'nope', '__proto__', 'constructor']) expect(describeName(name)).toBeNull();
});

test.each([
  ['let', { kind: 'form', signatures: [] }],
  ['reduce', { kind: 'function', signatures: ['(reduce f coll)', '(reduce f init coll)'] }],
  ['count', { kind: 'function', signatures: [], arity: '1' }],
  ['println', { kind: 'effect', signatures: ['(println & xs)'], calls: ['ccos.io.println'] }],
])('%s', (name, expected) => expect(describeName(name)).toMatchObject(expected));
