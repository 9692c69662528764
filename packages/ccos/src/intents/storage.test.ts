import fs from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, test } from 'vitest';
import { CODECS } from '../archive/codecs.ts';
import { openFileArchive } from '../archive/file.ts';
import { openChain } from '../causal-chain/chain.ts';
import { verifyChain } from '../causal-chain/verify.ts';
import { canonicalText } from '../foundation/canonical-json.ts';
import { INTENT_STATUSES, type IntentStatus, type StorableIntent } from '../model/intent.ts';
import { openHome, scratchHomes, type OpenHome } from '../../test/intents/homes.ts';
import { apply, change, handClock, plain } from '../../test/intents/kit.ts';
import { loadKeyPair, type KeyPair } from '../causal-chain/keys.ts';
import { systemFiles } from '../foundation/files.ts';
import { backupText } from './backup-text.ts';
import { graphHash } from './canonical.ts';
import { IntentGraph } from './graph.ts';
import { TRANSITIONS } from './life-cycle.ts';
import { openIntentReader } from './reader.ts';
import { openIntents } from './storage.ts';

const homes = scratchHomes();
afterAll(() => homes.remove());
const code = (name: string, details: object = {}): unknown =>
  expect.objectContaining({ code: name, details: expect.objectContaining(details) as unknown });

async function within<T>(work: (open: OpenHome) => Promise<T>, home = homes.next()): Promise<T> {
  const open = await openHome(home);
  try {
    return await work(open);
  } finally {
    await open.close();
  }
}
const kinds = (open: OpenHome): string[] =>
  open.chain.reader.query().flatMap(({ kind }) => (kind.startsWith('Intent') ? [kind] : []));

describe('I1 objects', () => {
  it('I1 fills what was not said', async () =>
    within(async ({ intents }) => {
      const before = Math.floor(Date.now() / 1_000);
      const intent = await intents.storeIntent({ goal: 'Back up' });
      expect(intent).toEqual({
        intent_id: expect.stringMatching(/^intent-[0-9a-f-]{36}$/) as unknown,
        name: null,
        original_request: 'Back up',
        rtfs_intent_source: '(intent :goal "Back up" :constraints {} :preferences {})',
        goal: 'Back up',
        constraints: {},
        preferences: {},
        success_criteria: null,
        parent_intent: null,
        child_intents: [],
        triggered_by: 'HumanRequest',
        generation_context: {
          arbiter_version: '1.0.0',
          generation_timestamp: intent.created_at,
          input_context: {},
          reasoning_trace: null,
        },
        status: 'Active',
        priority: 0,
        created_at: intent.created_at,
        updated_at: intent.created_at,
        metadata: {},
      });
      expect(intent.created_at).toBeGreaterThanOrEqual(before);
      expect(await intents.getIntent(intent.intent_id)).toEqual(intent);
      expect(await intents.getIntent('other')).toBeNull();
    }));

  test.each<[string, object, string]>([
    ['no goal', {}, '/goal'],
    ['an empty goal', { goal: '' }, '/goal'],
    ['an unknown member', { goal: 'g', colour: 1 }, '/colour'],
    ['an empty key', { goal: 'g', metadata: { '': 'x' } }, '/metadata/'],
    ['a wrong type', { goal: 'g', metadata: { a: 1 } }, '/metadata/a'],
    ['an unknown word', { goal: 'g', triggered_by: 'Me' }, '/triggered_by'],
    ['a priority below', { goal: 'g', priority: -1 }, '/priority'],
    ['a priority above', { goal: 'g', priority: 2 ** 32 }, '/priority'],
    ['a priority that is none', { goal: 'g', priority: 1.5 }, '/priority'],
    ['half a character', { goal: 'g\ud800' }, '/goal'],
    ['a name that is none', { goal: 'g', intent_id: '-x' }, '/intent_id'],
    ['a long name', { goal: 'g', intent_id: 'x'.repeat(129) }, '/intent_id'],
    ['a parent by hand', { goal: 'g', parent_intent: 'p' }, '/parent_intent'],
    ['children by hand', { goal: 'g', child_intents: ['c'] }, '/child_intents'],
    ['a history by hand', { goal: 'g', metadata: { status_transition_1_0: 'x' } }, '/metadata/status_transition_1_0'],
    ['a context that is none', { goal: 'g', generation_context: null }, '/generation_context'],
  ])('I1.1 refuses %s', async (_what, given, pointer) =>
    within(async (open) => {
      await expect(open.intents.storeIntent(given as StorableIntent)).rejects.toEqual(
        code('INTENT_INVALID', { pointer }),
      );
      expect(kinds(open)).toEqual([]);
    }),
  );

  test.each<[string, object, string]>([
    ['nothing', { constraints: { a: '' } }, '/constraints/a'],
    ['two forms', { constraints: { a: '1 2' } }, '/constraints/a'],
    ['an open bracket', { preferences: { 'a/b': '(1' } }, '/preferences/a~1b'],
    ['a criterion that does not read', { success_criteria: '#<x>' }, '/success_criteria'],
    ['a source of another goal', { rtfs_intent_source: '(intent :goal "other")' }, '/rtfs_intent_source'],
    ['a source that is no intent', { rtfs_intent_source: '42' }, '/rtfs_intent_source'],
    ['a source with more', { rtfs_intent_source: '(intent :goal "g" :owner 1)' }, '/rtfs_intent_source'],
  ])('I1.2 and I1.3 refuse %s', async (_what, given, pointer) =>
    within(async ({ intents }) => {
      await expect(intents.storeIntent({ goal: 'g', ...given })).rejects.toEqual(code('INTENT_SOURCE', { pointer }));
    }),
  );

  it('I1.2 names the place in the source', async () =>
    within(async ({ intents }) => {
      await expect(intents.storeIntent({ goal: 'g', constraints: { a: '[1\n 2' } })).rejects.toMatchObject({
        code: 'INTENT_SOURCE',
        span: { line: expect.any(Number) as unknown, column: expect.any(Number) as unknown },
      });
    }));

  test.each([
    ['(intent "n"   :goal "g" :constraints {"b" 2, "a" {:x "q\\"\\n"}} :preferences {} :success-criteria (fn [x] x))'],
    ['(intent "n" :success-criteria (fn [x] x) :constraints {"a" {:x "q\\"\\n"} "b" 2} :goal "g")'],
  ])('I1.3 takes a source that says the same: %s', async (source) =>
    within(async ({ intents }) => {
      const intent = await intents.storeIntent({
        goal: 'g',
        name: 'n',
        constraints: { b: '2', a: '{:x "q\\"\\n"}' },
        success_criteria: '(fn [x]\n  x)',
        rtfs_intent_source: source,
      });
      expect(intent.rtfs_intent_source).toBe(
        '(intent "n" :goal "g" :constraints {"a" {:x "q\\"\\n"} "b" 2} :preferences {} :success-criteria (fn [x] x))',
      );
    }),
  );

  it('I1.4 stores an equal intent once, and another under its name never', async () =>
    within(async (open) => {
      const { intents } = open;
      const first = await intents.storeIntent({ intent_id: 'a', goal: 'g' });
      expect(await intents.storeIntent({ intent_id: 'a', goal: 'g' })).toEqual(first);
      expect(await intents.storeIntent(first)).toEqual(first);
      await expect(intents.storeIntent({ intent_id: 'a', goal: 'h' })).rejects.toEqual(
        code('INTENT_EXISTS', { id: 'a' }),
      );
      await expect(intents.updateIntent('b', { goal: 'h' })).rejects.toEqual(code('INTENT_NOT_FOUND', { id: 'b' }));
      expect(kinds(open)).toEqual(['IntentCreated']);
    }));

  it('I1.4 updates members, and neither what is derived nor the status', async () =>
    within(async (open) => {
      const { intents } = open;
      const first = await intents.storeIntent({ intent_id: 'a', goal: 'g', constraints: { k: '1' } });
      const second = await intents.updateIntent('a', { goal: 'h', priority: 7 });
      expect(second).toMatchObject({ goal: 'h', priority: 7, original_request: 'g', constraints: { k: '1' } });
      expect(second.rtfs_intent_source).toContain(':goal "h"');
      expect(await intents.updateIntent('a', second)).toEqual(second);
      for (const [member, value] of Object.entries({
        created_at: 1,
        parent_intent: 'x',
        child_intents: ['x'],
        updated_at: 1,
      }))
        await expect(intents.updateIntent('a', { [member]: value })).rejects.toEqual(
          code('INTENT_INVALID', { pointer: `/${member}` }),
        );
      await expect(intents.updateIntent('a', { status: 'Failed' })).rejects.toEqual(code('INTENT_TRANSITION'));
      await expect(intents.updateIntent('a', { intent_id: 'b' })).rejects.toEqual(
        code('INTENT_INVALID', { pointer: '/intent_id' }),
      );
      expect(kinds(open)).toEqual(['IntentCreated', 'IntentUpdated']);
      const updated = open.chain.reader.query({ kind: 'IntentUpdated' })[0];
      const before = await open.archive.require(String(updated?.payload['before']), 'the test');
      expect(before.toBody()).toEqual(first);
    }));

  it('I1.5 deletes an intent with its edges only when told to', async () =>
    within(async (open) => {
      const { intents } = open;
      for (const id of ['a', 'b']) await intents.storeIntent({ intent_id: id, goal: 'g' });
      await intents.storeEdge({ from: 'a', to: 'b', edge_type: 'DependsOn' });
      await intents.storeEdge({ from: 'b', to: 'a', edge_type: 'IsSubgoalOf' });
      await expect(intents.deleteIntent('a')).rejects.toEqual(code('INTENT_HAS_EDGES', { id: 'a' }));
      await intents.deleteIntent('a', { cascade: true });
      expect(await intents.getEdges()).toEqual([]);
      expect(await intents.getIntent('b')).toMatchObject({ parent_intent: null });
      const batch = open.chain.reader.query().slice(-3);
      expect(batch.map(({ payload }) => payload['tx'])).toEqual([0, 1, 2].map((index) => ({ index, count: 3 })));
    }));

  it('I1.6 writes the record first, and without it changes nothing', async () => {
    const home = homes.next();
    const open = await openHome(home);
    await open.intents.storeIntent({ intent_id: 'a', goal: 'g' });
    await open.chain.close();
    await expect(open.intents.storeIntent({ intent_id: 'b', goal: 'g' })).rejects.toEqual(code('CHAIN_UNAVAILABLE'));
    await expect(open.intents.transition('a', 'Failed', { reason: 'r' })).rejects.toEqual(code('CHAIN_UNAVAILABLE'));
    expect((await open.intents.read()).intents().map(({ intent_id: id, status }) => [id, status])).toEqual([
      ['a', 'Active'],
    ]);
    await open.archive.close();
  });
});

describe('I2 life cycle', () => {
  /** A way from Active to each status. */
  const way: Record<IntentStatus, IntentStatus[]> = {
    Active: [],
    Executing: ['Executing'],
    Completed: ['Completed'],
    Failed: ['Failed'],
    Archived: ['Archived'],
    Suspended: ['Suspended'],
  };
  const allowed = 'A>AECFSX E>ACFSX C>X F>AX S>AX X>A';
  const letter: Record<IntentStatus, string> = {
    Active: 'A',
    Executing: 'E',
    Completed: 'C',
    Failed: 'F',
    Suspended: 'S',
    Archived: 'X',
  };

  it('I2.1 has the 36 pairs of the table', async () =>
    within(async (open) => {
      const { intents } = open;
      for (const from of INTENT_STATUSES) {
        for (const to of INTENT_STATUSES) {
          const id = `${from}-${to}`;
          await intents.storeIntent({ intent_id: id, goal: 'g' });
          for (const step of way[from]) await intents.transition(id, step, { reason: 'on the way' });
          const row = allowed.split(' ').find((one) => one.startsWith(`${letter[from]}>`)) ?? '';
          const before = await intents.getIntent(id);
          if (row.slice(2).includes(letter[to])) {
            expect(await intents.transition(id, to, { reason: 'test' })).toMatchObject({ status: to });
          } else {
            await expect(intents.transition(id, to, { reason: 'test' }), id).rejects.toEqual(
              code('INTENT_TRANSITION', { from, to, allowed: TRANSITIONS[from] }),
            );
            expect(await intents.getIntent(id)).toEqual(before);
          }
        }
      }
      expect((await verifyChain(open.home)).ok).toBe(true);
    }));

  it('I2.3 and I2.4 leave a history, also within one second', async () => {
    const clock = handClock();
    const open = await openHome(homes.next(), { clock });
    const { intents } = open;
    await intents.storeIntent({ intent_id: 'a', goal: 'g' });
    clock.move(2_500);
    const unchanged = await intents.transition('a', 'Active', { reason: 'poke' });
    expect(unchanged).toMatchObject({ updated_at: 1_700_000_002, metadata: {} });
    await intents.transition('a', 'Executing', { reason: 'go (now)' });
    await intents.transition('a', 'Failed', { reason: 'boom\n)' });
    await intents.transition('a', 'Archived', { reason: 'old' });
    const last = await intents.transition('a', 'Active', { reason: 'again' });
    expect(last.metadata).toMatchObject({
      status_transition_1700000002_0: '1700000002: Active -> Executing (reason: go (now))',
      status_transition_1700000002_3: '1700000002: Archived -> Active (reason: again)',
    });
    expect(await intents.statusHistory('a')).toEqual(
      [
        ['Active', 'Executing', 'go (now)'],
        ['Executing', 'Failed', 'boom\n)'],
        ['Failed', 'Archived', 'old'],
        ['Archived', 'Active', 'again'],
      ].map(([oldStatus, newStatus, reason]) => ({ at: 1_700_000_002, oldStatus, newStatus, reason })),
    );
    expect(kinds(open).slice(1)).toEqual([
      'IntentStatusChanged',
      'IntentStatusChanged',
      'IntentStatusChanged',
      'IntentArchived',
      'IntentReactivated',
    ]);
    await open.close();
  });

  it('I2.5 reports each of many, and one failure hides no other', async () =>
    within(async ({ intents }) => {
      for (const id of ['a', 'b']) await intents.storeIntent({ intent_id: id, goal: 'g' });
      await intents.complete('b', 'done');
      expect(await intents.bulkTransition(['a', 'b', 'c'], 'Failed', { reason: 'r' })).toEqual([
        { id: 'a', ok: true },
        { id: 'b', ok: false, error: code('INTENT_TRANSITION') },
        { id: 'c', ok: false, error: code('INTENT_NOT_FOUND') },
      ]);
    }));

  it('I2.6 has a name for each move', async () => {
    const clock = handClock();
    const open = await openHome(homes.next(), { clock });
    const { intents } = open;
    for (const id of ['a', 'b', 'c', 'd']) await intents.storeIntent({ intent_id: id, goal: 'g' });
    await intents.complete('a', 'r');
    await intents.fail('b', 'r');
    await intents.suspend('c', 'r');
    expect([
      (await intents.ready()).map(({ intent_id: id }) => id),
      (await intents.needingAttention()).map(({ intent_id: id }) => id),
    ]).toEqual([['d'], ['b', 'c']]);
    expect(await intents.resume('c', 'r')).toMatchObject({ status: 'Active' });
    expect(await intents.archive('b', 'r')).toMatchObject({ status: 'Archived' });
    expect(await intents.reactivate('b', 'r')).toMatchObject({ status: 'Active' });
    await expect(intents.resume('b', 'r')).rejects.toEqual(code('INTENT_TRANSITION'));
    await expect(intents.reactivate('c', 'r')).rejects.toEqual(code('INTENT_TRANSITION'));
    expect(await intents.archiveCompleted(1)).toEqual([]);
    clock.move(86_400_000);
    expect(await intents.archiveCompleted(1)).toEqual([{ id: 'a', ok: true }]);
    await open.close();
  });
});

describe('I4 edges', () => {
  it('I4.1–I4.6 checks each edge', async () =>
    within(async (open) => {
      const { intents } = open;
      for (const id of ['a', 'b', 'c']) await intents.storeIntent({ intent_id: id, goal: 'g' });
      expect(await intents.getEdges()).toEqual([]);
      const add = (from: string, edge_type: 'DependsOn' | 'IsSubgoalOf' | 'RelatedTo', to: string, more: object = {}) =>
        intents.storeEdge({ from, to, edge_type, ...more });
      await expect(add('a', 'DependsOn', 'a')).rejects.toEqual(code('INTENT_EDGE_SELF'));
      await expect(add('a', 'DependsOn', 'x')).rejects.toEqual(code('INTENT_EDGE_DANGLING', { id: 'x' }));
      await add('a', 'DependsOn', 'b');
      await add('a', 'DependsOn', 'b');
      await expect(add('a', 'DependsOn', 'b', { weight: 0.5 })).rejects.toEqual(code('INTENT_EDGE_DUPLICATE'));
      await add('a', 'RelatedTo', 'b', { weight: 1 });
      await add('b', 'RelatedTo', 'a', { weight: 1 });
      await expect(add('b', 'RelatedTo', 'a')).rejects.toEqual(code('INTENT_EDGE_DUPLICATE'));
      await add('b', 'DependsOn', 'c');
      await expect(add('c', 'DependsOn', 'a')).rejects.toEqual(
        code('INTENT_EDGE_CYCLE', { path: ['c', 'a', 'b', 'c'] }),
      );
      await add('a', 'IsSubgoalOf', 'b');
      await add('c', 'IsSubgoalOf', 'b');
      await expect(add('a', 'IsSubgoalOf', 'c')).rejects.toEqual(code('INTENT_EDGE_PARENT', { parent: 'b' }));
      await expect(add('b', 'IsSubgoalOf', 'a')).rejects.toEqual(code('INTENT_EDGE_CYCLE', { path: ['b', 'a', 'b'] }));
      expect(await intents.getIntent('a')).toMatchObject({ parent_intent: 'b' });
      expect(await intents.getIntent('b')).toMatchObject({ child_intents: ['a', 'c'] });
      await intents.updateEdge({ from: 'b', to: 'a', edge_type: 'RelatedTo', metadata: { k: 'v' } });
      expect(await intents.getEdgesForIntent('c')).toHaveLength(2);
      await intents.deleteEdge({ from: 'a', to: 'b', edge_type: 'IsSubgoalOf' });
      expect(await intents.getIntent('b')).toMatchObject({ child_intents: ['c'] });
      await expect(intents.deleteEdge({ from: 'a', to: 'b', edge_type: 'IsSubgoalOf' })).rejects.toEqual(
        code('INTENT_NOT_FOUND'),
      );
      for (const weight of [-0.1, 1.1, Number.NaN, '1'])
        await expect(add('a', 'DependsOn', 'c', { weight })).rejects.toEqual(
          code('INTENT_INVALID', { pointer: '/weight' }),
        );
      expect(kinds(open).filter((kind) => kind.startsWith('IntentRelationship'))).toEqual([
        ...Array<string>(5).fill('IntentRelationshipCreated'),
        'IntentRelationshipModified',
        'IntentRelationshipRemoved',
      ]);
    }));
});

describe('I9 live storage', () => {
  it('I9.1 the chain alone makes the live graph; so does the snapshot with what follows it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 }),
        fc.nat(11),
        async (batches, cut) => {
          const home = homes.next();
          let open = await openHome(home);
          for (const [at, batch] of batches.entries()) {
            const before = canonicalText((await open.intents.read()).body());
            const done = await open.intents
              .transaction((tx) => batch.forEach((one) => apply(tx, one)))
              .then(
                () => true,
                () => false,
              );
            // A batch of which one change is refused leaves nothing.
            if (!done) expect(canonicalText((await open.intents.read()).body())).toBe(before);
            if (at !== cut) continue;
            await open.close();
            open = await openHome(home);
          }
          const live = graphHash((await open.intents.read()).body());
          expect(await open.intents.healthCheck()).toMatchObject({ healthy: true, damage: null, passedOver: [] });
          const behind = await openIntentReader(home, open.archive);
          expect(graphHash((await behind.read()).body())).toBe(live);
          await open.close();
          fs.rmSync(join(home, 'intents'), { recursive: true, force: true });
          const fresh = await openIntentReader(home, await openFileArchive(join(home, 'archive'), CODECS));
          expect(graphHash((await fresh.read()).body())).toBe(live);
          expect((await verifyChain(home)).ok).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  it('I9.2 passes over a transaction of which not every record is there', async () => {
    const home = homes.next();
    const open = await openHome(home);
    const { intents, chain } = open;
    await intents.storeIntent({ intent_id: 'a', goal: 'g' });
    const lost = {
      principal: 'user:test',
      intent: 'a',
      payload: { oldStatus: 'Active', newStatus: 'Failed', reason: 'r', tx: { index: 0, count: 2 } },
    };
    await chain.append({ kind: 'IntentStatusChanged', ...lost });
    await intents.transition('a', 'Suspended', { reason: 's' });
    expect(await intents.getIntent('a')).toMatchObject({ status: 'Suspended' });
    expect(await intents.healthCheck()).toMatchObject({ healthy: true, passedOver: [{ found: 1, count: 2 }] });
    await chain.append({ kind: 'IntentStatusChanged', ...lost });
    await open.close();
    await within(async (again) => {
      expect(await again.intents.healthCheck()).toMatchObject({ healthy: true });
      await again.intents.transition('a', 'Active', { reason: 't' });
      expect(await again.intents.getIntent('a')).toMatchObject({ status: 'Active' });
    }, home);
  });

  const snapshotOf = (home: string): string => join(home, 'intents', 'intents.json');
  const edited = (home: string, edit: (text: string) => string): void =>
    fs.writeFileSync(snapshotOf(home), edit(fs.readFileSync(snapshotOf(home), 'utf8')));

  test.each<[string, (text: string) => string, string]>([
    ['does not parse', (text) => text.slice(0, 100), 'unreadable'],
    ['was edited', (text) => text.replaceAll('goal of a', 'goal of z'), 'digest'],
    ['names a record that is not there', (text) => text.replace(/"seq": \d+/, '"seq": 999'), 'position'],
    ['names another record', (text) => text.replace(/"seq": \d+/, '"seq": 1'), 'position'],
    ['covers no position', (text) => text.replace(/ {4}"chain": \{[^}]*\},\n/, ''), 'position'],
    ['is not signed', (text) => text.replace(/,\n {4}"key": [^\n]*\n {4}"sig": [^\n]*/, ''), 'signature'],
    ['is of another version', (text) => text.replace('"version": "1.1"', '"version": "9"'), 'version'],
  ])('I9.4 a snapshot that %s is kept aside, and the graph built from the chain', async (_what, edit, reason) => {
    const home = homes.next();
    await within(async ({ intents }) => void (await intents.storeIntent({ intent_id: 'a', goal: 'goal of a' })), home);
    edited(home, edit);
    const bad = fs.readFileSync(snapshotOf(home), 'utf8');
    const warned: unknown[] = [];
    const logger = { debug: () => {}, info: () => {}, warn: (...said: unknown[]) => void warned.push(said) };
    const reader = await openIntentReader(home, await openFileArchive(join(home, 'archive'), CODECS), { logger });
    expect(await reader.getIntent('a')).toMatchObject({ goal: 'goal of a' });
    expect(fs.readFileSync(snapshotOf(home), 'utf8')).toBe(bad);
    expect(await reader.healthCheck()).toMatchObject({ healthy: false, snapshot: 'bad' });
    const open = await openHome(home, { logger });
    expect(await open.intents.getIntent('a')).toMatchObject({ goal: 'goal of a' });
    await open.close();
    const keptAs = fs.readdirSync(join(home, 'intents'))[0] ?? '';
    expect(keptAs).toMatch(/^intents\.json\.corrupt-\d{8}T\d{9}Z-[0-9a-f]{6}$/);
    expect(fs.readFileSync(join(home, 'intents', keptAs), 'utf8')).toBe(bad);
    expect(warned.at(-1)).toEqual(['SNAPSHOT_REBUILT', expect.any(String), { reason, keptAs }]);
  });

  it('I9.7 a snapshot that is signed and says something else is unhealthy; one that lags behind is not', async () => {
    const home = homes.next();
    await within(async ({ intents }) => void (await intents.storeIntent({ intent_id: 'a', goal: 'g' })), home);
    const open = await openHome(home);
    await open.intents.transition('a', 'Failed', { reason: 'r' });
    expect(await open.intents.healthCheck()).toMatchObject({ healthy: true, snapshot: 'behind' });
    const signer = loadKeyPair(home, systemFiles) as KeyPair;
    const position = {
      chain: open.chain.id,
      ...(
        JSON.parse(fs.readFileSync(snapshotOf(home), 'utf8')) as { integrity: { chain: { seq: number; hash: string } } }
      ).integrity.chain,
    };
    const wrong = IntentGraph.from({ intents: { a: plain('a') }, edges: [] });
    fs.writeFileSync(snapshotOf(home), backupText(wrong, { timestamp: 1, chain: position, signer }));
    expect(await open.intents.healthCheck()).toMatchObject({ healthy: false, snapshot: 'different' });
    await open.close();
  });

  it('I9.3 writes a snapshot after 256 mutations, and none when nothing changed', async () => {
    const home = homes.next();
    await within(async ({ intents }) => {
      for (let n = 0; n < 256; n++) await intents.storeIntent({ intent_id: `i${n}`, goal: 'g' });
      expect(fs.existsSync(snapshotOf(home))).toBe(true);
    }, home);
    const before = fs.statSync(snapshotOf(home), { bigint: true }).mtimeNs;
    await within(async ({ intents }) => void (await intents.getIntent('i1')), home);
    expect(fs.statSync(snapshotOf(home), { bigint: true }).mtimeNs).toBe(before);
  });

  it('I9.5 an archived intent that is gone is named, and a backup brings the graph back', async () => {
    const home = homes.next();
    const backup = join(home, '..', 'backup.json');
    await within(async ({ intents }) => {
      await intents.storeIntent({ intent_id: 'a', goal: 'g' });
      await intents.backup(backup);
      await intents.storeIntent({ intent_id: 'b', goal: 'h' });
      await intents.restore(backup, { mode: 'replace' });
      await intents.storeIntent({ intent_id: 'c', goal: 'i' });
    }, home);
    const chain = await openChain(home);
    const record = chain.reader.query({ kind: 'IntentCreated' }).at(-1);
    const name = String(record?.payload['intentHash']);
    await chain.close();
    fs.rmSync(join(home, 'archive', name.slice(0, 2), name.slice(2, 4), `${name}.json`));
    // While the snapshot covers the record, nobody needs the object.
    await within(async ({ intents }) => expect(await intents.getIntent('c')).not.toBeNull(), home);
    fs.rmSync(snapshotOf(home));
    await within(async ({ intents }) => {
      await expect(intents.getIntent('a')).rejects.toEqual(code('INTENT_CORRUPT', { seq: record?.seq, hash: name }));
      await expect(intents.getIntent('a')).rejects.toMatchObject({
        hint: expect.stringMatching(/restore .*pre-restore-/) as unknown,
      });
      await expect(intents.storeIntent({ goal: 'x' })).rejects.toEqual(code('INTENT_CORRUPT'));
      await expect(intents.restore(backup, { mode: 'merge' })).rejects.toEqual(code('INTENT_CORRUPT'));
      expect(await intents.healthCheck()).toMatchObject({ healthy: false, damage: { code: 'INTENT_CORRUPT' } });
      expect(await intents.restore(backup, { mode: 'replace' })).toMatchObject({ restored: true, preRestore: null });
      expect((await intents.read()).intents().map(({ intent_id: id }) => id)).toEqual(['a']);
    }, home);
  });

  it('I9.6 two storages over one chain see each other', async () =>
    within(async (open) => {
      const other = await openIntents(open.home, open);
      await Promise.all(
        Array.from({ length: 20 }, (_none, n) =>
          (n % 2 === 0 ? open.intents : other).storeIntent({ intent_id: `i${n}`, goal: 'g' }),
        ),
      );
      expect((await other.read()).size).toBe(20);
      await open.intents.transition('i1', 'Failed', { reason: 'r' });
      await expect(other.transition('i1', 'Completed', { reason: 'r' })).rejects.toEqual(code('INTENT_TRANSITION'));
    }));
});
