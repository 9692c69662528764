/** Plans and their proposals as a typed view of an archive (A11.2): what it knows beside the objects is derived from them. */
import type { Hash } from '../foundation/digest.ts';
import type { Plan, Proposal } from '../model/plan.ts';
import type { ContentAddressableArchive, StoreOptions } from './archive.ts';
import { planEntity, proposalEntity, type StoredEntity } from './codecs.ts';

/** Figures of the plans in an archive. */
export interface PlanStatistics {
  readonly totalPlans: number;
  readonly totalProposals: number;
  readonly storageSizeBytes: number;
}

/** A view of an archive of any backend. Its index is made from the proposals that are there when it is first asked. */
export class PlanArchive {
  readonly #archive: ContentAddressableArchive<StoredEntity>;
  #byPlanId: Promise<Map<string, Set<Hash>>> | null = null;

  constructor(archive: ContentAddressableArchive<StoredEntity>) {
    this.#archive = archive;
  }

  /** Stores a plan and a proposal of it, whose hash of the plan is made here. Throws as `store` does. */
  async store(
    plan: Plan,
    proposal: Omit<Proposal, 'planHash'>,
    options: StoreOptions = {},
  ): Promise<{ planHash: Hash; proposalRef: Hash }> {
    const index = await this.#index();
    const planHash = await this.#archive.store(planEntity(plan), options);
    const proposalRef = await this.#archive.store(proposalEntity({ ...proposal, planHash }), options);
    note(index, proposal.planId, planHash);
    return { planHash, proposalRef };
  }

  /** The plan of a hash; undefined when there is none. Throws as `retrieve` does, and `ARCHIVE_TYPE` for what is no plan. */
  async plan(hash: Hash): Promise<Plan | undefined> {
    const entity = await this.#archive.retrieve(hash);
    return entity?.entityType() === 'plan' ? (entity.toBody() as Plan) : undefined;
  }

  /** The hashes of the plans that were proposed under an id, ascending; none for an unknown one. */
  async byPlanId(planId: string): Promise<Hash[]> {
    return [...((await this.#index()).get(planId) ?? [])].toSorted();
  }

  async statistics(): Promise<PlanStatistics> {
    const { byType } = await this.#archive.stats();
    const [plans, proposals] = [byType['plan'], byType['proposal']];
    return {
      totalPlans: plans?.entities ?? 0,
      totalProposals: proposals?.entities ?? 0,
      storageSizeBytes: (plans?.sizeBytes ?? 0) + (proposals?.sizeBytes ?? 0),
    };
  }

  #index(): Promise<Map<string, Set<Hash>>> {
    this.#byPlanId ??= this.#read();
    return this.#byPlanId;
  }

  async #read(): Promise<Map<string, Set<Hash>>> {
    const index = new Map<string, Set<Hash>>();
    for await (const { entity } of this.#archive.stream({ type: 'proposal' })) {
      const { planId, planHash } = entity.toBody() as Proposal;
      note(index, planId, planHash);
    }
    return index;
  }
}

function note(index: Map<string, Set<Hash>>, planId: string, planHash: Hash): void {
  const known = index.get(planId);
  if (known === undefined) index.set(planId, new Set([planHash]));
  else known.add(planHash);
}
