/** `ccos run PLAN`: admits a plan, runs it behind a wall, prints its value. */
import { toPlain } from '@ccos/rtfs';
import { parseJson } from '@ccos/rtfs/internal';
import { asCcosError, CcosError } from '../foundation/errors.ts';
import { open, type RunReport } from '../runtime/ccos.ts';
import type { Invocation, Run } from './invocation.ts';
import { openOptions, readInput, readPlan } from './plan-options.ts';
import { progressOf } from './progress.ts';

/** Prints the value as RTFS, or the document of §7 with `--json`. The exit code is that of the error that ended the run. */
export const run: Run = async ({ operands, options, output, interruptible }) => {
  const [file = '-'] = operands;
  const source = readPlan(file);
  const input = options.input === undefined ? null : inputOf(options.input);
  const signal = interruptible();
  const ccos = open(openOptions(options));
  try {
    const report = await ccos.run(source, {
      file: file === '-' ? 'stdin' : file,
      input,
      signal,
      onEvent: progressOf(output),
    });
    return tell(report, output);
  } finally {
    await ccos.close();
  }
};

function tell(report: RunReport, output: Invocation['output']): number {
  const { error, value, rtfs, ...rest } = report;
  if (error !== null) output.error(error);
  if (output.json)
    output.document({
      ...rest,
      value: rtfs === null ? null : toPlain(value),
      rtfs,
      error: error === null ? null : error.toJSON(),
    });
  else if (rtfs !== null) output.line(rtfs);
  return error === null ? 0 : error.exit;
}

function inputOf(text: string): ReturnType<typeof parseJson> {
  try {
    return parseJson(readInput(text), {});
  } catch (thrown) {
    if (thrown instanceof CcosError) throw thrown;
    const message = (thrown as { message?: unknown }).message;
    throw new CcosError(
      'USAGE',
      `Cannot read --input: ${typeof message === 'string' ? message : asCcosError(thrown).message}`,
      {
        hint: `JSON, as in --input '{"city":"Seattle"}', or @FILE`,
      },
    );
  }
}
