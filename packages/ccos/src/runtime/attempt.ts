/**
 * What happens to a plan once its guest is on the way: state, admission, run. It is loaded then and not before, for reading all of
 * the language and of the record takes as long as a guest takes to start.
 */
import { resolve } from 'node:path';
import { print } from '@ccos/rtfs/values';
import { CODECS, planEntity, proposalEntity, valueEntity, type StoredEntity } from '../archive/codecs.ts';
import { openFileArchive, type FileArchive } from '../archive/file.ts';
import { CapabilityMarketplace } from '../capabilities/marketplace.ts';
import { openChain, type Chain } from '../causal-chain/chain.ts';
import type { Clock } from '../foundation/clock.ts';
import { asCcosError } from '../foundation/errors.ts';
import { runId as newRunId } from '../foundation/ids.ts';
import { admit, check, type AdmissionRequest } from '../governance/admission.ts';
import type { AdmittedPlan } from '../governance/admitted-plan.ts';
import { modulesBelow } from '../governance/plan-modules.ts';
import { runPlan } from '../orchestrator/run.ts';
import { sweepRunFolders } from '../orchestrator/run-folder.ts';
import { statusOf } from '../orchestrator/run-records.ts';
import type { RuntimeContext } from '../security/runtime-context.ts';
import type { CheckReport, PlanOptions, RunReport } from './ccos.ts';
import { located } from './located.ts';
import type { WallOfRun } from './wall.ts';

/** The open state folder. */
export interface State {
  readonly home: string;
  readonly chain: Chain;
  readonly archive: FileArchive<StoredEntity>;
}

/** Opens the state, and sweeps what dead runs left (M3.7). Throws `STATE_OPEN`, `CHAIN_*`, `ARCHIVE_OPEN`, `STORE_LOCKED`, `IO`. */
export async function openState(home: string, clock: Clock): Promise<State> {
  const chain = await openChain(home, { clock });
  const archive = await openFileArchive<StoredEntity>(resolve(home, 'archive'), CODECS, { clock, lockFolder: home });
  await sweepRunFolders(home);
  return { home, chain, archive };
}

/** One attempt to run a plan. */
export interface Attempt {
  readonly source: string | Uint8Array;
  readonly options: PlanOptions;
  readonly context: RuntimeContext;
  readonly wall: WallOfRun;
  /** The id under which a guest may be waiting. */
  readonly executionId: string;
  readonly clock: Clock;
  readonly record: 'values' | 'digests';
}

/** Errors of admission that say that CCOS itself cannot work here, not that the plan is refused. */
const STOPS: ReadonlySet<string> = new Set(['CHAIN_UNAVAILABLE', 'STORE_LOCKED', 'IO', 'INTERNAL']);
const marketplace = CapabilityMarketplace.builtins();

/** Admits a plan and runs it, as `Ccos.run` tells. */
export async function admitAndRun({ home, chain, archive }: State, attempt: Attempt): Promise<RunReport> {
  const { options, context, wall, executionId, clock, record } = attempt;
  const run = newRunId(clock);
  let plan: AdmittedPlan;
  try {
    plan = await admit(
      { ...requestOf(attempt), wall: wall.choose },
      {
        chain,
        run,
        plan: (body) => archive.store(planEntity(body)),
        proposal: (body) => archive.store(proposalEntity(body)),
      },
    );
  } catch (thrown) {
    const error = asCcosError(thrown);
    await Promise.all([chain.signHead(), wall.discardAhead(executionId)]);
    if (STOPS.has(error.code)) throw error;
    return { runId: run, planHash: null, status: statusOf(error), value: null, rtfs: null, error, metadata: null };
  }
  const end = await runPlan({
    home,
    runId: run,
    executionId,
    plan: { ...plan.facts },
    input: options.input ?? null,
    context,
    config: wall.config,
    provider: wall.chosen(),
    marketplace,
    chain,
    archive: (value) => archive.store(valueEntity(value)),
    record,
    clock,
    signal: options.signal ?? new AbortController().signal,
    emit: options.onEvent ?? (() => {}),
  });
  const error = end.error === null ? null : located(end.error, plan.facts, options.file);
  return { ...end, error, rtfs: end.status === 'completed' ? print(end.value) : null };
}

/** The verdict on a plan, as `Ccos.check` tells. */
export function checkPlan(attempt: Omit<Attempt, 'executionId' | 'record'>): Promise<CheckReport> {
  return check({ ...requestOf(attempt), wall: attempt.wall.choose });
}

/** What is asked of admission, but for the wall. */
export function requestOf({
  source,
  options,
  context,
  clock,
}: Pick<Attempt, 'source' | 'options' | 'context' | 'clock'>): Omit<AdmissionRequest, 'wall'> {
  return {
    source,
    file: options.file,
    modules: options.modules === undefined ? undefined : modulesBelow(options.modules),
    name: options.name ?? options.file ?? 'plan',
    proposer: 'user',
    context,
    marketplace,
    clock,
  };
}
