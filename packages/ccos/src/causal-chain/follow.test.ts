import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CcosError } from '../foundation/errors.ts';
import { faultyFiles } from '../../test/crash/faulty-files.ts';
import { openChain, type Chain } from './chain.ts';
import { openChainFollower, type ChainFollower } from './follow.ts';
import type { RecordDraft } from './record.ts';
import { verifyChain } from './verify.ts';

const scratch = fs.mkdtempSync(join(tmpdir(), 'ccos-follow-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));
let homes = 0;
const newHome = (): string => join(scratch, String(homes++), '.ccos');
const note = (n: number): RecordDraft => ({
  kind: 'InternalStep',
  principal: 'host',
  payload: { name: 'note', detail: n },
});
const seen = (follower: ChainFollower): unknown[] =>
  [...follower.records('InternalStep')].map(({ payload }) => payload['detail']);

describe('following the chain', () => {
  it('gives each record once, over segments, and what comes later', async () => {
    const home = newHome();
    const chain = await openChain(home, { segmentBytesMax: 1_500 });
    const follower = chain.follow();
    expect(seen(follower)).toEqual([]);
    const all: number[] = [];
    for (let n = 0; n < 20; n++) {
      await chain.append(note(n), 'written');
      all.push(n);
      if (n % 7 === 0) expect(seen(follower)).toEqual(all.splice(0));
    }
    expect(seen(follower)).toEqual(all);
    const { position } = follower;
    expect(fs.readdirSync(join(home, 'chain')).filter((name) => name.endsWith('.jsonl')).length).toBeGreaterThan(3);
    expect(position).toEqual({ seq: chain.reader.query().length, hash: chain.reader.query().at(-1)?.hash });
    await chain.close();
    const again = (await openChainFollower(home))();
    expect(again.seek({ seq: 5, hash: chain.reader.query()[4]?.hash ?? '' })).toBe(true);
    expect([...again.records('')].map(({ seq }) => seq)[0]).toBe(6);
    for (const wrong of [
      { seq: 5, hash: 'a'.repeat(64) },
      { seq: 5_000, hash: position.hash },
    ])
      expect((await openChainFollower(home))().seek(wrong)).toBe(false);
  });

  it('leaves a line without newline for later, and refuses one that is no record', async () => {
    const home = newHome();
    const chain = await openChain(home);
    await chain.append(note(1));
    await chain.close();
    const segment = join(home, 'chain', '000001.jsonl');
    const text = fs.readFileSync(segment, 'utf8');
    fs.writeFileSync(segment, text.slice(0, -10));
    const follower = (await openChainFollower(home))();
    expect(seen(follower)).toEqual([]);
    fs.writeFileSync(segment, text);
    expect(seen(follower)).toEqual([1]);
    fs.appendFileSync(segment, '{"kind":"InternalStep"}\n');
    expect(() => seen(follower)).toThrow(expect.objectContaining({ code: 'CHAIN_BROKEN' }) as Error);
  });

  it('finds no record before there is a chain', async () => {
    const home = newHome();
    fs.mkdirSync(join(home, 'keys'), { recursive: true });
    expect(seen((await openChainFollower(home))())).toEqual([]);
  });
});

describe('L8.1 a batch that is decided under the lock', () => {
  async function count(chain: Chain, follower: ChainFollower, state: { n: number }): Promise<void> {
    await chain.update(async () => {
      for (const record of follower.records('InternalStep')) state.n = record.payload['detail'] as number;
      await Promise.resolve();
      return [note(state.n + 1)];
    });
  }

  it('sees everything before it: no count is lost between chains of one home', async () => {
    const home = newHome();
    const chains = await Promise.all(Array.from({ length: 3 }, () => openChain(home)));
    await Promise.all(
      chains.map(async (chain) => {
        const follower = chain.follow();
        const state = { n: 0 };
        await Promise.all(Array.from({ length: 20 }, () => count(chain, follower, state)));
      }),
    );
    expect(seen((await openChainFollower(home))())).toEqual(Array.from({ length: 60 }, (_none, n) => n + 1));
    for (const chain of chains) await chain.close();
    expect(await verifyChain(home)).toMatchObject({ ok: true });
  });

  it('writes all of a batch or nothing, in one write and one sync, records of others before or behind it', async () => {
    const home = newHome();
    const { files, trace } = faultyFiles(null);
    const chain = await openChain(home, { files });
    const before = trace().length;
    const batch = await chain.update(async () => Array.from({ length: 300 }, (_none, n) => note(n)));
    const calls = trace().slice(before);
    expect([
      calls.filter((name) => name === 'write').length,
      calls.filter((name) => name.startsWith('fdatasync')).length,
    ]).toEqual([1, 1]);
    expect(batch.map(({ seq }) => seq)).toEqual(Array.from({ length: 300 }, (_none, n) => (batch[0]?.seq ?? 0) + n));
    await Promise.all([chain.append(note(-1)), chain.update(async () => [note(-2), note(-3)]), chain.append(note(-4))]);
    const tail = chain.reader
      .query()
      .flatMap(({ payload }) => (Number(payload['detail']) < 0 ? [payload['detail']] : []));
    expect(tail.indexOf(-3)).toBe(tail.indexOf(-2) + 1);
    const refused: [() => Promise<RecordDraft[]>, string][] = [
      [async () => [note(1), { ...note(2), parent: 'action-01890a5d-ac96-7000-8000-000000000009' }], 'CHAIN_PARENT'],
      [async () => [note(1), { ...note(2), principal: '' }], 'CHAIN_SCHEMA'],
      [() => Promise.reject(new CcosError('USAGE', 'no')), 'USAGE'],
    ];
    const size = chain.reader.query().length;
    for (const [decide, code] of refused) await expect(chain.update(decide)).rejects.toMatchObject({ code });
    expect(await chain.update(async () => [])).toEqual([]);
    expect(chain.reader.query()).toHaveLength(size);
    await chain.close();
    await expect(chain.update(async () => [note(1)])).rejects.toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
    expect(await verifyChain(home)).toMatchObject({ ok: true, unsignedTail: 0 });
  });
});
