/** Readings that need no recursion: what else begins with `#`, what `#(…)` stands for, equal keys of a map. */
import type { Form, SymbolForm } from './forms.ts';
import type { Source } from './source.ts';

const SPECIAL_FLOATS = new Map([
  ['##Inf', Infinity],
  ['##-Inf', -Infinity],
  ['##NaN', NaN],
]);

const HASH_HINTS: readonly (readonly [string, string])[] = [
  ["#'", 'there are no vars: write the name alone'],
  ['#?', 'there are no reader conditionals'],
  ['#:', 'there are no namespaced maps: write each key in full'],
  ['#<', 'functions, atoms and errors cannot be written back'],
  ['#!', '#! is a comment on line 1 only; comments start with ;'],
  ['##', 'write ##Inf, ##-Inf or ##NaN'],
];

/**
 * Reads `##Inf` and its like (R1.8), and refuses everything else that begins with `#`, with a hint of its own
 * (R1.29).
 */
export function readOtherHash(source: Source): Form {
  const place = source.place();
  source.toTokenEnd();
  const token = source.text.slice(place.start, source.at);
  const span = source.from(place);
  const value = SPECIAL_FLOATS.get(token);
  if (value !== undefined) return { t: 'literal', value, span };
  const hint = HASH_HINTS.find(([start]) => token.startsWith(start))?.[1] ?? 'there are no tagged literals';
  source.report('BadHash', `unexpected ${JSON.stringify(token.slice(0, 40))}`, span, { hint });
  return { t: 'error', span };
}

/** What `#(…)` has met so far: the highest `%n`, and whether `%&` (R1.24). */
export interface Shorthand {
  highest: number;
  rest: boolean;
}

/** The function that `#(…)` stands for (R1.24). */
export function shorthandFunction(met: Shorthand, body: Form): Form {
  const { span } = body;
  const symbol = (name: string): SymbolForm => ({ t: 'symbol', name, span });
  const parameters = Array.from({ length: met.highest }, (_, i) => symbol(`%${i + 1}`));
  if (met.rest) parameters.push(symbol('&'), symbol('%&'));
  return { t: 'list', items: [symbol('fn'), { t: 'vector', items: parameters, span }, body], span };
}

/** Warns of literal keys that stand twice in one map (R1.23). */
export function warnEqualKeys(source: Source, items: readonly Form[]): void {
  if (items.length < 4) return;
  const seen = new Set<unknown>();
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i];
    if (key?.t !== 'literal') continue;
    if (seen.has(key.value)) source.warn('EqualKeys', 'A key stands twice in one map; the last value wins', key.span);
    seen.add(key.value);
  }
}
