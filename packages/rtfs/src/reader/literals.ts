/**
 * Strings, regexes and handles (R1.9, R1.12, R1.14). Each is called at its first character and ends behind its last.
 */
import { ErrorValue } from '../values/kinds.ts';
import type { Regex } from '../values/kinds.ts';
import { compileRegex } from '../values/regex.ts';
import type { Place, Source } from './source.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  0: '\0',
  '\\': '\\',
  '"': '"',
  '/': '/',
};

/** Reads a string; null when it never closes. Bad escapes are reported and left out. */
export function readString(source: Source): string | null {
  const place = source.place();
  const { text } = source;
  let start = ++source.at;
  let result = '';
  for (;;) {
    const code = text.charCodeAt(source.at);
    if (code === 34) {
      result += text.slice(start, source.at++);
      if (!result.isWellFormed()) {
        source.report('InvalidEscape', 'a lone surrogate is no character', source.from(place), {
          hint: 'write \\u{1F600}',
        });
        return '';
      }
      return result;
    }
    if (code === 92) {
      result += text.slice(start, source.at) + readEscape(source);
      start = source.at;
    } else if (code === 10) source.newLine(++source.at);
    else if (Number.isNaN(code)) return unclosed(source, place, 'string');
    else source.at++;
  }
}

function unclosed(source: Source, place: Place, what: string): null {
  const opened = { ...source.from(place), end: place.start + 1, endLine: place.line, endColumn: place.column + 1 };
  source.report('UnclosedString', `the ${what} opened at ${place.line}:${place.column} is never closed`, opened, {
    hint: 'close it with "',
  });
  return null;
}

const UNICODE = /\\u(?:([0-9A-Fa-f]{4})|\{([0-9A-Fa-f]{1,6})\})/y;

function readEscape(source: Source): string {
  const place = source.place();
  const letter = source.text[source.at + 1];
  if (letter === 'u') {
    UNICODE.lastIndex = source.at;
    const match = UNICODE.exec(source.text);
    const code = match === null ? -1 : Number.parseInt(match[1] ?? match[2] ?? '', 16);
    const scalar = code >= 0 && code <= 0x10ffff && (match?.[2] === undefined || code >> 11 !== 0x1b);
    if (match !== null && scalar) {
      source.at = UNICODE.lastIndex;
      return String.fromCodePoint(code);
    }
  }
  source.at += letter === undefined || letter === '\n' ? 1 : 2;
  const simple = letter === undefined ? undefined : SIMPLE[letter];
  if (simple !== undefined) return simple;
  const hint =
    letter !== undefined && 'dswDSW'.includes(letter)
      ? 'use #"…" for a regular expression'
      : 'write \\\\ for a backslash; \\uXXXX or \\u{X} for a character';
  source.report('InvalidEscape', `invalid escape \\${letter ?? ''}`, source.from(place), { hint });
  return '';
}

/** Reads `#"…"`, in which only `\"` is special; null when it cannot be used, which is reported. */
export function readRegex(source: Source): Regex | null {
  const place = source.place();
  const { text } = source;
  const start = (source.at += 2);
  for (;;) {
    const code = text.charCodeAt(source.at);
    if (code === 34) break;
    if (Number.isNaN(code)) return unclosed(source, place, 'regular expression');
    source.at += code === 92 && source.at + 1 < text.length ? 2 : 1;
    if (text.charCodeAt(source.at - 1) === 10) source.newLine(source.at);
  }
  const pattern = text.slice(start, source.at++);
  try {
    return compileRegex(pattern);
  } catch (error) {
    if (!(error instanceof ErrorValue)) throw error;
    source.report('InvalidRegex', '', source.from(place), {
      kind: error.kind,
      message: error.message,
      ...(error.hint === null ? {} : { hint: error.hint }),
    });
    return null;
  }
}
