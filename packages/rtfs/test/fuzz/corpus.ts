/** Inputs that failed once, by target. They are tried first, and texts are mutated from them. */
import { readFileSync } from 'node:fs';

const known = new Map<string, readonly string[]>();

/** The inputs of a target. */
export function corpus(target: string): readonly string[] {
  let inputs = known.get(target);
  if (inputs === undefined) {
    inputs = JSON.parse(
      readFileSync(new URL(`../corpus/${target}.json`, import.meta.url), 'utf8'),
    ) as readonly string[];
    known.set(target, inputs);
  }
  return inputs;
}
