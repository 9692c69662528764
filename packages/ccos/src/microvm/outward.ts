/** Errors on their way out of a guest (E1.3): an error of a call keeps its code, one of the language has E2's, the rest is the program's. */
import { decode, Keyword, PMap, toPlain, type Json, type Value } from '@ccos/rtfs/values';
import { CcosError, ERRORS, type ErrorCode, type ErrorSpan } from '../foundation/errors.ts';
import type { GuestError } from '../model/guest-host.ts';
import type { FrameError } from './frames.ts';

/** Kinds that only the language raises, each with its code (E2). */
const LANGUAGE: ReadonlyMap<string, ErrorCode> = new Map(
  [
    'PARSE_ERROR',
    'SYNTAX_ERROR',
    'UNKNOWN_TYPE',
    'INVALID_REGEX',
    'UNDEFINED_SYMBOL',
    'TYPE_ERROR',
    'ARITY_MISMATCH',
    'TYPE_VALIDATION_ERROR',
    'INVALID_ARGUMENT',
    'DIVISION_BY_ZERO',
    'INTEGER_OVERFLOW',
    'INDEX_OUT_OF_BOUNDS',
    'MATCH_ERROR',
    'JSON_ERROR',
    'SERIALIZATION_ERROR',
    'SHARED_STATE_ERROR',
    'ASSERTION_ERROR',
    'STACK_OVERFLOW',
    'LOOP_LIMIT',
    'STRING_LIMIT',
    'COLLECTION_LIMIT',
    'DEPTH_LIMIT',
    'LIMIT_FUEL',
    'LIMIT_TIME',
    'LIMIT_MEMORY',
    'CANCELLED',
  ].map((code) => [ERRORS[code as ErrorCode].kind!, code as ErrorCode]),
);

/** What to do where the error itself does not say (E2). */
const HINTS: Partial<Record<ErrorCode, string>> = {
  STACK_OVERFLOW: 'go round with loop and recur, which take no frames',
  LOOP_LIMIT: 'loop and recur go round without this limit',
};

/** The codes with which calls of one run were answered: only these may an uncaught error carry outward. */
export class AnsweredErrors {
  readonly #seen = new Set<string>();
  add(error: GuestError): void {
    this.#seen.add(this.#key(error.kind, codeIn(error.data), error.message));
  }
  has(kind: string, code: ErrorCode, message: string): boolean {
    return this.#seen.has(this.#key(kind, code, message));
  }
  #key(...parts: readonly (string | null)[]): string {
    return JSON.stringify(parts);
  }
}

/** The code that an error of a call carries in its data under `:code` (E1.2), or null. */
function codeIn(data: Value | undefined): ErrorCode | null {
  const code = data instanceof PMap ? data.get(Keyword.of('code')) : undefined;
  const name = code instanceof Keyword ? code.name : code;
  return typeof name === 'string' && Object.hasOwn(ERRORS, name) ? (name as ErrorCode) : null;
}

/** The data of an error frame as a value; data that does not decode is dropped, for a guest may lie about its own error. */
function dataOf(error: FrameError): Value {
  try {
    return error.data === undefined ? null : decode(error.data);
  } catch {
    return null;
  }
}

/** The error that ends the run for the world outside. */
export function outwardError(error: FrameError, answered: AnsweredErrors): CcosError {
  const data = dataOf(error);
  const code = codeIn(data);
  const span = error.span === undefined || error.span === null ? undefined : spanOf(error.span);
  const parts = { span, hint: error.hint ?? hintIn(data) };
  if (code !== null && answered.has(error.kind, code, error.message))
    return new CcosError(code, error.message, { ...parts, details: { kind: error.kind } });
  // Only the guest's loop gives an error a code here, and no program: it refuses to take the program itself.
  if (error.code === 'BYTECODE_INVALID') return new CcosError('BYTECODE_INVALID', error.message, parts);
  const language = LANGUAGE.get(error.kind);
  if (language !== undefined) {
    const details = { kind: error.kind, data: plain(data) };
    return new CcosError(language, error.message, { ...parts, hint: parts.hint ?? HINTS[language], details });
  }
  if (error.kind === 'InternalError')
    return new CcosError('INTERNAL', error.message, { ...parts, details: { kind: error.kind } });
  return new CcosError('PROGRAM_ERROR', error.message, { ...parts, details: { kind: error.kind, data: plain(data) } });
}

function plain(data: Value): Json {
  return data === null ? null : (toPlain(data) as Json);
}

function hintIn(data: Value): string | undefined {
  const hint = data instanceof PMap ? data.get(Keyword.of('hint')) : undefined;
  return typeof hint === 'string' ? hint : undefined;
}

function spanOf(span: NonNullable<FrameError['span']>): ErrorSpan {
  const { line, column, endLine, endColumn, file } = span;
  return { line, column, endLine, endColumn, ...(file === undefined ? {} : { file }) };
}

/** What guest-side effects may answer: their own codes (P5), so that no guest can make up a denial or a limit. */
const EFFECT_CODES: readonly ErrorCode[] = [
  'IO_NOT_FOUND',
  'IO_NOT_FILE',
  'IO_EXISTS',
  'IO_ENCODING',
  'IO_FULL',
  'IO_DENIED',
  'CAP_TOO_LARGE',
  'CAP_INPUT',
  'CAP_FAILED',
  'SECURITY_VIOLATION',
  'CAP_UNKNOWN',
];

/** The error of a guest-side effect, or null when it has no code that an effect may have. */
export function effectError(error: FrameError): CcosError | null {
  const code = EFFECT_CODES.find((known) => known === error.code);
  return code === undefined ? null : new CcosError(code, error.message, { hint: error.hint });
}
