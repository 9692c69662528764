/**
 * `ccos eval EXPR` (G1.19): at level pure an expression is computed in memory, where it reaches nothing and leaves no record. With
 * `--record`, a grant or another level it is the text of a run like any other.
 */
import { systemClock } from '../foundation/clock.ts';
import { CcosError } from '../foundation/errors.ts';
import type { RunStatus } from '../model/plan.ts';
import { computeInMemory } from './eval-memory.ts';
import type { Run } from './invocation.ts';
import { readPlan, type PlanText } from './plan-options.ts';
import { tell } from './report.ts';
import { OPTIONS, type OptionName, type Options } from './table.ts';

/** Options with which an expression stays in memory; with any other it is a run, so that none is passed over in silence. */
const IN_MEMORY = ['home', 'json', 'quiet', 'base', 'deny', 'calls', 'timeout', 'memory', 'input'] as const;

/** Options that ask for a wall, which an expression in memory does not have. */
const WALLS = ['provider', 'minIsolation', 'cpu'] as const;

/** Prints the value as RTFS, or with `--json` the document of `run`. */
export const evaluate: Run = async (invocation) => {
  const { operands, options, output } = invocation;
  const [operand = ''] = operands;
  const text: PlanText = operand === '-' ? readPlan('-') : { source: operand, file: 'expression' };
  if (isRun(options)) {
    const { runText } = await import('./run.ts');
    return runText(text, 'pure', invocation);
  }
  refuseWalls(options);
  const startedAt = systemClock.monotonic();
  const { fuel, ...computed } = await computeInMemory(text, options);
  const durationMs = Math.round(systemClock.monotonic() - startedAt);
  const metadata = { isolation: 'none', durationMs, fuel };
  return tell({ runId: null, planHash: null, status: await statusOf(computed.error), ...computed, metadata }, output);
};

/** As a run's (O2.1), whose rooms are loaded for an error alone. */
async function statusOf(error: CcosError | null): Promise<RunStatus> {
  return error === null ? 'completed' : (await import('../orchestrator/run-records.ts')).statusOf(error);
}

function isRun({ level, ...options }: Options): boolean {
  const neither: ReadonlySet<string> = new Set<OptionName>([...IN_MEMORY, ...WALLS]);
  return (level !== undefined && level !== 'pure') || Object.keys(options).some((name) => !neither.has(name));
}

/** A wall that was asked for and is not there would be a promise that nobody keeps. */
function refuseWalls(options: Options): void {
  const asked = WALLS.filter((name) => options[name] !== undefined).map((name) => OPTIONS[name].flag);
  if (asked.length === 0) return;
  throw new CcosError('USAGE', `${asked.join(' and ')} needs a run, and a pure expression is computed in memory`, {
    hint: 'make it a run, behind a wall and on record: --record values',
    details: { options: asked },
  });
}
