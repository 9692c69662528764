/** The file capabilities over the descriptor walk: P5's rows, S6.5, M7.8 and M20.11, on real folders. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Keyword, PMap, type Value, type Vec } from '@ccos/rtfs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CcosError } from '../foundation/errors.ts';
import type { Grant } from '../model/program.ts';
import { FILE_CAPABILITIES, fileEffect } from './files.ts';
import { HeldGrants } from './open-grant.ts';
import type { WalkMethod } from './walk.ts';

let home: string, folder: string, outside: string;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'ccos-files-')));
  folder = join(home, 'granted');
  outside = join(home, 'outside');
  mkdirSync(join(folder, 'sub/deeper'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(folder, 'a.txt'), 'alpha');
  writeFileSync(join(folder, 'sub/deeper/b.txt'), 'beta');
  writeFileSync(join(outside, 'secret.txt'), 'SECRET');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function grant(over: Partial<Grant> = {}): Grant {
  return { path: folder, asWritten: 'granted', kind: 'folder', access: 'write', ...over };
}
const options = (entries: Record<string, Value>): PMap =>
  PMap.of(Object.entries(entries).map(([key, value]) => [Keyword.of(key), value]));

interface Case {
  readonly method?: WalkMethod;
  readonly grant?: Grant;
  readonly hidden?: readonly string[];
  readonly rest?: readonly Value[];
}
function effect(name: string, relative: string, how: Case = {}): Value {
  const granted = how.grant ?? grant();
  const held = new HeldGrants({ ...(how.method && { method: how.method }), ...(how.hidden && { hidden: how.hidden }) });
  try {
    return fileEffect(
      `ccos.io.${name}`,
      [`granted/${relative}`, ...(how.rest ?? [])],
      { grant: granted, relative },
      held,
    );
  } finally {
    held.close();
  }
}
function refused(act: () => unknown): CcosError {
  try {
    act();
  } catch (error) {
    if (error instanceof CcosError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

describe.each(['descriptor', 'identity'] as const)('P5 over the walk by %s', (method) => {
  test('read-file, file-exists, write-file and append-file reach what the path names', () => {
    expect(effect('read-file', 'a.txt', { method })).toBe('alpha');
    expect(effect('read-file', 'sub/deeper/b.txt', { method })).toBe('beta');
    expect(effect('write-file', 'sub/new.txt', { method, rest: ['one'] })).toBeNull();
    effect('append-file', 'sub/new.txt', { method, rest: ['two'] });
    effect('append-file', 'fresh.txt', { method, rest: ['x'] });
    expect(effect('read-file', 'sub/new.txt', { method })).toBe('onetwo');
    expect(
      ['a.txt', 'sub', 'none', 'none/none', 'a.txt/none', 'fresh.txt', ''].map((name) =>
        effect('file-exists', name, { method }),
      ),
    ).toEqual([true, true, false, false, false, true, true]);
  });

  test('list-dir tells name, kind and size, links as links, by name', () => {
    symlinkSync('/etc', join(folder, 'link'));
    const listed = effect('list-dir', '', { method }) as Vec;
    expect(
      listed.toArray().map((entry) => ['name', 'kind', 'size'].map((key) => (entry as PMap).get(Keyword.of(key)))),
    ).toEqual([
      ['a.txt', 'file', 5],
      ['link', 'link', 0],
      ['sub', 'dir', 0],
    ]);
  });

  test('S6.5 no link is followed, wherever it stands, and the hint names it', () => {
    symlinkSync(outside, join(folder, 'folder-link'));
    symlinkSync(join(outside, 'secret.txt'), join(folder, 'file-link'));
    symlinkSync(join(outside, 'made.txt'), join(folder, 'dangling'));
    symlinkSync('a.txt', join(folder, 'inner'));
    for (const [name, path, link] of [
      ['read-file', 'folder-link/secret.txt', 'granted/folder-link'],
      ['read-file', 'file-link', 'granted/file-link'],
      ['read-file', 'inner', 'granted/inner'],
      ['write-file', 'folder-link/x', 'granted/folder-link'],
      ['write-file', 'file-link', 'granted/file-link'],
      ['write-file', 'dangling', 'granted/dangling'],
      ['append-file', 'dangling', 'granted/dangling'],
      ['append-file', 'file-link', 'granted/file-link'],
      ['list-dir', 'folder-link', 'granted/folder-link'],
      ['file-exists', 'folder-link/secret.txt', 'granted/folder-link'],
    ] as const) {
      const error = refused(() => effect(name, path, { method, rest: ['content'] }));
      expect([name, path, error.code, error.hint]).toEqual([
        name,
        path,
        'IO_DENIED',
        expect.stringContaining(`'${link}' is a link`),
      ]);
    }
    expect(effect('file-exists', 'dangling', { method })).toBe(true);
    expect(readdirSync(outside)).toEqual(['secret.txt']);
    expect(readFileSync(join(outside, 'secret.txt'), 'utf8')).toBe('SECRET');
  });
});

describe('refusals have their own code, message and remedy', () => {
  test.each<[string, string, readonly Value[], string, string]>([
    ['read-file', '../outside/secret.txt', [], 'SECURITY_VIOLATION', "no '..'"],
    ['read-file', 'sub/../../outside/secret.txt', [], 'SECURITY_VIOLATION', "no '..'"],
    ['read-file', '/etc/passwd', [], 'SECURITY_VIOLATION', 'not absolute'],
    ['read-file', 'a.txt\0.png', [], 'CAP_INPUT', 'NUL'],
    ['read-file', 'sub//b', [], 'CAP_INPUT', 'an empty name'],
    ['read-file', './a.txt', [], 'CAP_INPUT', "'.'"],
    ['read-file', 'sub/', [], 'CAP_INPUT', 'an empty name'],
    ['read-file', `${'é'.repeat(128)}`, [], 'CAP_INPUT', '255 bytes'],
    ['read-file', 'a\ud800', [], 'CAP_INPUT', 'surrogate'],
    ['read-file', '', [], 'IO_NOT_FILE', 'Not a regular file but a folder'],
    ['read-file', 'sub', [], 'IO_NOT_FILE', 'Not a regular file but a folder'],
    ['read-file', 'none.txt', [], 'IO_NOT_FOUND', 'File not found: granted/none.txt'],
    ['read-file', 'none/a.txt', [], 'IO_NOT_FOUND', 'File not found: granted/none/a.txt'],
    ['read-file', 'a.txt/x', [], 'IO_NOT_FOUND', 'Not a folder: granted/a.txt'],
    ['list-dir', 'a.txt', [], 'IO_NOT_FOUND', 'Not a folder: granted/a.txt'],
    ['write-file', 'none/deep/x', ['c'], 'IO_NOT_FOUND', 'Folder not found: granted/none'],
    ['append-file', 'none/x', ['c'], 'IO_NOT_FOUND', 'Folder not found: granted/none'],
    ['write-file', 'sub', ['c'], 'IO_NOT_FILE', 'folder'],
    ['append-file', 'sub', ['c'], 'IO_NOT_FILE', 'folder'],
    ['write-file', '', ['c'], 'IO_NOT_FILE', 'folder'],
    ['write-file', 'a.txt', ['c', options({ mode: 'create' })], 'IO_EXISTS', 'exists already'],
    ['write-file', 'x', ['c', options({ mode: 'append' })], 'CAP_INPUT', ':mode'],
    ['write-file', 'x', [3], 'CAP_INPUT', 'content is a string, found a value of type integer'],
    ['write-file', 'x', ['\udc00'], 'IO_ENCODING', 'surrogate'],
    ['write-file', 'x', ['a*b=', options({ encoding: 'base64' })], 'CAP_INPUT', 'not base64'],
    ['read-file', 'a.txt', [options({ 'max-bytes': 4 })], 'CAP_TOO_LARGE', '4 are allowed'],
    ['read-file', 'a.txt', [options({ 'max-bytes': 17_000_000 })], 'CAP_INPUT', ':max-bytes'],
    ['read-file', 'a.txt', [options({ encoding: 'latin1' })], 'CAP_INPUT', ':encoding'],
    ['delete-file', 'a.txt', [], 'CAP_UNKNOWN', 'delete-file'],
  ])('%s %j', (name, path, rest, code, message) => {
    const error = refused(() => effect(name, path, { rest }));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
    if (code !== 'CAP_UNKNOWN') expect(error.hint).toMatch(/./);
    expect(JSON.stringify(error)).not.toContain(home);
    expect(readdirSync(folder).toSorted()).toEqual(['a.txt', 'sub']);
  });

  test('IO_ENCODING for bytes that are not UTF-8, which base64 reads', () => {
    writeFileSync(join(folder, 'raw'), Buffer.from([0xff, 0x00, 0xc3]));
    expect(refused(() => effect('read-file', 'raw')).code).toBe('IO_ENCODING');
    expect(effect('read-file', 'raw', { rest: [options({ encoding: 'base64' })] })).toBe('/wDD');
    effect('write-file', 'raw2', { rest: ['/wDD', options({ encoding: 'base64' })] });
    expect([...readFileSync(join(folder, 'raw2'))]).toEqual([0xff, 0x00, 0xc3]);
  });

  test('P5.8 one MiB is the default of :max-bytes', () => {
    writeFileSync(join(folder, 'exact'), 'x'.repeat(1_048_576));
    writeFileSync(join(folder, 'over'), 'x'.repeat(1_048_577));
    expect(effect('read-file', 'exact')).toHaveLength(1_048_576);
    expect(refused(() => effect('read-file', 'over'))).toMatchObject({
      code: 'CAP_TOO_LARGE',
      hint: expect.stringContaining(':max-bytes'),
    });
    expect(effect('read-file', 'over', { rest: [options({ 'max-bytes': 1_048_577 })] })).toHaveLength(1_048_577);
  });

  test('S6.3 a grant for reading is not written', () => {
    const reading = grant({ access: 'read' });
    for (const name of ['write-file', 'append-file']) {
      const error = refused(() => effect(name, 'a.txt', { grant: reading, rest: ['x'] }));
      expect(error).toMatchObject({ code: 'SECURITY_VIOLATION', hint: '--write granted' });
      expect(error.message).toContain('Security violation: Path not allowed by policy (write=true): granted/a.txt');
    }
    expect(effect('read-file', 'a.txt', { grant: reading })).toBe('alpha');
  });

  test('M20.11 a pipe does not block, a socket is no file', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const server = createServer().listen(join(folder, 'socket'));
    try {
      await new Promise((resolve) => server.once('listening', resolve));
      for (const name of ['read-file', 'write-file', 'append-file']) {
        expect(refused(() => effect(name, 'pipe', { rest: ['x'] })).message).toContain('pipe');
        expect(refused(() => effect(name, 'socket', { rest: ['x'] })).code).toBe('IO_NOT_FILE');
      }
      expect((effect('list-dir', '') as Vec).n).toBe(4);
    } finally {
      server.close();
    }
  });

  test('M20.11 a file with more than one link is refused for writing', () => {
    linkSync(join(outside, 'secret.txt'), join(folder, 'hard'));
    for (const name of ['write-file', 'append-file']) {
      expect(refused(() => effect(name, 'hard', { rest: ['x'] }))).toMatchObject({
        code: 'IO_DENIED',
        message: expect.stringContaining('2 names'),
      });
    }
    expect(readFileSync(join(outside, 'secret.txt'), 'utf8')).toBe('SECRET');
  });

  test.runIf(process.getuid?.() === 0)('IO_DENIED tells the file modes where the system refuses', () => {
    // A process of another user, since root may read anything.
    chmodSync(home, 0o755);
    chmodSync(folder, 0o555);
    chmodSync(join(folder, 'a.txt'), 0o600);
    process.seteuid?.(65_534);
    try {
      expect(refused(() => effect('read-file', 'a.txt'))).toMatchObject({
        code: 'IO_DENIED',
        hint: expect.stringContaining('mode is 0600'),
      });
      expect(refused(() => effect('append-file', 'a.txt', { rest: ['x'] }))).toMatchObject({ code: 'IO_DENIED' });
      expect(refused(() => effect('write-file', 'new.txt', { rest: ['x'] }))).toMatchObject({
        code: 'IO_DENIED',
        hint: expect.stringContaining("folder's mode is 0555"),
      });
    } finally {
      process.seteuid?.(0);
    }
  });
});

describe('writing', () => {
  test('write-file is atomic: another file takes the name, its mode stays, and nothing else is left', () => {
    chmodSync(join(folder, 'a.txt'), 0o640);
    const before = statSync(join(folder, 'a.txt'));
    effect('write-file', 'a.txt', { rest: ['omega'] });
    const after = statSync(join(folder, 'a.txt'));
    expect([after.ino === before.ino, after.mode & 0o777, readFileSync(join(folder, 'a.txt'), 'utf8')]).toEqual([
      false,
      0o640,
      'omega',
    ]);
    expect(readdirSync(folder).toSorted()).toEqual(['a.txt', 'sub']);
  });

  test('{:mode "create"} makes a file and refuses a second time', () => {
    effect('write-file', 'once', { rest: ['1', options({ mode: 'create' })] });
    expect(refused(() => effect('write-file', 'once', { rest: ['2', options({ mode: 'create' })] })).code).toBe(
      'IO_EXISTS',
    );
    expect(readFileSync(join(folder, 'once'), 'utf8')).toBe('1');
  });

  test('the form of one map is the positional form', () => {
    const granted = { grant: grant(), relative: 'm.txt' };
    fileEffect(
      'ccos.io.write-file',
      [options({ path: 'granted/m.txt', content: 'bQ==', encoding: 'base64' })],
      granted,
    );
    expect(fileEffect('ccos.io.read-file', [options({ path: 'granted/m.txt', 'max-bytes': 1 })], granted)).toBe('m');
  });

  test.runIf(process.getuid?.() === 0)(
    'IO_FULL on a full disk: the old file stays whole, and no temporary file is left',
    () => {
      const small = join(home, 'small');
      mkdirSync(small);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small]);
      try {
        const full = { grant: grant({ path: small, asWritten: 'small' }) };
        effect('write-file', 'kept', { ...full, rest: ['old'] });
        for (const name of ['write-file', 'append-file']) {
          expect(refused(() => effect(name, 'kept', { ...full, rest: ['x'.repeat(200_000)] }))).toMatchObject({
            code: 'IO_FULL',
            message: expect.stringContaining('full'),
          });
        }
        expect([readFileSync(join(small, 'kept'), 'utf8'), readdirSync(small)]).toEqual(['old', ['kept']]);
      } finally {
        execFileSync('umount', [small]);
      }
    },
  );

  test('S6.4 a hidden folder looks empty and read-only', () => {
    mkdirSync(join(folder, '.ccos/keys'), { recursive: true });
    writeFileSync(join(folder, '.ccos/keys/key'), 'KEY');
    const hidden = { hidden: [join(folder, '.ccos')] };
    expect(refused(() => effect('read-file', '.ccos/keys/key', hidden)).code).toBe('IO_NOT_FOUND');
    expect(refused(() => effect('list-dir', '.ccos/keys', hidden)).code).toBe('IO_NOT_FOUND');
    expect((effect('list-dir', '.ccos', hidden) as Vec).n).toBe(0);
    expect([effect('file-exists', '.ccos', hidden), effect('file-exists', '.ccos/keys', hidden)]).toEqual([
      true,
      false,
    ]);
    for (const name of ['write-file', 'append-file'])
      expect(refused(() => effect(name, '.ccos/x', { ...hidden, rest: ['x'] })).code).toBe('IO_DENIED');
    expect(readdirSync(join(folder, '.ccos'))).toEqual(['keys']);
    expect(effect('read-file', '.ccos/keys/key')).toBe('KEY');
  });
});

describe('grants', () => {
  test('a granted file is the file that was granted, and only itself', () => {
    const one = grant({ path: join(folder, 'a.txt'), asWritten: 'granted/a.txt', kind: 'file', access: 'read' });
    const held = new HeldGrants();
    held.of(one);
    const call = (name: string, relative: string): Value =>
      fileEffect(`ccos.io.${name}`, ['granted/a.txt'], { grant: one, relative }, held);
    expect([call('read-file', ''), call('file-exists', '')]).toEqual(['alpha', true]);
    expect(refused(() => call('read-file', 'x')).code).toBe('IO_NOT_FOUND');
    expect(refused(() => call('list-dir', '')).message).toBe('Not a folder: granted/a.txt');
    rmSync(join(folder, 'a.txt'));
    writeFileSync(join(folder, 'a.txt'), 'another');
    expect(refused(() => call('read-file', ''))).toMatchObject({
      code: 'IO_DENIED',
      message: 'Changed since it was granted: granted/a.txt',
    });
    rmSync(join(folder, 'a.txt'));
    symlinkSync(join(outside, 'secret.txt'), join(folder, 'a.txt'));
    expect(refused(() => call('read-file', '')).code).toBe('IO_DENIED');
    held.close();
    held.close();
    expect(refused(() => call('read-file', '')).code).toBe('INTERNAL');
  });

  test('S6.5 a grant that became a link is not opened; one that was moved stays the folder that was granted', () => {
    const held = new HeldGrants();
    held.of(grant());
    execFileSync('mv', [folder, join(home, 'moved')]);
    symlinkSync(outside, folder);
    const granted = { grant: grant(), relative: 'secret.txt' };
    expect(refused(() => fileEffect('ccos.io.read-file', ['granted/secret.txt'], granted)).code).toBe('IO_DENIED');
    expect(refused(() => fileEffect('ccos.io.read-file', ['granted/secret.txt'], granted, held)).code).toBe(
      'IO_NOT_FOUND',
    );
    expect(fileEffect('ccos.io.read-file', ['granted/a.txt'], { grant: grant(), relative: 'a.txt' }, held)).toBe(
      'alpha',
    );
    held.close();
  });
});

test('M18 #3, #4 whatever the name, nothing outside the grant is reached and nothing is left open', () => {
  symlinkSync(outside, join(folder, 'out'));
  symlinkSync('..', join(folder, 'up'));
  const piece = fc.constantFrom(
    '..',
    '.',
    '',
    'sub',
    'a.txt',
    'out',
    'up',
    'secret.txt',
    'outside',
    '\0',
    'proc/self/root',
    '/etc',
    'x\ny',
    '%2e%2e',
    '..\\..',
    '\u{202e}',
    ' ',
    '~',
    '\ud800',
  );
  const path = fc
    .array(fc.oneof(piece, fc.string({ maxLength: 6 })), { minLength: 1, maxLength: 6 })
    .map((pieces) => pieces.join('/'));
  const held = new HeldGrants();
  held.of(grant());
  const before = openDescriptors();
  fc.assert(
    fc.property(fc.constantFrom(...FILE_CAPABILITIES), path, (capability, relative) => {
      try {
        const value = fileEffect(capability, [relative, 'PWNED'], { grant: grant(), relative }, held);
        expect(value).not.toBe('SECRET');
      } catch (error) {
        expect(error).toBeInstanceOf(CcosError);
        expect((error as CcosError).code).not.toBe('INTERNAL');
      }
    }),
    { numRuns: 2_000 },
  );
  expect(openDescriptors()).toBe(before);
  held.close();
  expect(readdirSync(outside)).toEqual(['secret.txt']);
  expect(readdirSync(home).toSorted()).toEqual(['granted', 'outside']);
  expect(existsSync(join(outside, 'PWNED'))).toBe(false);
});
