/** Which characters make a symbol's or keyword's name (R1.16–R1.19); the reader and the JSON codec share this. */

const START = 1;
const PART = 2;

const ascii = new Uint8Array(128);
for (const c of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$+-*/=<>!?%&.')
  ascii[c.charCodeAt(0)] = START | PART;
for (const c of "0123456789'#") ascii[c.charCodeAt(0)] = PART;

const LETTER = /^\p{L}$/u;

/** Whether a code point may begin a name (R1.16). */
export function startsName(codePoint: number): boolean {
  return codePoint < 128 ? ((ascii[codePoint] as number) & START) !== 0 : LETTER.test(String.fromCodePoint(codePoint));
}

/** Whether a code point may stand inside a name (R1.16). */
export function continuesName(codePoint: number): boolean {
  return codePoint < 128 ? ((ascii[codePoint] as number) & PART) !== 0 : LETTER.test(String.fromCodePoint(codePoint));
}

const VERSION = /:v[0-9]+(?:\.[0-9]+)*(?=\/)/y;

/**
 * The end of the colon that belongs to a name (R1.18): behind `:v1.0` when `/` follows, behind the colon of
 * `resource:ref`. -1 when
 * the colon at `at` belongs to no name; `start` is where the name begins.
 */
export function colonInName(text: string, start: number, at: number): number {
  VERSION.lastIndex = at;
  if (VERSION.test(text)) return VERSION.lastIndex;
  return at - start === 8 && text.startsWith('resource:', start) && startsName(text.codePointAt(at + 1) ?? 32)
    ? at + 1
    : -1;
}

/** Whether `text` is the name of a keyword, without its colon (R1.11). */
export function isName(text: string): boolean {
  if (text === '' || !startsName(text.codePointAt(0) as number)) return false;
  for (let i = 0; i < text.length;) {
    const c = text.codePointAt(i) as number;
    if (c === 58) {
      i = colonInName(text, 0, i);
      if (i < 0) return false;
    } else if (continuesName(c)) i += c > 0xffff ? 2 : 1;
    else return false;
  }
  return true;
}

/**
 * Whether `text` is the name of a symbol: a name that does not read as a number, word or comment (R1.4, R1.10,
 * R1.16).
 */
export function isSymbolName(text: string): boolean {
  if (text === 'true' || text === 'false' || text === 'nil' || text.startsWith('//')) return false;
  return isName(text) && !/^[+-]?\.?[0-9]/.test(text);
}
