/** The process in which `eval` computes (G1.19), seen from inside; `ask-process.ts` is its outside. */
import { answerJob, type EvalJob } from './eval-job.ts';

/** Answers the one job that the process gets, and ends with whoever asked. */
export function answerJobOfProcess(): void {
  process.once('disconnect', () => process.exit());
  process.once('message', (job) => process.send?.(answerJob(job as EvalJob)));
}
