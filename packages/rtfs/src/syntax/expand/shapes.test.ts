import { expect, test } from 'vitest';
import { FORMS } from '../forms.ts';
import { SHAPES } from './shapes.ts';

test('R5.1 the walk of expansion knows the parts of every form', () => {
  expect([...SHAPES.keys()].toSorted()).toEqual([...FORMS.keys()].toSorted());
});
