/** Crash drills of the intents (A13, I9): whatever a killed process promised is there, and what it left behind verifies. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { verifyChain } from '../../src/causal-chain/verify.ts';
import { openHome } from '../intents/homes.ts';
import type { Fault } from './faulty-files.ts';

const scratch = fs.mkdtempSync(join(tmpdir(), 'ccos-intent-crash-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));
/** The worker in one file, for a drill starts it hundreds of times. */
const worker = join(scratch, 'worker.mjs');
/** Processes at once: most of a drill is starting them. */
const AT_ONCE = 4;

let homes = 0;
/** A home with two intents, of which the backup beside it has one. */
const template = join(scratch, 'template');
beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('intent-worker.ts', import.meta.url))],
    outfile: worker,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['source'],
    logLevel: 'error',
  });
  const open = await openHome(join(template, '.ccos'));
  await open.intents.storeIntent({ intent_id: 'old', goal: 'g' });
  await open.intents.backup(join(template, 'backup.json'));
  await open.intents.storeIntent({ intent_id: 'new', goal: 'g' });
  await open.close();
});
function newHome(): string {
  const folder = join(scratch, String(homes++));
  fs.cpSync(template, folder, { recursive: true });
  return join(folder, '.ccos');
}

function run(home: string, workload: string, fault: Fault | null, count = 1, name = 'p'): Promise<string[]> {
  const flags = ['--disable-warning=ExperimentalWarning', worker];
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: '' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...flags, home, workload, JSON.stringify(fault), String(count), name],
      { env },
      (_error, stdout) => resolve(stdout.split('\n').slice(0, -1)),
    );
  });
}
const promised = (output: readonly string[], what: string): string[] =>
  output.flatMap((line) => (line.startsWith(`${what} `) ? [line.slice(what.length + 1)] : []));

/** What must hold of a home, whatever happened in it. */
async function expectWhole(home: string, workload: string, output: readonly string[]): Promise<void> {
  const report = await verifyChain(home);
  expect(report.firstBad, JSON.stringify(report)).toBeNull();
  const open = await openHome(home);
  const graph = await open.intents.read();
  const ids = graph.intents().map(({ intent_id: id }) => id);
  for (const id of promised(output, 'stored')) expect(ids).toContain(id);
  for (const id of promised(output, 'failed')) expect(graph.get(id)).toMatchObject({ status: 'Failed' });
  const pairs = promised(output, 'pair');
  for (let n = 0; n < 3; n++) {
    const parts = [
      graph.has(`a${n}`),
      graph.has(`b${n}`),
      graph.outgoing(`a${n}`).length === 1,
      graph.get(`a${n}`)?.status === 'Suspended',
    ];
    // Wholly there, or wholly not.
    expect(new Set(parts).size, `transaction ${n}`).toBe(1);
    if (pairs.includes(String(n))) expect(parts[0]).toBe(true);
  }
  const restored = !ids.includes('new');
  if (workload !== 'restore') expect(restored).toBe(false);
  if (output.includes('restored')) expect(restored).toBe(true);
  expect(ids).toContain('old');
  const before = fs.existsSync(join(home, 'intents')) ? fs.readdirSync(join(home, 'intents')) : [];
  for (const name of before.filter((one) => /^pre-restore-.*\.json$/.test(one)))
    expect(await open.intents.checkBackup(join(home, 'intents', name))).toMatchObject({
      ok: true,
      counts: { intents: 2 },
    });
  if (restored) expect(before.some((name) => name.startsWith('pre-restore-'))).toBe(true);
  // The old backup or the new one, whole (A13.5).
  const backup = await open.intents.checkBackup(join(home, '..', 'backup.json'));
  expect(backup).toMatchObject({ ok: true, signed: 'verified' });
  if (output.includes('written')) expect(backup.counts.intents).toBe(2);
  expect(before.filter((name) => name.includes('corrupt'))).toEqual([]);
  expect(await open.intents.healthCheck()).toMatchObject({ healthy: true, damage: null });
  expect(await open.archive.verifyIntegrity()).toMatchObject({ ok: true });
  await open.intents.storeIntent({ intent_id: 'afterwards', goal: 'g' });
  await open.close();
  expect(await verifyChain(home)).toMatchObject({ ok: true, unsignedTail: 0, warnings: [] });
}

async function eachOf(items: readonly number[], work: (item: number) => Promise<void>): Promise<void> {
  const rest = [...items];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
    }),
  );
}

const WORKLOADS = ['mutation', 'transaction', 'snapshot', 'backup', 'restore'];

describe.each(WORKLOADS)('A13 killed at every system call of the intents workload %s', (workload) => {
  test.each(['kill-before', 'kill-after'])(
    '%s',
    async (what) => {
      const home = newHome();
      const whole = await run(home, workload, null);
      const calls = Number(promised(whole, 'calls')[0]);
      expect(calls, whole.join()).toBeGreaterThan(5);
      await expectWhole(home, workload, whole);
      // Before and after are one moment for neighbours, so each half of the calls is enough for one of the two.
      const first = what === 'kill-before' ? 1 : 2;
      const places = Array.from({ length: Math.ceil((calls - first + 1) / 2) }, (_none, n) => first + 2 * n);
      await eachOf(places, async (at) => {
        const there = newHome();
        const output = await run(there, workload, { at, what });
        expect(promised(output, 'calls'), `call ${at} kills`).toEqual([]);
        await expectWhole(there, workload, output);
      });
    },
    240_000,
  );
});

test.each(WORKLOADS)(
  'A4.9 and I1.6 a disk that is full from any call of the intents workload %s on leaves what stood there',
  async (workload) => {
    const calls = Number(promised(await run(newHome(), workload, null), 'calls')[0]);
    const places = Array.from({ length: Math.ceil(calls / 5) }, (_none, n) => 1 + 5 * n);
    await eachOf(places, async (at) => {
      const home = newHome();
      const output = await run(home, workload, { at, what: 'ENOSPC', from: true });
      expect(promised(output, 'error')[0] ?? 'none', `call ${at}`).toMatch(
        /^(?:CHAIN_UNAVAILABLE|IO|STATE_OPEN|ARCHIVE_OPEN|none)$/,
      );
      await expectWhole(home, workload, output);
    });
  },
  240_000,
);

it('I9.6 eight processes change one graph two hundred times each: no update is lost, no check was stale', async () => {
  const home = newHome();
  const open = await openHome(home);
  await open.intents.storeIntent({ intent_id: 'counter', goal: 'g' });
  for (let n = 0; n < 8; n++) await open.intents.storeIntent({ intent_id: `node${n}`, goal: 'g' });
  await open.close();
  const each = 200;
  const outputs = await Promise.all(Array.from({ length: 8 }, (_none, n) => run(home, 'shared', null, each, `p${n}`)));
  expect(outputs.flatMap((output) => promised(output, 'error'))).toEqual([]);
  const counted = outputs.flatMap((output) => promised(output, 'counted').map(Number)).toSorted((a, b) => a - b);
  // Every process saw another number, and together they saw them all: the counts stand in some order, one after the other.
  expect(counted).toEqual(Array.from({ length: 8 * each }, (_none, n) => n + 1));
  const refused = new Set(outputs.flatMap((output) => promised(output, 'refused')));
  expect([...refused].filter((code) => !/^INTENT_(?:EDGE_CYCLE|EDGE_SELF|NOT_FOUND)$/.test(code))).toEqual([]);
  const after = await openHome(home);
  expect(await after.intents.getIntent('counter')).toMatchObject({ priority: 8 * each });
  expect(await after.intents.healthCheck()).toMatchObject({ healthy: true });
  const backup = join(home, '..', 'after.json');
  await after.intents.backup(backup);
  // The graph is one that checked changes could have made.
  expect(await after.intents.checkBackup(backup)).toMatchObject({ ok: true });
  await after.close();
  expect(await verifyChain(home)).toMatchObject({ ok: true });
}, 300_000);
