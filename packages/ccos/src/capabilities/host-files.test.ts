/**
 * M7.8: the host serves files by the walk where there is no mount table; a grant is opened once and freed with its run.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Grant } from '../model/program.ts';
import { HOST_FILES_ENFORCEMENT, HostFiles } from './host-files.ts';

let home: string, data: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'ccos-host-files-')));
  data = join(home, 'data');
  mkdirSync(join(data, '.ccos'), { recursive: true });
  writeFileSync(join(data, 'a.txt'), 'alpha');
  writeFileSync(join(data, '.ccos/key'), 'KEY');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const folder = (access: Grant['access']): Grant => ({ path: data, asWritten: 'data', kind: 'folder', access });
const descriptors = (): number => readdirSync('/proc/self/fd').length;

test('M7.8 a grant is opened once a run, and every descriptor is freed at its end', () => {
  const before = descriptors();
  const files = new HostFiles();
  for (let i = 0; i < 50; i++)
    expect(files.run('ccos.io.read-file', ['data/a.txt'], { grant: folder('read'), relative: 'a.txt' })).toBe('alpha');
  files.run('ccos.io.write-file', ['data/b.txt', 'beta'], { grant: folder('write'), relative: 'b.txt' });
  expect(descriptors()).toBe(before + 1);
  files.close();
  files.close();
  expect(descriptors()).toBe(before);
  expect(readFileSync(join(data, 'b.txt'), 'utf8')).toBe('beta');
  expect(() => files.run('ccos.io.read-file', ['data/a.txt'], { grant: folder('read'), relative: 'a.txt' })).toThrow(
    'after the end of its run',
  );
});

test('M7.8 what takes the place of a granted folder during a run is not reached', () => {
  const files = new HostFiles();
  const read = (): unknown =>
    files.run('ccos.io.read-file', ['data/a.txt'], { grant: folder('read'), relative: 'a.txt' });
  expect(read()).toBe('alpha');
  renameSync(data, join(home, 'elsewhere'));
  mkdirSync(join(home, 'other'));
  writeFileSync(join(home, 'other/a.txt'), 'OTHER');
  symlinkSync(join(home, 'other'), data);
  expect(read()).toBe('alpha');
  files.close();
});

test('S6.4 hidden folders look empty; S6.3 a grant for reading is not written', () => {
  const files = new HostFiles([join(data, '.ccos'), join(home, 'absent')]);
  const at = (relative: string, access: Grant['access'] = 'write') => ({ grant: folder(access), relative });
  expect(() => files.run('ccos.io.read-file', ['data/.ccos/key'], at('.ccos/key'))).toThrow(
    'File not found: data/.ccos/key',
  );
  expect(() => files.run('ccos.io.write-file', ['data/.ccos/x', ''], at('.ccos/x'))).toThrow('read-only');
  expect(() => files.run('ccos.io.write-file', ['data/a.txt', ''], at('a.txt', 'read'))).toThrow(
    'Security violation: Path not allowed by policy (write=true)',
  );
  files.close();
  expect(readFileSync(join(data, 'a.txt'), 'utf8')).toBe('alpha');
});

test('M7.8 the metadata names the walk', () => {
  expect(HOST_FILES_ENFORCEMENT).toBe(process.platform === 'linux' ? 'descriptor-walk' : 'identity-walk');
});
