import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { faultyFiles } from '../../test/crash/faulty-files.ts';
import { accepted, call, decision, drafts, result, RUN } from '../../test/every-kind.ts';
import { openChain } from './chain.ts';
import { openChainReader } from './reader.ts';
import type { RecordDraft } from './record.ts';
import { verifyChain } from './verify.ts';

const scratch = fs.mkdtempSync(join(tmpdir(), 'ccos-chain-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));
let homes = 0;
const newHome = (): string => join(scratch, String(homes++), '.ccos');
const HASH = 'a'.repeat(64),
  ACTION = 'action-01890a5d-ac96-7000-8000-000000000009';
const note = (more: Partial<RecordDraft> = {}): RecordDraft => ({
  kind: 'InternalStep',
  principal: 'host',
  payload: { name: 'note' },
  ...more,
});

describe('L2 and L4 the schema of records', () => {
  it('takes what a run writes', async () => {
    const chain = await openChain(newHome());
    for (const draft of drafts) await chain.append(draft, 'written');
    await chain.close();
    expect(chain.reader.query({ run: RUN }).map(({ kind }) => kind)).toEqual(accepted.map(([kind]) => kind));
  });
  test.each<[string, unknown, string]>([
    ['an unknown member', { ...note(), extra: 1 }, '/extra'],
    ['an unknown kind', note({ kind: 'Rumour' as 'Violation' }), '/kind'],
    ['an unknown payload member', note({ payload: { name: 'note', x: 1 } }), '/payload/x'],
    ['a missing one', note({ payload: {} }), '/payload/name'],
    ['a wrong one', note({ kind: 'PlanArchived', payload: { planHash: 'x', proposalRef: HASH } }), '/payload/planHash'],
    [
      'a wrong one far inside',
      note({
        kind: 'GovernanceDecision',
        payload: { ...decision, rules: [{ id: 'a', source: 's', effect: 'allow', matched: 'yes', outcome: null }] },
      }),
      '/payload/rules/0/matched',
    ],
    [
      'two homes for one value',
      note({ kind: 'CapabilityCall', payload: { ...call, argsRef: HASH } }),
      '/payload/argsRef',
    ],
    [
      'an outcome without its error',
      note({ kind: 'CapabilityResult', payload: { ...result, outcome: 'error' } }),
      '/payload/error',
    ],
    ['a principal that is none', note({ principal: 'me' }), '/principal'],
    ['a run that is none', note({ run: 'run-1' }), '/run'],
    ['what JSON cannot carry', note({ payload: { name: 'note', detail: Number.NaN } }), '/payload/detail'],
    ['over 64 KiB', note({ payload: { name: 'note', detail: 'x'.repeat(65_536) } }), '/payload'],
  ])('L2.1 refuses %s', async (_name, draft, pointer) => {
    const chain = await openChain(newHome());
    await expect(chain.append(draft as RecordDraft)).rejects.toMatchObject({
      code: 'CHAIN_SCHEMA',
      details: { pointer },
    });
    await chain.append(note());
    await chain.close();
  });
});

describe('L8 appending', () => {
  it('L5.2 a parent comes before, and an id is given once', async () => {
    const chain = await openChain(newHome());
    await expect(chain.append(note({ parent: ACTION }))).rejects.toMatchObject({ code: 'CHAIN_PARENT' });
    const first = await chain.append(note({ id: ACTION }), 'queued');
    const second = await chain.append(note({ parent: first.id }));
    expect([first.id, second.parent, second.prev]).toEqual([ACTION, ACTION, chain.reader.query({}).at(-2)?.hash]);
    await expect(chain.append(note({ id: ACTION }))).rejects.toMatchObject({ code: 'CHAIN_SCHEMA' });
    expect(chain.reader.children(ACTION).map(({ id }) => id)).toEqual([second.id]);
    expect(chain.reader.pathToRoot(second.id).map(({ id }) => id)).toEqual([second.id, ACTION]);
    await chain.close();
    await expect(chain.append(note())).rejects.toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
  });
  it('L8.4 and L17.6 a hundred durable records at once share one sync, a written one needs none', async () => {
    const { files, trace } = faultyFiles(null);
    const chain = await openChain(newHome(), { files });
    const syncs = (): number => trace().filter((name) => name.startsWith('fdatasync')).length;
    const before = syncs();
    await chain.append(note(), 'written');
    expect(syncs()).toBe(before);
    await Promise.all(Array.from({ length: 100 }, () => chain.append(note())));
    expect(syncs()).toBe(before + 1);
    await chain.append(note());
    expect(syncs()).toBe(before + 2);
    await chain.close();
  });
  it('L8.5 one failed write poisons the writer; the next opening recovers', async () => {
    const home = newHome();
    const { files, count } = faultyFiles(null);
    const opened = await openChain(home, { files });
    await opened.append(note());
    await opened.close();
    for (const errno of ['ENOSPC', 'EIO']) {
      const faulty = faultyFiles({ at: 2, what: errno });
      const chain = await openChain(home, { files: faulty.files });
      await expect(chain.append(note())).rejects.toMatchObject({ code: 'CHAIN_UNAVAILABLE', details: { errno } });
      await expect(chain.append(note())).rejects.toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
      await chain.close();
    }
    expect(count()).toBeGreaterThan(0);
    const again = await openChain(home);
    await again.append(note());
    await again.close();
    expect(await verifyChain(home)).toMatchObject({ ok: true });
  });
  it('L6.2 heads after 256 records, at close, and none over nothing', async () => {
    const home = newHome();
    const chain = await openChain(home);
    await Promise.all(Array.from({ length: 600 }, () => chain.append(note(), 'written')));
    await chain.close();
    const sizes = (await openChainReader(home))
      .query({ kind: 'ChainHead' })
      .map(({ payload }) => payload['size'] as number);
    expect(sizes.length).toBe(3);
    const { size } = (await openChainReader(home)).head() ?? {};
    await (await openChain(home)).close();
    expect((await openChainReader(home)).head()?.size).toBe(size);
    expect(await verifyChain(home)).toMatchObject({ ok: true, unsignedTail: 0 });
  });
  it('L8.8 leaves a full segment read-only, and goes on in the next', async () => {
    const home = newHome();
    for (let round = 0; round < 3; round++) {
      const chain = await openChain(home, { segmentBytesMax: 2_000 });
      for (let n = 0; n < 12; n++) await chain.append(note());
      await chain.close();
    }
    const report = await verifyChain(home);
    expect(report).toMatchObject({ ok: true, unsignedTail: 0 });
    expect(report.segments).toBeGreaterThan(5);
    expect(fs.statSync(join(home, 'chain/000001.jsonl')).mode & 0o777).toBe(0o400);
    fs.renameSync(join(home, 'chain/000002.jsonl'), join(home, 'chain/2.gone'));
    expect(await verifyChain(home)).toMatchObject({
      ok: false,
      firstBad: { reason: 'truncated' },
      foreign: expect.arrayContaining(['2.gone']),
    });
  });
});

describe('L1 and L7 the folder and its keys', () => {
  it('L1.3 refuses private files that others can read', async () => {
    const home = newHome();
    await (await openChain(home)).close();
    const key = join(home, 'keys/ed25519.pem');
    expect(
      [key, join(home, 'keys/redaction.key'), join(home, 'chain/000001.jsonl')].map(
        (path) => fs.statSync(path).mode & 0o777,
      ),
    ).toEqual([0o600, 0o600, 0o600]);
    fs.chmodSync(key, 0o644);
    for (const open of [openChain, openChainReader, verifyChain])
      await expect(open(home)).rejects.toMatchObject({ code: 'CHAIN_KEY_MODE', hint: `chmod 600 ${key}` });
  });
  it('L7.4 without its key a chain is read and not written', async () => {
    const home = newHome();
    await (await openChain(home)).close();
    fs.rmSync(join(home, 'keys/ed25519.pem'));
    await expect(openChain(home)).rejects.toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
    expect(await verifyChain(home)).toMatchObject({ ok: true, records: 1 });
    expect(fs.existsSync(join(home, 'keys/ed25519.pem'))).toBe(false);
  });
  it('L1.4 makes the folder of its owner alone, with a .gitignore of everything', async () => {
    const home = newHome();
    await (await openChain(home)).close();
    expect([fs.statSync(home).mode & 0o777, fs.readFileSync(join(home, '.gitignore'), 'utf8')]).toEqual([0o700, '*\n']);
  });
  it('L1.5 opens no file, no absent and no foreign folder, and leaves them alone', async () => {
    const home = newHome();
    await expect(verifyChain(home)).rejects.toMatchObject({ code: 'STATE_OPEN' });
    expect(fs.existsSync(home)).toBe(false);
    fs.mkdirSync(home, { recursive: true });
    expect(await verifyChain(home)).toMatchObject({ ok: true, records: 0 });
    fs.writeFileSync(join(home, 'precious.txt'), '');
    fs.writeFileSync(join(home, '.gitignore'), 'node_modules\n');
    await expect(openChain(home)).rejects.toMatchObject({ code: 'STATE_OPEN' });
    expect(fs.readdirSync(home).toSorted()).toEqual(['.gitignore', 'precious.txt']);
    await expect(openChain(join(home, 'precious.txt'))).rejects.toMatchObject({ code: 'STATE_OPEN' });
    await expect(openChain(join(home, 'precious.txt/.ccos'))).rejects.toMatchObject({ code: 'STATE_OPEN' });
  });
});

describe('L10 queries', () => {
  it('filters by every member, limits and orders', async () => {
    const chain = await openChain(newHome());
    const made = [];
    for (let n = 0; n < 10; n++)
      made.push(
        await chain.append(
          note({ run: n % 2 === 0 ? RUN : undefined, principal: n < 5 ? 'host' : 'kernel', step: `${n}#0` }),
          'written',
        ),
      );
    const ids = (filter: Parameters<typeof chain.reader.query>[0]): string[] =>
      chain.reader.query({ kind: 'InternalStep', ...filter }).map(({ step }) => step ?? '');
    expect(ids({ run: RUN, principal: 'kernel' })).toEqual(['6#0', '8#0']);
    expect(ids({ limit: 2 })).toEqual(['0#0', '1#0']);
    expect(ids({ limit: 2, order: 'newest' })).toEqual(['9#0', '8#0']);
    expect(ids({ afterSeq: (made[7] as { seq: number }).seq })).toEqual(['8#0', '9#0']);
    expect(ids({ since: Number.MAX_SAFE_INTEGER })).toEqual([]);
    expect(() => chain.reader.query({ kind: 'Rumour' })).toThrow(expect.objectContaining({ code: 'CHAIN_QUERY' }));
    expect(() => chain.reader.query({ rnu: RUN } as object)).toThrow(
      expect.objectContaining({ code: 'CHAIN_QUERY', details: { pointer: '/rnu' } }),
    );
    expect(() => chain.reader.get(ACTION)).toThrow(expect.objectContaining({ code: 'CHAIN_NOT_FOUND' }));
    await chain.close();
  });
});
