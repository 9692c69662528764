/** Where something stands inside a value, written as R15.15 does: `.items[2].id`, `["text"]`. */
import { Keyword } from './kinds.ts';
import type { Value } from './kinds.ts';
import { print } from './print.ts';

/** One step into a value: an index, or the key of a map. */
export type PathStep = { readonly index: number } | { readonly key: Value };

/** The path as text; `.` for the value itself. */
export function pathText(steps: readonly PathStep[]): string {
  return steps.length === 0 ? '.' : steps.map(stepText).join('');
}

function stepText(step: PathStep): string {
  if ('index' in step) return `[${step.index}]`;
  return step.key instanceof Keyword ? `.${step.key.name}` : `[${print(step.key)}]`;
}
