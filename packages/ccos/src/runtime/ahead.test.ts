/** A guest that starts while its plan is judged: what it may see and when, and what is left of it when the plan is refused. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { CODECS, type StoredEntity } from '../archive/codecs.ts';
import { openFileArchive } from '../archive/file.ts';
import { BUILTIN_CATALOG } from '../capabilities/catalog.ts';
import { openChain } from '../causal-chain/chain.ts';
import { systemClock } from '../foundation/clock.ts';
import { CcosError } from '../foundation/errors.ts';
import { systemFiles, type Files } from '../foundation/files.ts';
import { executionId } from '../foundation/ids.ts';
import { MicroVMFactory } from '../microvm/factory.ts';
import { GuestProvider } from '../microvm/guest-provider.ts';
import type { Availability, GuestProcess } from '../microvm/provider.ts';
import { InProcessGuest, MOCK_DIGEST } from '../microvm/providers/mock/in-process.ts';
import { contextFromOptions } from '../security/grants.ts';
import { admitAndRun } from './attempt.ts';
import type { RunReport } from './ccos.ts';
import { WallOfRun } from './wall.ts';

const scratch = fs.mkdtempSync(join(tmpdir(), 'ccos-ahead-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));

const PASS: Availability = { available: true, version: '1', startupMs: 1, enforcement: {}, checks: [] };

/** What happened, in order: launches, frames to the guest, the record's writes and syncs, ends of guests. */
let events: string[] = [];
let home = '';
let homes = 0;
beforeEach(() => {
  events = [];
  home = join(scratch, String(homes++), '.ccos');
});

/** The guest of mock, which tells what it is sent. */
function watched(): GuestProcess {
  const guest = new InProcessGuest();
  const { channel } = guest;
  const send = channel.send.bind(channel);
  channel.send = (frame) => {
    events.push(`frame ${(frame as { t: string }).t}`);
    send(frame);
  };
  void guest.exited.then(() => events.push('ended'));
  return guest;
}

interface Wall {
  readonly launch?: () => GuestProcess;
  readonly recalled?: boolean;
}
function providerOf({ launch = watched, recalled = true }: Wall): GuestProvider {
  let kept: Availability | null = recalled ? PASS : null;
  return new GuestProvider({
    name: 'process',
    isolation: 'namespace',
    image: { reason: 'none' },
    exitCode: () => ({ reason: 'none' }),
    schema: {},
    probe: () => {
      events.push('probe');
      return Promise.resolve(PASS);
    },
    memory: {
      recall: () => kept as Extract<Availability, { available: true }> | null,
      binding: () => null,
      keep: () => Promise.resolve(),
      forget: () => {
        kept = null;
        events.push('forget');
      },
    },
    prepare: () =>
      Promise.resolve({
        guestDigest: MOCK_DIGEST,
        launcher: {
          launch: () => {
            events.push('launch');
            return Promise.resolve(launch());
          },
        },
      }),
  });
}

/** Files that tell what is written to the record, and when it is synced. */
const told: Files = {
  ...systemFiles,
  write: (fd, bytes, offset) => {
    const text = Buffer.from(bytes).toString('utf8');
    for (const kind of ['PlanProposed', 'GovernanceDecision', 'PlanStarted', 'PlanCompleted', 'PlanAborted'])
      if (text.includes(`"kind":"${kind}"`)) events.push(kind);
    return systemFiles.write(fd, bytes, offset);
  },
  fdatasync: (fd) => {
    systemFiles.fdatasync(fd);
    events.push('sync');
  },
  fdatasyncLater: async (fd) => {
    await systemFiles.fdatasyncLater(fd);
    events.push('sync');
  },
};

/** The way of `Ccos.run`, over this provider. */
async function run(source: string, provider: GuestProvider, signal = new AbortController().signal): Promise<RunReport> {
  const factory = new MicroVMFactory();
  factory.registerProvider(provider);
  const place = { baseFolder: scratch, hidden: [], variables: {}, catalog: BUILTIN_CATALOG } as const;
  const context = contextFromOptions({}, { ...place, startLevel: 'controlled', makeFolders: true });
  const wall = new WallOfRun(factory, { context, provider: 'process', tell: undefined });
  const id = executionId();
  const chain = await openChain(home, { files: told });
  const archive = await openFileArchive<StoredEntity>(join(home, 'archive'), CODECS, { lockFolder: home });
  try {
    await wall.launchAhead(id);
    events.push('ahead');
    return await admitAndRun(
      { home, chain, archive },
      { source, options: { signal }, context, wall, executionId: id, clock: systemClock, record: 'values' },
    );
  } finally {
    await wall.discardAhead(id);
    await archive.close();
    await chain.close();
  }
}
const runsLeft = (): string[] => (fs.existsSync(join(home, 'runs')) ? fs.readdirSync(join(home, 'runs')) : []);

describe('O3.1 a guest that starts while its plan is judged', () => {
  test('sees no program before PlanStarted is durable', async () => {
    const provider = providerOf({});
    expect(await run('(call :ccos.echo 7)', provider)).toMatchObject({ status: 'completed', value: 7 });
    expect(events.slice(0, events.indexOf('ahead'))).toContain('launch');
    expect(events.filter((event) => event === 'launch')).toHaveLength(1);
    const [started, program] = [events.indexOf('PlanStarted'), events.indexOf('frame run')];
    expect(events.indexOf('frame hello')).toBeLessThan(events.indexOf('PlanProposed'));
    expect(started).toBeLessThan(program);
    expect(events.slice(started, program)).toContain('sync');
    expect(events).toContain('ended');
    expect(provider.list()).toEqual([]);
    expect(runsLeft()).toEqual([]);
  });

  test.each([
    ['does not parse', '(((', 'PARSE'],
    ['names nobody', '(call :no.such 1)', 'CAP_UNKNOWN'],
    ['is not allowed', '(call :ccos.io.read-file "/etc/passwd")', 'SECURITY_VIOLATION'],
  ])('is gone when its plan %s, and never saw it', async (_, source, code) => {
    const provider = providerOf({});
    const report = await run(source, provider);
    expect(report.status).not.toBe('completed');
    expect(report.error?.code).toContain(code);
    expect(events).toContain('launch');
    expect(events).toContain('ended');
    expect(events).not.toContain('frame run');
    expect(events).not.toContain('PlanStarted');
    expect(events).not.toContain('forget');
    expect(provider.list()).toEqual([]);
    expect(runsLeft()).toEqual([]);
  });

  test('is gone when the run is cancelled before its program was sent', async () => {
    const provider = providerOf({});
    const report = await run('(+ 1 2)', provider, AbortSignal.abort());
    expect(report).toMatchObject({ status: 'cancelled', error: { code: 'CANCELLED' } });
    expect(events).toContain('ended');
    expect(events).not.toContain('frame run');
    expect(runsLeft()).toEqual([]);
  });

  test('that does not come up fails its run with its own error, and the kept probe is forgotten', async () => {
    const provider = providerOf({
      launch: () => {
        throw new CcosError('LAUNCH_FAILED', 'no wall today', { hint: 'h' });
      },
    });
    expect(await run('(+ 1 2)', provider)).toMatchObject({ status: 'failed', error: { code: 'LAUNCH_FAILED' } });
    expect(events.indexOf('PlanStarted')).toBeLessThan(events.indexOf('PlanAborted'));
    expect(events).toContain('forget');
  });

  test('is not launched where no probe was kept: a refused plan then launches nothing', async () => {
    await run('(((', providerOf({ recalled: false }));
    expect(events).not.toContain('launch');
    expect(events).not.toContain('probe');
  });
});

describe('M3.3 and M3.6 a waiting guest', () => {
  const order = (id: string): Parameters<GuestProvider['launchAhead']>[0] => {
    const context = contextFromOptions(
      {},
      {
        baseFolder: scratch,
        hidden: [],
        variables: {},
        catalog: BUILTIN_CATALOG,
        startLevel: 'pure',
        makeFolders: false,
      },
    );
    const config = { limits: context.effectiveLimits(), network: 'Denied', grants: [], hidden: [], env: {} } as const;
    return { executionId: id, config, tenant: 'default' };
  };

  test('holds a slot, and gives it back when it is discarded', async () => {
    const provider = providerOf({});
    // Half of the slots are a tenant's: of so many launches some find none, and none waits for one.
    for (let n = 0; n < 64; n++) await provider.launchAhead(order(`exec-${n}`));
    const launched = events.filter((event) => event === 'launch').length;
    expect(launched).toBeLessThan(64);
    for (let n = 0; n < 64; n++) await provider.discardAhead(`exec-${n}`);
    await provider.launchAhead(order('exec-again'));
    expect(events.filter((event) => event === 'launch')).toHaveLength(launched + 1);
    await provider.discardAhead('exec-again');
    await provider.discardAhead('exec-again');
    expect(events.filter((event) => event === 'ended')).toHaveLength(launched + 1);
  });

  test('is ended by cleanup', async () => {
    const provider = providerOf({});
    await provider.launchAhead(order('exec-1'));
    await provider.cleanup();
    expect(events).toContain('ended');
  });
});
