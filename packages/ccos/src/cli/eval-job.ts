/**
 * What the worker of `ccos eval` does (G1.19): compiles and runs one pure text under fuel and deadline. It holds no host: a text
 * that calls anything is refused, for at level `pure` nothing may be called (S1.2).
 */
import {
  compile,
  encode,
  print,
  start,
  toPlain,
  type Diagnostic,
  type Json,
  type Machine,
  type Outcome,
} from '@ccos/rtfs';
import { ERRORS, type CcosError, type ErrorCode, type ErrorParts } from '../foundation/errors.ts';
import { AnsweredErrors, outwardError } from '../microvm/outward.ts';

/** What the worker is asked. `deadline` is Unix milliseconds, `timeoutMs` what the user gave. */
export interface EvalJob {
  readonly source: string;
  readonly fuel: number;
  readonly deadline: number;
  readonly timeoutMs: number;
  readonly memoryBytes: number;
}

/** What it answers: the value as RTFS and as plain JSON, or the parts of the error that ended it. */
export type EvalAnswer =
  | { readonly rtfs: string; readonly plain: Json; readonly fuel: number }
  | { readonly code: ErrorCode; readonly message: string; readonly parts: ErrorParts };

function answer(job: EvalJob): EvalAnswer {
  const compiled = compile(job.source, { file: 'expression' });
  // An unresolved name is only a warning to the compiler; admission makes it an error (G1.5).
  const found = compiled.diagnostics.filter(({ severity, kind }) => severity === 'error' || kind === 'UndefinedSymbol');
  if (!compiled.ok || found.length > 0) return ofFindings(found);
  const call = compiled.program.effects.calls[0];
  if (call !== undefined) return refusedCall(call.id ?? 'a computed id', call.span);
  const machine = start(compiled.program, {
    fuel: job.fuel,
    limits: { memoryBytes: job.memoryBytes, deadlineMs: job.timeoutMs },
    shouldStop: () => (Date.now() >= job.deadline ? 'deadline' : null),
  });
  return fromOutcome(outcomeOf(machine));
}

/** A pure text yields to tell of its steps alone, which wants no answer (R13.4); whatever else it waits for cannot be had here. */
function outcomeOf(machine: Machine): Outcome {
  let turn = machine.next();
  while (turn.kind === 'yield' && turn.waiting.length === 0) turn = machine.next();
  return turn.kind === 'done' ? turn.outcome : machine.cancel(`it waits for ${turn.requests[0]?.kind ?? 'its host'}`);
}

function fromOutcome(outcome: Outcome): EvalAnswer {
  if (outcome.status === 'completed') {
    // A function or an atom is a value here, and none that can leave: the same error as behind a wall (R14.1).
    encode(outcome.value);
    return { rtfs: print(outcome.value), plain: toPlain(outcome.value) as Json, fuel: outcome.usage.fuel };
  }
  if (outcome.status !== 'failed' && outcome.status !== 'exhausted') {
    return { code: 'INTERNAL', message: `Cannot finish the expression: it is ${outcome.status}`, parts: {} };
  }
  const { kind, message, data, span, hint } = outcome.error;
  const frame = {
    kind,
    message,
    data: encode(data),
    ...(span === null ? {} : { span }),
    ...(hint === null ? {} : { hint }),
  };
  return ofError(outwardError(frame, new AnsweredErrors()));
}

function ofError({ code, message, span, hint, details }: CcosError): EvalAnswer {
  return { code, message, parts: { span, hint: hint ?? HINTS[code], details } };
}

/** What raises a limit of `eval`. */
const HINTS: Partial<Record<ErrorCode, string>> = {
  LIMIT_TIME: 'a longer --timeout',
  LIMIT_MEMORY: 'a larger --memory',
};

function refusedCall(capability: string, span: Diagnostic['span']): EvalAnswer {
  return {
    code: 'SECURITY_VIOLATION',
    message: `Security violation: level pure refuses the call of ${capability}`,
    parts: {
      span: { ...span, file: 'expression' },
      hint: 'write it into a plan and run that: ccos run PLAN',
      details: { capability },
    },
  };
}

/** The first finding decides the code and the exit, all are printed (E1.4). */
function ofFindings(diagnostics: readonly Diagnostic[]): EvalAnswer {
  const findings = diagnostics.map((finding) => ({ ...finding, span: { ...finding.span, file: 'expression' } }));
  const [first] = findings;
  const ofKind = (Object.keys(ERRORS) as ErrorCode[]).find((code) => ERRORS[code].kind === first?.kind);
  const code = first?.kind === 'UndefinedSymbol' ? 'PLAN_UNRESOLVED' : (ofKind ?? 'SYNTAX_ERROR');
  return {
    code,
    message: first?.message ?? '',
    parts: { span: first?.span, hint: first?.hint, details: { findings } },
  };
}

/** What came of a job. A value that cannot leave is the language's own error. */
export function answerJob(job: EvalJob): EvalAnswer {
  try {
    return answer(job);
  } catch (thrown) {
    const { kind, message } = thrown as { kind?: unknown; message?: unknown };
    if (typeof kind !== 'string') throw thrown;
    return ofError(outwardError({ kind, message: String(message) }, new AnsweredErrors()));
  }
}
