/**
 * Patterns in texts (R16.5, R15.19): the linear-time engine of `values/regex.ts`, each scan paid for before it begins.
 */
import { invalid, typeError } from '../values/fail.ts';
import { Regex } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { PMap } from '../values/map.ts';
import { compileRegex, program, scanCost } from '../values/regex.ts';
import { Vec } from '../values/vector.ts';
import { characters, chargeCharacters, chargeText, checkSize, checkStringLength, count, length, text } from './args.ts';
import { define } from './define.ts';
import type { Entry } from './define.ts';
import type { Rt } from './native.ts';

/** One match: where it stands in UTF-16 units, and the groups, the whole first; a group that took no part is null. */
export interface Match {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | null)[];
}

/** A pattern argument as a regex. Throws TypeError, InvalidRegex. */
export function pattern(fn: string, v: Value): Regex {
  if (v instanceof Regex) return v;
  return typeof v === 'string' ? compileRegex(v) : typeError(fn, 'regex or string', v);
}

/** The matches of a pattern in a text from left to right, at most `most`; the scan is charged first. */
export function matches(rt: Rt, regex: Regex, s: string, most = Infinity): Match[] {
  rt.charge(scanCost(regex, s.length));
  const matcher = program(regex).matcher(s);
  const found: Match[] = [];
  while (found.length < most && matcher.find()) {
    checkSize(rt, found.length + 1);
    const groups: (string | null)[] = [];
    for (let i = 0; i <= matcher.groupCount(); i++) groups.push(matcher.group(i));
    found.push({ start: matcher.start(), end: matcher.end(), groups });
  }
  return found;
}

/** A match as a program sees it: a string, or `[all g1 …]` when the pattern has groups. */
export function matchValue(groups: readonly (string | null)[]): Value {
  return groups.length === 1 ? (groups[0] ?? null) : Vec.of([...groups]);
}

/** The text to search, undefined for nil, which no pattern matches; charged as `len`. */
function searched(rt: Rt, fn: string, v: Value): string | undefined {
  if (v === null) return undefined;
  const s = text(fn, v);
  chargeText(rt, s);
  return s;
}

/** A row `(re-… pattern text)`: `none` for nil as text. */
function search(
  fn: string,
  result: string,
  none: () => Value,
  find: (rt: Rt, regex: Regex, s: string) => Value,
): Entry {
  return define(fn, `[:Pattern :string?] ${result}`, (rt, re, v) => {
    const regex = pattern(fn, re);
    const s = searched(rt, fn, v);
    return s === undefined ? none() : find(rt, regex, s);
  });
}

/** A match of the whole text: not the first match that happens to be whole, but one that must be. */
function wholeMatch(rt: Rt, regex: Regex, s: string): Value {
  rt.charge(scanCost(regex, s.length));
  const matcher = program(regex).matcher(s);
  if (!matcher.matches()) return null;
  const groups: (string | null)[] = [];
  for (let i = 0; i <= matcher.groupCount(); i++) groups.push(matcher.group(i));
  return matchValue(groups);
}

function namedGroups(rt: Rt, regex: Regex, s: string): Value {
  const [first] = matches(rt, regex, s, 1);
  if (first === undefined) return null;
  const names = Object.entries(program(regex).namedGroups()).sort(([, a], [, b]) => a - b);
  return PMap.of(names.map(([name, index]) => [name, first.groups[index] ?? null] as const));
}

/**
 * The parts of a text between the matches of a pattern, at most `most`. An empty match at the very start separates
 * nothing.
 */
function partsBetween(rt: Rt, regex: Regex, s: string, most: number): string[] {
  const result: string[] = [];
  let at = 0;
  for (const { start, end } of matches(rt, regex, s)) {
    if (result.length >= most - 1) break;
    if (end === 0) continue;
    result.push(s.slice(at, start));
    at = end;
  }
  result.push(s.slice(at));
  return result;
}

function splitByRegex(rt: Rt, s: string, regex: Regex, most: number | undefined): string[] {
  const result = partsBetween(rt, regex, s, most ?? Infinity);
  // Trailing empty parts go with a regex without limit; a text without a match stays as it is.
  if (most === undefined && result.length > 1) while (result.at(-1) === '') result.pop();
  return result;
}

function splitByText(s: string, separator: string, most: number | undefined): string[] {
  const result = separator === '' ? characters(s) : s.split(separator);
  if (most === undefined || result.length <= most) return result;
  return [...result.slice(0, most - 1), result.slice(most - 1).join(separator)];
}

function split(rt: Rt, s: Value, separator: Value, limit: Value | undefined): Value {
  const most = limit === undefined ? undefined : count('split', limit);
  if (most !== undefined && most < 1) invalid('split', `the limit is ${most}, but must be at least 1`);
  const regex = separator instanceof Regex ? separator : null;
  const between = regex === null ? text('split', separator) : '';
  if (s === null) return Vec.empty;
  const whole = text('split', s);
  chargeText(rt, whole);
  const result = regex === null ? splitByText(whole, between, most) : splitByRegex(rt, whole, regex, most);
  checkSize(rt, result.length);
  return Vec.of(result);
}

/** `$1`, `${name}` and `$$` in a replacement. Throws InvalidArgument for a group that the pattern does not have. */
function expand(fn: string, template: string, regex: Regex, match: Match): string {
  return template.replace(/\$(?:\$|([0-9]+)|\{([^}]*)\}|)/g, (reference, digits?: string, name?: string) => {
    if (reference === '$$') return '$';
    const index = digits === undefined ? program(regex).namedGroups()[name ?? ''] : Number(digits);
    if (index === undefined || index >= match.groups.length) {
      return invalid(fn, `the pattern has no group ${reference}`, 'write $$ for a dollar sign');
    }
    return match.groups[index] ?? '';
  });
}

/** The text with `pieces[i]` in place of the i-th match, checked and charged before it is joined. */
export function replaced(rt: Rt, s: string, found: readonly Match[], pieces: readonly string[]): string {
  const parts: string[] = [];
  let at = 0;
  let units = s.length;
  found.forEach(({ start, end }, i) => {
    const piece = pieces[i] ?? '';
    units += piece.length - (end - start);
    parts.push(s.slice(at, start), piece);
    at = end;
  });
  checkStringLength(rt, units);
  parts.push(s.slice(at));
  return parts.join('');
}

/** The places of a text in a text, as matches without groups. */
function occurrences(rt: Rt, s: string, part: string, most: number): Match[] {
  const found: Match[] = [];
  for (let at = s.indexOf(part); at >= 0 && found.length < most; at = s.indexOf(part, at)) {
    checkSize(rt, found.length + 1);
    found.push({ start: at, end: at + part.length, groups: [part] });
    // An empty part stands before every character and at the end.
    at += part.length === 0 ? ((s.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) : part.length;
    if (at > s.length) break;
  }
  return found;
}

/** Where a text or regex stands in a text, as `replace` looks for it; both are paid for. Throws TypeError. */
export function places(rt: Rt, fn: string, s: Value, what: Value, most = Infinity): Match[] {
  const whole = text(fn, s);
  chargeText(rt, whole);
  return what instanceof Regex ? matches(rt, what, whole, most) : occurrences(rt, whole, text(fn, what), most);
}

/** `replace` and `replace-first` with a text as replacement; a function as replacement is the prelude's. */
function replacing(fn: string, most: number): Entry {
  return define(fn, '[:string :Pattern :string] :string', (rt, s, what, by) => {
    const whole = text(fn, s);
    const template = text(fn, by);
    const found = places(rt, fn, s, what, most);
    const pieces = found.map((match) => (what instanceof Regex ? expand(fn, template, what, match) : template));
    // What the replacement adds is made too, and so is paid for.
    chargeCharacters(
      rt,
      pieces.reduce((n, piece) => n + length(piece), 0),
    );
    return replaced(rt, whole, found, pieces);
  });
}

/** Functions with patterns. */
export const REGEX: readonly Entry[] = [
  define('re-pattern', '[:Pattern] :regex', (rt, re) => {
    if (typeof re === 'string') chargeText(rt, re);
    return pattern('re-pattern', re);
  }),
  search(
    're-find',
    ':Match?',
    () => null,
    (rt, regex, s) => {
      const [first] = matches(rt, regex, s, 1);
      return first === undefined ? null : matchValue(first.groups);
    },
  ),
  search('re-matches', ':Match?', () => null, wholeMatch),
  search(
    're-seq',
    '[:vector :Match]',
    () => Vec.empty,
    (rt, regex, s) => Vec.of(matches(rt, regex, s).map((m) => matchValue(m.groups))),
  ),
  search(
    're-test',
    ':bool',
    () => false,
    (rt, regex, s) => matches(rt, regex, s, 1).length > 0,
  ),
  search('re-groups', ':map?', () => null, namedGroups),
  define('split', '[:string? :Pattern] [:vector :string] [:string? :Pattern :int] [:vector :string]', split),
  replacing('replace', Infinity),
  replacing('replace-first', 1),
];
