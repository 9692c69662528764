import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { openChain } from './chain.ts';
import type { RecordFilter } from './filter.ts';
import { ChainReader } from './reader.ts';
import type { ChainRecord, RecordDraft } from './record.ts';
import { MerkleTree } from './merkle.ts';
import { rootOf } from './subtrees.ts';
import { verifyChain } from './verify.ts';

const scratch = fs.mkdtempSync(join(tmpdir(), 'ccos-reader-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));
let homes = 0;
const newHome = (): string => join(scratch, String(homes++), '.ccos');
const INDEX = 'chain/index/records-1.db';
const RUNS = ['a', 'b', 'c'].map((last) => `run-01890a5d-ac96-7000-8000-00000000000${last}`);
const PLANS = ['1', '2'].map((digit) => digit.repeat(64));
const indexed = (home: string): ChainReader => new ChainReader(join(home, 'chain'), { indexedBytesMin: 0 });

/** The n-th of many records that differ in all that is searched by. */
function draft(n: number, parent?: string): RecordDraft {
  const place = { run: RUNS[n % 4], plan: PLANS[n % 3], intent: n % 5 === 0 ? `i-${n % 2}` : undefined, parent };
  const step = `${n % 7}#0`;
  if (n % 3 === 0)
    return {
      ...place,
      step,
      kind: 'CapabilityRegistered',
      principal: 'system',
      payload: { capability: `c.d${n % 4}`, manifestHash: 'a'.repeat(64), source: 'built-in' },
    };
  if (n % 3 === 1)
    return {
      ...place,
      step,
      kind: 'PlanAborted',
      principal: 'orchestrator',
      payload: { status: n % 2 === 0 ? 'failed' : 'denied', error: { code: 'X' }, durationMs: n },
    };
  return { ...place, step, kind: 'InternalStep', principal: 'host', payload: { name: 'note', detail: n } };
}

async function grow(home: string, count: number, segmentBytesMax = 9_000): Promise<ChainRecord[]> {
  const chain = await openChain(home, { segmentBytesMax });
  const made: ChainRecord[] = [];
  for (let n = 0; n < count; n++) made.push(await chain.append(draft(n, made[n - 4]?.id), 'written'));
  await chain.close();
  return made;
}

const members: fc.Arbitrary<RecordFilter> = fc.record({
  run: fc.constantFrom(...RUNS, 'run-x'),
  plan: fc.constantFrom(...PLANS),
  intent: fc.constantFrom('i-0', 'i-1'),
  kind: fc.oneof(
    fc.constantFrom('PlanAborted', 'ChainHead', 'InternalStep'),
    fc.subarray(['PlanAborted', 'CapabilityRegistered', 'SegmentOpened']),
  ),
  capability: fc.oneof(
    fc.constantFrom('c.d0', 'c.d3'),
    fc.constantFrom('d0', 'd1', '').map((end) => (id: string) => id.endsWith(end)),
  ),
  outcome: fc.constantFrom('failed', 'denied'),
  step: fc.constantFrom('1#0', '2#0'),
  principal: fc.constantFrom('host', 'system', 'orchestrator'),
  since: fc.nat(2),
  until: fc.nat(2),
  afterSeq: fc.nat(90),
  limit: fc.nat(12),
  order: fc.constantFrom('oldest' as const, 'newest' as const),
});
const NAMES = [
  'run',
  'plan',
  'intent',
  'kind',
  'capability',
  'outcome',
  'step',
  'principal',
  'since',
  'until',
] as const;
/** Of each filter two members at most beside order, limit and place: more are met by no record. */
const filters: fc.Arbitrary<RecordFilter> = fc
  .tuple(members, fc.subarray([...NAMES], { maxLength: 2 }), fc.subarray(['afterSeq', 'limit', 'order'] as const))
  .map(([all, some, more]) => Object.fromEntries([...some, ...more].map((name) => [name, all[name]])));

describe('L10.2 what an index answers', () => {
  let home: string, made: ChainRecord[];
  beforeAll(async () => {
    home = newHome();
    await grow(home, 30);
    // Begun over a part of the chain, and taken further over the rest.
    indexed(home).query({ run: RUNS[0]! });
    made = await grow(home, 50);
  });
  it('equals a linear scan', () => {
    const reader = indexed(home);
    const middle = made[20]!.time;
    reader.query({ run: RUNS[0]! });
    const index = fs.openSync(join(home, INDEX), 'r');
    fc.assert(
      fc.property(filters, (given) => {
        const filter = {
          ...given,
          ...(given.since === undefined ? {} : { since: middle - 1 + given.since }),
          ...(given.until === undefined ? {} : { until: middle - 1 + given.until }),
        };
        expect(reader.select(filter)).toEqual(reader.scan(filter));
      }),
      { numRuns: 400 },
    );
    // One that had named a wrong record would have been begun anew.
    expect(fs.fstatSync(index).nlink).toBe(1);
    fs.closeSync(index);
    expect(fs.statSync(join(home, INDEX)).mode & 0o777).toBe(0o600);
  });
  it('get, children and the way to the root, too', () => {
    const reader = indexed(home);
    const plain = new ChainReader(join(home, 'chain'));
    for (const { id } of made) {
      expect(reader.get(id)).toEqual(plain.get(id));
      expect(reader.children(id)).toEqual(plain.children(id));
    }
    expect(reader.pathToRoot(made.at(-1)!.id)).toHaveLength(13);
    expect(() => reader.get('action-01890a5d-ac96-7000-8000-0000000000ff')).toThrow(
      expect.objectContaining({ code: 'CHAIN_NOT_FOUND' }),
    );
  });
  it('L12.5 gives the root of every size', () => {
    const tree = new MerkleTree();
    const reader = indexed(home);
    for (const { hash } of reader.query()) {
      tree.add(hash);
      expect(reader.withSubtrees(tree.size, (subtree) => rootOf(subtree, tree.size))).toBe(tree.root());
    }
  });
  it('is no file of others to verify, and no chain that is short has one', async () => {
    expect(await verifyChain(home)).toMatchObject({ ok: true, foreign: [] });
    const other = newHome();
    await grow(other, 3);
    new ChainReader(join(other, 'chain')).query({ kind: 'ChainHead' });
    expect(fs.existsSync(join(other, INDEX))).toBe(false);
  });
});

describe('L1.2 a bad index is made anew', () => {
  let original: string;
  beforeAll(async () => {
    original = newHome();
    await grow(original, 40);
  });
  test.each<[string, (home: string, other: string) => void]>([
    ['removed', (home) => fs.rmSync(join(home, INDEX))],
    ['garbage', (home) => fs.writeFileSync(join(home, INDEX), 'x'.repeat(9_000))],
    ['empty', (home) => fs.writeFileSync(join(home, INDEX), '')],
    ['of another chain', (home, other) => fs.copyFileSync(join(other, INDEX), join(home, INDEX))],
    ['cut', (home) => fs.truncateSync(join(home, INDEX), 4_096)],
    [
      'of a chain of which a segment was replaced',
      (home) => {
        const path = join(home, 'chain/000002.jsonl');
        const text = fs.readFileSync(path, 'utf8').replaceAll('"failed"', '"denied"');
        fs.rmSync(path);
        fs.writeFileSync(path, text);
      },
    ],
    [
      'of a chain that was cut',
      (home) => {
        const path = join(home, 'chain/000003.jsonl');
        fs.chmodSync(path, 0o600);
        fs.writeFileSync(path, fs.readFileSync(path, 'utf8').split('\n').slice(0, 4).join('\n'));
        fs.rmSync(join(home, 'chain/000004.jsonl'), { force: true });
      },
    ],
    [
      'a folder that cannot be written',
      (home) => {
        fs.rmSync(join(home, 'chain/index'), { recursive: true });
        fs.writeFileSync(join(home, 'chain/index'), '');
      },
    ],
  ])('%s', async (_name, change) => {
    const home = newHome(),
      other = newHome();
    fs.cpSync(original, home, { recursive: true });
    await grow(other, 20);
    for (const at of [home, other]) indexed(at).query({ run: RUNS[0]! });
    change(home, other);
    const reader = indexed(home);
    for (const filter of [{ run: RUNS[1]! }, { outcome: 'denied' }, { outcome: 'failed' }, {}])
      expect(reader.select(filter)).toEqual(reader.scan(filter));
  });
  it('a line that is no record is told as without it', async () => {
    const home = newHome();
    fs.cpSync(original, home, { recursive: true });
    fs.appendFileSync(join(home, 'chain/000001.jsonl'), '{}\n');
    for (const reader of [indexed(home), new ChainReader(join(home, 'chain'))])
      expect(() => reader.query()).toThrow(expect.objectContaining({ code: 'CHAIN_BROKEN' }));
  });
});

it('L5.2 a way to the root that goes in a circle ends', async () => {
  const home = newHome();
  const [first, second] = await (async () => {
    const chain = await openChain(home);
    const a = await chain.append(draft(2));
    const b = await chain.append(draft(2, a.id));
    await chain.close();
    return [a, b];
  })();
  const path = join(home, 'chain/000001.jsonl');
  const lines = fs.readFileSync(path, 'utf8').split('\n');
  lines[first.seq - 1] = JSON.stringify({ ...first, parent: second.id });
  fs.writeFileSync(path, lines.join('\n'));
  expect(() => new ChainReader(join(home, 'chain')).pathToRoot(second.id)).toThrow(
    expect.objectContaining({ code: 'CHAIN_BROKEN' }),
  );
});
