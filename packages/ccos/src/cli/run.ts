/** `ccos run PLAN`: admits a plan, runs it behind a wall, prints its value. */
import { toPlain, type Json } from '@ccos/rtfs/values';
import { open, type OpenOptions } from '../runtime/ccos.ts';
import type { Invocation, Run } from './invocation.ts';
import { openOptions, readInput, readPlan, type PlanText } from './plan-options.ts';
import { progressOf } from './progress.ts';
import { tell } from './report.ts';

/** Prints the value as RTFS, or the document of §7 with `--json`. The exit code is that of the error that ended the run. */
export const run: Run = async (invocation) => {
  const [operand = '-'] = invocation.operands;
  return runText(readPlan(operand), 'controlled', invocation);
};

/** The one way from the command line to a run; `startLevel` is the level where no option says one (S14.9). */
export async function runText(
  { source, ...place }: PlanText,
  startLevel: NonNullable<OpenOptions['startLevel']>,
  { options, output, interruptible }: Invocation,
): Promise<number> {
  const input = await readInput(options);
  const signal = interruptible();
  const ccos = open({ ...openOptions(options), startLevel });
  try {
    const { value, ...report } = await ccos.run(source, { ...place, input, signal, onEvent: progressOf(output) });
    return tell({ ...report, value: report.rtfs === null ? null : (toPlain(value) as Json) }, output);
  } finally {
    await ccos.close();
  }
}
