/**
 * The one glob matcher (S3.1–S3.3). A pattern is anchored at both ends, `*` stands for one or more characters, and
 * every other character for itself. Matching is linear in pattern + text: the literal parts are searched leftmost,
 * each by its failure table.
 */
import { CcosError } from '../foundation/errors.ts';

const PATTERN_LENGTH_MAX = 128;
const PATTERN_CHARACTER = /[A-Za-z0-9_.:/*-]/;

/** A compiled pattern. */
export interface Glob {
  readonly pattern: string;
  matches(text: string): boolean;
}

/**
 * Compiles one pattern. Throws `POLICY_INVALID` naming the pattern and the position of what is wrong, counted from 1
 * (S3.3).
 */
export function compileGlob(pattern: string): Glob {
  checkPattern(pattern);
  const parts = pattern.split('*');
  if (parts.length === 1) return { pattern, matches: (text) => text === pattern };
  const first = parts[0] ?? '',
    last = parts.at(-1) ?? '';
  const middle = parts.slice(1, -1).map((part) => ({ part, failure: failureTable(part) }));
  return {
    pattern,
    matches(text) {
      if (!text.startsWith(first)) return false;
      let from = first.length;
      for (const { part, failure } of middle) {
        // A star takes at least one character, hence the + 1 before each part.
        const at = find(text, from + 1, part, failure);
        if (at < 0) return false;
        from = at + part.length;
      }
      return text.length - last.length >= from + 1 && text.endsWith(last);
    },
  };
}

/** Patterns as one list: exact ids are looked up, the others tried in order. */
export interface PatternList {
  /** The pattern that matches: an exact one before a glob, globs in the order given; null when none does. */
  match(id: string): string | null;
  /** The patterns that hold a `*`, in the order given: those a lookup may have to try. */
  readonly globs: readonly string[];
}

/** Compiles a list of patterns. Throws `POLICY_INVALID` for the first bad one. */
export function compilePatterns(patterns: readonly string[]): PatternList {
  const exact = new Set<string>();
  const globs: Glob[] = [];
  for (const pattern of patterns) {
    if (pattern.includes('*')) globs.push(compileGlob(pattern));
    else {
      checkPattern(pattern);
      exact.add(pattern);
    }
  }
  return {
    globs: globs.map((glob) => glob.pattern),
    match: (id) => (exact.has(id) ? id : (globs.find((glob) => glob.matches(id))?.pattern ?? null)),
  };
}

function checkPattern(pattern: string): void {
  if (pattern === '') refuse(pattern, 1, 'it is empty');
  if (pattern.length > PATTERN_LENGTH_MAX)
    refuse(pattern, PATTERN_LENGTH_MAX + 1, `it has more than ${PATTERN_LENGTH_MAX} characters`);
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] ?? '';
    if (!PATTERN_CHARACTER.test(character))
      refuse(pattern, i + 1, `${JSON.stringify(character)} cannot stand in a capability id`);
    if (character === '*' && pattern[i + 1] === '*') refuse(pattern, i + 2, 'two * in a row');
  }
}

function refuse(pattern: string, position: number, why: string): never {
  throw new CcosError(
    'POLICY_INVALID',
    `Pattern ${JSON.stringify(pattern)} means nothing at position ${position}: ${why}`,
    {
      hint: 'letters, digits, _ . : / - and single *',
      details: { pattern, position },
    },
  );
}

/** For each length of a matched beginning, the longest shorter beginning that it also ends with. */
function failureTable(part: string): Int32Array {
  const table = new Int32Array(part.length);
  for (let i = 1, k = 0; i < part.length; i++) {
    while (k > 0 && part[i] !== part[k]) k = table[k - 1] ?? 0;
    if (part[i] === part[k]) k++;
    table[i] = k;
  }
  return table;
}

function find(text: string, from: number, part: string, failure: Int32Array): number {
  for (let i = from, k = 0; i < text.length; i++) {
    while (k > 0 && text[i] !== part[k]) k = failure[k - 1] ?? 0;
    if (text[i] === part[k]) k++;
    if (k === part.length) return i - k + 1;
  }
  return -1;
}
