/** All that is fuzzed, in the order in which it is. */
import { CODE } from './code.ts';
import { DIFFERENTIAL } from './differential.ts';
import type { Target } from './target.ts';
import { TEXTS } from './texts.ts';
import { REFUSALS, VALUES } from './values.ts';

export const TARGETS: readonly Target[] = [TEXTS, CODE, VALUES, REFUSALS, DIFFERENTIAL];

/** The runs of a target in a campaign of `runs` altogether. */
export function shareOf(target: Target, runs: number): number {
  const whole = TARGETS.reduce((sum, { weight }) => sum + weight, 0);
  return Math.ceil((runs * target.weight) / whole);
}
