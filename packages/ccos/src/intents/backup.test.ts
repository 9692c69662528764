import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, test } from 'vitest';
import { keyPairFrom } from '../causal-chain/keys.ts';
import { canonicalText } from '../foundation/canonical-json.ts';
import { sha256 } from '../foundation/digest.ts';
import { read } from '@ccos/rtfs';
import type { Edge, GraphBody } from '../model/intent.ts';
import { openHome, scratchHomes } from '../../test/intents/homes.ts';
import { aGraph, plain, shuffled } from '../../test/intents/kit.ts';
import { readBackup } from './backup-read.ts';
import { backupText } from './backup-text.ts';
import { graphHash } from './canonical.ts';
import { IntentGraph } from './graph.ts';
import { openIntentReader } from './reader.ts';
import { planRestore } from './restore.ts';
import { graphFromSnapshot, snapshotText } from './snapshot-text.ts';

const homes = scratchHomes();
afterAll(() => homes.remove());
const signer = keyPairFrom(
  '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n',
);
const code = (name: string, details: object = {}): unknown =>
  expect.objectContaining({ code: name, details: expect.objectContaining(details) as unknown });
const edge = (from: string, edge_type: Edge['edge_type'], to: string, more: Partial<Edge> = {}): Edge => ({
  from,
  to,
  edge_type,
  metadata: null,
  weight: null,
  ...more,
});
function graphOf(ids: readonly string[], edges: readonly Edge[] = []): IntentGraph {
  return IntentGraph.from({ intents: Object.fromEntries(ids.map((id) => [id, plain(id)])), edges });
}

describe('I8 the text of a backup', () => {
  it('I8 is the golden file', () => {
    const graph = IntentGraph.from({
      intents: {
        'intent-a': plain('intent-a', { name: 'N', constraints: { 'max-cost': '5', '10': '1', '9': '"x"' } }),
        'intent-b': plain('intent-b', { goal: 'Say "no"\n; {', success_criteria: '(fn [x] x)', metadata: { é: '😀' } }),
      },
      edges: [
        edge('intent-b', 'IsSubgoalOf', 'intent-a', { weight: 1 }),
        edge('intent-a', 'RelatedTo', 'intent-b', { metadata: { k: 'v' } }),
      ],
    });
    const text = backupText(graph, { timestamp: 1_700_000_001, signer });
    expect(text).toBe(fs.readFileSync(new URL('golden/backup.json', import.meta.url), 'utf8'));
    const golden = JSON.parse(text) as {
      rtfs: string;
      intents: object;
      edges: object;
      integrity: { canonical: string; rtfs: string };
    };
    expect(golden.rtfs).toBe(fs.readFileSync(new URL('golden/snapshot.rtfs', import.meta.url), 'utf8'));
    // The digest by other means: an RFC 8785 text and SHA-256 of the platform.
    const canonical = canonicalText({ edges: golden.edges, intents: golden.intents });
    expect(golden.integrity).toMatchObject({
      canonical: sha256(`ccos/v1/intent-graph\0${canonical}`),
      rtfs: sha256(golden.rtfs),
    });
  });

  it('[shown] two backups of one graph differ in the timestamp alone', () => {
    fc.assert(
      fc.property(aGraph, fc.array(fc.nat(), { minLength: 1, maxLength: 12 }), (graph, order) => {
        const one = backupText(graph, { timestamp: 1, signer });
        const other = backupText(shuffled(graph, order), { timestamp: 2, signer });
        expect(other).toBe(one.replace('\n  "timestamp": 1,\n', '\n  "timestamp": 2,\n'));
        expect(JSON.stringify(JSON.parse(one)).length).toBeGreaterThan(100);
      }),
      { numRuns: 100 },
    );
  });

  it('I8.4 and I8.5 the snapshot reads as one form and says the same graph, whatever stands in its strings', () => {
    fc.assert(
      fc.property(aGraph, (graph) => {
        const body = graph.body();
        const text = snapshotText(graph.intents(), graph.edges());
        expect(read(text)).toMatchObject({ forms: [{ t: 'list' }], diagnostics: [] });
        expect(canonicalText(graphFromSnapshot(text))).toBe(canonicalText(body));
        expect(text.split('\n')).toHaveLength(8 + graph.size + graph.edgeCount);
        expect(text.endsWith(')\n')).toBe(true);
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it('I8.6 what was written is sound, and reads as the graph', () => {
    fc.assert(
      fc.property(aGraph, (graph) => {
        const report = readBackup(Buffer.from(backupText(graph, { timestamp: 5, signer })), signer);
        expect(report).toMatchObject({ ok: true, findings: [], notes: [], signed: 'verified', timestamp: 5 });
        expect(graphHash(report.graph as GraphBody)).toBe(graphHash(graph.body()));
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  test.each([
    ['', 'one form'],
    ['(intent-graph (intents) (edges)) 1', 'one form'],
    ['(intent-graph (intents))', '(edges …) is missing'],
    ['(graph (intents) (edges))', '(intent-graph …) is missing'],
    ['(intent-graph (intents) (edges) 1)', 'more than'],
    ['(intent-graph (intents (intent 1)) (edges))', 'a map is missing'],
    ['(intent-graph (intents) (edges (edge {:from "a" :colour 1})))', ':colour is unknown'],
    ['(intent-graph (intents) (edges (edge {:from "a" :from "b"})))', 'twice'],
    ['(intent-graph (intents) (edges (edge {:from nil :to [1]})))', 'something else'],
    ['(intent-graph (intents) (edges (edge {:weight 1})))', 'missing|something'],
  ])('I8.4 a snapshot %s is refused', (text, why) => {
    if (why === 'missing|something') return expect(graphFromSnapshot(text).edges[0]).toMatchObject({ weight: 1 });
    return expect(() => graphFromSnapshot(text)).toThrow(
      expect.objectContaining({ code: 'BACKUP_INTEGRITY', message: expect.stringContaining(why) as unknown }) as Error,
    );
  });
});

describe('I8.6 and I8.7 a backup that is not sound', () => {
  const whole = (): string =>
    backupText(graphOf(['a', 'b', 'c'], [edge('a', 'DependsOn', 'b', { weight: 0.5 })]), { timestamp: 9, signer });
  type Json = { [key: string]: Json };
  const edited = (edit: (document: Json) => unknown): string => {
    const document = JSON.parse(whole()) as Json;
    edit(document);
    return JSON.stringify(document);
  };
  const bare = (edges: readonly unknown[], intents: object = graphOf(['a', 'b', 'c']).body().intents): string =>
    JSON.stringify({ intents, edges, version: '1.0', timestamp: 1 });
  const found = (text: string | Buffer): string[] =>
    readBackup(Buffer.from(text), signer).findings.map((finding) => finding.code);

  test.each<[string, () => string | Buffer, string[]]>([
    ['the whole one', whole, []],
    ['no JSON', () => 'nothing', ['unreadable']],
    ['another JSON', () => '[]', ['unreadable']],
    ['no UTF-8', () => Buffer.from([0x7b, 0xff, 0x7d]), ['unreadable']],
    ['a byte-order mark', () => `\ufeff${whole()}`, ['unreadable']],
    ['more behind it', () => `${whole()}{}`, ['unreadable']],
    ['a member twice', () => whole().replace('"version"', '"edges": [],\n  "version"'), ['unreadable']],
    ['an intent twice', () => whole().replace('  "intents": {', '  "intents": {\n    "\\u0061": {},'), ['unreadable']],
    ['deep nesting', () => `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, ['unreadable']],
    ['deep nesting that breaks off', () => '['.repeat(10_000_000), ['unreadable']],
    ['no version', () => edited((d) => delete d['version']), ['version']],
    ['another version', () => edited((d) => Object.assign(d, { version: '2.0' })), ['version']],
    ['a version that is no word', () => edited((d) => Object.assign(d, { version: { toString: '1.1' } })), ['version']],
    ['no intents', () => edited((d) => delete d['intents']), ['shape']],
    ['edges that are none', () => edited((d) => Object.assign(d, { edges: {} })), ['shape']],
    ['a timestamp that is none', () => edited((d) => Object.assign(d, { timestamp: '9' })), ['shape']],
    ['a manifest that is none', () => edited((d) => Object.assign(d, { manifest: {} })), ['shape']],
    ['a request changed', () => whole().replace('goal of a', 'goal of z'), ['digest', 'snapshot']],
    ['a goal changed', () => whole().replace('"goal": "goal of a', '"goal": "goal of z'), ['intent']],
    [
      'a reason added',
      () => edited((d) => Object.assign(d['intents']!['a']!['metadata']!, { x: 'y' })),
      ['digest', 'snapshot'],
    ],
    [
      'a snapshot changed',
      () => whole().replace('goal of a\\" :status', 'goal of z\\" :status'),
      ['snapshot', 'snapshot'],
    ],
    [
      'a snapshot of another layout',
      () =>
        edited((d) => {
          const rtfs = String(d['rtfs']).replaceAll('\n', '\n\n');
          Object.assign(d, { rtfs });
          Object.assign(d['integrity']!, { rtfs: sha256(rtfs) });
        }),
      [],
    ],
    [
      'a snapshot of another graph',
      () =>
        edited((d) => {
          const rtfs = String(d['rtfs']).replace('0.5', '0.25');
          Object.assign(d, { rtfs });
          Object.assign(d['integrity']!, { rtfs: sha256(rtfs) });
        }),
      ['snapshot'],
    ],
    [
      'a snapshot without end',
      () =>
        edited((d) => {
          const rtfs = '1 '.repeat(5_000_000);
          Object.assign(d, { rtfs });
          Object.assign(d['integrity']!, { rtfs: sha256(rtfs) });
        }),
      ['snapshot'],
    ],
    ['no snapshot, which integrity names', () => edited((d) => delete d['rtfs']), ['snapshot']],
    ['a count changed', () => whole().replace('"intents": 3', '"intents": 4'), ['counts']],
    [
      'a signature changed',
      () => whole().replace(/"sig": "./, (head) => head.slice(0, -1) + (head.endsWith('A') ? 'B' : 'A')),
      ['signature'],
    ],
    ['half a signature', () => edited((d) => delete (d['integrity'] as Record<string, unknown>)['sig']), ['signature']],
    ['an integrity that is none', () => edited((d) => Object.assign(d, { integrity: 1 })), ['digest']],
    [
      'an integrity of another algorithm',
      () => edited((d) => Object.assign(d['integrity']!, { alg: 'md5' })),
      ['digest'],
    ],
    ['a later member of integrity', () => edited((d) => Object.assign(d['integrity']!, { later: 1 })), []],
    ['a later member', () => edited((d) => Object.assign(d, { later: 1 })), []],
    ['another key of an intent', () => bare([], { a: plain('b') }), ['key']],
    [
      '__proto__ for an intent',
      () => `{"intents":{"__proto__":${JSON.stringify(plain('a'))}},"edges":[],"version":"1.0","timestamp":1}`,
      ['key'],
    ],
    ['an intent that is none', () => bare([], { a: 1, b: null, c: [] }), ['intent', 'intent', 'intent']],
    ['an intent that does not read', () => bare([], { a: { ...plain('a'), constraints: { x: '(' } } }), ['intent']],
    ['an edge that is none', () => bare([1, null, {}]), ['edge', 'edge', 'edge']],
    ['a dangling edge', () => bare([edge('a', 'Blocks', 'x')]), ['dangling']],
    ['an edge to itself', () => bare([edge('a', 'Blocks', 'a')]), ['self']],
    ['an edge twice', () => bare([edge('a', 'Blocks', 'b'), edge('a', 'Blocks', 'b', { weight: 1 })]), ['duplicate']],
    ['a symmetric edge twice', () => bare([edge('a', 'RelatedTo', 'b'), edge('b', 'RelatedTo', 'a')]), ['duplicate']],
    [
      'two parents',
      () => bare([edge('a', 'IsSubgoalOf', 'b'), edge('a', 'IsSubgoalOf', 'c')]),
      ['parent', 'derived', 'derived', 'derived'],
    ],
    [
      'a cycle',
      () => bare([edge('a', 'DependsOn', 'b'), edge('b', 'DependsOn', 'c'), edge('c', 'DependsOn', 'a')]),
      ['cycle'],
    ],
    [
      'a parent that no edge says',
      () => bare([], { a: { ...plain('a'), parent_intent: 'b' }, b: plain('b') }),
      ['derived'],
    ],
  ])('%s', (_what, text, expected) => expect(found(text())).toEqual(expected));

  it('tells only so much of what a hostile file has', () => {
    const many = bare(Array.from({ length: 50_000 }, (_none, n) => edge('a', 'Blocks', `x${n}`)));
    const report = readBackup(Buffer.from(many), signer);
    expect([report.findings.length, report.more]).toEqual([50, 49_950]);
  });

  it('takes a long chain of dependencies, and a long cycle, in no time that grows faster than they do', () => {
    const count = 20_000;
    const ids = Array.from({ length: count }, (_none, n) => `i${n}`);
    const intents = Object.fromEntries(ids.map((id) => [id, plain(id)]));
    const line = ids.slice(1).map((id, n) => edge(`i${n}`, 'DependsOn', id));
    const start = performance.now();
    expect(found(bare(line, intents))).toEqual([]);
    expect(found(bare([...line, edge(`i${count - 1}`, 'DependsOn', 'i0')], intents))).toEqual(['cycle']);
    expect(performance.now() - start).toBeLessThan(20_000);
  }, 40_000);

  it('I8.7 says what it could not check', () => {
    expect(readBackup(Buffer.from(bare([])), null)).toMatchObject({
      ok: true,
      signed: 'no',
      notes: [expect.stringMatching(/no integrity/)],
    });
    expect(readBackup(Buffer.from(whole()), null)).toMatchObject({
      ok: true,
      signed: 'unchecked',
      notes: [expect.stringMatching(/was not checked/)],
    });
    expect(readBackup(Buffer.from(backupText(graphOf(['a']), { timestamp: 1 })), null)).toMatchObject({
      signed: 'no',
      notes: ['it is not signed'],
    });
  });
});

describe('I8.8 and I8.9 restoring', () => {
  it('[shown] an edited backup is refused, the untouched one restores to an identical graph', async () => {
    const home = homes.next();
    const open = await openHome(home);
    const { intents } = open;
    for (const id of ['a', 'b'])
      await intents.storeIntent({ intent_id: id, goal: `"${id}"\n;{`, constraints: { k: '{:a "}"}' } });
    await intents.storeEdge({ from: 'a', to: 'b', edge_type: 'IsSubgoalOf', weight: 1, metadata: { x: 'y' } });
    await intents.transition('b', 'Executing', { reason: 'go' });
    const backup = join(home, '..', 'backup.json');
    expect(await intents.backup(backup)).toMatchObject({ intents: 2, edges: 1 });
    const before = (await intents.read()).body();

    await intents.deleteIntent('a', { cascade: true });
    await intents.updateIntent('b', { goal: 'changed' });
    await intents.storeIntent({ intent_id: 'c', goal: 'new' });
    const changed = (await intents.read()).body();

    const edited = join(home, '..', 'edited.json');
    fs.writeFileSync(edited, fs.readFileSync(backup, 'utf8').replaceAll('Executing', 'Completed'));
    const head = open.chain.reader.query().length;
    await expect(intents.restore(edited, { mode: 'replace' })).rejects.toEqual(code('BACKUP_INTEGRITY'));
    expect((await intents.read()).body()).toEqual(changed);
    expect(open.chain.reader.query()).toHaveLength(head);

    const preview = await intents.restore(backup, { mode: 'replace', preview: true });
    expect(preview).toMatchObject({
      restored: false,
      preRestore: null,
      difference: { added: ['a'], changed: ['b'], removed: ['c'], edgesAdded: [{ from: 'a' }], edgesRemoved: [] },
    });
    expect((await intents.read()).body()).toEqual(changed);
    expect(fs.existsSync(join(home, 'intents'))).toBe(false);

    const { restored, preRestore } = await intents.restore(backup, { mode: 'replace' });
    expect(restored).toBe(true);
    expect((await intents.read()).body()).toEqual(before);
    const again = await intents.restore(backup, { mode: 'replace' });
    expect(again).toMatchObject({ restored: false, preRestore: null });
    expect(open.chain.reader.query({ kind: 'IntentGraphRestored' })).toMatchObject([
      {
        payload: {
          source: backup,
          added: 1,
          changed: 1,
          removed: 1,
          preRestore: expect.stringMatching(/^intents\/pre-restore-/),
        },
      },
    ]);
    await open.close();

    const later = await openHome(home);
    expect((await later.intents.read()).body()).toEqual(before);
    await later.intents.restore(preRestore as string, { mode: 'replace' });
    expect((await later.intents.read()).body()).toEqual(changed);
    await later.close();
  });

  it('I8.9 merges, and says which intents differ on both sides', () => {
    const here = IntentGraph.from({
      intents: { a: plain('a'), b: plain('b', { goal: 'mine' }) },
      edges: [edge('a', 'RelatedTo', 'b', { weight: 0.1 })],
    }).body();
    const there = IntentGraph.from({
      intents: { b: plain('b', { goal: 'theirs' }), c: plain('c') },
      edges: [edge('c', 'IsSubgoalOf', 'b')],
    }).body();
    expect(() => planRestore(here, there, { mode: 'merge' })).toThrow(code('BACKUP_CONFLICT', { ids: ['b'] }) as Error);
    const backup = planRestore(here, there, { mode: 'merge', prefer: 'backup' });
    expect(backup.graph.intents['b']).toMatchObject({ goal: 'theirs', child_intents: ['c'] });
    expect(backup.difference).toMatchObject({ added: ['c'], changed: ['b'], removed: [], edgesRemoved: [] });
    const current = planRestore(here, there, { mode: 'merge', prefer: 'current' });
    expect(current.graph.intents['b']).toMatchObject({ goal: 'mine', child_intents: ['c'] });
    expect(planRestore(current.graph, there, { mode: 'merge', prefer: 'current' }).difference).toEqual({
      added: [],
      changed: [],
      removed: [],
      edgesAdded: [],
      edgesRemoved: [],
    });
    const crossed = IntentGraph.from({ intents: here.intents, edges: [edge('b', 'DependsOn', 'a')] }).body();
    const straight = IntentGraph.from({ intents: here.intents, edges: [edge('a', 'DependsOn', 'b')] }).body();
    expect(() => planRestore(crossed, straight, { mode: 'merge' })).toThrow(
      code('BACKUP_CONFLICT', { finding: expect.objectContaining({ code: 'cycle' }) as unknown }) as Error,
    );
  });

  it('I8.7 refuses a version that it does not read', async () => {
    const open = await openHome(homes.next());
    const file = join(open.home, '..', 'old.json');
    fs.writeFileSync(file, '{"version": "0.9", "intents": {}, "edges": [], "timestamp": 1}');
    await expect(open.intents.restore(file, { mode: 'replace' })).rejects.toEqual(code('BACKUP_VERSION'));
    await expect(open.intents.restore(`${file}.none`, { mode: 'replace' })).rejects.toEqual(
      code('IO', { errno: 'ENOENT' }),
    );
    await open.close();
  });

  it('I8.3 of two backups to one path at once, one stands there whole', async () => {
    const open = await openHome(homes.next());
    await open.intents.storeIntent({ intent_id: 'a', goal: 'g' });
    const path = join(open.home, '..', 'twice.json');
    const reader = await openIntentReader(open.home, open.archive);
    await Promise.all([open.intents.backup(path), reader.backup(path), open.intents.backup(path)]);
    expect(await reader.checkBackup(path)).toMatchObject({ ok: true, signed: 'verified' });
    expect(fs.readdirSync(join(open.home, '..')).filter((name) => name.includes('.tmp'))).toEqual([]);
    await open.close();
  });

  it('A1 the shell can check a backup', async () => {
    const open = await openHome(homes.next());
    await open.intents.storeIntent({ intent_id: 'a', goal: 'é' });
    const path = join(open.home, '..', 'shell.json');
    const { canonical } = await open.intents.backup(path);
    // The file's members are ASCII names, so that jq's order is that of RFC 8785.
    const script = `{ printf 'ccos/v1/intent-graph\\0'; jq -jcS '{edges, intents}' "$1"; } | sha256sum`;
    const sum = execFileSync('sh', ['-c', script, 'sh', path], { encoding: 'utf8' });
    expect(sum.slice(0, 64)).toBe(canonical);
    await open.close();
  });
});
