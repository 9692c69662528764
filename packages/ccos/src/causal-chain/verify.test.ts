import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { openChain } from './chain.ts';
import { hashOfLine } from './schema.ts';
import { verifyChain } from './verify.ts';

const scratch = fs.mkdtempSync(join(tmpdir(), 'ccos-verify-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));
let homes = 0;
const note = (n: number) =>
  ({ kind: 'InternalStep', principal: 'host', payload: { name: 'note', detail: { n, text: 'é' } } }) as const;

/** Three sessions: heads over 1, 6 and 12 records, `ChainHead` at 2 and 7 and 13, at rest with 17. */
let original: string;
const heads: string[] = [];
const N = 17;
beforeAll(async () => {
  original = join(scratch, 'original');
  for (const count of [4, 5, 4]) {
    const chain = await openChain(original);
    for (let n = 0; n < count; n++) await chain.append(note(n), 'written');
    await chain.close();
    heads.push(fs.readFileSync(join(original, 'chain/head.json'), 'utf8'));
  }
});

interface Copy {
  readonly home: string;
  readonly segment: string;
  readonly head: string;
  lines(): string[];
  write(lines: readonly string[]): void;
}
function copy(): Copy {
  const home = join(scratch, `copy-${homes++}`);
  fs.cpSync(original, home, { recursive: true });
  const segment = join(home, 'chain/000001.jsonl');
  return {
    home,
    segment,
    head: join(home, 'chain/head.json'),
    lines: () => fs.readFileSync(segment, 'utf8').split('\n').slice(0, -1),
    write: (lines) => fs.writeFileSync(segment, lines.map((line) => `${line}\n`).join('')),
  };
}
const rehashed = (line: string): string => `{"hash":"${hashOfLine(line)}",${line.slice(75)}`;
/** Changes a line and hashes it, and all behind it, anew. */
function rewritten(lines: readonly string[], from: number, change: (line: string) => string): string[] {
  const result = [...lines];
  for (let at = from - 1; at < result.length; at++) {
    const linked =
      at === from - 1
        ? change(result[at] as string)
        : (result[at] as string).replace(
            /"prev":"[0-9a-f]{64}"/,
            `"prev":"${(result[at - 1] as string).slice(9, 73)}"`,
          );
    result[at] = rehashed(linked);
  }
  return result;
}
const late = (line: string): string =>
  line.replace(/"time":(\d+),"v":1\}$/, (_all, time: string) => `"time":${Number(time) + 1},"v":1}`);
const without = (lines: readonly string[], k: number): string[] => lines.filter((_line, at) => at !== k - 1);
const replace = (lines: readonly string[], k: number, change: (line: string) => string): string[] =>
  lines.map((line, at) => (at === k - 1 ? change(line) : line));
const all = Array.from({ length: N }, (_none, at) => at + 1);
const found = async (home: string): Promise<unknown> => {
  const { ok, firstBad } = await verifyChain(home);
  return ok ? null : { seq: firstBad?.seq, reason: firstBad?.reason };
};

it('L11 the chain at rest verifies, all of it signed', async () => {
  expect(await verifyChain(original)).toMatchObject({
    ok: true,
    records: N,
    heads: 3,
    signedUpTo: N,
    unsignedTail: 0,
    trust: 'self',
    warnings: [],
    foreign: [],
  });
});

describe('L11.13 what is seen', () => {
  test.each(all)('a byte of line %d changed', async (k) => {
    const at = copy();
    at.write(replace(at.lines(), k, late));
    expect(await found(at.home)).toEqual({ seq: k, reason: 'hash' });
    at.write(replace(copy().lines(), k, (line) => line.replace('"v":1', '"v": 1')));
    expect(await found(at.home)).toEqual({ seq: k, reason: 'form' });
    fs.writeFileSync(
      at.segment,
      Buffer.concat(
        copy()
          .lines()
          .map((line, n) => Buffer.from(`${line}\n`).map((byte, m) => (n === k - 1 && m === 80 ? 0xff : byte))),
      ),
    );
    expect(await found(at.home)).toEqual({ seq: k, reason: 'form' });
  });
  test.each(all)('line %d removed', async (k) => {
    const at = copy();
    at.write(without(at.lines(), k));
    expect(await found(at.home)).toEqual({ seq: k, reason: k === N ? 'truncated' : 'seq' });
  });
  test.each(all)('the lines from %d on removed', async (k) => {
    const at = copy();
    at.write(at.lines().slice(0, k - 1));
    expect(await found(at.home)).toEqual({ seq: k, reason: 'truncated' });
  });
  test.each(all)('the file cut within line %d', async (k) => {
    const at = copy();
    const lines = at.lines();
    const before = Buffer.byteLength(
      lines
        .slice(0, k - 1)
        .map((line) => `${line}\n`)
        .join(''),
    );
    for (const cut of [1, 90, Buffer.byteLength(lines[k - 1] as string)]) {
      fs.copyFileSync(join(original, 'chain/000001.jsonl'), at.segment);
      fs.truncateSync(at.segment, before + cut);
      expect(await found(at.home)).toEqual({ seq: k, reason: 'form' });
    }
  });
  test.each(all.slice(0, -1))('lines %d and the next swapped', async (k) => {
    const at = copy();
    const lines = at.lines();
    [lines[k - 1], lines[k]] = [lines[k] as string, lines[k - 1] as string];
    at.write(lines);
    expect(await found(at.home)).toEqual({ seq: k, reason: 'seq' });
  });
  test.each(all)('line %d doubled', async (k) => {
    const at = copy();
    at.write(at.lines().flatMap((line, n) => (n === k - 1 ? [line, line] : [line])));
    // Behind the last record nobody has signed anything.
    expect(await found(at.home)).toEqual(k === N ? null : { seq: k + 1, reason: 'seq' });
  });
  test.each(all)('line %d changed and re-hashed, the rest left', async (k) => {
    const at = copy();
    at.write(replace(at.lines(), k, (line) => rehashed(late(line))));
    expect(await found(at.home)).toEqual({ seq: k, reason: k === N ? 'root' : 'link' });
  });
  test.each(all.slice(1))('the prev of line %d changed and re-hashed', async (k) => {
    const at = copy();
    at.write(
      replace(at.lines(), k, (line) =>
        rehashed(line.replace(/"prev":"../, '"prev":"zz'.replace('zz', line.includes('"prev":"00') ? '11' : '00'))),
      ),
    );
    expect(await found(at.home)).toEqual({ seq: k, reason: 'link' });
  });
  test.each(all)('line %d changed, it and all behind re-hashed', async (k) => {
    const at = copy();
    at.write(rewritten(at.lines(), k, late));
    const head = [2, 7, 13].find((seq) => seq > k) ?? N;
    expect(await found(at.home)).toEqual({ seq: head, reason: 'root' });
  });
  it('the changed line named by range when only a head fails', async () => {
    const at = copy();
    at.write(rewritten(at.lines(), 9, late));
    expect((await verifyChain(at.home)).range).toEqual({ from: 7, to: 13 });
  });
  it('head.json removed, changed, no head', async () => {
    const at = copy();
    fs.rmSync(at.head);
    expect(await found(at.home)).toEqual({ seq: N, reason: 'head-missing' });
    fs.writeFileSync(at.head, (heads[2] as string).replace(/"time":\d/, '"time":9'));
    expect(await found(at.home)).toEqual({ seq: N, reason: 'signature' });
    fs.writeFileSync(at.head, '{}\n');
    expect(await found(at.home)).toEqual({ seq: N, reason: 'signature' });
  });
  it('head.json aged: past the newest ChainHead a finding, to the last but one only an unsigned tail', async () => {
    const at = copy();
    fs.writeFileSync(at.head, heads[0] as string);
    expect(await found(at.home)).toEqual({ seq: 13, reason: 'head-old' });
    fs.writeFileSync(at.head, heads[1] as string);
    expect(await verifyChain(at.home)).toMatchObject({ ok: true, signedUpTo: 12, unsignedTail: 5 });
  });
  test.each<[string, string]>([
    ['half a line', '{"hash":"'],
    ['a line of nothing', '\n'],
    ['garbage', 'x\ny\n'],
    ['NUL bytes', '\0\0\0\0'],
  ])('L11.12 %s behind the head is a torn tail, and the next append sets it aside (L14.1)', async (_name, tail) => {
    const at = copy();
    fs.appendFileSync(at.segment, tail);
    const report = await verifyChain(at.home);
    expect(report).toMatchObject({
      ok: true,
      records: N,
      warnings: [{ code: 'TORN_TAIL', afterSeq: N, bytes: tail.length }],
    });
    expect(fs.readFileSync(at.segment, 'utf8').endsWith(tail)).toBe(true);
    const chain = await openChain(at.home);
    await chain.append(note(9));
    await chain.close();
    expect(await verifyChain(at.home)).toMatchObject({ ok: true, warnings: [] });
    const [recovered] = chain.reader.query({ kind: 'ChainRecovered' });
    expect(recovered?.payload).toMatchObject({ bytes: tail.length, afterSeq: N });
    expect(fs.readFileSync(join(at.home, 'chain', recovered?.payload['keptAs'] as string), 'utf8')).toBe(tail);
  });
  it('L14.2 a change before the head is never cut: nothing is appended', async () => {
    const at = copy();
    at.write(replace(at.lines(), 5, late));
    const before = fs.readFileSync(at.segment);
    await expect(openChain(at.home)).rejects.toMatchObject({
      code: 'CHAIN_BROKEN',
      details: { seq: 5, reason: 'hash' },
    });
    at.write(copy().lines().slice(0, 10));
    await expect(openChain(at.home)).rejects.toMatchObject({
      code: 'CHAIN_BROKEN',
      details: { seq: 11, reason: 'truncated' },
    });
    at.write(replace(copy().lines(), 5, late));
    expect(fs.readFileSync(at.segment).equals(before)).toBe(true);
  });
});

describe('L11.9 every member of every record', () => {
  const changes = (value: unknown): unknown =>
    typeof value === 'number' ? value + 1 : typeof value === 'string' ? `${value}x` : { x: 1 };
  test.each(all)('of record %d, with and without hashing it anew', async (k) => {
    const at = copy();
    const lines = at.lines();
    const record = JSON.parse(lines[k - 1] as string) as Record<string, unknown>;
    for (const name of Object.keys(record)) {
      const changed = JSON.stringify({ ...record, [name]: changes(record[name]) });
      at.write(replace(lines, k, () => changed));
      expect((await verifyChain(at.home)).firstBad?.seq).toBe(k);
      if (name === 'hash') continue;
      at.write(replace(lines, k, () => rehashed(changed)));
      expect((await verifyChain(at.home)).firstBad?.seq).toBe(k);
    }
  });
});

it('L7.5 a pinned key', async () => {
  const chain = await openChain(copy().home);
  await chain.close();
  expect(await verifyChain(original, { key: chain.publicKey.raw })).toMatchObject({ ok: true, trust: 'pinned' });
  expect(await verifyChain(original, { key: Buffer.alloc(32).toString('base64') })).toMatchObject({
    ok: false,
    firstBad: { seq: 1, reason: 'key' },
  });
});
