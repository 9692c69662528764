/** The process in which `eval` computes (G1.19), seen from outside: it is ended when it does not end itself. */
import { systemClock } from '../foundation/clock.ts';
import type { CcosError } from '../foundation/errors.ts';
import { defaultLimits } from '../model/limits.ts';
import { startComputing, type ComputingProcess } from './computing-process.ts';
import type { EvalAnswer, EvalJob } from './eval-job.ts';

/** How long the process may overrun its deadline before it is ended: it notices by itself when its machine polls. */
const GRACE_MS = 100;
const MB = 1024 * 1024;

/** A limit that was reached, and who noticed. */
interface Reached {
  readonly limit: 'time' | 'memory';
  readonly enforcement: string;
}

/** Runs a job in a process of its own. Throws `LIMIT_TIME` and `LIMIT_MEMORY`, whoever noticed; `LAUNCH_FAILED`, `GUEST_CRASH`. */
export async function askProcess(job: EvalJob): Promise<EvalAnswer> {
  const startedAt = systemClock.monotonic();
  const answer = await answerOrLimit(job);
  if ('kind' in answer) return answer;
  throw await errorOf(answer, job, Math.round(systemClock.monotonic() - startedAt));
}

async function answerOrLimit(job: EvalJob): Promise<EvalAnswer | Reached> {
  let computing: ComputingProcess | null = null;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<EvalAnswer | Reached>((resolve, reject) => {
      computing = startComputing('eval-process.cjs', job.memoryBytes / MB, {
        answer: (answer) => resolve(limitIn(answer as EvalAnswer) ?? (answer as EvalAnswer)),
        death: (death) => (death === 'memory' ? resolve({ limit: 'memory', enforcement: 'v8-heap' }) : reject(death)),
      });
      computing.send(job);
      const left = job.deadline - systemClock.now() + GRACE_MS;
      timer = setTimeout(() => resolve({ limit: 'time', enforcement: 'process-kill' }), left);
    });
  } finally {
    clearTimeout(timer);
    // Not waited for: the answer is told while the process ends.
    void (computing as ComputingProcess | null)?.end();
  }
}

/** The limit that the machine itself noticed. */
function limitIn(answer: EvalAnswer): Reached | null {
  if (answer.kind !== 'error') return null;
  if (answer.code === 'LIMIT_TIME') return { limit: 'time', enforcement: 'machine' };
  return answer.code === 'LIMIT_MEMORY' ? { limit: 'memory', enforcement: 'machine' } : null;
}

/** The same errors as a run's (E1.6), whose rooms are loaded for an error alone. */
async function errorOf({ limit, enforcement }: Reached, job: EvalJob, measuredMs: number): Promise<CcosError> {
  const { limitError, timeError } = await import('../microvm/session.ts');
  if (limit === 'time') return timeError(job.timeoutMs, measuredMs, enforcement);
  const limits = { ...defaultLimits(), memoryMb: job.memoryBytes / MB };
  return limitError({ code: 'LIMIT_MEMORY', enforcement, measured: null }, limits);
}
