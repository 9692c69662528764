/**
 * The kinds of error that the language itself raises (R18); `(throw …)` and hosts add kinds of their own, which are any
 * keyword's name.
 */
const STATIC_KINDS = ['ParseError', 'SyntaxError', 'UnknownType', 'SchemaError', 'MacroError', 'ModuleError'] as const;

/** Those that a program can catch: as a class, such a name is that kind (R8.6). */
export const CATCHABLE_KINDS = [
  'UndefinedSymbol',
  'TypeError',
  'ArityMismatch',
  'TypeValidationError',
  'DivisionByZero',
  'IntegerOverflow',
  'InvalidArgument',
  'IndexOutOfBounds',
  'MatchError',
  'InvalidRegex',
  'JsonError',
  'SerializationError',
  'SharedStateError',
  'StackOverflow',
  'LoopLimit',
  'StringLimit',
  'CollectionLimit',
  'DepthLimit',
  'AssertionError',
  'ExceptionInfo',
  'Thrown',
  'SecurityViolation',
  'UnknownCapability',
  'CapabilityError',
  'IoError',
  'NetworkError',
  'InvalidInput',
  'InvalidOutput',
  'Timeout',
  'BudgetExceeded',
  'ApprovalDenied',
] as const;

const FINAL = [
  'FuelExhausted',
  'DeadlineExceeded',
  'MemoryLimit',
  'Suspended',
  'Cancelled',
  'JournalMismatch',
  'ReplayDiverged',
  'InternalError',
] as const;

/** Those that end the run: neither `catch` nor `finally` sees them (R8.12), and a host may answer with them. */
export const FINAL_KINDS: ReadonlySet<string> = new Set(FINAL);

/** A kind of error that the language raises (R18.1). */
export type ErrorKind = (typeof STATIC_KINDS)[number] | (typeof CATCHABLE_KINDS)[number] | (typeof FINAL)[number];
