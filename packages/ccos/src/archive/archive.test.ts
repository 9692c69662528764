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
const plan = (rtfs: string) =>
  planEntity({
    language: 'Rtfs20',
    body: { rtfs },
    inputSchema: null,
    outputSchema: null,
    policies: {},
    capabilitiesRequired: [],
  });

describe.each<[string, () => Promise<ContentAddressableArchive<StoredEntity>>]>([
  ['memory', async () => new MemoryArchive(CODECS)],
  ['files', async () => openFileArchive(newFolder(), CODECS)],
])('an archive in %s', (_name, open) => {
  let archive: ContentAddressableArchive<StoredEntity>;
  beforeEach(async () => {
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
    ];
    for (const use of uses) {
      await expect(use()).rejects.toEqual(code('ARCHIVE_CLOSED'));
    }
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
      'find . -path "./??/??/*.json" | while read F; do T=$(sed "s/.*\\"type\\":\\"\\([a-z-]*\\)\\"}$/\\1/" "$F"); ' +
      'S=$({ printf "ccos/v1/%s\\0" "$T"; cat "$F"; } | sha256sum | cut -c1-64); [ "$S" = "$(basename "$F" .json)" ] && echo ok; done';
    expect(execFileSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' }).match(/ok/g)).toHaveLength(100);
  });
  it('A3.2 and A3.6 the index lists exactly the objects behind close', async () => {
    const { folder, hash } = await stored('x');
    expect(fs.readFileSync(join(folder, 'index.json'), 'utf8')).toBe(`{\n  "${hash}": "${objectPath(hash)}"\n}\n`);
  });
  it('A3.10 files are of their owner alone', async () => {
    const { folder, path } = await stored('x');
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
  it('A3.11 refuses an object over its cap before a byte is written', async () => {
    const folder = newFolder();
    const archive = await openFileArchive(folder, CODECS, { maxObjectBytes: 100 });
    await expect(archive.store(valueEntity('x'.repeat(100)))).rejects.toEqual(code('ARCHIVE_TOO_LARGE'));
    expect(fs.readdirSync(folder)).toEqual(['index.json']);
  });
});

it('A2.5 and A3.7 opening a store, and storing what another process stored, writes nothing and syncs what is there', async () => {
  const folder = newFolder();
  const hash = await (await openFileArchive(folder, CODECS)).store(plan('(+ 1 2)'));
  const { files, trace } = faultyFiles(null);
  const archive = await openFileArchive(folder, CODECS, { files });
  expect(trace()).toEqual([]);
  expect(await archive.store(plan('(+ 1 2)'))).toBe(hash);
  expect(trace()).toEqual(['fdatasync', 'syncFolder']);
  fs.rmSync(join(folder, objectPath(hash)));
  await archive.store(plan('(+ 1 2)'));
  expect(fs.existsSync(join(folder, objectPath(hash)))).toBe(true);
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
