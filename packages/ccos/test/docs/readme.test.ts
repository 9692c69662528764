/** The README's example is a program: what it shows is what it does. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { REPOSITORY, workspace } from '../cli/harness.ts';

test("[shown] The README's library example runs as it stands", () => {
  const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  expect(example).toContain("from 'ccos'");
  const entry = pathToFileURL(join(REPOSITORY, 'packages/ccos/src/index.ts')).href;
  const program = example!.replace("'ccos'", `'${entry}'`);
  const place = workspace();
  try {
    const run = spawnSync(process.execPath, ['--conditions=source', '--input-type=module-typescript', '-e', program], {
      cwd: place.folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    });
    expect(run.stdout).toMatch(/^completed \{:coldest "2013-12-07"/);
    expect(run.stderr).toContain('step-started');
    expect(existsSync(join(place.folder, 'out/report.md'))).toBe(true);
  } finally {
    place.remove();
  }
});

test("[shown] The language's own example runs as it stands, without CCOS", () => {
  const readme = readFileSync(join(REPOSITORY, 'packages/rtfs/README.md'), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  expect(example).toContain("from '@ccos/rtfs'");
  const entry = pathToFileURL(join(REPOSITORY, 'packages/rtfs/src/index.ts')).href;
  const program = example!.replace("'@ccos/rtfs'", `'${entry}'`);
  const run = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', program], { encoding: 'utf8' });
  expect([run.stdout, run.stderr]).toEqual(['[11 24 39]\n', '']);
});
