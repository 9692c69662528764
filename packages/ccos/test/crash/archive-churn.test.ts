/** A5.5 and A8.2: several processes at work on one store are no finding, whatever they are in the middle of. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { CODECS } from '../../src/archive/codecs.ts';
import { openArchiveReader, openFileArchive } from '../../src/archive/file.ts';

const worker = fileURLToPath(new URL('archive-churn.ts', import.meta.url));
const PROCESSES = 4,
  VERIFICATIONS = 200;

it(`A5.5 the store verifies ${VERIFICATIONS} times while ${PROCESSES} processes store, delete, list and collect, and after they were killed`, async () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'ccos-churn-'));
  await (await openFileArchive(folder, CODECS)).close();
  let told = '';
  const children = Array.from({ length: PROCESSES }, (_none, n) => {
    const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
    const child = spawn(process.execPath, [...flags, worker, folder, String(Date.now() + n)], {
      env: { PATH: process.env['PATH'] ?? '' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    return child;
  });
  const ended = Promise.all(children.map((child) => new Promise((resolve) => child.on('close', resolve))));
  const archive = await openArchiveReader(folder, CODECS);
  let checked = 0;
  try {
    while (checked === 0) checked += (await archive.verifyIntegrity()).checked;
    for (let n = 0; n < VERIFICATIONS; n++) {
      const report = await archive.verifyIntegrity();
      expect(report.ok, JSON.stringify(report)).toBe(true);
    }
    expect(told).toBe('');
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await ended;
  }
  const again = await openFileArchive(folder, CODECS, { tempAgeMs: 0 });
  expect(await again.verifyIntegrity()).toMatchObject({ ok: true });
  await again.flush();
  expect(await again.verifyIntegrity()).toMatchObject({ ok: true, pending: [], orphanTemps: [], index: 'ok' });
  fs.rmSync(folder, { recursive: true });
}, 120_000);
