/** `ccos check PLAN` (G1.16): what a plan would do and whether it may. Nothing runs and nothing is written. */
import { format } from '@ccos/rtfs';
import type { AdmissionReport } from '../governance/admission.ts';
import { open } from '../runtime/ccos.ts';
import { formatCount } from './count.ts';
import type { Run } from './invocation.ts';
import { openOptions, readPlan } from './plan-options.ts';

/** Prints the verdict with every call that was found; the exit code is the one with which `run` would refuse. */
export const check: Run = async ({ operands, options, output }) => {
  const [operand = '-'] = operands;
  const { source, ...place } = readPlan(operand);
  const { report, error, expanded } = await open(openOptions(options)).check(source, place);
  if (output.json) {
    const more = options.expand === true ? { expanded } : {};
    output.document({ ...report, ...more, error: error === null ? null : error.toJSON() });
  } else if (options.expand !== true) output.line(asText(report, place.file));
  else if (expanded !== null) output.text(laidOut(expanded));
  for (const warning of report.warnings) output.warningAt(warning);
  if (error !== null) output.error(error);
  return error === null ? 0 : error.exit;
};

/** The text as `ccos fmt` lays it out; as it is where a line of it is deeper than that reads. */
function laidOut(text: string): string {
  const result = format(text);
  return result.ok ? result.text : `${text}\n`;
}

function asText(report: AdmissionReport, file: string): string {
  const { calls, effects, isolation, modules, steps, verdict } = report;
  const lines = calls.map(
    ({ capability, span, verdict: each, effects: classes, hint }) =>
      `${`${span.file ?? file}:${span.line}:${span.column}`.padEnd(32)} ${VERDICTS[each]}  ${capability ?? '(computed id)'}  ${classes.join(' ')}${hint === undefined ? '' : `  ${hint}`}`,
  );
  const wall = isolation === null ? 'none chosen' : `${isolation.provider} (${isolation.isolation})`;
  return [
    ...lines,
    ...(modules.length === 0 ? [] : [`modules: ${modules.map(({ name, file: of }) => `${name} (${of})`).join(', ')}`]),
    `effects: ${effects.length === 0 ? 'none' : effects.join(' ')}`,
    `${formatCount(steps.length, 'step')}, ${formatCount(calls.length, 'call')} found, wall: ${wall}`,
    `verdict: ${verdict}`,
  ].join('\n');
}

const VERDICTS = { allow: 'allowed      ', deny: 'denied       ', call: 'at the call  ' } as const;
