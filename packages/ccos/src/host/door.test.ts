import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Keyword, PMap, Vec, type CallSite, type Effects, type Value } from '@ccos/rtfs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CapabilityMarketplace } from '../capabilities/marketplace.ts';
import { RunOutput } from '../capabilities/output.ts';
import { openChain, type Chain } from '../causal-chain/chain.ts';
import { verifyChain } from '../causal-chain/verify.ts';
import type { ChainRecord, Durability, RecordDraft } from '../causal-chain/record.ts';
import { systemClock } from '../foundation/clock.ts';
import { hash } from '../foundation/digest.ts';
import { CcosError } from '../foundation/errors.ts';
import { systemFiles, type Files } from '../foundation/files.ts';
import { runId } from '../foundation/ids.ts';
import type { GuestCall, GuestEffects, GuestReply } from '../model/guest-host.ts';
import { contextFromOptions, withOptionHints, type PolicyOptions } from '../security/grants.ts';
import { BudgetLedger } from '../security/ledger.ts';
import type { OptionHint } from '../security/decision.ts';
import { RuntimeContext } from '../security/runtime-context.ts';
import { HostDoor, type DoorOptions } from './door.ts';

const marketplace = CapabilityMarketplace.builtins();
const IDS = marketplace.ids();
const ANY = 'ANY';
/** One call site for each id, and one with a computed id. */
const SITES: CallSite[] = [...IDS, 'demo.absent'].map((id) => ({ id, site: id, span: {} as never }));
const effects: Effects = {
  pure: false,
  stateful: false,
  capabilities: IDS,
  unknown: true,
  steps: [],
  contextKeys: [],
  calls: [...SITES, { id: null, site: ANY, span: {} as never }],
};

let home: string, base: string;
let chain: Chain;
/** How often the record was synced: its segment, which is the one file that is appended to. */
let syncs = 0;
const segments = new Set<number>();
const counting: Files = {
  ...systemFiles,
  open: (path, access, mode) => {
    const fd = systemFiles.open(path, access, mode);
    if (access === 'append') segments.add(fd);
    else segments.delete(fd);
    return fd;
  },
  fdatasync: (fd) => {
    if (segments.has(fd)) syncs++;
    systemFiles.fdatasync(fd);
  },
  fdatasyncLater: (fd) => {
    if (segments.has(fd)) syncs++;
    return systemFiles.fdatasyncLater(fd);
  },
};
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'ccos-door-'));
  base = realpathSync(mkdtempSync(join(tmpdir(), 'ccos-door-base-')));
  mkdirSync(join(base, 'in dir'));
  writeFileSync(join(base, 'in dir/a'), 'text');
  chain = await openChain(home, { files: counting });
});
afterAll(async () => {
  await chain.close();
  // Whatever the tests above did, the record of it holds.
  expect(await verifyChain(home)).toMatchObject({ ok: true });
  for (const folder of [home, base]) rmSync(folder, { recursive: true, force: true });
});

let written: { draft: RecordDraft; durability: Durability | undefined; record: ChainRecord | null }[] = [];
let ran: string[] = [];
let archived: unknown[] = [];
let printed = '';
let run = '';
let start = '';
beforeEach(async () => {
  [written, ran, archived, printed, run] = [[], [], [], '', runId()];
  const proposed = await chain.append({
    kind: 'PlanProposed',
    principal: 'kernel',
    run,
    payload: {
      planHash: 'a'.repeat(64),
      planId: run.replace('run', 'plan'),
      proposalRef: 'b'.repeat(64),
      proposer: 'test',
    },
  });
  start = proposed.id;
});
afterEach(() => expect(written.every(({ record }) => record !== null)).toBe(true));

const writer = {
  append: async (draft: RecordDraft, durability?: Durability): Promise<ChainRecord> => {
    const entry: (typeof written)[number] = { draft, durability, record: null };
    written.push(entry);
    entry.record = await chain.append(draft, durability);
    return entry.record;
  },
};
const guest: GuestEffects = {
  covers: () => true,
  run: (capability) => {
    ran.push(capability);
    return Promise.resolve(
      capability === 'ccos.io.list-dir'
        ? Vec.of([])
        : capability === 'ccos.io.file-exists'
          ? true
          : capability === 'ccos.io.read-file'
            ? 'text'
            : null,
    );
  },
};

function contextOf(options: PolicyOptions): RuntimeContext {
  return contextFromOptions(options, {
    baseFolder: base,
    hidden: [join(base, '.ccos')],
    variables: { LANG: 'C' },
    catalog: marketplace,
    startLevel: 'controlled',
    makeFolders: true,
  });
}

function door(context: RuntimeContext, more: Partial<DoorOptions> = {}): HostDoor {
  return new HostDoor({
    run,
    record: 'values',
    chain: writer,
    context,
    marketplace,
    clock: systemClock,
    signal: new AbortController().signal,
    archive: (value) => {
      archived.push(value);
      return Promise.resolve(hash('value', { body: value, type: 'value' }));
    },
    program: { planHash: 'a'.repeat(64), effects },
    ledger: new BudgetLedger(1000),
    output: new RunOutput((text) => {
      printed += text;
    }),
    steps: { innermost: () => null, parentRecord: () => start },
    place: { hostFiles: null, minIsolation: null, mock: false },
    ...more,
  });
}

const kw = (name: string): Keyword => Keyword.of(name);
let executions = 0;
function callOf(capability: string, args: Value[], more: Partial<GuestCall> = {}): GuestCall {
  return {
    path: `${SITES.some(({ id }) => id === capability) ? capability : ANY}#${executions++}`,
    step: null,
    capability,
    args,
    exposure: { expose: null, keys: null },
    hints: null,
    timeoutMs: null,
    ...more,
  };
}
const call = (asked: HostDoor, capability: string, args: Value[], more: Partial<GuestCall> = {}): Promise<GuestReply> =>
  asked.call(callOf(capability, args, more), guest);

/** The code in an error reply, or undefined for a good one. */
function codeOf(reply: GuestReply): Value | undefined {
  return 'error' in reply && reply.error.data instanceof PMap ? reply.error.data.get(kw('code')) : undefined;
}
const kinds = (): string[] => written.map(({ draft }) => draft.kind);
const payload = (kind: string): Record<string, unknown> =>
  written.find(({ draft }) => draft.kind === kind)?.draft.payload as Record<string, unknown>;

/** A right call of each capability. */
const RIGHT: Readonly<Record<string, Value[]>> = {
  'ccos.echo': [1],
  'ccos.math.add': [1, 2],
  'ccos.string.concat': ['a'],
  'ccos.data.parse-json': ['1'],
  'ccos.data.serialize-json': [1],
  'ccos.data.parse-csv': ['a'],
  'ccos.io.file-exists': ['in dir/a'],
  'ccos.io.read-file': ['in dir/a'],
  'ccos.io.list-dir': ['in dir'],
  'ccos.io.write-file': ['out dir/a', 'x'],
  'ccos.io.append-file': ['out dir/a', 'x'],
  'ccos.io.log': ['x'],
  'ccos.io.print': ['x'],
  'ccos.io.println': ['x'],
  'ccos.system.get-env': ['LANG'],
  'ccos.system.current-time': [],
  'ccos.system.current-timestamp-ms': [],
  'ccos.system.sleep': [0],
  'ccos.system.random': [],
  'ccos.system.random-int': [3],
  'ccos.system.uuid': [],
};

describe('O6, O12 what an allowed call leaves', () => {
  test('decision, call and result, each under the one before', async () => {
    const reply = await call(door(contextOf({ write: ['.'] })), 'ccos.io.append-file', ['notes.txt', 'x']);
    expect(reply).toEqual({ ok: null });
    expect(kinds()).toEqual(['GovernanceDecision', 'CapabilityCall', 'CapabilityResult']);
    const [decision, made, result] = written.map(({ record }) => record);
    expect([decision?.parent, made?.parent, result?.parent]).toEqual([start, decision?.id, made?.id]);
    expect(new Set(written.map(({ draft }) => draft.principal))).toEqual(new Set(['host']));
    expect(payload('GovernanceDecision')).toMatchObject({
      outcome: 'allow',
      rule: 'allow:ccos.io.append-file',
      subject: { kind: 'capability', id: 'ccos.io.append-file' },
    });
    expect(payload('CapabilityCall')).toMatchObject({
      capability: 'ccos.io.append-file',
      args: ['notes.txt', 'x'],
      effects: ['write-local'],
      attempt: 1,
    });
    expect(payload('CapabilityResult')).toMatchObject({
      outcome: 'ok',
      result: null,
      servedBy: 'guest',
      simulated: false,
    });
  });

  test('L8.2 the durability of each record', async () => {
    const asked = door(contextOf({ write: ['.'] }));
    const durabilities = async (id: string, args: Value[]): Promise<unknown[]> => {
      written = [];
      await call(asked, id, args);
      return written.map(({ durability }) => durability);
    };
    expect(await durabilities('ccos.echo', [1])).toEqual(['written', 'written', 'written']);
    expect(await durabilities('ccos.system.uuid', [])).toEqual(['written', 'written', 'written']);
    expect(await durabilities('ccos.io.append-file', ['a', 'x'])).toEqual(['durable', 'durable', 'durable']);
    expect(await durabilities('ccos.io.write-file', ['a', 'x'])).toEqual(['durable', 'durable', 'written']);
  });

  test('S8.6 what was authorised is what runs, whatever becomes of the arguments meanwhile', async () => {
    const args: Value[] = [1];
    const reply = call(door(contextOf({})), 'ccos.echo', args);
    args[0] = 2;
    expect(await reply).toEqual({ ok: 1 });
    expect(payload('CapabilityCall')).toMatchObject({ args: [1] });
  });

  test('L8.3, O13.1 no effect before decision and call are on record', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = {
      append: async (draft: RecordDraft, durability?: Durability) => {
        await held;
        return writer.append(draft, durability);
      },
    };
    const reply = call(door(contextOf({ read: ['.'] }), { chain: slow }), 'ccos.io.read-file', ['a']);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    expect(ran).toEqual([]);
    release();
    expect(await reply).toEqual({ ok: 'text' });
    expect(ran).toEqual(['ccos.io.read-file']);
  });

  test('L17.6 one sync before an effect, none before one that changes nothing, and one for many at once', async () => {
    const context = contextOf({ read: ['.'], write: ['.'] });
    /** Syncs of the record between the call and its effect. */
    const syncsBefore = async (...calls: [string, Value[]][]): Promise<number[]> => {
      const before = syncs;
      const seen: number[] = [];
      const noting: GuestEffects = {
        ...guest,
        run: (capability, ...rest) => {
          seen.push(syncs - before);
          return guest.run(capability, ...rest);
        },
      };
      // A door each, as of so many runs: within one, a branch has one call at a time.
      await Promise.all(calls.map(([id, args]) => door(context).call(callOf(id, args), noting)));
      return seen;
    };
    expect(await syncsBefore(['ccos.io.append-file', ['a', 'x']])).toEqual([1]);
    expect(await syncsBefore(['ccos.io.read-file', ['a']])).toEqual([1]);
    const before = syncs;
    expect(await call(door(context), 'ccos.echo', [1])).toEqual({ ok: 1 });
    expect(syncs).toBe(before);
    const many = Array.from({ length: 64 }, (): [string, Value[]] => ['ccos.io.append-file', ['a', 'x']]);
    // Those whose effect is over make their result durable while others begin.
    expect(Math.max(...(await syncsBefore(...many)))).toBeLessThan(4);
  });

  test('L8.5 no effect where the record fails, and the run ends', async () => {
    const failing = { append: () => Promise.reject(new CcosError('CHAIN_UNAVAILABLE', 'full')) };
    await expect(
      call(door(contextOf({ read: ['.'] }), { chain: failing }), 'ccos.io.read-file', ['a']),
    ).rejects.toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
    expect(ran).toEqual([]);
  });

  test('L9.7 a large value goes to the archive, L9.8 digests alone keep sizes', async () => {
    const large = 'x'.repeat(20_000);
    await call(door(contextOf({})), 'ccos.echo', [large]);
    expect(archived).toEqual([[large], large]);
    expect(payload('CapabilityCall')).toMatchObject({
      argsBytes: 20_004,
      argsRef: hash('value', { body: [large], type: 'value' }),
    });
    expect(payload('CapabilityResult')).not.toHaveProperty('result');
    written = [];
    await call(door(contextOf({}), { record: 'digests' }), 'ccos.echo', ['small secret']);
    expect(payload('CapabilityCall')).toMatchObject({ argsBytes: 16 });
    expect(JSON.stringify(written)).not.toContain('small secret');
  });

  test('O6.12 the idempotency key is of run, path and arguments', async () => {
    const asked = door(contextOf({}));
    const keys = new Set<unknown>();
    for (const args of [[1], [2], [1]]) {
      written = [];
      await call(asked, 'ccos.echo', args);
      keys.add(payload('CapabilityCall')['idempotencyKey']);
    }
    expect(keys.size).toBe(3);
  });

  test('M2.5 file calls are counted with their bytes, under the path as written', async () => {
    const asked = door(contextOf({ write: ['.'] }));
    await call(asked, 'ccos.io.read-file', ['a.txt']);
    await call(asked, 'ccos.io.write-file', [
      PMap.of([
        [kw('path'), 'b.txt'],
        [kw('content'), 'é'],
      ]),
    ]);
    await call(asked, 'ccos.echo', ['a.txt']);
    expect(asked.fileOperations).toEqual([
      { path: 'a.txt', operation: 'read', bytesProcessed: 4 },
      { path: 'b.txt', operation: 'write', bytesProcessed: 2 },
    ]);
  });

  test('M14.1 under mock no dangerous capability runs', async () => {
    const asked = door(contextOf({ read: ['.'] }), { place: { hostFiles: null, minIsolation: null, mock: true } });
    expect(await call(asked, 'ccos.io.read-file', ['a'])).toEqual({
      ok: 'Mock capability execution for: ccos.io.read-file',
    });
    expect([ran, payload('CapabilityResult')['simulated']]).toEqual([[], true]);
    expect(await call(asked, 'ccos.math.add', [1, 2])).toEqual({ ok: 3 });
  });
});

describe('O6.11 refusals, each recorded once and told once', () => {
  test('L4.2 a denial: decision and violation, durable, then the error', async () => {
    const reply = await call(door(contextOf({})), 'ccos.io.read-file', ['secret/a.txt']);
    expect(codeOf(reply)).toBe('SECURITY_VIOLATION');
    expect(reply).toMatchObject({ error: { kind: 'SecurityViolation' } });
    expect(written.map(({ draft, durability }) => [draft.kind, durability])).toEqual([
      ['GovernanceDecision', 'durable'],
      ['Violation', 'durable'],
    ]);
    expect(written[1]?.record?.parent).toBe(written[0]?.record?.id);
    expect(payload('Violation')).toMatchObject({
      code: 'SECURITY_VIOLATION',
      capability: 'ccos.io.read-file',
      decision: written[0]?.record?.id,
    });
  });

  test('L8.2 a denied decision is durable, whatever the effects', async () => {
    await call(door(contextOf({ deny: ['ccos.echo'] })), 'ccos.echo', [1]);
    expect(written.map(({ durability }) => durability)).toEqual(['durable', 'durable']);
  });

  test('CAP_UNKNOWN is recorded as a denial by the rule `unknown`', async () => {
    const reply = await call(door(contextOf({ level: 'full' })), 'demo.absent', []);
    expect([codeOf(reply), 'error' in reply && reply.error.kind]).toEqual(['CAP_UNKNOWN', 'UnknownCapability']);
    expect(kinds()).toEqual(['GovernanceDecision', 'Violation']);
    expect(payload('GovernanceDecision')).toMatchObject({ outcome: 'deny', rule: 'unknown' });
  });

  test('S3.7 an id of the wrong shape is refused by policy', async () => {
    expect(codeOf(await call(door(contextOf({ level: 'full' })), 'ccos.\u0000', []))).toBe('SECURITY_VIOLATION');
    expect(payload('GovernanceDecision')).toMatchObject({ rule: 'syntax' });
  });

  test('arguments that break the schema: a refused result under the decision, and no call', async () => {
    expect(codeOf(await call(door(contextOf({})), 'ccos.math.add', [1]))).toBe('CAP_INPUT');
    expect(kinds()).toEqual(['GovernanceDecision', 'CapabilityResult']);
    expect(payload('CapabilityResult')).toMatchObject({
      outcome: 'error',
      refused: true,
      error: { code: 'CAP_INPUT' },
    });
    expect(written[1]?.record?.parent).toBe(written[0]?.record?.id);
  });

  test.each([
    ['an empty path', ''],
    ['a NUL', 'a\u0000b'],
  ])('S6.2 %s is CAP_INPUT before policy, under the step', async (_name, path) => {
    expect(codeOf(await call(door(contextOf({ read: ['.'] })), 'ccos.io.read-file', [path]))).toBe('CAP_INPUT');
    expect([kinds(), written[0]?.record?.parent]).toEqual([['CapabilityResult'], start]);
  });

  test('S6.2 a `..` segment is refused by the rule `syntax`', async () => {
    expect(codeOf(await call(door(contextOf({ read: ['.'] })), 'ccos.io.read-file', ['a/../../b']))).toBe(
      'SECURITY_VIOLATION',
    );
    expect(payload('GovernanceDecision')).toMatchObject({ rule: 'syntax' });
  });

  test('a failing implementation: its error under the call', async () => {
    const failing: GuestEffects = {
      covers: () => true,
      run: () => Promise.reject(new CcosError('IO_NOT_FOUND', 'File not found: a')),
    };
    const asked = door(contextOf({ read: ['.'] }));
    const reply = await asked.call(callOf('ccos.io.read-file', ['a']), failing);
    expect([codeOf(reply), 'error' in reply && reply.error.kind]).toEqual(['IO_NOT_FOUND', 'IoError']);
    expect(kinds()).toEqual(['GovernanceDecision', 'CapabilityCall', 'CapabilityResult']);
    expect(payload('CapabilityResult')).toMatchObject({ outcome: 'error', error: { code: 'IO_NOT_FOUND' } });
    expect(payload('CapabilityResult')).not.toHaveProperty('refused');
    expect(asked.answered('IO_NOT_FOUND', 'File not found: a')).toMatchObject({ code: 'IO_NOT_FOUND' });
  });

  test('an error of the language keeps its kind', async () => {
    expect(await call(door(contextOf({})), 'ccos.math.add', [9_223_372_036_854_775_807n, 1])).toMatchObject({
      error: { kind: 'IntegerOverflow' },
    });
    expect(payload('CapabilityResult')).toMatchObject({ outcome: 'error', error: { kind: 'IntegerOverflow' } });
  });

  test('O5.5 a deadline that passes is TIMEOUT, which the program may catch', async () => {
    const reply = await call(door(contextOf({})), 'ccos.system.sleep', [60_000], { timeoutMs: 20 });
    expect([codeOf(reply), 'error' in reply && reply.error.kind]).toEqual(['TIMEOUT', 'Timeout']);
    expect(payload('CapabilityResult')).toMatchObject({
      outcome: 'error',
      error: { code: 'TIMEOUT', details: { limitMs: 20 } },
    });
  });

  test('O5.7 a cancelled run: the open call gets its record, the error goes outward', async () => {
    const stop = new AbortController();
    const asked = door(contextOf({}), { signal: stop.signal });
    const slept = call(asked, 'ccos.system.sleep', [60_000]);
    setTimeout(() => stop.abort(new CcosError('CANCELLED', 'stopped')), 20);
    await expect(slept).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(kinds()).toEqual(['GovernanceDecision', 'CapabilityCall', 'CapabilityResult']);
    await expect(call(asked, 'ccos.echo', [1])).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(written).toHaveLength(3);
  });

  test('S11.1 the budget of actions', async () => {
    const ledger = new BudgetLedger(2);
    const asked = door(contextOf({}), { ledger });
    await call(asked, 'ccos.echo', [1]);
    // A call that never began costs nothing.
    expect(codeOf(await call(asked, 'ccos.math.add', [1]))).toBe('CAP_INPUT');
    expect(await call(asked, 'ccos.echo', [1])).toEqual({ ok: 1 });
    const reply = await call(asked, 'ccos.echo', [1]);
    expect([codeOf(reply), 'error' in reply && reply.error.message]).toEqual([
      'BUDGET_EXCEEDED',
      'Budget exhausted: actions needs 1, 0 left',
    ]);
    expect(ledger.report()).toEqual({ limits: { actions: 2 }, spent: { actions: 2 }, reserved: { actions: 0 } });
    expect(asked.answered('BUDGET_EXCEEDED', 'Budget exhausted: actions needs 1, 0 left')?.hint).toBe('--calls 4');
    expect(written.at(-1)?.draft.kind).toBe('Violation');
  });
});

describe('O4.3 what a guest states is held against the admitted program', () => {
  const step = { path: '0.1#0', name: 'Fetch' };
  test.each<[string, Partial<GuestCall>, RegExp]>([
    ['no call path', { path: 'nonsense' }, /is no call path/],
    ['a site that does not exist', { path: '9.9#0' }, /no call at 9\.9/],
    ['a site with another literal id', { path: 'ccos.math.add#0' }, /is not one of 'ccos.echo'/],
    ['a step that is not open', { step }, /names step 0\.1#0, open is none/],
  ])('%s', async (_name, more, message) => {
    await expect(door(contextOf({})).call(callOf('ccos.echo', [1], more), guest)).rejects.toThrow(message);
    expect(written).toEqual([]);
  });

  test('the step that is open is demanded, by path and name, and parents the call', async () => {
    const asked = door(contextOf({}), { steps: { innermost: () => step, parentRecord: () => start } });
    await expect(call(asked, 'ccos.echo', [1])).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
    await expect(call(asked, 'ccos.echo', [1], { step: { ...step, name: 'Other' } })).rejects.toMatchObject({
      code: 'PROTOCOL_VIOLATION',
    });
    expect(await call(asked, 'ccos.echo', [1], { step })).toEqual({ ok: 1 });
    expect(new Set(written.map(({ draft }) => draft.step))).toEqual(new Set(['0.1#0']));
  });

  test('a path is new, and counts upwards', async () => {
    const asked = door(contextOf({}));
    await call(asked, 'ccos.echo', [1], { path: 'ccos.echo#5' });
    for (const path of ['ccos.echo#5', 'ccos.echo#4'])
      await expect(call(asked, 'ccos.echo', [1], { path })).rejects.toThrow(/was used before/);
    expect(await call(asked, 'ccos.echo', [1], { path: 'x#0|1/ccos.echo#0' })).toEqual({ ok: 1 });
  });

  test('O6.15 two calls of one branch are never open at once, those of two branches may be', async () => {
    const asked = door(contextOf({}));
    const open = ['x#0|0/', 'x#0|1/'].map((branch) =>
      call(asked, 'ccos.system.sleep', [30], { path: `${branch}ccos.system.sleep#0` }),
    );
    await expect(call(asked, 'ccos.echo', [1], { path: 'x#0|0/ccos.echo#0' })).rejects.toThrow(
      /two calls of one branch/,
    );
    expect(await Promise.all(open)).toEqual([{ ok: null }, { ok: null }]);
    expect(await call(asked, 'ccos.echo', [1], { path: 'x#0|0/ccos.echo#1' })).toEqual({ ok: 1 });
  });
});

describe('S8.9, S14.10 every capability', () => {
  test.each(IDS)('S8.9 %s under pure is refused, with no effect', async (id) => {
    for (const context of [contextOf({ level: 'pure' }), RuntimeContext.pure()]) {
      expect(codeOf(await call(door(context), id, RIGHT[id] ?? []))).toBe('SECURITY_VIOLATION');
    }
    expect([ran, printed, kinds().includes('CapabilityCall')]).toEqual([[], '', false]);
  });

  test.each(
    IDS.flatMap((id) =>
      ([{}, { level: 'pure' }, { level: 'full' }] as PolicyOptions[]).map((options) => [id, options] as const),
    ),
  )('S14.10 %s under %j: pasting the hint of a refusal makes the call pass', async (id, options) => {
    const args = RIGHT[id] ?? [];
    const asked = door(contextOf(options));
    const reply = await call(asked, id, args);
    if (!('error' in reply)) return;
    const error = asked.answered('SECURITY_VIOLATION', reply.error.message);
    const hints = error?.details['options'] as OptionHint[];
    expect(hints.length).toBeGreaterThan(0);
    for (const { option, value } of hints)
      expect(error?.hint).toContain(`${option} ${value.includes(' ') ? `'${value}'` : value}`);
    expect(await call(door(contextOf(withOptionHints(options, hints))), id, args)).toHaveProperty('ok');
  });
});
