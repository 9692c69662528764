/**
 * M20.11: while another process swaps folders and files of a grant for links to the outside, the walk never reads the
 * outside. The control is the check that a path's real form lies below the grant: under the same swaps it must read the
 * outside, or the race of this test would prove nothing.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CcosError } from '../foundation/errors.ts';
import type { Grant } from '../model/program.ts';
import { fileEffect } from './files.ts';
import { HeldGrants } from './open-grant.ts';

/** Puts a link in place of a real folder and a real file, and back, as fast as it can, until its input ends. */
const SWAPPER = `
  const fs = require('node:fs'), [granted, outside] = process.argv.slice(1);
  process.stdin.on('end', () => process.exit(0)).resume();
  const names = [['sub', outside], ['sub/file', outside + '/file']];
  for (const [name, target] of names) fs.symlinkSync(target, granted + '/' + name.replace('/', '-') + '.link');
  const swap = (a, b, parked) => { fs.renameSync(a, parked); fs.renameSync(b, a); fs.renameSync(a, b); fs.renameSync(parked, a); };
  const turn = () => {
    for (let i = 0; i < 50; i++) {
      swap(granted + '/sub', granted + '/sub.link', granted + '/parked');
      swap(granted + '/sub/file', granted + '/sub-file.link', granted + '/parked');
    }
    setImmediate(turn);
  };
  turn();
  process.stdout.write('go');
`;

function naiveRead(granted: string): string {
  const path = join(granted, 'sub/file');
  if (!realpathSync(path).startsWith(`${granted}/`)) throw new Error('outside');
  return readFileSync(path, 'utf8');
}

test('M20.11 swapping links while walking never reads the outside, and leaks no descriptor', async () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'ccos-race-')));
  const granted = join(home, 'granted'),
    outside = join(home, 'outside');
  for (const [folder, text] of [
    [join(granted, 'sub'), 'INSIDE'],
    [outside, 'OUTSIDE'],
  ] as const) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'file'), text);
  }
  const grant: Grant = { path: granted, asWritten: 'granted', kind: 'folder', access: 'read' };
  const held = new HeldGrants();
  held.of(grant);
  const swapper = spawn(process.execPath, ['-e', SWAPPER, granted, outside], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await new Promise((resolve) => swapper.stdout.once('data', resolve));
    const descriptors = readdirSync('/proc/self/fd').length;
    const seen = { walk: { inside: 0, outside: 0, refused: 0 }, naive: { inside: 0, outside: 0, refused: 0 } };
    const count = (who: keyof typeof seen, read: () => unknown): void => {
      try {
        seen[who][read() === 'INSIDE' ? 'inside' : 'outside']++;
      } catch (error) {
        if (who === 'walk') expect(error).toBeInstanceOf(CcosError);
        seen[who].refused++;
      }
    };
    // The control ends the test as soon as it has shown that the race is real, but never before 5,000 walks.
    for (let i = 0; i < 200_000 && (i < 5_000 || seen.naive.outside === 0 || seen.walk.inside === 0); i++) {
      count('walk', () => fileEffect('ccos.io.read-file', ['sub/file'], { grant, relative: 'sub/file' }, held));
      count('naive', () => naiveRead(granted));
    }
    expect(seen.walk.outside).toBe(0);
    expect(seen.walk.inside).toBeGreaterThan(0);
    expect(seen.walk.refused).toBeGreaterThan(0);
    expect(seen.naive.outside).toBeGreaterThan(0);
    expect(readdirSync('/proc/self/fd')).toHaveLength(descriptors);
  } finally {
    swapper.stdin.end();
    swapper.kill('SIGKILL');
    held.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}, 60_000);
