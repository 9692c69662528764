import { expect, test } from 'vitest';
import { languageNames } from './language-names.ts';

test('every name is of one kind, and none is a runtime operation', () => {
  const [forms, functions, effects] = [languageNames('form'), languageNames('function'), languageNames('effect')];
  const all = [...forms, ...functions, ...effects];
  expect(new Set(all).size).toBe(all.length);
  expect(all.filter((name) => name.startsWith('%'))).toEqual([]);
  expect(forms).toEqual(expect.arrayContaining(['let', 'call', 'defmacro']));
  expect(functions).toEqual(expect.arrayContaining(['reduce', 'count', 'str']));
  expect(effects).toEqual(expect.arrayContaining(['println', 'log-step', 'http/get']));
});
