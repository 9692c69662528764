/** Texts in other clothes (R16.5): base64, URLs, HTML, digests; UTF-8 where bytes are needed. */
import { invalid } from '../values/fail.ts';
import type { Value } from '../values/kinds.ts';
import { chargedText, checkStringLength } from './args.ts';
import { define } from './define.ts';
import type { Entry } from './define.ts';
import { sha256 } from './sha256.ts';
import { fromUtf8, utf8 } from './utf8.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64Encode(s: string): string {
  const bytes = utf8(s);
  const pieces: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const bits = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const digits = Math.min(3, bytes.length - i) + 1;
    for (let k = 0; k < 4; k++) pieces.push(k < digits ? ALPHABET.charAt((bits >> (18 - 6 * k)) & 63) : '=');
  }
  return pieces.join('');
}

/** Strict: padded, no white space, no bits left over, and the bytes are UTF-8. */
function base64Decode(s: string): string {
  const bytes: number[] = [];
  const digits = s.replace(/={1,2}$/, '');
  let bits = 0;
  let held = 0;
  for (const c of digits) {
    const value = ALPHABET.indexOf(c);
    if (value < 0) invalid('base64-decode', 'not base64');
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8) bytes.push((bits >> (held -= 8)) & 255);
  }
  if (s.length % 4 !== 0 || (bits & ((1 << held) - 1)) !== 0) invalid('base64-decode', 'not base64');
  return fromUtf8(bytes) ?? invalid('base64-decode', 'the bytes are not UTF-8');
}

/** Everything but the unreserved characters of RFC 3986 as %XX. */
function urlEncode(s: string): string {
  return encodeURIComponent(s).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function urlDecode(s: string): string {
  try {
    return decodeURIComponent(s);
  } catch {
    return invalid('url-decode', 'not percent-encoded UTF-8');
  }
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function htmlEscape(s: string): string {
  return s.replace(/[&<>"']/g, (c) => HTML[c] ?? c);
}

/**
 * A row that maps a text to a text. The result is at most nine times as long, so that it can be measured once it is
 * there.
 */
function codec(fn: string, f: (s: string) => string): Entry {
  return define(fn, '[:string] :string', (rt, v): Value => {
    const result = f(chargedText(rt, fn, v));
    checkStringLength(rt, result.length);
    return result;
  });
}

/** Encodings and digests. */
export const TEXT_CODEC: readonly Entry[] = [
  codec('base64-encode', base64Encode),
  codec('base64-decode', base64Decode),
  codec('url-encode', urlEncode),
  codec('url-decode', urlDecode),
  codec('html-escape', htmlEscape),
  define('sha256', '[:string] :string', (rt, s) => sha256(utf8(chargedText(rt, 'sha256', s)))),
];
