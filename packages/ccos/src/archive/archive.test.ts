import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it, test } from 'vitest';
import { faultyFiles } from '../../test/crash/faulty-files.ts';
import { hash as hashOf } from '../foundation/digest.ts';
import { openLock } from '../foundation/lock.ts';
import type { ContentAddressableArchive } from './archive.ts';
import { CODECS, planCodec, planEntity, proposalEntity, valueEntity, type StoredEntity } from './codecs.ts';
import { openFileArchive } from './file.ts';
import { MemoryArchive } from './memory.ts';
import { objectPath } from './shards.ts';

const scratch = fs.mkdtempSync(join(tmpdir(), 'ccos-archive-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));
let folders = 0;
const newFolder = (): string => join(scratch, String(folders++));
const code = (name: string): unknown => expect.objectContaining({ code: name });
/** Two texts whose objects lie in one shard. */
const sameShard = (): [string, string] => {
  const seen = new Map<string, string>();
  for (let n = 0; ; n++) {
    const shard = valueEntity(`t${n}`).contentHash().slice(0, 4);
    const other = seen.get(shard);
    if (other !== undefined) return [other, `t${n}`];
    seen.set(shard, `t${n}`);
  }
};
const plan = (rtfs: string) =>
  planEntity({
    language: 'Rtfs20',
    body: { rtfs },
    inputSchema: null,
    outputSchema: null,
    policies: {},
    capabilitiesRequired: [],
  });

/** A clock that a test puts ahead, so that what was stored now is old. */
const ahead = { ms: 0 };
const pins = new Set<string>();
const options = {
  clock: { now: () => Date.now() + ahead.ms, monotonic: () => performance.now() },
  maxObjectBytes: 10_000,
  quotaBytes: 100_000,
  pinned: () => pins,
};

describe.each<[string, () => Promise<ContentAddressableArchive<StoredEntity>>]>([
  ['memory', async () => new MemoryArchive(CODECS, options)],
  ['files', async () => openFileArchive(newFolder(), CODECS, options)],
])('an archive in %s', (_name, open) => {
  let archive: ContentAddressableArchive<StoredEntity>;
  beforeEach(async () => {
    pins.clear();
    ahead.ms = 0;
    archive = await open();
  });

  it('A2.1 names an object by the hash of its type and body', async () => {
    expect(await archive.store(valueEntity({ a: 1 }))).toBe(hashOf('value', { body: { a: 1 }, type: 'value' }));
  });
  it('A11.3 gives back what was stored, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ noUnicodeString: false }), async (text) => {
        let value: unknown;
        try {
          value = JSON.parse(text);
          hashOf('value', value);
        } catch {
          return;
        }
        const found = await archive.require(
          await archive.store(valueEntity(value), { durability: 'relaxed' }),
          'the test',
        );
        expect(found.toBody()).toEqual(value);
      }),
      { numRuns: 50 },
    );
  });
  it('A11.3 gives plans and proposals back with every member', async () => {
    const stored = plan('(+ 1 2)');
    const proposal = proposalEntity({
      planHash: stored.contentHash(),
      planId: 'plan-1',
      name: 'n',
      createdAt: 5,
      proposer: 'user:a',
    });
    expect((await archive.retrieve(await archive.store(stored)))?.toBody()).toEqual(stored.body);
    expect((await archive.retrieve(await archive.store(proposal)))?.toBody()).toEqual(proposal.body);
    expect(proposal.entityId()).toBe('plan-1');
  });
  it('A2.3 refuses a body that cannot be written, and keeps nothing', async () => {
    await expect(archive.store(valueEntity({ a: Number.NaN }))).rejects.toEqual(code('CANONICAL_UNSUPPORTED'));
    expect(await archive.listHashes()).toEqual([]);
  });
  it('A2.5 stores once', async () => {
    const [a, b] = [await archive.store(valueEntity(1)), await archive.store(valueEntity(1))];
    expect(a).toBe(b);
    expect((await archive.stats()).totalEntities).toBe(1);
  });
  it('A2.6 and A5.3 an absent object is undefined, and missing where something names it', async () => {
    const absent = 'a'.repeat(64);
    expect(await archive.retrieve(absent)).toBeUndefined();
    expect(await archive.exists(absent)).toBe(false);
    await expect(archive.require(absent, 'record 7')).rejects.toMatchObject({
      code: 'ARCHIVE_MISSING',
      details: { hash: absent, namedBy: 'record 7' },
    });
  });
  test.each(['A'.repeat(64), 'a'.repeat(63), 'a'.repeat(65), '', `../${'a'.repeat(61)}`, 7 as unknown as string])(
    'A2.7 refuses %j as a hash',
    async (bad) => {
      for (const use of [() => archive.retrieve(bad), () => archive.exists(bad), () => archive.require(bad, 'x')])
        await expect(use()).rejects.toEqual(code('HASH_FORMAT'));
    },
  );
  it('A2.8 and A2.9 counts, lists and streams what is there', async () => {
    expect(await archive.stats()).toEqual({
      totalEntities: 0,
      totalSizeBytes: 0,
      oldestTimestamp: null,
      newestTimestamp: null,
      byType: {},
    });
    const hashes = [];
    for (let n = 0; n < 20; n++) hashes.push(await archive.store(valueEntity({ n }), { durability: 'relaxed' }));
    const planHash = await archive.store(plan('1'));
    const all = [...hashes, planHash].toSorted();
    expect(await archive.listHashes()).toEqual(all);
    expect(await archive.listHashes({ type: 'plan' })).toEqual([planHash]);
    const streamed = [];
    for await (const { hash, entity } of archive.stream({ after: all[4] as string })) {
      streamed.push(hash);
      expect(entity.contentHash()).toBe(hash);
    }
    expect(streamed).toEqual(all.slice(5));
    const stats = await archive.stats();
    expect(stats.byType['value']?.entities).toBe(20);
    expect(stats.totalSizeBytes).toBe((stats.byType['value']?.sizeBytes ?? 0) + (stats.byType['plan']?.sizeBytes ?? 0));
  });
  it('A2.10 refuses everything behind close, which may be repeated', async () => {
    await archive.close();
    await archive.close();
    const uses = [
      () => archive.store(valueEntity(1)),
      () => archive.stats(),
      () => archive.listHashes(),
      () => archive.flush(),
      () => archive.verifyIntegrity(),
      () => archive.storeBatch([valueEntity(1)]),
      () => archive.delete('a'.repeat(64)),
      () => archive.gc([]),
      () => archive.exists('a'.repeat(64)),
      () => archive.stream()[Symbol.asyncIterator]().next(),
    ];
    for (const use of uses) {
      await expect(use()).rejects.toEqual(code('ARCHIVE_CLOSED'));
    }
  });
  it('A3.11 refuses what is over the cap or the quota, and keeps nothing of it', async () => {
    await expect(archive.store(valueEntity('x'.repeat(10_000)))).rejects.toEqual(code('ARCHIVE_TOO_LARGE'));
    const texts = Array.from({ length: 11 }, (_none, n) => valueEntity(`${n}${'x'.repeat(9_500)}`));
    for (const text of texts.slice(0, 10)) await archive.store(text, { durability: 'relaxed' });
    await expect(archive.store(texts[10] as StoredEntity)).rejects.toEqual(code('ARCHIVE_QUOTA'));
    await expect(archive.storeBatch(texts)).rejects.toEqual(code('ARCHIVE_QUOTA'));
    expect(await archive.listHashes()).toHaveLength(10);
    expect(await archive.store(texts[0] as StoredEntity)).toBe(texts[0]?.contentHash());
  });
  it('A9.1 a batch is stored as one by one, in the order given, whatever repeats in it', async () => {
    const values = [3, 1, 3, 2].map((n) => valueEntity(n));
    await archive.store(values[1] as StoredEntity);
    expect(await archive.storeBatch(values)).toEqual(values.map((value) => value.contentHash()));
    expect(await archive.storeBatch([])).toEqual([]);
    expect((await archive.stats()).totalEntities).toBe(3);
  });
  it('A9.2 and A9.3 an error in the middle of a batch leaves what came before, and says what', async () => {
    const entities = async function* (): AsyncGenerator<StoredEntity> {
      yield valueEntity('first');
      await Promise.resolve();
      yield valueEntity(Number.NaN);
      throw new Error('never asked for');
    };
    const first = valueEntity('first').contentHash();
    await expect(archive.storeBatch(entities())).rejects.toMatchObject({
      code: 'CANONICAL_UNSUPPORTED',
      details: { stored: [first] },
    });
    expect(await archive.listHashes()).toEqual([first]);
  });
  it('A10.1 deletes once, and never what is pinned', async () => {
    const [a, b] = [await archive.store(valueEntity('a')), await archive.store(valueEntity('b'))];
    pins.add(b);
    await expect(archive.delete(b)).rejects.toMatchObject({ code: 'ARCHIVE_PINNED', details: { hash: b } });
    expect(await archive.delete(a)).toBe(true);
    expect(await archive.delete(a)).toBe(false);
    await expect(archive.delete('../x')).rejects.toEqual(code('HASH_FORMAT'));
    expect(await archive.listHashes()).toEqual([b]);
    expect(await archive.store(valueEntity('a'))).toBe(a);
    expect((await archive.stats()).totalEntities).toBe(2);
    await archive.flush();
    expect(await archive.verifyIntegrity()).toMatchObject({ ok: true, checked: 2 });
  });
  it('A10.2 to A10.4 gc keeps roots, pins and what they name, and the young', async () => {
    const planHash = await archive.store(plan('(+ 1 2)'));
    const facts = { planHash, planId: 'plan-1', name: 'n', createdAt: 5, proposer: 'user:a' };
    const root = await archive.store(proposalEntity(facts));
    const pinned = await archive.store(valueEntity('pinned'));
    pins.add(pinned);
    const old = [await archive.store(valueEntity('old')), await archive.store(valueEntity('older'))].toSorted();
    expect(await archive.gc([root])).toMatchObject({ kept: 5, removed: 0, freedBytes: 0 });
    ahead.ms = 3_700_000;
    const { totalSizeBytes } = await archive.stats();
    const dry = await archive.gc([root], { dryRun: true });
    expect(dry).toMatchObject({ kept: 3, removed: 2, removedHashes: old, dryRun: true });
    expect(await archive.listHashes()).toHaveLength(5);
    expect(await archive.gc([root])).toEqual({ ...dry, dryRun: false });
    const stats = await archive.stats();
    expect(stats.totalEntities).toBe(3);
    expect(stats.totalSizeBytes).toBe(totalSizeBytes - dry.freedBytes);
    expect(await archive.listHashes()).toEqual([planHash, root, pinned].toSorted());
    await archive.flush();
    expect((await archive.verifyIntegrity()).ok).toBe(true);
  });
  it('A10.2 a root or a named object that is absent stops gc, and nothing is removed', async () => {
    await archive.store(valueEntity('unnamed'));
    const absent = 'a'.repeat(64);
    await expect(archive.gc([absent], { olderThanMs: 0 })).rejects.toMatchObject({
      code: 'ARCHIVE_MISSING',
      details: { hash: absent },
    });
    const facts = { planHash: absent, planId: 'plan-1', name: 'n', createdAt: 5, proposer: 'user:a' };
    const proposal = await archive.store(proposalEntity(facts));
    await expect(archive.gc([proposal], { olderThanMs: 0 })).rejects.toMatchObject({
      details: { hash: absent, namedBy: `the object ${proposal}` },
    });
    expect(await archive.listHashes()).toHaveLength(2);
  });
  it('A5.4 a good archive verifies', async () => {
    await archive.store(valueEntity([1]));
    await archive.flush();
    expect(await archive.verifyIntegrity()).toMatchObject({ ok: true, checked: 1, index: 'ok', pending: [] });
  });
});

it('A11.1 memory keeps bytes, not references', async () => {
  const archive = new MemoryArchive(CODECS);
  const body = { a: 1 };
  const hash = await archive.store(valueEntity(body));
  body.a = 2;
  expect((await archive.retrieve(hash))?.toBody()).toEqual({ a: 1 });
});

describe('an archive of files', () => {
  const open = (folder: string) => openFileArchive(folder, CODECS);
  const stored = async (value: unknown): Promise<{ folder: string; hash: string; path: string }> => {
    const folder = newFolder();
    const archive = await open(folder);
    const hash = await archive.store(valueEntity(value));
    await archive.close();
    return { folder, hash, path: join(folder, objectPath(hash)) };
  };

  it('A2.2 a shell can check every object', async () => {
    const folder = newFolder();
    const archive = await open(folder);
    for (let n = 0; n < 100; n++) await archive.store(valueEntity({ n, text: `é${n}` }), { durability: 'relaxed' });
    const script =
      `find . -path './??/??/*.json' | while read -r F; do ` +
      `S=$({ printf 'ccos/v1/%s\\0' "$(jq -r .type "$F")"; cat "$F"; } | sha256sum | cut -c1-64); ` +
      `[ "$S" = "$(basename "$F" .json)" ] && echo ok; done`;
    expect(execFileSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' }).match(/ok/g)).toHaveLength(100);
  }, 60_000);
  it('A3.2 and A3.6 the index lists exactly the objects behind close', async () => {
    const { folder, hash } = await stored('x');
    expect(fs.readFileSync(join(folder, 'index.json'), 'utf8')).toBe(`{\n  "${hash}": "${objectPath(hash)}"\n}\n`);
  });
  it.each([0o000, 0o077, 0o777])('A3.10 files are of their owner alone, under the umask %o', async (umask) => {
    const before = process.umask(umask);
    const { folder, path } = await stored('x').finally(() => process.umask(before));
    expect([
      fs.statSync(folder).mode & 0o777,
      fs.statSync(join(path, '..')).mode & 0o777,
      fs.statSync(path).mode & 0o777,
    ]).toEqual([0o700, 0o700, 0o600]);
  });
  test.each<[string, (bytes: string) => string]>([
    ['a changed byte', (bytes) => bytes.replace('secret', 'sEcret')],
    ['white space', (bytes) => `${bytes}\n`],
    ['half a file', (bytes) => bytes.slice(0, 9)],
    ['an empty file', () => ''],
    ['another type', (bytes) => bytes.replace('"value"', '"plan"')],
  ])('A5.1 and A5.2 notices %s, quarantines it and stores the good bytes again', async (_name, change) => {
    const { folder, hash, path } = await stored('secret');
    fs.writeFileSync(path, change(fs.readFileSync(path, 'utf8')));
    const archive = await open(folder);
    await expect(archive.retrieve(hash)).rejects.toMatchObject({ code: 'ARCHIVE_CORRUPT', details: { hash } });
    expect(await archive.verifyIntegrity()).toMatchObject({ ok: false, corrupt: [{ hash }] });
    expect(await archive.store(valueEntity('secret'))).toBe(hash);
    expect((await archive.retrieve(hash))?.toBody()).toBe('secret');
    expect(fs.readdirSync(join(folder, 'quarantine'))).toHaveLength(1);
  });
  it('A2.4 an object of another type is no cast', async () => {
    const { folder, hash } = await stored('x');
    const plans = await openFileArchive(folder, [planCodec]);
    await expect(plans.retrieve(hash)).rejects.toMatchObject({
      code: 'ARCHIVE_TYPE',
      details: { expected: 'plan', found: 'value' },
    });
  });
  it('A3.9 follows no link and opens no folder', async () => {
    const { folder, hash, path } = await stored('x');
    const elsewhere = join(newFolder());
    fs.renameSync(path, elsewhere);
    fs.symlinkSync(elsewhere, path);
    const archive = await open(folder);
    await expect(archive.retrieve(hash)).rejects.toEqual(code('ARCHIVE_PATH'));
    expect((await archive.verifyIntegrity()).misplaced).toEqual([{ path: objectPath(hash), reason: 'a link' }]);
    fs.rmSync(path);
    fs.mkdirSync(path);
    await expect(archive.retrieve(hash)).rejects.toEqual(code('ARCHIVE_PATH'));
    fs.rmdirSync(path);
    execFileSync('mkfifo', [path]);
    for (const use of [() => archive.retrieve(hash), () => archive.exists(hash), () => archive.store(valueEntity('x'))])
      await expect(use()).rejects.toEqual(code('ARCHIVE_PATH'));
    expect((await archive.verifyIntegrity()).misplaced).toEqual([{ path: objectPath(hash), reason: 'a device' }]);
  });
  it.each(['aa', 'aa/bb'])('A3.9 follows no link in the place of the folder %s', async (below) => {
    const { folder } = await stored('x');
    const outside = newFolder();
    fs.mkdirSync(join(outside, 'bb'), { recursive: true });
    fs.mkdirSync(join(folder, below, '..'), { recursive: true });
    fs.symlinkSync(outside, join(folder, below));
    const archive = await open(folder);
    const hash = `aabb${'0'.repeat(60)}`;
    await expect(archive.retrieve(hash)).rejects.toEqual(code('ARCHIVE_PATH'));
    await expect(archive.exists(hash)).rejects.toEqual(code('ARCHIVE_PATH'));
    expect((await archive.verifyIntegrity()).misplaced).toMatchObject([{ path: below, reason: 'a link' }]);
  });
  it('A3.9 deletes through no link, and moves nothing behind one', async () => {
    const { folder, hash } = await stored('x');
    const outside = newFolder();
    fs.mkdirSync(outside);
    fs.symlinkSync(outside, join(folder, 'trash'));
    const archive = await openFileArchive(newFolder(), CODECS);
    await archive.close();
    await expect(open(folder)).rejects.toEqual(code('ARCHIVE_PATH'));
    expect(fs.existsSync(join(folder, objectPath(hash)))).toBe(true);
    expect(fs.readdirSync(outside)).toEqual([]);
  });
  it('A3.4 and A3.5 the index is written after 1,024 stores, and its mark stays', async () => {
    const folder = newFolder();
    const archive = await open(folder);
    const mark = fs.statSync(join(folder, 'index.json')).mtimeMs;
    for (let n = 0; n < 1_024; n++) await archive.store(valueEntity(n), { durability: 'relaxed' });
    const index = JSON.parse(fs.readFileSync(join(folder, 'index.json'), 'utf8')) as Record<string, string>;
    expect(Object.keys(index)).toEqual(await archive.listHashes());
    expect(Math.abs(fs.statSync(join(folder, 'index.json')).mtimeMs - mark)).toBeLessThan(1);
  });
  it('A3.4 a process that stored and deleted nothing does not write the index', async () => {
    const { folder } = await stored('x');
    const before = fs.statSync(join(folder, 'index.json')).ino;
    await (await open(folder)).close();
    expect(fs.statSync(join(folder, 'index.json')).ino).toBe(before);
  });
  it('A3.4 close lists nothing that another process deleted', async () => {
    const folder = newFolder();
    const [one, two] = [await open(folder), await open(folder)];
    const hash = await one.store(valueEntity(1));
    await two.delete(hash);
    await one.close();
    expect(fs.readFileSync(join(folder, 'index.json'), 'utf8')).toBe('{}\n');
    expect(await two.verifyIntegrity()).toMatchObject({ ok: true, checked: 0 });
  });
  it('A3.5 what was written before a listing and published behind it is pending, no fault', async () => {
    const folder = newFolder();
    const archive = await open(folder);
    const hash = await archive.store(valueEntity(1));
    const past = new Date(Date.now() - 60_000);
    fs.utimesSync(join(folder, objectPath(hash)), past, past);
    expect(await archive.verifyIntegrity()).toMatchObject({ ok: true, pending: [hash] });
  });
  it('A3.8 an index entry with another path is told, ignored and gone after the next write', async () => {
    const { folder, hash } = await stored('x');
    const other = 'ab'.repeat(32);
    fs.writeFileSync(
      join(folder, 'index.json'),
      JSON.stringify({ [hash]: '../../etc/passwd', [other]: '/etc/passwd' }),
    );
    const archive = await open(folder);
    expect((await archive.retrieve(hash))?.toBody()).toBe('x');
    expect(await archive.retrieve(other)).toBeUndefined();
    const report = await archive.verifyIntegrity();
    expect(report).toMatchObject({ ok: false, index: 'stale', missing: [other] });
    expect(report.misplaced.map(({ path }) => path)).toEqual(['../../etc/passwd', '/etc/passwd']);
    await archive.flush();
    expect(fs.readFileSync(join(folder, 'index.json'), 'utf8')).toBe(`{\n  "${hash}": "${objectPath(hash)}"\n}\n`);
  });
  it('A2.5 and A3.7 opening a store, and storing what another process stored, writes nothing and syncs what is there', async () => {
    const { folder, path } = await stored('x');
    const before = fs.statSync(path);
    const { files, trace } = faultyFiles(null);
    const archive = await openFileArchive(folder, CODECS, { files });
    expect(trace()).toEqual([]);
    await archive.store(valueEntity('x'));
    // The shard is new, so that whoever made it may not have synced the way down to it.
    expect(trace()).toEqual(['fdatasync', 'syncFolder', 'syncFolder', 'syncFolder']);
    await archive.store(valueEntity('x'));
    expect(trace()).toHaveLength(4);
    expect(fs.statSync(path)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
    fs.rmSync(path);
    await archive.store(valueEntity('x'));
    expect(fs.existsSync(path)).toBe(true);
  });
  it('A4.7 the second store into a folder that a first has not synced yet syncs the way down itself', async () => {
    const { files, trace } = faultyFiles(null);
    const archive = await openFileArchive(newFolder(), CODECS, { files });
    const [a, b] = sameShard();
    await archive.store(valueEntity(a), { durability: 'relaxed' });
    const before = trace().length;
    await archive.store(valueEntity(b));
    expect(
      trace()
        .slice(before)
        .filter((name) => name === 'syncFolder'),
    ).toHaveLength(3);
  });
  it('A10.3 what is stored again is young again, and stays', async () => {
    const folder = newFolder();
    const now = { ms: 0 };
    const clock = { now: () => Date.now() + now.ms, monotonic: () => performance.now() };
    const archive = await openFileArchive(folder, CODECS, { clock });
    const hash = await archive.store(valueEntity('named soon'));
    // The system's own clock cannot be put ahead: the archive's is, by more than what counts as fresh.
    now.ms = 700_000;
    const before = fs.statSync(join(folder, objectPath(hash)));
    await archive.store(valueEntity('named soon'));
    const after = fs.statSync(join(folder, objectPath(hash)));
    expect(after.ctimeMs).toBeGreaterThan(before.ctimeMs);
    expect(after.mtimeMs).toBe(before.mtimeMs);
  });
  it('A5.5 an index that says nothing is stale, one that cannot be read is rebuilt and kept', async () => {
    const { folder, hash } = await stored('x');
    const index = join(folder, 'index.json');
    const soon = new Date(Date.now() + 60_000);
    fs.writeFileSync(index, '{}\n');
    fs.utimesSync(index, soon, soon);
    const archive = await open(folder);
    expect(await archive.verifyIntegrity()).toMatchObject({ ok: false, index: 'stale', unlisted: [hash] });
    fs.writeFileSync(index, '{"a":');
    expect(await archive.verifyIntegrity()).toMatchObject({ ok: false, index: 'corrupt' });
    await archive.flush();
    expect(await archive.verifyIntegrity()).toMatchObject({ ok: true, index: 'ok' });
    expect(fs.readdirSync(folder).filter((name) => name.startsWith('index.json.corrupt-'))).toHaveLength(1);
    fs.rmSync(join(folder, objectPath(hash)));
    expect(await archive.verifyIntegrity()).toMatchObject({ ok: false, index: 'stale', missing: [hash] });
  });
  it('A5.5 what another process has not listed yet is pending, no fault', async () => {
    const folder = newFolder();
    const [one, two] = [await open(folder), await open(folder)];
    const hash = await one.store(valueEntity(1));
    expect(await two.verifyIntegrity()).toMatchObject({ ok: true, pending: [hash], index: 'ok' });
  });
  it('A6.6 does not open a file as an archive', async () => {
    const folder = newFolder();
    fs.writeFileSync(folder, '');
    await expect(open(folder)).rejects.toEqual(code('ARCHIVE_OPEN'));
  });
});

it('A3.4 stores while its caller holds the lock, and writes the index when the lock is free', async () => {
  const folder = newFolder();
  const archive = await openFileArchive(folder, CODECS);
  const release = await openLock(folder).acquire();
  for (let n = 0; n <= 1_024; n++) await archive.store(valueEntity(n), { durability: 'relaxed' });
  expect(fs.readFileSync(join(folder, 'index.json'), 'utf8')).toBe('{}\n');
  release();
  await archive.close();
  expect(Object.keys(JSON.parse(fs.readFileSync(join(folder, 'index.json'), 'utf8')) as object)).toHaveLength(1_025);
});
