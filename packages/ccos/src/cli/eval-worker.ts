/**
 * The worker of `ccos eval`. The language is loaded here alone, so that the process around it starts at once, and from V8's kept
 * code where there is any.
 */
import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { keepCompiledCode } from './compiled-code.ts';
import type { EvalJob } from './eval-job.ts';

/** What the worker is given: the job, and the folder of compiled code. */
export interface EvalTask {
  readonly job: EvalJob;
  readonly compiled: string;
}

const { job, compiled } = workerData as EvalTask;
keepCompiledCode(compiled);
const { answerJob } = await import('./eval-job.ts');
const answer = answerJob(job);
// The worker is ended as soon as it has answered, so what it compiled is written before.
flushCompileCache();
parentPort?.postMessage(answer);
