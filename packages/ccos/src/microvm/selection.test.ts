import { describe, expect, test } from 'vitest';
import { defaultLimits } from '../model/limits.ts';
import type { IsolationKind, ProviderName } from '../model/isolation.ts';
import { MicroVMFactory } from './factory.ts';
import type { Availability, MicroVMProvider } from './provider.ts';
import { selectProvider, WASM_NOTICE, type Wanted } from './selection.ts';
import { unbuiltProvider } from './unbuilt.ts';

const up: Availability = { available: true, version: '1', startupMs: 1, enforcement: {}, checks: [] };
const down = (reason: string): Availability => ({ available: false, reason, remedy: `fix ${reason}`, checks: [] });
const ISOLATION: Record<ProviderName, IsolationKind> = {
  mock: 'none',
  wasm: 'wasm',
  process: 'namespace',
  gvisor: 'user-kernel',
  firecracker: 'vm',
  qemu: 'vm',
};

function provider(name: ProviderName, answer: Availability): MicroVMProvider & { initialised: number } {
  const built = {
    ...unbuiltProvider(name, ISOLATION[name]),
    initialised: 0,
    probe: () => Promise.resolve(answer),
    cleanup: (): Promise<void> => Promise.resolve(),
  };
  built.initialize = () => {
    built.initialised++;
    return Promise.resolve();
  };
  return built;
}
function factory(answers: Partial<Record<ProviderName, Availability>>): MicroVMFactory {
  const made = new MicroVMFactory();
  for (const name of Object.keys(ISOLATION) as ProviderName[])
    made.registerProvider(
      answers[name] === undefined ? unbuiltProvider(name, ISOLATION[name]) : provider(name, answers[name]),
    );
  return made;
}
const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  provider: 'auto',
  minIsolation: 'wasm',
  stated: 'none',
  config: { limits: defaultLimits(), network: 'Denied', grants: [], hidden: [], env: {} },
  ...more,
});
const chosen = async (answers: Parameters<typeof factory>[0], more: Partial<Wanted> = {}): Promise<string> =>
  (await selectProvider(factory(answers), wanted(more))).provider.name;

describe('M4.3 auto', () => {
  test('process before wasm', async () => {
    expect(await chosen({ process: up, wasm: up })).toBe('process');
  });
  test('wasm with one line where bubblewrap is missing', async () => {
    const { provider: taken, notices } = await selectProvider(
      factory({ process: down('bubblewrap not found'), wasm: up }),
      wanted(),
    );
    expect([taken.name, ...notices]).toEqual(['wasm', WASM_NOTICE]);
  });
  test('another reason is told as it is', async () => {
    const { notices } = await selectProvider(factory({ process: down('user namespaces are off'), wasm: up }), wanted());
    expect(notices).toEqual([
      'the process wall is not available (user namespaces are off), running in wasm (ccos doctor says more)',
    ]);
  });
  test('never mock', async () => {
    await expect(chosen({ mock: up }, { minIsolation: 'none' })).rejects.toMatchObject({
      code: 'ISOLATION_UNAVAILABLE',
      exit: 7,
    });
  });
  test('never below the minimum, with one reason a provider', async () => {
    await expect(
      chosen({ wasm: up, process: down('bubblewrap not found') }, { minIsolation: 'namespace' }),
    ).rejects.toMatchObject({
      code: 'ISOLATION_UNAVAILABLE',
      details: {
        reasons: {
          wasm: "its isolation is 'wasm', 'namespace' is needed",
          process: 'bubblewrap not found',
          gvisor: 'not in this version',
          firecracker: 'not in this version',
          qemu: 'not in this version',
        },
      },
    });
  });
  test('a cpu share below one excludes wasm', async () => {
    const config = { ...wanted().config, limits: { ...defaultLimits(), cpuShare: 0.5 } };
    await expect(chosen({ wasm: up }, { config })).rejects.toMatchObject({ code: 'ISOLATION_UNAVAILABLE' });
  });
});

describe('M4.1, M4.2, M4.4 named', () => {
  test('unknown', async () => {
    await expect(chosen({}, { provider: 'docker' as ProviderName })).rejects.toMatchObject({
      code: 'PROVIDER_UNKNOWN',
      exit: 2,
      message: "Provider 'docker' not found",
    });
  });
  test('unavailable: nothing stands in', async () => {
    await expect(chosen({ wasm: up, process: down('x') }, { provider: 'process' })).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      exit: 7,
      hint: 'fix x',
      message: "MicroVM provider 'process' not available. Available providers: [wasm]",
    });
  });
  test('not in this version', async () => {
    await expect(chosen({ wasm: up }, { provider: 'qemu' })).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      details: { reason: 'not in this version' },
    });
  });
  test('too weak', async () => {
    await expect(chosen({ wasm: up }, { provider: 'wasm', minIsolation: 'namespace' })).rejects.toMatchObject({
      code: 'ISOLATION_UNAVAILABLE',
    });
  });
  test('mock is exempt from the floor of the kind, not from a stated minimum', async () => {
    expect(await chosen({ mock: up }, { provider: 'mock', minIsolation: 'namespace' })).toBe('mock');
    await expect(chosen({ mock: up }, { provider: 'mock', stated: 'wasm' })).rejects.toMatchObject({
      code: 'ISOLATION_UNAVAILABLE',
    });
  });
});

describe('M4.1 factory', () => {
  test('all six in rank order', () => {
    expect(
      factory({})
        .listProviders()
        .map(({ name }) => name),
    ).toEqual(['mock', 'wasm', 'process', 'gvisor', 'firecracker', 'qemu']);
  });
  test('cleanupAll tries all, then throws one error', async () => {
    const made = factory({});
    const failing = (name: ProviderName): void => {
      made.registerProvider({
        ...unbuiltProvider(name, ISOLATION[name]),
        cleanup: () => Promise.reject(new Error(`${name} stays`)),
      });
    };
    failing('mock');
    failing('qemu');
    await expect(made.cleanupAll()).rejects.toThrow('mock stays; qemu stays');
  });
});
