/** How the built command line starts: from V8's compiled code where there is any, and without it all the same. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { wrapped } from '../../src/guest/wrapped.ts';
import { CLI, ccos } from './harness.ts';

const bundle = dirname(CLI);
/** The commands that the entry of this build names, among those of older builds. */
const name = /commands-[0-9a-f]{16}/.exec(readFileSync(CLI, 'utf8'))?.[0] ?? '';

/** Says whether this Node refuses the compiled code. */
const ASK = `const cachedData = require('node:fs').readFileSync(process.argv[1]);
const text = require('node:fs').readFileSync(0, 'latin1');
console.log(new (require('node:vm').Script)(text, { cachedData }).cachedDataRejected);`;

test.each(['eval', 'run'])('the compiled code for `ccos %s` is of this text and this Node', (use) => {
  const text = wrapped(readFileSync(join(bundle, `${name}.cjs`), 'latin1'));
  const asked = (input: string): string =>
    spawnSync(process.execPath, ['-e', ASK, join(bundle, `${name}.${use}.cache`)], {
      input,
      encoding: 'latin1',
    }).stdout;
  expect(asked(text)).toBe('false\n');
  expect(asked(`${text} `)).toBe('true\n');
});

test('without compiled code, or with that of another Node, a command works all the same', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccos-start-'));
  try {
    const cli = join(folder, 'bundle/cli.cjs');
    cpSync(bundle, dirname(cli), { recursive: true });
    cpSync(join(bundle, '../package.json'), join(folder, 'package.json'));
    const works = async (): Promise<void> => {
      for (const memory of ['512', '63'])
        expect(await ccos(['eval', '(+ 1 2)', '--memory', memory], { cwd: folder, cli })).toMatchObject({
          code: 0,
          stdout: '3\n',
          stderr: '',
        });
      expect(await ccos(['--help'], { cwd: folder, cli })).toMatchObject({ code: 0 });
    };
    const caches = readdirSync(dirname(cli)).filter((file) => /^commands-.*\.cache$/.test(file));
    expect(caches.length).toBeGreaterThanOrEqual(2);
    for (const file of caches) writeFileSync(join(dirname(cli), file), randomBytes(1000));
    await works();
    for (const file of caches) rmSync(join(dirname(cli), file));
    await works();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
