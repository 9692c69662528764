/** Control characters made visible: a plan's own words must not move the cursor or colour the terminal of whoever reads them. */

/** Each control character as its escape, `\u001b`; line breaks and tabs stay. */
export function visible(text: string): string {
  return escaped(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g);
}

/** The same on one line: line breaks and tabs become a space. */
export function visibleOnOneLine(text: string): string {
  return escaped(text.replace(/[\t\n\r]+/g, ' '), /\p{Cc}/gu);
}

function escaped(text: string, controls: RegExp): string {
  return text.replace(controls, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
