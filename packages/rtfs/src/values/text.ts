/** Strings as the language counts them (R2.2). */

/** The number of characters, that is Unicode scalar values, of a well-formed text. */
export function characterCount(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >> 10 === 0x37) count--;
  return count;
}
