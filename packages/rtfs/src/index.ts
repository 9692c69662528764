/** RTFS for hosts: what R13.11 names, and nothing else. */
export { compile } from './machine/compile.ts';
export { start } from './machine/machine.ts';
export { run, runSync } from './machine/run.ts';
export type { SyncHost } from './machine/run.ts';
export { format } from './format/format.ts';
export type { Formatted } from './format/format.ts';
export { read } from './reader/read.ts';
export type { Form } from './reader/forms.ts';
export { validate } from './types/validate.ts';
export type { Violation } from './types/validate.ts';
export { decode, encode } from './values/codec.ts';
export type { ErrorKind } from './values/error-kind.ts';
export { equal } from './values/equality.ts';
export { isFloat, isInt, isNumber, float } from './values/numbers.ts';
export { Atom, ErrorValue, Float, Fn, Keyword, Regex, Sym } from './values/kinds.ts';
export type { Span, TraceEntry, Value } from './values/kinds.ts';
export { List } from './values/list.ts';
export { PMap } from './values/map.ts';
export { compare } from './values/order.ts';
export { fromPlain, toPlain } from './values/plain.ts';
export { print } from './values/print.ts';
export { PSet } from './values/set.ts';
export { Vec } from './values/vector.ts';
export type {
  CallRequest,
  CallSite,
  Compiled,
  CompiledProgram,
  CompileOptions,
  Diagnostic,
  Effects,
  ErrorInit,
  HostInterface,
  JournalEntry,
  Json,
  Limits,
  Machine,
  MachineOptions,
  ModuleResolver,
  ModuleSource,
  Outcome,
  Reply,
  Request,
  RunOptions,
  StepEvent,
  StepRef,
  StepSite,
  StopReason,
  Turn,
  Usage,
} from './machine/types.ts';
