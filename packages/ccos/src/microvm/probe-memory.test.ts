import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { probeMemory, type ProbeMemory } from './probe-memory.ts';

const PASS = { available: true, version: '1', startupMs: 3, enforcement: { memory: 'x' }, checks: [] } as const;

let folder: string, tool: string, file: string;
const memory = (name = 'process'): ProbeMemory => probeMemory(name, [tool], folder);
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ccos-probe-'));
  tool = join(folder, 'tool');
  writeFileSync(tool, 'one');
  await memory().keep(PASS);
  file = join(
    folder,
    readdirSync(folder).find((name) => name.startsWith('probe-process'))!,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('M4.6 a passed probe is kept', () => {
  test('for the same provider and files, and for the user alone', () => {
    expect(memory().recall()).toEqual(PASS);
    expect(memory('wasm').recall()).toBeNull();
    chmodSync(file, 0o644);
    expect(memory().recall()).toBeNull();
  });

  test('until a file that it depends on is another, or gone', () => {
    writeFileSync(tool, 'another');
    expect(memory().recall()).toBeNull();
    rmSync(tool);
    expect(memory().recall()).toBeNull();
  });

  test('for each installation apart', async () => {
    const other = join(folder, 'other');
    writeFileSync(other, 'one');
    await probeMemory('process', [other], folder).keep({ ...PASS, version: '2' });
    expect(memory().recall()).toEqual(PASS);
  });

  test('until a launch fails', () => {
    memory().forget();
    expect(memory().recall()).toBeNull();
    expect(existsSync(file)).toBe(false);
    expect(() => memory().forget()).not.toThrow();
  });

  test.each([
    ['no JSON', '{'],
    ['another shape', '{"value":{"available":true}}'],
    ['a key of another boot', readable({ key: 'x', value: PASS })],
  ])('%s is no answer', (_, text) => {
    writeFileSync(file, text, { mode: 0o600 });
    expect(memory().recall()).toBeNull();
  });

  test('an answer that is no pass is no answer, whoever wrote it there', () => {
    const { key } = JSON.parse(readFileSync(file, 'utf8')) as { key: string };
    writeFileSync(file, readable({ key, value: { ...PASS, available: false } }), { mode: 0o600 });
    expect(memory().recall()).toBeNull();
  });
});

function readable(content: unknown): string {
  return JSON.stringify(content);
}
