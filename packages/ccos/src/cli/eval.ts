/**
 * `ccos eval EXPR` (G1.19): a pure text in a worker of its own, under fuel, deadline and a memory ceiling, ended from outside when
 * it does not end itself. It reaches nothing and records nothing.
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { decode, print, toPlain } from '@ccos/rtfs';
import { bundleFolder } from '../foundation/bundle-path.ts';
import { systemClock } from '../foundation/clock.ts';
import { formatDuration } from '../foundation/durations.ts';
import { CcosError, ERRORS, type ErrorCode } from '../foundation/errors.ts';
import { AnsweredErrors, outwardError } from '../microvm/outward.ts';
import { LIMITS } from '../model/limits.ts';
import type { EvalAnswer, EvalFinding, EvalJob } from './eval-worker.ts';
import type { Run } from './invocation.ts';

/** How long the worker may overrun its deadline before it is ended: it notices by itself when its machine yields or polls. */
const GRACE_MS = 100;
/** Room for 10,000 frames of a program (R17.5). */
const STACK_MB = 64;
/** Buffers and WebAssembly do not count as V8's heap; a pure text makes neither. */
const MB = 1024 * 1024;

/** Prints the value as RTFS, or with `--json` one document. */
export const evaluate: Run = async ({ operands, options, output }) => {
  const timeoutMs = options.timeout ?? LIMITS.timeoutMs.default;
  const memoryMb = options.memory ?? LIMITS.memoryMb.default;
  const startedAt = systemClock.monotonic();
  const job = { source: operands[0] ?? '', fuel: LIMITS.fuel.default, deadline: systemClock.now() + timeoutMs, memoryBytes: memoryMb * MB };
  const answer = await inWorker(job, timeoutMs, memoryMb);
  const value = decode(answer.value);
  if (output.json) {
    const durationMs = Math.round(systemClock.monotonic() - startedAt);
    output.document({ status: 'completed', value: toPlain(value), rtfs: print(value), error: null, metadata: { isolation: 'none', durationMs, fuel: answer.fuel } });
  } else output.value(value);
  return 0;
};

type Answered = Extract<EvalAnswer, { value: unknown }>;

/** Runs the job in a worker; resolves to its value or throws the error that ended it. */
async function inWorker(job: EvalJob, timeoutMs: number, memoryMb: number): Promise<Answered> {
  const worker = new Worker(join(bundleFolder(), 'eval-worker.js'), {
    workerData: job, env: {}, resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: memoryMb },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = await new Promise<EvalAnswer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (error: NodeJS.ErrnoException) => {
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? outOfMemory(memoryMb) : error);
      });
      timer = setTimeout(() => reject(outOfTime(timeoutMs)), timeoutMs + GRACE_MS);
    });
    return refuseOthers(answer);
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function refuseOthers(answer: EvalAnswer): Answered {
  if ('value' in answer) return answer;
  if ('findings' in answer) throw ofFindings(answer.findings);
  if ('refused' in answer) {
    const { capability, span } = answer.refused;
    throw new CcosError('SECURITY_VIOLATION', `Security violation: level pure refuses the call of ${capability}`, {
      span: { ...span, file: 'expression' }, hint: 'write it into a plan and run that: ccos run PLAN', details: { capability },
    });
  }
  throw outwardError(answer.error, new AnsweredErrors());
}

/** The first finding decides the code and the exit, all are printed (E1.4). */
function ofFindings(findings: readonly EvalFinding[]): CcosError {
  const placed = findings.map((finding) => ({ ...finding, span: { ...finding.span, file: 'expression' } }));
  const [first] = placed;
  const code = Object.keys(ERRORS).find((name) => ERRORS[name as ErrorCode].kind === first?.kind) as ErrorCode | undefined;
  return new CcosError(first?.kind === 'UndefinedSymbol' ? 'PLAN_UNRESOLVED' : code ?? 'SYNTAX_ERROR', first?.message ?? '', {
    span: first?.span, hint: first?.hint, details: { findings: placed },
  });
}

function outOfTime(timeoutMs: number): CcosError {
  return new CcosError('LIMIT_TIME', `The time of the run is over: ${formatDuration(timeoutMs)}`, {
    hint: 'a longer --timeout', details: { limit: 'timeoutMs', value: timeoutMs, measured: null, enforcement: 'worker-terminate' },
  });
}

function outOfMemory(memoryMb: number): CcosError {
  return new CcosError('LIMIT_MEMORY', `The memory of the run is used up: ${memoryMb} MB`, {
    hint: 'a larger --memory', details: { limit: 'memoryMb', value: memoryMb, measured: null, enforcement: 'v8-heap' },
  });
}
