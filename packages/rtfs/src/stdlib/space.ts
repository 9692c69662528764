/**
 * White space inside texts: that of R1.2 but the comma, which separates tokens of a program and is text like any other
 * in a string; trimming a line of CSV must not lose its empty last fields.
 */
const SPACE = ' \\t\\r\\n\\f\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000';
const AT_START = new RegExp(`^[${SPACE}]+`);
const NOT_SPACE = new RegExp(`[^${SPACE}]`);
const RUN = new RegExp(`[${SPACE}]+`);
const ONE = new RegExp(`[${SPACE}]`);

/** The text without white space at its start. */
export function trimStart(s: string): string {
  return s.replace(AT_START, '');
}

/** The text without white space at its end. A loop, since `[…]+$` would take quadratic time on inner runs. */
export function trimEnd(s: string): string {
  let end = s.length;
  while (end > 0 && ONE.test(s.charAt(end - 1))) end--;
  return s.slice(0, end);
}

/** The text without white space at either end. */
export function trimSpace(s: string): string {
  return trimEnd(trimStart(s));
}

/** Whether the text is empty or white space only. */
export function isBlank(s: string): boolean {
  return !NOT_SPACE.test(s);
}

/** The pieces between runs of white space. */
export function words(s: string): string[] {
  return s.split(RUN).filter((word) => word !== '');
}
