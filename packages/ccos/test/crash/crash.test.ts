/** Crash drills (A13, L14.4): whatever a killed process promised is there, and what it left behind verifies. */
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, test } from 'vitest';
import { CODECS } from '../../src/archive/codecs.ts';
import { openFileArchive } from '../../src/archive/file.ts';
import { openChain } from '../../src/causal-chain/chain.ts';
import { openChainReader } from '../../src/causal-chain/reader.ts';
import { verifyChain } from '../../src/causal-chain/verify.ts';
import type { Fault } from './faulty-files.ts';

const worker = fileURLToPath(new URL('worker.ts', import.meta.url));
const scratch = fs.mkdtempSync(join(tmpdir(), 'ccos-crash-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));
let homes = 0;
const newHome = (): string => join(scratch, String(homes++), '.ccos');
const env = { ...process.env, NODE_EXTRA_CA_CERTS: '' };
const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning', worker];

const run = (home: string, workload: string, fault: Fault | null, count = 4): Promise<string[]> =>
  new Promise((resolve) => {
    fs.mkdirSync(join(home, '..'), { recursive: true });
    execFile(
      process.execPath,
      [...flags, home, workload, JSON.stringify(fault), String(count)],
      { env },
      (_error, stdout) => resolve(stdout.split('\n').slice(0, -1)),
    );
  });
const promised = (output: readonly string[], what: string): string[] =>
  output.flatMap((line) => (line.startsWith(`${what} `) ? [line.slice(what.length + 1)] : []));

/** What must hold of a chain, whatever happened: it verifies, holds each promise once, and takes another record. */
async function expectChain(home: string, ids: readonly string[]): Promise<void> {
  if (fs.existsSync(join(home, 'chain'))) {
    const report = await verifyChain(home);
    expect(report.firstBad, JSON.stringify(report)).toBeNull();
    const found = (await openChainReader(home)).query().map(({ id }) => id);
    expect(new Set(found).size).toBe(found.length);
    expect(ids.filter((id) => !found.includes(id))).toEqual([]);
  } else expect(ids).toEqual([]);
  const chain = await openChain(home);
  await chain.append({ kind: 'InternalStep', principal: 'host', payload: { name: 'note' } });
  await chain.close();
  expect(await verifyChain(home)).toMatchObject({ ok: true, unsignedTail: 0, warnings: [] });
}

async function expectArchive(home: string, hashes: readonly string[]): Promise<void> {
  const archive = await openFileArchive(join(home, 'archive'), CODECS);
  expect(await archive.verifyIntegrity()).toMatchObject({
    ok: true,
    corrupt: [],
    missing: [],
    unlisted: [],
    misplaced: [],
  });
  for (const hash of hashes) expect((await archive.require(hash, 'a promise')).contentHash()).toBe(hash);
  await archive.flush();
  expect(await archive.verifyIntegrity()).toMatchObject({ ok: true, pending: [], index: 'ok' });
  await archive.close();
}

const expected = { one: 'record', together: 'record', rotate: 'record', objects: 'object' } as const;
const expectWhole = (workload: keyof typeof expected, home: string, output: readonly string[]): Promise<void> =>
  workload === 'objects'
    ? expectArchive(home, promised(output, 'object'))
    : expectChain(home, promised(output, 'record'));

describe.each(Object.keys(expected) as (keyof typeof expected)[])(
  'A13 and L14.4 killed at every system call of the workload %s',
  (workload) => {
    test.each(['kill-before', 'kill-after'])(
      '%s',
      async (what) => {
        const whole = await run(newHome(), workload, null);
        const calls = Number(promised(whole, 'calls')[0]);
        expect(promised(whole, expected[workload])).toHaveLength(4);
        expect(calls).toBeGreaterThan(10);
        // Before and after are one moment for neighbours, so each half of the calls is enough for one of the two.
        for (let at = what === 'kill-before' ? 1 : 2; at <= calls; at += 2) {
          const home = newHome();
          const output = await run(home, workload, { at, what });
          expect(promised(output, 'calls'), `call ${at} kills`).toEqual([]);
          await expectWhole(workload, home, output);
        }
      },
      180_000,
    );
  },
);

describe('L8.5 a full disk', () => {
  test.each(['one', 'rotate', 'objects'] as const)(
    'at every system call of the workload %s',
    async (workload) => {
      const calls = Number(promised(await run(newHome(), workload, null), 'calls')[0]);
      for (let at = 1; at <= calls; at += 3) {
        const home = newHome();
        const output = await run(home, workload, { at, what: 'ENOSPC', from: true });
        expect(promised(output, 'error')[0] ?? 'none', `call ${at}`).toMatch(
          /^(?:CHAIN_UNAVAILABLE|IO|STATE_OPEN|ARCHIVE_OPEN|none)$/,
        );
        const left = fs.existsSync(home) ? fs.readdirSync(home, { recursive: true, encoding: 'utf8' }) : [];
        expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
        await expectWhole(workload, home, output);
      }
    },
    180_000,
  );
});

it('A13 killed at random moments', async () => {
  for (let round = 0; round < 12; round++) {
    const home = newHome();
    fs.mkdirSync(join(home, '..'), { recursive: true });
    const child = spawn(process.execPath, [...flags, home, round % 2 === 0 ? 'one' : 'together', 'null', '100000'], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const ended = new Promise((resolve) => {
      child.on('close', resolve);
    });
    await new Promise((resolve) => {
      setTimeout(resolve, 120 + round * 25);
    });
    child.kill('SIGKILL');
    await ended;
    await expectChain(home, promised(output.split('\n').slice(0, -1), 'record'));
  }
}, 120_000);

it('L8.7 eight processes append to one chain, some of them killed', async () => {
  const home = newHome();
  fs.mkdirSync(join(home, '..'), { recursive: true });
  const outputs = await Promise.all(
    Array.from(
      { length: 8 },
      (_none, n) =>
        new Promise<string>((resolve) => {
          const child = spawn(process.execPath, [...flags, home, n % 2 === 0 ? 'one' : 'together', 'null', '150'], {
            env,
            stdio: ['ignore', 'pipe', 'ignore'],
          });
          let output = '';
          child.stdout.setEncoding('utf8').on('data', (text: string) => {
            output += text;
            if (n >= 6 && output.length > 1_500) child.kill('SIGKILL');
          });
          child.on('close', () => resolve(output));
        }),
    ),
  );
  const ids = outputs.flatMap((output) => promised(output.split('\n').slice(0, -1), 'record'));
  expect(ids.length).toBeGreaterThanOrEqual(6 * 150);
  expect(outputs.flatMap((output) => promised(output.split('\n'), 'error'))).toEqual([]);
  await expectChain(home, ids);
}, 120_000);
