/** Which provider runs a program (M4.3, M4.4). Isolation is never downgraded, and what is named is taken or refused. */
import { CcosError } from '../foundation/errors.ts';
import { isolationRank, type IsolationKind, type ProviderName } from '../model/isolation.ts';
import type { MicroVMConfig } from '../model/program.ts';
import type { MicroVMFactory } from './factory.ts';
import type { Availability, MicroVMProvider } from './provider.ts';

/** The order of `auto`; mock only when named. */
const AUTO: readonly ProviderName[] = ['process', 'wasm', 'gvisor', 'firecracker', 'qemu'];

/** The one line of M4.3, without its prefix `ccos: `. */
export const WASM_NOTICE = 'bubblewrap not found, running in wasm (apt install bubblewrap for the process wall)';

/** What is asked for. `minIsolation` is the strongest minimum that anything states, `stated` that without the floor of the kind (M4.4). */
export interface Wanted {
  readonly provider: ProviderName | 'auto';
  readonly minIsolation: IsolationKind;
  readonly stated: IsolationKind;
  readonly config: MicroVMConfig;
}
/** The provider, initialised, and lines for people. */
export interface Selected {
  readonly provider: MicroVMProvider;
  readonly notices: readonly string[];
}

/** Chooses and initialises. Throws `PROVIDER_UNKNOWN`, `PROVIDER_UNAVAILABLE`, `ISOLATION_UNAVAILABLE`. */
export async function selectProvider(factory: MicroVMFactory, wanted: Wanted): Promise<Selected> {
  if (wanted.provider !== 'auto') return { provider: await named(factory, wanted, wanted.provider), notices: [] };
  const reasons: Record<string, string> = {};
  for (const name of AUTO) {
    const provider = factory.getProvider(name);
    const reason =
      tooWeak(provider, wanted.minIsolation) ?? notHonoured(provider, wanted.config) ?? (await notAvailable(provider));
    if (reason === null) {
      await provider.initialize();
      return {
        provider,
        notices: name === 'wasm' && isolationRank(wanted.minIsolation) <= 1 ? notices(reasons['process']) : [],
      };
    }
    reasons[name] = reason;
  }
  const told = Object.entries(reasons).map(([name, reason]) => `${name}: ${reason}`);
  throw new CcosError(
    'ISOLATION_UNAVAILABLE',
    `No provider gives the isolation '${wanted.minIsolation}' here. ${told.join('; ')}`,
    {
      hint: 'ccos doctor',
      details: { minIsolation: wanted.minIsolation, reasons },
    },
  );
}

/**
 * The provider that `selectProvider` would take, where nothing has to be launched to know it: a kept probe says so. Null where that is
 * not so, and where it would refuse.
 */
export function recalledProvider(factory: MicroVMFactory, wanted: Wanted): MicroVMProvider | null {
  const names: readonly ProviderName[] = wanted.provider === 'auto' ? AUTO : [wanted.provider];
  const known = factory.listProviders();
  const first = names
    .flatMap((name) => known.find((each) => each.name === name) ?? [])
    .find((each) => tooWeak(each, wanted.minIsolation) === null && notHonoured(each, wanted.config) === null);
  return first?.isRecalled() === true ? first : null;
}

/** A weaker provider that is named is refused; mock is exempt from the floor of the kind, not from what somebody stated. */
async function named(factory: MicroVMFactory, wanted: Wanted, name: ProviderName): Promise<MicroVMProvider> {
  const provider = factory.getProvider(name);
  const minimum = name === 'mock' ? wanted.stated : wanted.minIsolation;
  const weak = tooWeak(provider, minimum);
  if (weak !== null) {
    throw new CcosError('ISOLATION_UNAVAILABLE', `Provider '${name}' is too weak: ${weak}`, {
      hint: 'leave out --provider, or name a stronger one',
      details: { provider: name, minIsolation: minimum },
    });
  }
  return await factory.initializeProvider(name);
}

function tooWeak(provider: MicroVMProvider, minimum: IsolationKind): string | null {
  return isolationRank(provider.isolation) >= isolationRank(minimum)
    ? null
    : `its isolation is '${provider.isolation}', '${minimum}' is needed`;
}

/** What of the configuration a wall cannot hold (M5). */
function notHonoured(provider: MicroVMProvider, { limits }: MicroVMConfig): string | null {
  return provider.isolation === 'wasm' && limits.cpuShare < 1
    ? `it cannot hold a cpu share of ${limits.cpuShare}`
    : null;
}

async function notAvailable(provider: MicroVMProvider): Promise<string | null> {
  const answer: Availability = await provider.probe();
  return answer.available ? null : answer.reason;
}

function notices(reason: string | undefined): readonly string[] {
  if (reason === undefined) return [];
  return [
    reason === 'bubblewrap not found'
      ? WASM_NOTICE
      : `the process wall is not available (${reason}), running in wasm (ccos doctor says more)`,
  ];
}
