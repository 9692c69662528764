/** JSON that other programs may have written (I8.7): any layout, but nothing that two readers could understand differently. */
import { CANONICAL_BYTES_MAX, checkDepth, type Parsed } from './canonical-json.ts';
import { CcosError } from './errors.ts';

const QUOTE = 34;
const BACKSLASH = 92;

/**
 * Reads JSON without duplicate members.
 * @throws `CANONICAL_FORM` for bytes that are no such JSON in UTF-8, `CANONICAL_LIMIT` for too many or too deep ones (A1.5).
 */
export function parseStrictJson(bytes: Uint8Array): Parsed {
  if (bytes.length > CANONICAL_BYTES_MAX) {
    throw new CcosError('CANONICAL_LIMIT', `Cannot carry a JSON value: larger than ${CANONICAL_BYTES_MAX} bytes`, {
      details: { bytesMax: CANONICAL_BYTES_MAX },
      hint: 'split the value into smaller ones',
    });
  }
  let text: string;
  let parsed: Parsed;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw form('the bytes are not UTF-8', cause);
  }
  checkDepth(text);
  try {
    parsed = JSON.parse(text) as Parsed;
  } catch (cause) {
    throw form((cause as Error).message, cause);
  }
  const twice = duplicateMember(text);
  if (twice !== null) throw form(`the member ${JSON.stringify(twice)} stands twice in one object`);
  return parsed;
}

/** The first name that stands twice in one object of a valid JSON text, or null. */
function duplicateMember(text: string): string | null {
  /** The names so far of each open object; null for an array. */
  const open: (Set<string> | null)[] = [];
  let expectsName = false;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
        open.push(new Set());
        expectsName = true;
        break;
      case '[':
        open.push(null);
        expectsName = false;
        break;
      case '}':
      case ']':
        open.pop();
        expectsName = false;
        break;
      case ',':
        expectsName = open.at(-1) !== null;
        break;
      case '"': {
        const end = stringEnd(text, at);
        const names = open.at(-1);
        if (expectsName && names !== null && names !== undefined) {
          const name = JSON.parse(text.slice(at, end)) as string;
          if (names.has(name)) return name;
          names.add(name);
        }
        expectsName = false;
        at = end - 1;
      }
    }
  }
  return null;
}

/** The position behind the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  let end = at + 1;
  while (text.charCodeAt(end) !== QUOTE) end += text.charCodeAt(end) === BACKSLASH ? 2 : 1;
  return end + 1;
}

function form(what: string, cause?: unknown): CcosError {
  return new CcosError('CANONICAL_FORM', `Cannot read the JSON: ${what}`, { cause, hint: 'name a file of JSON' });
}
