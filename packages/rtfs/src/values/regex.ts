/**
 * Regular expressions: RE2 syntax, linear time by construction (R15.19). The engine's own RegExp never sees a pattern
 * of a program.
 */
import { RE2JS } from 're2js';
import { dataMap, fail } from './fail.ts';
import { Regex } from './kinds.ts';
import { LIMITS } from './limits.ts';

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/\(\?(?:=|!|<=|<!)/, 'look-around is not supported: match the surroundings too and take a group'],
  [/\(\?>/, 'atomic groups are not supported: matching is linear without them'],
  [/[*+?}]\+/, 'possessive quantifiers are not supported: matching is linear without them'],
  [/\\[1-9]|\(\?P=|\\k/, 'back-references are not supported: compare the groups after the match'],
  [/\\u/, 'write the character itself, or \\x{263A}'],
  [/\\[QE]/, 'quoting is not supported: escape each character'],
];

/** A repetition such as `{1,2000}`, outside classes and escapes, with its greatest number. */
const REPETITION = /\\[^]|\[(?:\\[^]|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}/g;

/**
 * The regex of a pattern. An escaped quote (`\"`) becomes a plain one, which means the same, so that every regex has
 * one spelling
 * inside `#"…"`. Throws InvalidRegex with the pattern and the position in UTF-16 units (R15.19).
 */
export function compileRegex(pattern: string): Regex {
  const source = pattern.replace(/\\([^])/g, (pair, escaped: string) => (escaped === '"' ? '"' : pair));
  if (source.length > LIMITS.regexPattern.max) {
    refuse(source, `longer than ${LIMITS.regexPattern.max} characters`, LIMITS.regexPattern.max);
  }
  const quoting = /(?:^|[^\\])(?:\\\\)*\\[QE]/.exec(source);
  if (quoting !== null) refuse(source, 'invalid escape sequence: `\\Q`', quoting.index + quoting[0].length - 2);
  for (const repetition of source.matchAll(REPETITION)) {
    const most = Math.max(Number(repetition[1] ?? 0), Number(repetition[2] ?? 0));
    if (most > LIMITS.regexRepetition.max) {
      refuse(source, `repetition above ${LIMITS.regexRepetition.max}`, repetition.index);
    }
  }
  return new Regex(source, compiled(source));
}

function compiled(source: string): RE2JS {
  let program: RE2JS;
  try {
    program = RE2JS.compile(source);
  } catch (error) {
    const part = error instanceof Error && 'input' in error && typeof error.input === 'string' ? error.input : '';
    const what = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'cannot be compiled';
    return refuse(source, what, Math.max(0, source.indexOf(part)));
  }
  if (program.programSize() > LIMITS.regexStates.max) {
    refuse(source, `needs more than ${LIMITS.regexStates.max} states`, 0);
  }
  return program;
}

function refuse(pattern: string, what: string, position: number): never {
  const hint = HINTS.find(([sign]) => sign.test(pattern))?.[1];
  fail(
    'InvalidRegex',
    `Invalid regular expression: ${what}`,
    dataMap([
      ['pattern', pattern],
      ['position', position],
    ]),
    hint,
  );
}

/** The compiled form of a regex. */
export function program(regex: Regex): RE2JS {
  return regex.program as RE2JS;
}

/** The fuel of one scan over `length` UTF-16 units (R15.19). */
export function scanCost(regex: Regex, length: number): number {
  return Math.ceil(length / 8) * Math.ceil(program(regex).programSize() / 64);
}
