/**
 * The one error type and the one table of codes (`errors.md`). A code that does not stand in the table cannot be raised; each
 * has a test that raises it through the command line or a public entry (E1.1).
 */

/** What is known of a code: the shell's exit code (E1.4) and the kind a program sees when it answers a call (E1.2). */
export interface ErrorRow {
  readonly exit: number;
  readonly kind: string | null;
  readonly meaning: string;
}

const row = (exit: number, kind: string | null, meaning: string): ErrorRow => ({ exit, kind, meaning });

/** Every code built so far, in the order and spelling of `errors.md`. Codes are never renamed or reused (E1.7). */
export const ERRORS = {
  // The language (E2): what a program raised itself and nobody caught.
  PARSE_ERROR: row(3, 'ParseError', 'the reader refuses the text'),
  SYNTAX_ERROR: row(3, 'SyntaxError', 'a form has the wrong shape'),
  UNKNOWN_TYPE: row(3, 'UnknownType', 'a type or predicate nobody declared'),
  MACRO_ERROR: row(3, 'MacroError', 'a macro cannot be expanded, or not within its bounds'),
  MODULE_ERROR: row(3, 'ModuleError', 'a module is not there, or does not give what is imported'),
  INVALID_REGEX: row(3, 'InvalidRegex', 'a regular expression that cannot be used'),
  UNDEFINED_SYMBOL: row(1, 'UndefinedSymbol', 'a name without a binding was evaluated'),
  TYPE_ERROR: row(1, 'TypeError', 'the wrong kind of value'),
  ARITY_MISMATCH: row(1, 'ArityMismatch', 'the wrong number of arguments'),
  TYPE_VALIDATION_ERROR: row(1, 'TypeValidationError', 'a value does not have its declared type'),
  INVALID_ARGUMENT: row(1, 'InvalidArgument', 'the right kind of value, but an impossible one'),
  DIVISION_BY_ZERO: row(1, 'DivisionByZero', 'division by zero'),
  INTEGER_OVERFLOW: row(1, 'IntegerOverflow', 'an integer outside 64 bits'),
  INDEX_OUT_OF_BOUNDS: row(1, 'IndexOutOfBounds', 'an index outside its sequence'),
  MATCH_ERROR: row(1, 'MatchError', 'no clause matches'),
  JSON_ERROR: row(1, 'JsonError', 'text that is not JSON'),
  SERIALIZATION_ERROR: row(1, 'SerializationError', 'a value that cannot cross the boundary'),
  SHARED_STATE_ERROR: row(1, 'SharedStateError', 'state shared between parallel branches'),
  ASSERTION_ERROR: row(1, 'AssertionError', 'an assertion failed'),
  PROGRAM_ERROR: row(1, null, 'the program threw an error of its own'),
  STACK_OVERFLOW: row(6, 'StackOverflow', 'too many frames'),
  LOOP_LIMIT: row(6, 'LoopLimit', 'too many iterations of one loop'),
  STRING_LIMIT: row(6, 'StringLimit', 'a string grew too long'),
  COLLECTION_LIMIT: row(6, 'CollectionLimit', 'a collection grew too large'),
  DEPTH_LIMIT: row(6, 'DepthLimit', 'a value is nested too deep'),
  // Authority and capabilities (E3).
  SECURITY_VIOLATION: row(4, 'SecurityViolation', 'policy or level refuses'),
  AUTHORIZATION_INVALID: row(
    4,
    'SecurityViolation',
    'an authorization that is forged, spent, expired or of another call',
  ),
  BUDGET_EXCEEDED: row(6, 'BudgetExceeded', 'a budget would be passed'),
  CAP_UNKNOWN: row(3, 'UnknownCapability', 'no capability of that id'),
  CAP_INPUT: row(1, 'InvalidInput', 'arguments break the schema'),
  CAP_OUTPUT: row(1, 'InvalidOutput', 'a result breaks the schema'),
  CAP_FAILED: row(1, 'CapabilityError', 'the implementation failed'),
  CAP_TOO_LARGE: row(1, 'CapabilityError', 'a result or argument over its cap'),
  TIMEOUT: row(6, 'Timeout', "a call's or step's deadline passed"),
  IO_NOT_FOUND: row(1, 'IoError', 'the file does not exist'),
  IO_NOT_FILE: row(1, 'IoError', 'not a regular file'),
  IO_EXISTS: row(1, 'IoError', 'the file exists already'),
  IO_ENCODING: row(1, 'IoError', 'not UTF-8'),
  IO_FULL: row(1, 'IoError', 'the disk is full'),
  IO_DENIED: row(4, 'IoError', 'the system refuses although the policy allowed, or a link lies below a grant'),
  DATA_JSON: row(1, 'CapabilityError', 'text or value that JSON cannot carry'),
  DATA_CSV: row(1, 'CapabilityError', 'text that is not CSV'),
  // Plans, runs, usage (E4).
  USAGE: row(2, null, 'unknown command or option, or a bad option value'),
  STATE_OPEN: row(2, null, 'the state folder cannot be opened'),
  IO: row(2, null, 'a system call failed'),
  PLAN_INVALID: row(3, null, 'not a plan'),
  PLAN_EMPTY: row(3, null, 'nothing in the plan'),
  PLAN_UNRESOLVED: row(3, null, 'unknown names at admission'),
  INTENT_NOT_FOUND: row(2, null, 'no intent, or no edge, of that name'),
  INTENT_TRANSITION: row(2, null, 'a status that cannot be reached from here'),
  POLICY_INVALID: row(3, null, 'a policy that cannot be read or means nothing'),
  INTERNAL: row(1, null, 'a defect of CCOS'),
  // Walls (E5).
  PROVIDER_UNKNOWN: row(2, null, 'no provider of that name'),
  PROVIDER_UNAVAILABLE: row(7, null, "the provider's probe failed"),
  PROVIDER_NOT_INITIALIZED: row(7, null, 'a provider used before or after its life'),
  ISOLATION_UNAVAILABLE: row(7, null, 'no provider meets the wall'),
  ENV_REFUSED: row(3, null, 'a variable that steers a loader'),
  ENFORCEMENT_UNAVAILABLE: row(7, null, 'no mechanism can hold a limit'),
  LAUNCH_FAILED: row(7, null, 'the guest did not start'),
  STARTUP_TIMEOUT: row(7, null, 'the guest did not answer in time'),
  HANDSHAKE_FAILED: row(7, null, 'the guest is not the expected one'),
  OVERLOADED: row(7, null, 'the queue of executions is full'),
  PROGRAM_UNSUPPORTED: row(3, null, 'the provider cannot run this kind of program'),
  PROGRAM_MISSING: row(3, null, 'no program'),
  BYTECODE_INVALID: row(3, null, 'bytecode that was changed, cut off, or is of another version'),
  GUEST_CRASH: row(1, 'CapabilityError', 'the guest died'),
  PROTOCOL_VIOLATION: row(1, 'CapabilityError', "the guest broke the channel's rules"),
  CANCELLED: row(130, 'Cancelled', 'stopped on request'),
  // Limits (E6): details {limit, value, measured, enforcement}.
  LIMIT_TIME: row(6, 'DeadlineExceeded', 'the time of the run is over'),
  LIMIT_CPU: row(6, null, 'the cpu time of the run is over'),
  LIMIT_MEMORY: row(6, 'MemoryLimit', 'the memory of the guest is used up'),
  LIMIT_FUEL: row(6, 'FuelExhausted', 'the fuel of the run is used up'),
  LIMIT_OUTPUT: row(6, null, 'too much output'),
  // Record and store (E7).
  CANONICAL_UNSUPPORTED: row(2, null, 'a value that canonical JSON cannot carry'),
  CANONICAL_FORM: row(2, null, 'bytes that are not canonical JSON'),
  CANONICAL_LIMIT: row(2, null, 'JSON too deep or too large'),
  TYPE_TAG: row(2, null, 'a type tag of the wrong shape'),
  HASH_FORMAT: row(2, null, 'not a hash'),
  ARCHIVE_CLOSED: row(2, null, 'the archive was used after close'),
  ARCHIVE_PINNED: row(2, null, 'an object that is still named cannot be deleted'),
  ARCHIVE_TOO_LARGE: row(6, null, 'an object over the cap'),
  ARCHIVE_QUOTA: row(6, null, 'the archive would grow over its quota'),
  ARCHIVE_OPEN: row(2, null, "the store's folder cannot be opened"),
  ARCHIVE_TYPE: row(8, null, 'an object of another type'),
  ARCHIVE_CORRUPT: row(8, null, 'an object is not what its name says'),
  ARCHIVE_MISSING: row(8, null, 'an object that something names is absent'),
  ARCHIVE_PATH: row(8, null, 'something that is no object where an object should be'),
  STORE_LOCKED: row(2, null, 'another process held the lock too long'),
  INTENT_INVALID: row(2, null, 'an intent or edge of the wrong shape'),
  INTENT_SOURCE: row(2, null, 'text that is not one form of RTFS, or an intent whose source says something else'),
  INTENT_EXISTS: row(2, null, 'another intent has that id'),
  INTENT_HAS_EDGES: row(2, null, 'the intent still has edges'),
  INTENT_QUERY: row(2, null, 'a bad question about intents'),
  INTENT_EDGE_SELF: row(2, null, 'an edge from an intent to itself'),
  INTENT_EDGE_DANGLING: row(2, null, 'an edge to an intent that does not exist'),
  INTENT_EDGE_DUPLICATE: row(2, null, 'the edge exists, with another weight or other metadata'),
  INTENT_EDGE_CYCLE: row(2, null, 'an edge that would close a cycle'),
  INTENT_EDGE_PARENT: row(2, null, 'a second parent'),
  INTENT_CORRUPT: row(8, null, 'an intent that the chain names is missing or does not verify'),
  BACKUP_VERSION: row(2, null, 'a backup of a version that is not read here'),
  BACKUP_INTEGRITY: row(8, null, 'a backup that does not verify'),
  BACKUP_CONFLICT: row(2, null, 'intents that differ between backup and graph'),
  CHAIN_SCHEMA: row(2, null, 'a record of the wrong shape'),
  CHAIN_PARENT: row(2, null, 'a parent that does not come before'),
  CHAIN_NOT_FOUND: row(2, null, 'no such record'),
  CHAIN_QUERY: row(2, null, 'a bad filter'),
  CHAIN_UNAVAILABLE: row(8, null, 'a record cannot be written, so no effect happens'),
  CHAIN_KEY_MODE: row(2, null, 'private files readable by others'),
  CHAIN_BROKEN: row(8, null, 'a signed record does not verify'),
  PROOF_INVALID: row(8, null, 'a proof does not verify'),
} as const satisfies Record<string, ErrorRow>;

/** A code of the table (E1.1). */
export type ErrorCode = keyof typeof ERRORS;

/** A place in a source text: lines and columns from 1. */
export interface ErrorSpan {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly file?: string;
}

/** What an error may carry beside its code and message. `details` is plain JSON data. */
export interface ErrorParts {
  readonly span?: ErrorSpan | undefined;
  readonly hint?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
  /** The exit code where the row has one of its own for the situation (`CAP_INPUT` at admission, `CAP_UNKNOWN` at a call). */
  readonly exit?: number | undefined;
}

/** The one error of CCOS (E1): `code` for programs outside, `hint` the remedy made concrete (E1.5). */
export class CcosError extends Error {
  readonly code: ErrorCode;
  readonly span: ErrorSpan | undefined;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  readonly #exit: number | undefined;

  constructor(code: ErrorCode, message: string, parts: ErrorParts = {}) {
    super(message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = 'CcosError';
    this.code = code;
    this.span = parts.span;
    this.hint = parts.hint;
    this.details = parts.details ?? {};
    this.#exit = parts.exit;
  }

  /** The exit code of a command that this error ends (E1.4). */
  get exit(): number {
    return this.#exit ?? ERRORS[this.code].exit;
  }

  /** The form in `--json` and in records: nothing that is absent. */
  toJSON(): {
    code: ErrorCode;
    message: string;
    span?: ErrorSpan;
    hint?: string;
    details: Readonly<Record<string, unknown>>;
  } {
    return {
      code: this.code,
      message: this.message,
      ...(this.span === undefined ? {} : { span: this.span }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      details: this.details,
    };
  }
}

/** Any thrown thing as a `CcosError`: what is not one is a defect of ours, `INTERNAL`. */
export function asCcosError(thrown: unknown): CcosError {
  if (thrown instanceof CcosError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new CcosError('INTERNAL', message, {
    cause: thrown,
    hint: 'this is a defect of CCOS: please report it with the run folder',
  });
}

/** The `errno` name of a failed system call (`ENOENT`), or null. */
export function errnoOf(thrown: unknown): string | null {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : null;
}
