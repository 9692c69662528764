import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modulesBelow } from './plan-modules.ts';

let top: string, folder: string;
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'ccos-modules-')));
  folder = join(top, 'plan');
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  writeFileSync(join(folder, 'm.rtfs'), '(def k 1)');
  writeFileSync(join(folder, 'a/b/c.rtfs'), '(def k 2)');
  writeFileSync(join(top, 'outside.rtfs'), '(def secret 1)');
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

const found = (name: string): string | null => modulesBelow(folder).resolve(name)?.source ?? null;

describe('G1.5 modules lie beside the plan', () => {
  test('dots are folders', () => {
    expect(modulesBelow(folder).resolve('a.b.c')).toEqual({
      source: '(def k 2)',
      file: join(folder, 'a/b/c.rtfs'),
    });
    expect(found('m')).toBe('(def k 1)');
    expect(found('a.b')).toBe(null);
    expect(found('a.x.c')).toBe(null);
    expect(found('m.c')).toBe(null);
  });

  test.each([
    '..outside',
    '.',
    '..',
    'a/b/c',
    '../outside',
    'a..b',
    'a.b.',
    '.m',
    'a.../outside',
    'm\0',
    'a\\b',
    '',
    'm.rtfs/..',
  ])('a name that is no name is no module: %j', (name) => {
    expect(found(name)).toBe(null);
  });

  test('no link is followed, neither the file nor a folder on the way', () => {
    symlinkSync(join(top, 'outside.rtfs'), join(folder, 'file.rtfs'));
    symlinkSync(top, join(folder, 'up'));
    symlinkSync('m.rtfs', join(folder, 'near.rtfs'));
    for (const name of ['file', 'up.outside', 'near'])
      expect(() => found(name), name).toThrow(/is a link, and modules lie in the plan's own folder/);
  });

  test('what is no text of at most 1 MiB is refused, with the reason', () => {
    mkdirSync(join(folder, 'dir.rtfs'));
    execFileSync('mkfifo', [join(folder, 'pipe.rtfs')]);
    writeFileSync(join(folder, 'large.rtfs'), 'x'.repeat(1024 * 1024 + 1));
    writeFileSync(join(folder, 'latin.rtfs'), Buffer.from([0x28, 0xe9, 0x29]));
    expect(() => found('dir')).toThrow(/no regular file/);
    expect(() => found('pipe')).toThrow(/no regular file/);
    expect(() => found('large')).toThrow(/at most 1 MiB/);
    expect(() => found('latin')).toThrow(/not UTF-8/);
  });
});
