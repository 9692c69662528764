/** UTF-8 without the engine's help: `TextEncoder` is no part of the language, and not every wall has it (R13.1). */

/** The marks of a first byte that one, two or three others follow. */
const LEAD = { 1: 0xc0, 2: 0xe0, 3: 0xf0 } as const;

/** The UTF-8 bytes of a text of scalar values. */
export function utf8(s: string): Uint8Array {
  const bytes = new Uint8Array(s.length * 3);
  let n = 0;
  for (let i = 0; i < s.length; i++) {
    const c = s.codePointAt(i) ?? 0;
    if (c < 0x80) {
      bytes[n++] = c;
      continue;
    }
    if (c > 0xffff) i++;
    const more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    bytes[n++] = LEAD[more] | (c >> (6 * more));
    for (let k = more - 1; k >= 0; k--) bytes[n++] = 0x80 | ((c >> (6 * k)) & 0x3f);
  }
  return bytes.subarray(0, n);
}

/** ASCII that becomes text at once, at most: each character is an argument. */
const RUN_MAX = 1024;

/** The end of the ASCII that begins at `from`, or `RUN_MAX` behind it. */
function asciiEnd(bytes: readonly number[] | Uint8Array, from: number): number {
  const end = Math.min(bytes.length, from + RUN_MAX);
  let at = from;
  while (at < end && (bytes[at] ?? 0) < 0x80) at++;
  return at;
}

/** The text of UTF-8 bytes, null if they are none: overlong forms, surrogates and cut sequences included. */
export function fromUtf8(bytes: readonly number[] | Uint8Array): string | null {
  const pieces: string[] = [];
  for (let i = 0; i < bytes.length;) {
    const plain = asciiEnd(bytes, i);
    if (plain > i) {
      pieces.push(String.fromCharCode(...bytes.slice(i, plain)));
      i = plain;
      continue;
    }
    const first = bytes[i++] ?? 0;
    const more =
      first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : 0;
    if (more === 0 || i + more > bytes.length) return null;
    let c = first & (0x3f >> more);
    for (let k = 0; k < more; k++) {
      const next = bytes[i++] ?? 0;
      if ((next & 0xc0) !== 0x80) return null;
      c = (c << 6) | (next & 0x3f);
    }
    const least = more === 1 ? 0x80 : more === 2 ? 0x800 : 0x10000;
    if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return null;
    pieces.push(String.fromCodePoint(c));
  }
  return pieces.join('');
}
