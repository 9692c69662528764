/** What is fuzzed, and the loop that does it. */
import { Choices, seedOf, shrink } from './choices.ts';

/** A kind of case: makes one from choices, and says what is wrong with it. */
export interface Target {
  readonly name: string;
  /** The share of a campaign's runs. */
  readonly weight: number;
  /** The input of a case, as text. */
  make(choices: Choices): string;
  /** What is wrong when the input is tried; null if nothing is. */
  check(input: string): string | null;
}

/** A case that failed, as small as it could be made. */
export interface Failure {
  readonly target: string;
  readonly run: number;
  readonly input: string;
  readonly what: string;
}

/** What is wrong with an input; anything thrown is wrong too. */
export function tried(target: Target, input: string): string | null {
  try {
    return target.check(input);
  } catch (e) {
    return `threw ${e instanceof Error ? (e.stack ?? e.message) : JSON.stringify(e)}`;
  }
}

/** Runs `runs` cases of a target; `progress` hears of each before it begins. Ends at the first failure. */
export function campaign(
  target: Target,
  o: { readonly seed: number; readonly runs: number; progress?(run: number): void },
): Failure | null {
  for (let run = 0; run < o.runs; run++) {
    o.progress?.(run);
    const choices = Choices.from(seedOf(o.seed, run));
    const what = tried(target, target.make(choices));
    if (what !== null) return smallest(target, run, choices.taken);
  }
  return null;
}

function smallest(target: Target, run: number, row: readonly number[]): Failure {
  const row2 = shrink(row, (one) => tried(target, target.make(Choices.of(one))) !== null);
  const input = target.make(Choices.of(row2));
  return { target: target.name, run, input, what: tried(target, input) ?? 'it fails no more' };
}
