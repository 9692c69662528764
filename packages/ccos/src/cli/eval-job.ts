/**
 * Computes one pure text in memory (G1.19), where nothing can be called: what admission would have to judge is left to it. Used
 * twice: for the first attempt beside the command, and in the process of its own.
 */
import {
  compile,
  decode,
  encode,
  print,
  read,
  start,
  toPlain,
  type Compiled,
  type CompiledProgram,
  type Json,
  type Limits,
  type Machine,
  type Outcome,
  type Usage,
} from '@ccos/rtfs';
import { BytecodeError, compileBytecode, decodeBytecode } from '@ccos/rtfs/internal';
import type { CcosError, ErrorCode, ErrorParts } from '../foundation/errors.ts';
import { AnsweredErrors, outwardError } from '../microvm/outward.ts';

/** What is asked. `input` is the value's tagged JSON, `deadline` Unix milliseconds, `timeoutMs` what the user gave. */
export interface EvalJob {
  /** A text, or bytecode. */
  readonly source: string | Uint8Array;
  readonly input: Json;
  readonly fuel: number;
  readonly deadline: number;
  readonly timeoutMs: number;
  readonly memoryBytes: number;
}

/** A value as RTFS and as plain JSON. */
export interface EvalValue {
  readonly kind: 'value';
  readonly rtfs: string;
  readonly plain: Json;
  readonly usage: Usage;
}

/** What is answered: the value, the parts of the error that ended it, or that admission must judge the text. */
export type EvalAnswer =
  | EvalValue
  | {
      readonly kind: 'error';
      readonly code: ErrorCode;
      readonly message: string;
      readonly parts: ErrorParts;
      readonly usage: Usage;
    }
  | { readonly kind: 'judge' };

/** What came of a job, under limits of the machine that may be lower still. A value that cannot leave is the language's own error. */
export function answerJob(job: EvalJob, lower: Partial<Limits> = {}): EvalAnswer {
  const program = harmless(job.source);
  if (program === null) return { kind: 'judge' };
  const machine = start(program, {
    input: decode(job.input),
    limits: { fuel: job.fuel, memoryBytes: job.memoryBytes, deadlineMs: job.timeoutMs, ...lower },
    shouldStop: () => (Date.now() >= job.deadline ? 'deadline' : null),
  });
  const outcome = outcomeOf(machine);
  try {
    return fromOutcome(outcome);
  } catch (thrown) {
    const { kind, message } = thrown as { kind?: unknown; message?: unknown };
    if (typeof kind !== 'string') throw thrown;
    return errorAnswer(outwardError({ kind, message: String(message) }, new AnsweredErrors()), outcome.usage);
  }
}

/** The program of a text at which admission has nothing to judge: it holds a form, every name is known, and it calls nothing. */
function harmless(source: string | Uint8Array): CompiledProgram | null {
  return typeof source === 'string'
    ? ifHarmless(compile(source), () => read(source).forms.length === 0)
    : harmlessBytecode(source);
}

function harmlessBytecode(bytes: Uint8Array): CompiledProgram | null {
  try {
    const code = decodeBytecode(bytes);
    return ifHarmless(compileBytecode(code), () => code.forms.length === 0);
  } catch (error) {
    if (error instanceof BytecodeError) return null;
    throw error;
  }
}

function ifHarmless(compiled: Compiled, isEmpty: () => boolean): CompiledProgram | null {
  if (!compiled.ok || compiled.program.effects.calls.length > 0) return null;
  if (compiled.diagnostics.some(({ severity, kind }) => severity === 'error' || kind === 'UndefinedSymbol'))
    return null;
  return isEmpty() ? null : compiled.program;
}

/** A pure text yields to tell of its steps alone, which wants no answer (R13.4); whatever else it waits for cannot be had here. */
function outcomeOf(machine: Machine): Outcome {
  let turn = machine.next();
  while (turn.kind === 'yield' && turn.waiting.length === 0) turn = machine.next();
  return turn.kind === 'done' ? turn.outcome : machine.cancel(`it waits for ${turn.requests[0]?.kind ?? 'its host'}`);
}

function fromOutcome(outcome: Outcome): EvalAnswer {
  const { usage } = outcome;
  if (outcome.status === 'completed') {
    // A function or an atom is a value here, and none that can leave: the same error as behind a wall (R14.1).
    encode(outcome.value);
    return { kind: 'value', rtfs: print(outcome.value), plain: toPlain(outcome.value) as Json, usage };
  }
  if (outcome.status !== 'failed' && outcome.status !== 'exhausted') {
    const message = `Cannot finish the expression: it is ${outcome.status}`;
    return { kind: 'error', code: 'INTERNAL', message, parts: {}, usage };
  }
  const { kind, message, data, span, hint } = outcome.error;
  const frame = {
    kind,
    message,
    data: encode(data),
    ...(span === null ? {} : { span }),
    ...(hint === null ? {} : { hint }),
  };
  return errorAnswer(outwardError(frame, new AnsweredErrors()), usage);
}

function errorAnswer({ code, message, span, hint, details }: CcosError, usage: Usage): EvalAnswer {
  return { kind: 'error', code, message, parts: { span, hint, details }, usage };
}
