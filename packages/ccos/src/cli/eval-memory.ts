/** An expression computed in memory (G1.19): the stages of admission at level pure, then the machine, with nothing written. */
import { encode, type Json } from '@ccos/rtfs';
import { isBytecode } from '@ccos/rtfs/internal';
import { systemClock } from '../foundation/clock.ts';
import { asCcosError, CcosError } from '../foundation/errors.ts';
import { LIMITS } from '../model/limits.ts';
import { attemptJob } from './eval-attempt.ts';
import type { EvalAnswer, EvalJob } from './eval-job.ts';
import type { located } from '../runtime/located.ts';
import { openOptions, readInput, type PlanText } from './plan-options.ts';
import type { Options } from './table.ts';

const MB = 1024 * 1024;

/** What came of it. `fuel` is null where nothing was computed, or the process that knew was ended. */
export interface Computed {
  readonly value: Json;
  readonly rtfs: string | null;
  readonly error: CcosError | null;
  readonly fuel: number | null;
}

/** Computes it. Never throws: an error that ends or refuses it is in the result. */
export async function computeInMemory(text: PlanText, options: Options): Promise<Computed> {
  try {
    return await compute(text, options);
  } catch (thrown) {
    return { value: null, rtfs: null, error: asCcosError(thrown), fuel: null };
  }
}

async function compute({ source, file }: PlanText, options: Options): Promise<Computed> {
  const text =
    typeof source === 'string' || isBytecode(source)
      ? source
      : (await import('../governance/plan-text.ts')).planText(source);
  const answer = await answerOf(await jobOf(text, options), () => judge(text, file, options));
  const { fuel } = answer.usage;
  if (answer.kind === 'value') return { value: answer.plain, rtfs: answer.rtfs, error: null, fuel };
  const place = await import('../runtime/located.ts');
  const error = place.located(new CcosError(answer.code, answer.message, answer.parts), placeOf(text), file);
  return { value: null, rtfs: null, error, fuel };
}

/** Where the lines of an error are found. */
function placeOf(text: string | Uint8Array): Parameters<typeof located>[1] {
  const [source, bytecode] = typeof text === 'string' ? [text, null] : ['', text];
  return { source, modules: [], bytecode };
}

/** The answer of the first attempt, else of a process of its own. A text at which admission has something to judge is judged, which throws. */
async function answerOf(job: EvalJob, judged: () => Promise<void>): Promise<Exclude<EvalAnswer, { kind: 'judge' }>> {
  const tried = attemptJob(job);
  if (tried?.kind === 'judge') await judged();
  else if (tried !== null) return tried;
  const answer = await (await import('./ask-process.ts')).askProcess(job);
  if (answer.kind !== 'judge') return answer;
  await judged();
  throw new CcosError('INTERNAL', 'Admission lets through what cannot be computed in memory');
}

async function jobOf(source: string | Uint8Array, options: Options): Promise<EvalJob> {
  const { timeout: timeoutMs = LIMITS.timeoutMs.default, memory: memoryMb = LIMITS.memoryMb.default } = options;
  const input = encode(await readInput(options));
  const deadline = systemClock.now() + timeoutMs;
  return { source, input, fuel: LIMITS.fuel.default, deadline, timeoutMs, memoryBytes: memoryMb * MB };
}

/** Throws what admission finds at level pure, in the words of a run. */
async function judge(source: string | Uint8Array, file: string, options: Options): Promise<void> {
  const { open } = await import('../runtime/ccos.ts');
  const { error } = await open({ ...openOptions(options), startLevel: 'pure' }).check(source, { file });
  if (error !== null) throw error;
}
