import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { kitMemory, type KitFacts } from './kit-memory.ts';
import { guestRoot, guestRootFiles } from './guest-root.ts';

const FACTS: KitFacts = {
  bwrap: [0, 8],
  guestHash: 'a'.repeat(64),
  places: { memory: { version: 1, folder: '/sys/fs/cgroup/memory/ccos' } },
};

let folder: string, bwrap: string, guest: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccos-kit-'));
  [bwrap, guest] = [join(folder, 'bwrap'), join(folder, 'guest.cjs')];
  for (const file of [bwrap, guest]) writeFileSync(file, 'one', { mode: 0o644 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('M15.2 what a kit found out is kept until a file that it depends on is another', async () => {
  const memory = kitMemory(bwrap, guest, folder);
  await memory.keep(FACTS);
  expect(memory.recall()).toEqual(FACTS);
  writeFileSync(guest, 'two');
  expect(memory.recall()).toBeNull();
});

test('M15.2 nothing is kept of a file that others may write', async () => {
  const memory = kitMemory(bwrap, guest, folder);
  await memory.keep(FACTS);
  chmodSync(guest, 0o666);
  expect(memory.recall()).toBeNull();
  await memory.keep(FACTS);
  chmodSync(guest, 0o644);
  expect(memory.recall()).toBeNull();
});

test('M15.2 what was found out while a file changed is not kept under the new file', async () => {
  const memory = kitMemory(bwrap, guest, folder);
  const binding = memory.binding();
  writeFileSync(guest, 'changed meanwhile');
  await memory.keep(FACTS, binding);
  expect(memory.recall()).toBeNull();
});

test.each([
  ['a hash that is none', { ...FACTS, guestHash: 'x' }],
  ['a place that is none', { ...FACTS, places: { memory: { version: 1, folder: 'relative' } } }],
  ['a controller that is none', { ...FACTS, places: { rdma: { version: 1, folder: '/x' } } }],
  ['no version', { ...FACTS, bwrap: ['0', '8'] }],
])('%s is not taken', async (_, facts) => {
  const memory = kitMemory(bwrap, guest, folder);
  await memory.keep(FACTS);
  const file = join(
    folder,
    readdirSync(folder).find((name) => name.startsWith('kit-process'))!,
  );
  const { key } = JSON.parse(readFileSync(file, 'utf8')) as { key: string };
  writeFileSync(file, JSON.stringify({ key, value: facts }), { mode: 0o600 });
  expect(memory.recall()).toBeNull();
});

test('M7.6, M9.5 a launch finds each of the files that the build makes', () => {
  const built = guestRootFiles().map(([name]) => join('/bundle', name));
  for (const arch of ['x64', 'arm64'] as const) {
    const { entries, filter } = guestRoot('/bundle', arch);
    for (const path of [...entries.map(([source]) => source), filter]) expect(built).toContain(path);
  }
});
