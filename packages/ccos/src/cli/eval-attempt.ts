/**
 * The first attempt at an expression, beside the command: most expressions end within a small part of what they may use, and a
 * process costs as much time as Node itself. A pure text may be computed twice (principle 7), so what does not end within the
 * allowance, or touches a bound of it, is begun anew in a process of its own, and nothing of the attempt is seen.
 */
import { Script } from 'node:vm';
import type { ErrorCode } from '../foundation/errors.ts';
import { answerJob, type EvalAnswer, type EvalJob } from './eval-job.ts';

/**
 * What an attempt may use. Fuel bounds work and memory alike (R17.1, R17.3), frames keep to the stack of Node's main thread, and a
 * watchdog thread of V8 ends whatever slips through both. A memory ceiling below `memoryMb` is left to the process, which holds it.
 */
const ALLOWANCE = { fuel: 100_000, frames: 64, sourceCharacters: 16_384, watchdogMs: 100, memoryMb: 64 };

/** Errors that the allowance may have caused. */
const UNDECIDED: ReadonlySet<ErrorCode> = new Set(['LIMIT_FUEL', 'LIMIT_TIME', 'LIMIT_MEMORY', 'INTERNAL']);

const MB = 1024 * 1024;

/**
 * The answer of a job, the same that its process would give; null where that must be asked. A busy machine needs more time for
 * the same work, so whoever cannot ask it gives the watchdog more milliseconds.
 */
export function attemptJob(job: EvalJob, watchdogMs: number = ALLOWANCE.watchdogMs): EvalAnswer | null {
  if (job.memoryBytes < ALLOWANCE.memoryMb * MB || job.source.length > ALLOWANCE.sourceCharacters) return null;
  const { fuel, frames } = ALLOWANCE;
  const answer = guarded(() => answerJob(job, { fuel, frames }), Math.min(job.timeoutMs, watchdogMs));
  if (answer === null || answer.kind === 'judge') return answer;
  if (answer.usage.maxFrames >= ALLOWANCE.frames) return null;
  return answer.kind === 'error' && UNDECIDED.has(answer.code) ? null : answer;
}

/** Where the guarded script finds what it calls: V8's watchdog guards scripts alone. */
const GUARDED = Symbol.for('ccos.guarded');
const CALL = new Script(`globalThis[Symbol.for('ccos.guarded')]()`);

/** Calls a function under V8's watchdog; null when it is ended or throws, for the small stack may be what it threw of. */
function guarded<T>(call: () => T, watchdogMs: number): T | null {
  const place = globalThis as { [GUARDED]?: () => T };
  place[GUARDED] = call;
  try {
    return CALL.runInThisContext({ timeout: watchdogMs }) as T;
  } catch {
    return null;
  } finally {
    delete place[GUARDED];
  }
}
