/** `TextCodec`s: Node's own, and one in plain JavaScript for engines that have neither `Buffer` nor `TextEncoder`. */
import type { TextCodec } from './blobs.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Works in any ES2022 engine. Lone surrogates become U+FFFD, as Node's encoder has it. */
export const plainTextCodec: TextCodec = {
  toBase64: (text) => base64(utf8(text)),
  fromBase64: (data) => textOf(bytesOf(data)),
};

function utf8(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    let point = character.codePointAt(0)!;
    if (point >= 0xd800 && point < 0xe000) point = 0xfffd;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    else bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
  }
  return bytes;
}

function base64(bytes: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i]!, bytes[i + 1], bytes[i + 2]];
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    parts.push(
      ALPHABET[group >> 18]! +
        ALPHABET[(group >> 12) & 63]! +
        (b === undefined ? '=' : ALPHABET[(group >> 6) & 63]!) +
        (c === undefined ? '=' : ALPHABET[group & 63]!),
    );
  }
  return parts.join('');
}

const DIGIT = new Map([...ALPHABET].map((character, value) => [character, value]));

/** The value of each digit by its code; -1 for what is none. */
const DIGITS = Int8Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)));

/** The bytes of base64 in any engine; null where it is not what an encoder writes. */
export function bytesOfBase64(data: string): Uint8Array | null {
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  if (data.length % 4 !== 0) return null;
  const bytes = new Uint8Array((data.length / 4) * 3 - padding);
  let group = 0,
    bits = 0,
    length = 0;
  const end = data.length - padding;
  for (let at = 0; at < end; at++) {
    const digit = DIGITS[data.charCodeAt(at)] ?? -1;
    if (digit < 0) return null;
    group = (group << 6) | digit;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = (group >> bits) & 255;
    group &= (1 << bits) - 1;
  }
  return group === 0 ? bytes : null;
}

function bytesOf(data: string): number[] {
  const bytes: number[] = [];
  let group = 0,
    bits = 0;
  for (const character of data) {
    const digit = DIGIT.get(character);
    if (digit === undefined) break; // The padding: the frame's validator let nothing else through.
    group = (group << 6) | digit;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((group >> bits) & 255);
      group &= (1 << bits) - 1;
    }
  }
  return bytes;
}

/** Decodes UTF-8 that this codec or Node's wrote; bytes that are none become U+FFFD. */
function textOf(bytes: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length;) {
    const lead = bytes[i]!;
    const size =
      lead < 0x80
        ? 1
        : lead >= 0xf0 && lead < 0xf5
          ? 4
          : lead >= 0xe0 && lead < 0xf0
            ? 3
            : lead >= 0xc2 && lead < 0xe0
              ? 2
              : 0;
    const tail = bytes.slice(i + 1, i + size);
    const whole = size > 0 && tail.length === size - 1 && tail.every((byte) => (byte & 0xc0) === 0x80);
    let point = whole ? lead & (size === 1 ? 0x7f : 0xff >> (size + 1)) : 0xfffd;
    if (whole) for (const byte of tail) point = (point << 6) | (byte & 63);
    parts.push(point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point));
    i += whole ? size : 1;
  }
  return parts.join('');
}
