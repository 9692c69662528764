/** L11.9: each member of each kind, changed at every depth, is found at its own record, hashed anew or not. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { drafts } from '../../test/every-kind.ts';
import { canonicalText, type Parsed } from '../foundation/canonical-json.ts';
import { openChain } from './chain.ts';
import { PAYLOADS } from './payloads.ts';
import { hashOfLine } from './schema.ts';
import { verifyChain } from './verify.ts';

const scratch = fs.mkdtempSync(join(tmpdir(), 'ccos-mutations-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));
const home = join(scratch, '.ccos');
const segments: string[][] = [];
const pathOf = (at: number): string => join(home, 'chain', `${String(at + 1).padStart(6, '0')}.jsonl`);
type Record = { [name: string]: Parsed };
interface At {
  readonly segment: number;
  readonly line: number;
  readonly seq: number;
  readonly record: Record;
}
const all: At[] = [];

beforeAll(async () => {
  // Two sessions over small segments, and a torn tail between them: the chain's own kinds are there too.
  for (const session of [0, 1]) {
    const chain = await openChain(home, { segmentBytesMax: 6_000 });
    for (const draft of drafts) await chain.append(draft, 'written');
    await chain.close();
    const newest =
      fs
        .readdirSync(join(home, 'chain'))
        .filter((name) => name.endsWith('.jsonl'))
        .toSorted()
        .at(-1) ?? '';
    if (session === 0) fs.appendFileSync(join(home, 'chain', newest), '{"torn');
  }
  for (let at = 0; fs.existsSync(pathOf(at)); at++) {
    segments.push(fs.readFileSync(pathOf(at), 'utf8').split('\n').slice(0, -1));
    fs.chmodSync(pathOf(at), 0o600);
  }
  for (const [segment, lines] of segments.entries())
    for (const [line, text] of lines.entries())
      all.push({ segment, line, seq: all.length + 1, record: JSON.parse(text) as Record });
});

/** What verification says once a line is another. */
async function foundWith({ segment, line }: At, text: string): Promise<number | undefined> {
  const lines = [...(segments[segment] ?? [])];
  const original = `${lines.join('\n')}\n`;
  lines[line] = text;
  fs.writeFileSync(pathOf(segment), `${lines.join('\n')}\n`);
  const report = await verifyChain(home);
  fs.writeFileSync(pathOf(segment), original);
  expect(report.ok).toBe(false);
  return report.firstBad?.seq;
}
const rehashed = (line: string): string => `{"hash":"${hashOfLine(line)}",${line.slice(75)}`;

/** Every copy of a value with one thing in it changed, added or taken away. */
function* changed(value: Parsed): Generator<Parsed> {
  if (typeof value === 'number') yield value + 1;
  else if (typeof value === 'string') yield `${value}x`;
  else if (typeof value === 'boolean') yield !value;
  else if (value === null) yield 0;
  else if (Array.isArray(value)) {
    yield [...value, null];
    for (const [at, member] of value.entries()) for (const other of changed(member)) yield value.with(at, other);
  } else {
    yield { ...value, zz: null };
    for (const name of Object.keys(value)) {
      const { [name]: member = null, ...rest } = value;
      yield rest;
      for (const other of changed(member)) yield { ...value, [name]: other };
    }
  }
}

it('every kind stands in the chain, which verifies', async () => {
  expect(new Set(all.map(({ record }) => record['kind']))).toEqual(new Set(Object.keys(PAYLOADS)));
  expect(await verifyChain(home)).toMatchObject({ ok: true, records: all.length, warnings: [] });
});

describe('L11.9 every member', () => {
  test.each(Object.keys(PAYLOADS))(
    'of %s',
    async (kind) => {
      const at = all.findLast(({ record }) => record['kind'] === kind) as At;
      let count = 0;
      for (const mutant of changed(at.record)) {
        const line = canonicalText(mutant);
        expect(await foundWith(at, line), line).toBe(at.seq);
        // A line that does not begin with its hash has none to be made anew.
        const { hash: own } = mutant as Record;
        if (own !== at.record['hash']) continue;
        expect(await foundWith(at, rehashed(line)), `hashed anew: ${line}`).toBe(at.seq);
        count++;
      }
      expect(count).toBeGreaterThan(10);
    },
    120_000,
  );
});

describe('L11.9 segments', () => {
  const restore = (): void => {
    for (const [at, lines] of segments.entries()) fs.writeFileSync(pathOf(at), `${lines.join('\n')}\n`);
  };
  const first = (segment: number): number => all.find((at) => at.segment === segment)?.seq ?? 0;
  test.each([0, 1, 2])('%d dropped, renamed, swapped with the next, emptied', async (segment) => {
    const seen = async (): Promise<number | undefined> => (await verifyChain(home)).firstBad?.seq;
    fs.rmSync(pathOf(segment));
    const dropped = await seen();
    expect([0, first(segment)]).toContain(dropped);
    restore();
    fs.writeFileSync(pathOf(segment), `${segments[segment + 1]?.join('\n')}\n`);
    fs.writeFileSync(pathOf(segment + 1), `${segments[segment]?.join('\n')}\n`);
    expect(await seen()).toBe(first(segment));
    restore();
    fs.writeFileSync(pathOf(segment), '');
    expect(await seen()).toBe(first(segment));
    restore();
    expect((await verifyChain(home)).ok).toBe(true);
  });
});
