/** A8.6: many processes and one lock, some of them killed while they hold it. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { seededRandom } from './random.ts';

const PROCESSES = 16,
  ROUNDS = 500,
  KILLED = 6;
const worker = fileURLToPath(new URL('lock-worker.ts', import.meta.url));

it(`A8.6 ${PROCESSES} processes take a lock ${ROUNDS} times each; ${KILLED} are killed on the way, and nobody ever shares it or waits for them`, async () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'ccos-lock-'));
  fs.writeFileSync(join(folder, 'number'), '0'.padStart(12));
  const random = seededRandom(Date.now() % 2 ** 32);
  const outputs = await Promise.all(
    Array.from(
      { length: PROCESSES },
      (_none, n) =>
        new Promise<string[]>((resolve) => {
          const killAt = n < KILLED ? 20 + Math.floor(random() * 200) : Number.POSITIVE_INFINITY;
          const child = spawn(
            process.execPath,
            ['--conditions=source', '--disable-warning=ExperimentalWarning', worker, folder, String(ROUNDS)],
            {
              env: { PATH: process.env['PATH'] ?? '' },
              stdio: ['ignore', 'pipe', 'ignore'],
            },
          );
          let output = '';
          child.stdout.setEncoding('utf8').on('data', (text: string) => {
            output += text;
            if (output.split('\n').length > killAt) child.kill('SIGKILL');
          });
          child.on('close', () => resolve(output.split('\n').slice(0, -1)));
        }),
    ),
  );
  const lines = outputs.flat();
  expect(lines.filter((line) => line === 'STORE_LOCKED')).toEqual([]);
  expect(lines.filter((line) => line === 'done').length).toBeGreaterThanOrEqual(PROCESSES - KILLED);
  const numbers = lines.filter((line) => /^\d+$/.test(line)).map(Number);
  expect(new Set(numbers).size).toBe(numbers.length);
  const last = Number(fs.readFileSync(join(folder, 'number'), 'utf8'));
  // A holder can be killed between writing its number and telling it.
  expect(last - numbers.length).toBeGreaterThanOrEqual(0);
  expect(last - numbers.length).toBeLessThanOrEqual(KILLED);
  fs.rmSync(folder, { recursive: true });
}, 300_000);
