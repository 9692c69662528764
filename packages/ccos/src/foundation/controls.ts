/**
 * What may act on a reader's terminal made visible: control characters, and the marks that turn the direction of text. A plan's own
 * words must not move the cursor, colour the screen or show other text than they are.
 */

// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Each of them as its escape, `\u001b`; line feeds and tabs stay. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same on one line: line breaks and tabs become a space. */
export function visibleOnOneLine(text: string): string {
  return visible(text.replace(/[\t\n\r]+/g, ' '));
}
