/** The providers by name (M4.1, M4.2). Nothing stands in for a provider that is named. */
import { CcosError } from '../foundation/errors.ts';
import { PROVIDER_NAMES, type ProviderName } from '../model/isolation.ts';
import type { Availability, MicroVMProvider } from './provider.ts';

/** Holds one provider a name and leads it through its life. */
export class MicroVMFactory {
  readonly #providers = new Map<string, MicroVMProvider>();

  /** Adds a provider; one of that name is replaced. */
  registerProvider(provider: MicroVMProvider): void {
    this.#providers.set(provider.name, provider);
  }

  /** Throws `PROVIDER_UNKNOWN`. */
  getProvider(name: string): MicroVMProvider {
    const provider = this.#providers.get(name);
    if (provider !== undefined) return provider;
    throw new CcosError('PROVIDER_UNKNOWN', `Provider '${name}' not found`, {
      hint: `one of ${PROVIDER_NAMES.join(', ')}`,
    });
  }

  /** All providers in rank order. */
  listProviders(): readonly MicroVMProvider[] {
    return PROVIDER_NAMES.flatMap((name) => this.#providers.get(name) ?? []);
  }

  /** The names of those whose probe passes, in rank order. Probes are cached (M4.6). */
  async getAvailableProviders(): Promise<readonly ProviderName[]> {
    const answers = await Promise.all(
      this.listProviders().map(async (provider) => ({ provider, answer: await provider.probe() })),
    );
    return answers.flatMap(({ provider, answer }) => (answer.available ? [provider.name] : []));
  }

  /** The provider of that name, probed and ready to execute. Throws `PROVIDER_UNKNOWN`, `PROVIDER_UNAVAILABLE`. */
  async initializeProvider(name: string): Promise<MicroVMProvider> {
    const provider = this.getProvider(name);
    const answer = await provider.probe();
    if (!answer.available) throw await this.#unavailable(name, answer);
    await provider.initialize();
    return provider;
  }

  /** Throws `PROVIDER_UNKNOWN`, or what was left behind. */
  async cleanupProvider(name: string): Promise<void> {
    await this.getProvider(name).cleanup();
  }

  /** Cleans up all, then throws one error with every failure. */
  async cleanupAll(): Promise<void> {
    const ends = await Promise.allSettled(this.listProviders().map((provider) => provider.cleanup()));
    const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    if (failures.length > 0)
      throw new AggregateError(
        failures,
        failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join('; '),
      );
  }

  async #unavailable(
    name: string,
    { reason, remedy }: Extract<Availability, { available: false }>,
  ): Promise<CcosError> {
    const available = await this.getAvailableProviders();
    return new CcosError(
      'PROVIDER_UNAVAILABLE',
      `MicroVM provider '${name}' not available. Available providers: [${available.join(', ')}]`,
      {
        hint: remedy,
        details: { provider: name, reason },
      },
    );
  }
}
