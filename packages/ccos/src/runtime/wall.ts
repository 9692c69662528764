/**
 * The wall of one run: its configuration, the provider that admission chooses once it knows the minimum, and, where that choice is
 * known from earlier runs, a guest that starts while the plan is still being judged. It runs nothing until the run has begun (O3.1).
 */
import { CcosError } from '../foundation/errors.ts';
import type { WallChoice } from '../governance/admitted-plan.ts';
import type { MicroVMFactory } from '../microvm/factory.ts';
import type { MicroVMProvider } from '../microvm/provider.ts';
import { recalledProvider, selectProvider, type Wanted } from '../microvm/selection.ts';
import type { RunListener } from '../model/events.ts';
import { planFloor, type IsolationKind, type ProviderName } from '../model/isolation.ts';
import type { MicroVMConfig } from '../model/program.ts';
import type { RuntimeContext } from '../security/runtime-context.ts';

/** What decides about the wall. */
export interface WallWish {
  readonly context: RuntimeContext;
  readonly provider: ProviderName | 'auto';
  readonly tell: RunListener | undefined;
}

/** The wall of one run. */
export class WallOfRun {
  /** The context's limits and grants, and nothing else (O3.3). */
  readonly config: MicroVMConfig;
  readonly #factory: MicroVMFactory;
  readonly #wish: WallWish;
  #provider: MicroVMProvider | null = null;
  #ahead: MicroVMProvider | null = null;

  constructor(factory: MicroVMFactory, wish: WallWish) {
    this.#factory = factory;
    this.#wish = wish;
    const { context } = wish;
    this.config = {
      limits: context.effectiveLimits(),
      network: 'Denied',
      grants: context.grants,
      hidden: context.hidden,
      env: {},
    };
  }

  /** Chooses the provider and tells its notices. Throws as `selectProvider` does. */
  readonly choose = async (minIsolation: IsolationKind): Promise<WallChoice> => {
    const { provider, notices } = await selectProvider(this.#factory, this.#wanted(minIsolation));
    this.#provider = provider;
    for (const text of notices) this.#wish.tell?.({ type: 'notice', text });
    return { provider: provider.name, isolation: provider.isolation, notice: notices[0] };
  };

  /** The provider that was chosen. */
  chosen(): MicroVMProvider {
    if (this.#provider === null) throw new CcosError('INTERNAL', 'A plan was admitted before its wall was chosen');
    return this.#provider;
  }

  /**
   * Begins to launch a guest for this execution, where it is known by which provider; resolves when its first process runs. What goes
   * wrong shows when its program is to run.
   */
  async launchAhead(executionId: string): Promise<void> {
    const { context } = this.#wish;
    const provider = recalledProvider(this.#factory, this.#wanted(planFloor(context.minIsolation)));
    if (provider === null) return;
    this.#ahead = provider;
    await provider.launchAhead({ executionId, config: this.config, tenant: context.tenant }).catch(() => undefined);
  }

  /** Ends the guest that was launched ahead, unless its execution has taken it; nothing of it is left then. Idempotent. */
  async discardAhead(executionId: string): Promise<void> {
    await this.#ahead?.discardAhead(executionId);
  }

  #wanted(minIsolation: IsolationKind): Wanted {
    const { context, provider } = this.#wish;
    return { provider, minIsolation, stated: context.minIsolation ?? 'none', config: this.config };
  }
}
