/**
 * The worker of `ccos eval` (G1.19): compiles and runs one pure text under fuel and deadline and posts the outcome. It holds no
 * host: a text that calls anything is refused, for at level `pure` nothing may be called (S1.2).
 */
import { parentPort, workerData } from 'node:worker_threads';
import { compile, encode, start, type Json, type Machine, type Outcome } from '@ccos/rtfs';
import type { FrameError } from '../microvm/frames.ts';

/** What the worker is asked. `deadline` is Unix milliseconds. */
export interface EvalJob { readonly source: string; readonly fuel: number; readonly deadline: number; readonly memoryBytes: number }

/** What it answers: the value in the tagged codec, findings of the compiler, a call that pure refuses, or an error. */
export type EvalAnswer =
  | { readonly value: Json; readonly fuel: number }
  | { readonly findings: readonly EvalFinding[] }
  | { readonly refused: { readonly capability: string; readonly span: EvalSpan } }
  | { readonly error: FrameError };
export interface EvalSpan { readonly line: number; readonly column: number; readonly endLine: number; readonly endColumn: number }
export interface EvalFinding { readonly kind: string; readonly message: string; readonly span: EvalSpan; readonly excerpt: string; readonly hint?: string }

function answer(job: EvalJob): EvalAnswer {
  const compiled = compile(job.source, { file: 'expression' });
  // An unresolved name is only a warning to the compiler; admission makes it an error (G1.5).
  const findings = compiled.diagnostics.filter(({ severity, kind }) => severity === 'error' || kind === 'UndefinedSymbol');
  if (!compiled.ok || findings.length > 0) return { findings };
  const call = compiled.program.effects.calls[0];
  if (call !== undefined) return { refused: { capability: call.id ?? 'a computed id', span: call.span } };
  const machine = start(compiled.program, {
    fuel: job.fuel, limits: { memoryBytes: job.memoryBytes }, shouldStop: () => (Date.now() >= job.deadline ? 'deadline' : null),
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
  switch (outcome.status) {
    case 'completed': return { value: encode(outcome.value), fuel: outcome.usage.fuel };
    case 'failed': case 'exhausted': {
      const { kind, message, data, span, hint } = outcome.error;
      return { error: { kind, message, data: encode(data), ...(span === null ? {} : { span }), ...(hint === null ? {} : { hint }) } };
    }
    default: return { error: { kind: 'InternalError', message: `Cannot finish the expression: it is ${outcome.status}` } };
  }
}

parentPort?.postMessage(answer(workerData as EvalJob));
