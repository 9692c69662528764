import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRunFolder, sweepRunFolders } from './run-folder.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ccos-runs-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('M3.7 the folder of a run', () => {
  test('is private, owned while the run lasts, and gone when it ends', async () => {
    const folder = await openRunFolder(home, 'run-1');
    expect(existsSync(folder.path)).toBe(true);
    expect(await sweepRunFolders(home)).toEqual([]);
    folder.close();
    expect(existsSync(folder.path)).toBe(false);
  });

  test('what a killed owner left is swept, what a living one has is not', async () => {
    const script = `import { openRunFolder } from ${JSON.stringify(join(import.meta.dirname, 'run-folder.ts'))};
      await openRunFolder(process.argv[1], 'run-dead'); process.kill(process.pid, 'SIGKILL');`;
    const dead = spawnSync(process.execPath, ['--conditions=source', '--input-type=module', '-e', script, home]);
    expect(dead.signal).toBe('SIGKILL');
    const mine = await openRunFolder(home, 'run-mine');
    expect(readdirSync(join(home, 'runs')).sort()).toEqual(['run-dead', 'run-mine']);
    expect(await sweepRunFolders(home)).toEqual(['run-dead']);
    expect(readdirSync(join(home, 'runs'))).toEqual(['run-mine']);
    mine.close();
  });
});
