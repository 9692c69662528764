/**
 * Canonical JSON (A1): RFC 8785 text, and the strict reader of it. Everything that is hashed or stored goes through here.
 *
 * Both directions keep their own stack of open containers, so that a hostile depth ends in an error of ours and never in
 * one of the engine's.
 */
import { CcosError } from './errors.ts';

/** Containers that may be open at once (A1.5). */
export const CANONICAL_DEPTH_MAX = 1_024;
/** Bytes of one value (A1.5): 64 MiB. */
export const CANONICAL_BYTES_MAX = 64 * 1_024 * 1_024;

/** Units of a text that is parsed before its depth is known. */
const SHORT_TEXT = 65_536;

/** What JSON text reads as. */
export type Parsed = null | boolean | number | string | Parsed[] | { [key: string]: Parsed };

/** One open container: its sorted member names (null for an array), and the next position. */
interface Frame {
  readonly container: object;
  readonly names: readonly string[] | null;
  readonly length: number;
  next: number;
  written: number;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The RFC 8785 form of a number: ECMAScript's own, with `-0` as `0` (A1.2).
 * @throws nothing; the value must be finite.
 */
export function canonicalNumber(value: number): string {
  return value === 0 ? '0' : String(value);
}

/**
 * The canonical text of a JSON value (A1.1). A member whose value is `undefined` is absent.
 * @throws `CANONICAL_UNSUPPORTED` with `details.pointer` (A1.2, A1.3), `CANONICAL_LIMIT` (A1.5).
 */
export function canonicalText(value: unknown): string {
  if (!isContainer(value)) return checkSize(scalar(value, []));
  const stack: Frame[] = [];
  let text = open(value, stack);
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    if (frame.next === frame.length) {
      text += frame.names === null ? ']' : '}';
      stack.pop();
      continue;
    }
    const position = frame.next++;
    const name = frame.names?.[position];
    const member: unknown =
      name === undefined
        ? (frame.container as readonly unknown[])[position]
        : (frame.container as Readonly<Record<string, unknown>>)[name];
    if (member === undefined && name !== undefined) continue;
    if (frame.written++ > 0) text += ',';
    if (name !== undefined) text += `${string(name, stack)}:`;
    text += isContainer(member) ? open(member, stack) : scalar(member, stack);
    if (text.length > CANONICAL_BYTES_MAX) throw tooLarge();
  }
  return checkSize(text);
}

/** A UTF-16 unit is at most three bytes, so short texts need no count. */
function checkSize(text: string): string {
  if (text.length * 3 > CANONICAL_BYTES_MAX && Buffer.byteLength(text) > CANONICAL_BYTES_MAX) throw tooLarge();
  return text;
}

/** The canonical bytes of a JSON value (A1.1). Throws as `canonicalText` does. */
export function canonicalJson(value: unknown): Uint8Array {
  return Buffer.from(canonicalText(value), 'utf8');
}

/**
 * Reads canonical bytes (A1.4).
 * @throws `CANONICAL_FORM` for anything that is not byte-identical to the canonical form of what it says, `CANONICAL_LIMIT`.
 */
export function parseCanonical(bytes: Uint8Array): Parsed {
  if (bytes.length > CANONICAL_BYTES_MAX) throw tooLarge();
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw form('the bytes are not UTF-8', cause);
  }
  return parseCanonicalText(text);
}

/** `parseCanonical` for text that was decoded already. Throws the same errors. */
export function parseCanonicalText(text: string): Parsed {
  const quick = quicklyParsed(text);
  return quick === undefined ? slowlyParsed(text) : quick;
}

/**
 * What a text says that the engine writes the same way again, as it does with canonical JSON whose members are sorted; undefined for
 * every text of which that does not show, canonical or not. It takes a third of the time, and only ever says yes.
 */
function quicklyParsed(text: string): Parsed | undefined {
  // Escapes of surrogates are the one thing beside order and integers in which the engine's text is not canonical.
  if (text.includes('\\ud') || text.length * 3 > CANONICAL_BYTES_MAX) return undefined;
  try {
    const parsed = JSON.parse(text) as Parsed;
    return isOrdered(parsed, 0) && JSON.stringify(parsed) === text ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** True when all members are sorted, all integers safe, and nothing is too deep. */
function isOrdered(value: Parsed, depth: number): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) || !Number.isInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= CANONICAL_DEPTH_MAX) return false;
  if (Array.isArray(value)) {
    for (const member of value) if (!isOrdered(member, depth + 1)) return false;
    return true;
  }
  let last: string | null = null;
  for (const name of Object.keys(value)) {
    if (last !== null && last > name) return false;
    last = name;
    if (!isOrdered(value[name] as Parsed, depth + 1)) return false;
  }
  return true;
}

function slowlyParsed(text: string): Parsed {
  // A shorter text cannot hold so much that writing it again would not find the depth soon enough.
  if (text.length > SHORT_TEXT) checkDepth(text);
  let parsed: Parsed;
  try {
    parsed = JSON.parse(text) as Parsed;
  } catch (cause) {
    throw form('the text is not JSON', cause);
  }
  let again: string;
  try {
    again = canonicalText(parsed);
  } catch (cause) {
    if (cause instanceof CcosError && cause.code === 'CANONICAL_LIMIT') throw cause;
    throw form('the text holds something that canonical JSON does not', cause);
  }
  if (again !== text) throw form('the text is not in canonical form');
  return parsed;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function open(value: object, stack: Frame[]): string {
  if (stack.length >= CANONICAL_DEPTH_MAX) throw tooDeep(value, stack);
  if (Array.isArray(value)) {
    if (Object.getPrototypeOf(value) !== Array.prototype) throw unsupported('a class instance', stack);
    stack.push({ container: value, names: null, length: value.length, next: 0, written: 0 });
    return '[';
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw unsupported('a class instance', stack);
  const names = Object.keys(value);
  // Sorting by UTF-16 code units is what `sort` does without a comparison.
  if (!isSorted(names)) names.sort();
  stack.push({ container: value, names, length: names.length, next: 0, written: 0 });
  return '{';
}

function isSorted(names: readonly string[]): boolean {
  for (let at = 1; at < names.length; at++) if ((names[at - 1] as string) > (names[at] as string)) return false;
  return true;
}

function scalar(value: unknown, stack: readonly Frame[]): string {
  switch (typeof value) {
    case 'string':
      return string(value, stack);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw unsupported('a number that is not finite', stack);
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw unsupported('an integer beyond 2^53-1', stack);
      return canonicalNumber(value);
    default:
      if (value === null) return 'null';
      throw unsupported(value === undefined ? 'an undefined element' : `a ${typeof value}`, stack);
  }
}

function string(value: string, stack: readonly Frame[]): string {
  if (!value.isWellFormed()) throw unsupported('a string with a lone surrogate', stack);
  return JSON.stringify(value);
}

/** Refuses a text nested too deep before the parser sees it. Throws `CANONICAL_LIMIT` (A1.5). */
export function checkDepth(text: string): void {
  let depth = 0,
    inString = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (inString) {
      if (unit === 92) at++;
      else if (unit === 34) inString = false;
    } else if (unit === 34) inString = true;
    else if (unit === 91 || unit === 123) {
      if (++depth > CANONICAL_DEPTH_MAX) throw limit(`deeper than ${CANONICAL_DEPTH_MAX} containers`);
    } else if (unit === 93 || unit === 125) depth--;
  }
}

/** The JSON Pointer of the member that the innermost open container has just handed out. */
function pointer(stack: readonly Frame[]): string {
  return stack
    .map((frame) => {
      const at = frame.next - 1;
      const name = frame.names === null ? String(at) : (frame.names[at] ?? '');
      return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    })
    .join('');
}

function tooDeep(value: object, stack: readonly Frame[]): CcosError {
  // A cycle is only looked for here: it always ends at the depth limit, and every other value is spared the search.
  const seen = new Set<object>();
  for (const [depth, frame] of stack.entries()) {
    if (seen.has(frame.container)) return unsupported('a cycle', stack.slice(0, depth));
    seen.add(frame.container);
  }
  if (seen.has(value)) return unsupported('a cycle', stack);
  return limit(`deeper than ${CANONICAL_DEPTH_MAX} containers`);
}

function unsupported(what: string, stack: readonly Frame[]): CcosError {
  const at = pointer(stack);
  return new CcosError(
    'CANONICAL_UNSUPPORTED',
    `Cannot write canonical JSON: ${what} at ${at === '' ? 'the root' : at}`,
    {
      details: { pointer: at, found: what },
      hint: `replace the value at ${at === '' ? 'the root' : at} by plain JSON data`,
    },
  );
}

function form(what: string, cause?: unknown): CcosError {
  return new CcosError('CANONICAL_FORM', `Cannot read canonical JSON: ${what}`, { cause });
}

function limit(what: string): CcosError {
  return new CcosError('CANONICAL_LIMIT', `Cannot carry a JSON value: ${what}`, {
    details: { depthMax: CANONICAL_DEPTH_MAX, bytesMax: CANONICAL_BYTES_MAX },
    hint: 'split the value into smaller ones',
  });
}

function tooLarge(): CcosError {
  return limit(`larger than ${CANONICAL_BYTES_MAX} bytes`);
}
