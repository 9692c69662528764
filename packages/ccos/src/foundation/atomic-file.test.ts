import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, test } from 'vitest';
import { faultyFiles } from '../../test/crash/faulty-files.ts';
import { writeFileAtomic, writeFilesAtomic } from './atomic-file.ts';
import { systemFiles, type Files } from './files.ts';
import { openLock, takeLease } from './lock.ts';

const scratch = fs.mkdtempSync(join(tmpdir(), 'ccos-atomic-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));
let folders = 0;
const newFolder = (): string => {
  const folder = join(scratch, String(folders++));
  fs.mkdirSync(folder);
  return folder;
};

it('A4.1 to A4.7 in this order, with the folders that it made', async () => {
  const { files, trace } = faultyFiles(null);
  await writeFileAtomic(join(newFolder(), 'a/b/file'), 'x', { files });
  expect(trace()).toEqual([
    'makeFolder',
    'makeFolder',
    'open',
    'write',
    'fdatasync',
    'close',
    'rename',
    'syncFolder',
    'syncFolder',
    'syncFolder',
  ]);
});
it('A4.10 relaxed skips the syncs', async () => {
  const { files, trace } = faultyFiles(null);
  await writeFileAtomic(join(newFolder(), 'file'), 'x', { files, durability: 'relaxed' });
  expect(trace()).toEqual(['open', 'write', 'close', 'rename']);
});
it('A4.3 loops on short writes', async () => {
  const path = join(newFolder(), 'file');
  const files: Files = {
    ...systemFiles,
    write: (fd, bytes, offset) => systemFiles.write(fd, bytes.subarray(0, offset + 3), offset),
  };
  await writeFileAtomic(path, 'abcdefghij', { files });
  expect(fs.readFileSync(path, 'utf8')).toBe('abcdefghij');
});
test.each(['ENOSPC', 'EACCES', 'EROFS', 'EMFILE', 'EDQUOT', 'EIO'])(
  'A4.8 and A4.9 %s at each step leaves the old file or the new one, and no temp file',
  async (errno) => {
    for (const overwrite of [true, false]) {
      for (let at = 1; at <= 7; at++) {
        const folder = newFolder();
        if (overwrite) fs.writeFileSync(join(folder, 'file'), 'old');
        const { files, count } = faultyFiles({ at, what: errno });
        const written = await writeFileAtomic(join(folder, 'file'), 'new', { files, overwrite, mtimeMs: 5_000 }).then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'IO', details: { errno } });
            return false;
          },
        );
        const left = fs.readdirSync(folder);
        expect(left.filter((name) => name !== 'file')).toEqual([]);
        if (left.length > 0) expect(['old', 'new']).toContain(fs.readFileSync(join(folder, 'file'), 'utf8'));
        if (written) expect(fs.readFileSync(join(folder, 'file'), 'utf8')).toBe('new');
        expect(count()).toBeGreaterThanOrEqual(at);
      }
    }
  },
);
test.each(['ENOSPC', 'EACCES', 'EROFS', 'EMFILE', 'EDQUOT', 'EIO'])(
  'A4.8 and A4.9 %s at each step of a write that makes its folders leaves no temp file, and what resolved is there',
  async (errno) => {
    const steps = ['makeFolder', 'makeFolder', 'open', 'write', 'fdatasync', 'close', 'link', 'unlink', 'syncFolder'];
    for (let at = 1; at <= steps.length + 2; at++) {
      const folder = newFolder();
      const { files, trace } = faultyFiles({ at, what: errno });
      const written = await writeFileAtomic(join(folder, 'a/b/file'), 'new', { files, overwrite: false }).catch(
        (error: unknown) => error,
      );
      expect(trace().slice(0, at)).toEqual([...steps, 'syncFolder', 'syncFolder'].slice(0, at));
      if (written !== 'written') expect(written).toMatchObject({ code: 'IO', details: { errno } });
      const left = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
      expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
      if (written === 'written') expect(left).toContain('a/b/file');
      // Before the link nothing is published, whatever failed.
      if (at < steps.indexOf('link') + 1 && written !== 'written') expect(left).not.toContain('a/b/file');
    }
  },
);
test.each(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE'])(
  'A9.2 %s at each step of a batch leaves no temp file, and every file that is told as done is there',
  async (errno) => {
    const batch = ['a', 'b', 'c'].map((name) => ({ name, bytes: Buffer.from(name) }));
    const folders = (): string[] => batch.map(() => newFolder());
    const whole = faultyFiles(null);
    const write = async (files: Files) => {
      const places = folders();
      const paths = batch.map(({ name, bytes }, n) => ({ path: join(places[n] ?? '', name), bytes }));
      const result = await writeFilesAtomic(paths, { files, overwrite: false });
      return { places, result };
    };
    expect((await write(whole.files)).result).toMatchObject({ done: [{}, {}, {}], error: null });
    for (let at = 1; at <= whole.count(); at++) {
      const { places, result } = await write(faultyFiles({ at, what: errno }).files);
      const left = places.flatMap((place) => fs.readdirSync(place));
      expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
      for (const { path } of result.done) expect(fs.existsSync(path)).toBe(true);
      if (result.error === null) expect(result.done).toHaveLength(3);
      else expect(result.error).toMatchObject({ code: 'IO', details: { errno } });
    }
  },
);
it('A4.5 never replaces without overwrite, and takes equal bytes for done', async () => {
  const path = join(newFolder(), 'file');
  const results = await Promise.all([1, 2, 3, 4].map(() => writeFileAtomic(path, 'same', { overwrite: false })));
  expect(results.toSorted()).toEqual(['present', 'present', 'present', 'written']);
  await expect(writeFileAtomic(path, 'other', { overwrite: false })).rejects.toMatchObject({
    code: 'IO',
    details: { errno: 'EEXIST' },
  });
  expect(fs.readFileSync(path, 'utf8')).toBe('same');
});
it('A4.5 renames under the lock where hard links are not supported', async () => {
  const folder = newFolder();
  const files: Files = {
    ...systemFiles,
    link: () => {
      throw Object.assign(new Error('no links'), { code: 'EPERM' });
    },
  };
  const exclusively = <T>(work: () => T): Promise<T> => openLock(folder).run(work);
  expect(await writeFileAtomic(join(folder, 'file'), 'x', { files, overwrite: false, exclusively })).toBe('written');
  expect(await writeFileAtomic(join(folder, 'file'), 'x', { files, overwrite: false, exclusively })).toBe('present');
  await expect(writeFileAtomic(join(folder, 'other'), 'x', { files, overwrite: false })).rejects.toMatchObject({
    code: 'IO',
  });
  expect(fs.readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it('A8.3 callers of one process queue in order, and only one has the lock', async () => {
  const folder = newFolder();
  const order: number[] = [];
  let inside = 0;
  await Promise.all(
    Array.from({ length: 8 }, (_none, n) =>
      openLock(folder).run(async () => {
        expect(++inside).toBe(1);
        order.push(n);
        await Promise.resolve();
        inside--;
      }),
    ),
  );
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});
it('A8.3 the next caller of this process has the lock as soon as it is given back, without a timer', async () => {
  const lock = openLock(newFolder());
  const release = await lock.acquire();
  const order: string[] = [];
  const next = lock.acquire().then((free) => {
    order.push('lock');
    free();
  });
  await new Promise<void>((resolve) => {
    setTimeout(() => {
      setTimeout(() => order.push('timer'), 0);
      release();
      resolve();
    }, 5);
  });
  await next;
  await new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
  expect(order).toEqual(['lock', 'timer']);
});
it('A8.4 waits no longer than told, and names the owner', async () => {
  const lock = openLock(newFolder());
  const release = await lock.acquire();
  await expect(lock.acquire(30)).rejects.toMatchObject({ code: 'STORE_LOCKED', details: { pid: process.pid } });
  release();
  release();
  (await lock.acquire(30))();
});
it('A8.5 a lease is had by one, and can be taken when it was given back', () => {
  const folder = newFolder();
  const lease = takeLease(folder, 'lease', { run: 'r' });
  expect(takeLease(folder, 'lease')).toBeNull();
  expect(JSON.parse(fs.readFileSync(join(folder, 'lease.json'), 'utf8'))).toMatchObject({ pid: process.pid, run: 'r' });
  lease?.release();
  const again = takeLease(folder, 'lease');
  expect(again).not.toBeNull();
  again?.release();
});
