import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Logger } from '../foundation/logger.ts';
import { CODECS, valueEntity } from './codecs.ts';
import { openArchiveReader, openFileArchive } from './file.ts';
import { objectPath } from './shards.ts';

const scratch = fs.mkdtempSync(join(tmpdir(), 'ccos-repair-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));
let folders = 0;
const newFolder = (): string => join(scratch, String(folders++));

/** A store with objects in which everything is wrong that repair knows. */
async function spoiled(): Promise<{ folder: string; sound: string; flipped: string; lost: string }> {
  const folder = newFolder();
  const archive = await openFileArchive(folder, CODECS);
  const [sound = '', flipped = '', lost = ''] = await archive.storeBatch(
    ['a', 'b', 'c'].map((text) => valueEntity(text)),
  );
  await archive.close();
  const path = join(folder, objectPath(flipped));
  fs.writeFileSync(path, fs.readFileSync(path, 'utf8').replace('"b"', '"B"'));
  fs.rmSync(join(folder, objectPath(lost)));
  fs.copyFileSync(join(folder, objectPath(sound)), join(folder, sound.slice(0, 2), `${sound}.json`));
  fs.symlinkSync('/etc/passwd', join(folder, objectPath(sound), '..', 'link.json'));
  fs.writeFileSync(join(folder, 'notes.txt'), 'mine');
  fs.writeFileSync(join(folder, `${objectPath(sound)}.note`), 'x');
  return { folder, sound, flipped, lost };
}
/** Every file below a folder, with its bytes; links as what they point to. */
const everything = (folder: string): Record<string, string> =>
  Object.fromEntries(
    fs
      .readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => !/lock\.|^index\.json$/.test(name) && !fs.lstatSync(join(folder, name)).isDirectory())
      .map((name) => {
        const path = join(folder, name);
        return [name, fs.lstatSync(path).isSymbolicLink() ? fs.readlinkSync(path) : fs.readFileSync(path, 'utf8')];
      }),
  );

describe('A6 repair', () => {
  it('A6.3 and A6.4 keeps aside what is bad, forgets by name what is lost, and leaves what is not its own', async () => {
    const { folder, sound, flipped, lost } = await spoiled();
    const before = Object.values(everything(folder)).toSorted();
    const archive = await openFileArchive(folder, CODECS);
    const report = await archive.repair();
    expect(report).toMatchObject({
      dryRun: false,
      checked: 2,
      forgotten: [lost],
      left: [{ path: 'notes.txt', reason: 'not part of a store' }],
      index: { reason: 'stale' },
    });
    expect(report.quarantined.map(({ path }) => path).toSorted()).toEqual(
      [
        objectPath(flipped),
        `${sound.slice(0, 2)}/${sound}.json`,
        `${objectPath(sound)}.note`,
        join(objectPath(sound), '..', 'link.json'),
      ].toSorted(),
    );
    for (const { keptAs } of report.quarantined)
      expect(fs.lstatSync(join(folder, keptAs ?? '')).size).toBeGreaterThan(0);
    // Nothing was discarded and nothing changed but the places.
    expect(Object.values(everything(folder)).toSorted()).toEqual(before);
    fs.rmSync(join(folder, 'notes.txt'));
    expect(await archive.verifyIntegrity()).toMatchObject({ ok: true, checked: 1, index: 'ok', pending: [] });
    expect((await archive.retrieve(sound))?.toBody()).toBe('a');
  });
  it('A6.5 is idempotent: a second run changes no byte', async () => {
    const { folder } = await spoiled();
    const archive = await openFileArchive(folder, CODECS);
    await archive.repair();
    const [files, index] = [everything(folder), fs.statSync(join(folder, 'index.json'))];
    expect(await archive.repair()).toMatchObject({ quarantined: [], forgotten: [], index: null });
    expect(everything(folder)).toEqual(files);
    expect(fs.statSync(join(folder, 'index.json'))).toMatchObject({ ino: index.ino, mtimeMs: index.mtimeMs });
  });
  it('A6.5 a dry run says the same and changes nothing', async () => {
    const { folder } = await spoiled();
    const archive = await openFileArchive(folder, CODECS);
    const [files, index] = [everything(folder), fs.readFileSync(join(folder, 'index.json'), 'utf8')];
    const dry = await archive.repair({ dryRun: true });
    expect(everything(folder)).toEqual(files);
    expect(fs.readFileSync(join(folder, 'index.json'), 'utf8')).toBe(index);
    const done = await archive.repair();
    expect(dry.quarantined.map(({ path, reason }) => ({ path, reason }))).toEqual(
      done.quarantined.map(({ path, reason }) => ({ path, reason })),
    );
    expect(dry).toMatchObject({ dryRun: true, forgotten: done.forgotten, left: done.left, index: done.index });
  });
  it('A6.2 tells the logger what was wrong with the index, and keeps a bad one', async () => {
    const folder = newFolder();
    const told: unknown[] = [];
    const logger: Logger = {
      debug: () => {},
      info: () => {},
      warn: (code, _text, fields) => told.push({ code, ...fields }),
    };
    const archive = await openFileArchive(folder, CODECS, { logger });
    const hash = await archive.store(valueEntity('x'));
    fs.writeFileSync(join(folder, 'index.json'), '[1]');
    await archive.close();
    fs.rmSync(join(folder, 'index.json'));
    const again = await openArchiveReader(folder, CODECS);
    expect(await again.verifyIntegrity()).toMatchObject({ ok: false, index: 'absent' });
    const repairing = await openFileArchive(folder, CODECS, { logger });
    expect(told).toMatchObject([{ code: 'INDEX_REBUILT', reason: 'corrupt' }]);
    const kept = (told[0] as { keptAs: string }).keptAs;
    expect(kept).toMatch(/^index\.json\.corrupt-\d{8}T\d{9}Z-[0-9a-f]{6}$/);
    expect(fs.readFileSync(join(folder, kept), 'utf8')).toBe('[1]');
    expect((await repairing.retrieve(hash))?.toBody()).toBe('x');
  });
  it('A7.1 sweeps temp files that nobody writes any more, and leaves young ones', async () => {
    const folder = newFolder();
    const archive = await openFileArchive(folder, CODECS);
    const hash = await archive.store(valueEntity('x'));
    const shard = join(folder, objectPath(hash), '..');
    const names = [join(folder, '.index.json.1.aa.tmp'), join(shard, '.old.1.bb.tmp'), join(shard, '.young.1.cc.tmp')];
    for (const name of names) fs.writeFileSync(name, '');
    const past = new Date(Date.now() - 3_700_000);
    for (const name of names.slice(0, 2)) fs.utimesSync(name, past, past);
    expect((await archive.verifyIntegrity()).orphanTemps).toHaveLength(3);
    await archive.flush();
    expect(names.map((name) => fs.existsSync(name))).toEqual([false, false, true]);
    expect(await archive.verifyIntegrity()).toMatchObject({ ok: true });
  });
  it('A5.4 tells a file that is too large, and one that cannot be read, without reading them', async () => {
    const folder = newFolder();
    const archive = await openFileArchive(folder, CODECS);
    const hash = await archive.store(valueEntity('x'));
    fs.truncateSync(join(folder, objectPath(hash)), 2 ** 40);
    expect(await archive.verifyIntegrity()).toMatchObject({ ok: false, corrupt: [{ hash, reason: 'size' }] });
    await expect(archive.retrieve(hash)).rejects.toMatchObject({ code: 'ARCHIVE_CORRUPT' });
  });
  it('A5.4 verifying ends when it is told to', async () => {
    const archive = await openFileArchive(newFolder(), CODECS);
    await archive.store(valueEntity('x'));
    await expect(archive.verifyIntegrity({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
  });
  it('A6.6 a reader makes nothing, and opens nothing that is not there', async () => {
    const folder = newFolder();
    await expect(openArchiveReader(folder, CODECS)).rejects.toMatchObject({ code: 'ARCHIVE_OPEN' });
    expect(fs.existsSync(folder)).toBe(false);
  });
  it('A3.9 a hard link from outside is told, and the object is read all the same', async () => {
    const folder = newFolder();
    const archive = await openFileArchive(folder, CODECS);
    const hash = await archive.store(valueEntity('x'));
    fs.linkSync(join(folder, objectPath(hash)), newFolder());
    expect((await archive.verifyIntegrity()).misplaced).toEqual([
      { path: objectPath(hash), reason: 'a file with several hard links' },
    ]);
    expect((await archive.retrieve(hash))?.toBody()).toBe('x');
    expect((await archive.repair()).quarantined).toEqual([]);
  });
});
