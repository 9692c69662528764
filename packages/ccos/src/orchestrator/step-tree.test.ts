import { describe, expect, test } from 'vitest';
import { StepTree, branchOf, siteOf } from './step-tree.ts';

const step = (path: string, attempt = 1, record = `r:${path}:${attempt}`) => ({
  path,
  name: path,
  attempt,
  record,
  startedAt: 0,
});

describe('O4.3 the open steps of a run', () => {
  test.each([
    ['0.1#0', '', '0.1'],
    ['0.1#0|1/0.2.1#3', '0.1#0|1', '0.2.1'],
    ['0#0|0/1#2|3/m:0.4#1', '0#0|0/1#2|3', 'm:0.4'],
  ])('R11.9 %s lies in branch "%s" at site %s', (path, branch, site) => {
    expect(branchOf(path)).toBe(branch);
    expect(siteOf(path)).toBe(site);
  });

  test('L5.1 what lies in no step belongs to the start of the plan, the rest to the innermost open step', () => {
    const tree = new StepTree('start');
    expect(tree.parentRecord('0#0')).toBe('start');
    tree.open(step('0#0'));
    tree.open(step('0.2#0'));
    expect(tree.parentRecord('7.7#0')).toBe('r:0.2#0:1');
    tree.close('0.2#0', 1);
    expect(tree.parentRecord('7.7#1')).toBe('r:0#0:1');
  });

  test('L5.1 a branch lies in the step that started it, and its own steps do not reach its siblings', () => {
    const tree = new StepTree('start');
    tree.open(step('0#0'));
    tree.open(step('0#0|0/0.1#0'));
    expect(tree.parentRecord('0#0|0/5#0')).toBe('r:0#0|0/0.1#0:1');
    expect(tree.parentRecord('0#0|1/5#0')).toBe('r:0#0:1');
    expect(tree.open(step('0#0|1/0.2#0')).depth).toBe(1);
  });

  test('O4.3 steps nest: closing another than the innermost is a violation', () => {
    const tree = new StepTree('start');
    tree.open(step('0#0'));
    tree.open(step('0.2#0'));
    expect(() => tree.close('0#0', 1)).toThrow(/innermost open step of its branch is 0\.2#0/);
    expect(() => tree.close('0.3#0', 1)).toThrow(/PROTOCOL|innermost/);
  });

  test('O4.1 attempts count from 1 under the same path, and no attempt is repeated', () => {
    const tree = new StepTree('start');
    expect(() => tree.open(step('0#0', 2))).toThrow(/expected 1/);
    tree.open(step('0#0', 1));
    expect(() => tree.open(step('0#0', 2))).toThrow(/open already/);
    tree.close('0#0', 1);
    expect(() => tree.open(step('0#0', 1))).toThrow(/expected 2/);
    tree.open(step('0#0', 2));
  });

  test('L4.3 what is open at the end is told innermost first', () => {
    const tree = new StepTree('start');
    for (const path of ['0#0', '0.1#0', '0.1#0|0/3#0']) tree.open(step(path));
    expect(tree.drain().map((open) => open.path)).toEqual(['0.1#0|0/3#0', '0.1#0', '0#0']);
    expect(tree.drain()).toEqual([]);
  });
});
