import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { hash } from '../foundation/digest.ts';
import { systemFiles, type Files } from '../foundation/files.ts';
import { openChain } from './chain.ts';
import type { Head } from './head.ts';
import { MerkleTree } from './merkle.ts';
import { proofText, proveConsistency, proveInclusion, verifyProof } from './proof.ts';
import { ChainReader } from './reader.ts';
import { consistencyPath, extendsTree, includes, inclusionPath, subtreesOf } from './subtrees.ts';
import { verifyChain } from './verify.ts';

const scratch = fs.mkdtempSync(join(tmpdir(), 'ccos-proof-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));
const SIZES = Array.from({ length: 70 }, (_none, n) => n + 1);
const hashes = SIZES.map((n) => hash('value', n));
const subtree = subtreesOf(hashes);
const roots = (() => {
  const tree = new MerkleTree();
  return hashes.map((one) => {
    tree.add(one);
    return tree.root();
  });
})();
const root = (size: number): string => roots[size - 1] ?? '';

describe('L12.4 every index and size up to 70', () => {
  it('inclusion: the path leads to the root, and from no other place, leaf or length', () => {
    for (const size of SIZES)
      for (let index = 0; index < size; index++) {
        const path = inclusionPath(subtree, index, size);
        const leaf = hashes[index] as string;
        expect(includes(leaf, index, size, path, root(size))).toBe(true);
        for (const other of [index - 1, index + 1, index + 2])
          expect(includes(leaf, other, size, path, root(size))).toBe(false);
        expect(includes(hash('value', 'x'), index, size, path, root(size))).toBe(false);
        expect(includes(leaf, index, size, [...path, root(1)], root(size))).toBe(false);
        if (path.length > 0) expect(includes(leaf, index, size, path.slice(1), root(size))).toBe(false);
      }
  });
  it('consistency: of each pair, and of none with another root', () => {
    for (const size of SIZES)
      for (let old = 1; old <= size; old++) {
        const path = consistencyPath(subtree, old, size);
        const [then, now] = [
          { size: old, root: root(old) },
          { size, root: root(size) },
        ];
        expect(extendsTree(then, now, path)).toBe(true);
        expect(extendsTree({ ...then, root: hash('value', 'x') }, now, path)).toBe(false);
        expect(extendsTree(then, { ...now, root: hash('value', 'x') }, path)).toBe(false);
        expect(extendsTree(then, now, [...path, root(1)])).toBe(false);
        if (path.length > 0) expect(extendsTree(then, now, path.slice(0, -1))).toBe(false);
      }
  });
  it('L3.4 the golden example', () => {
    const leaves = ['1', '2', '3'].map((digit) => digit.repeat(64));
    const three = subtreesOf(leaves);
    expect(inclusionPath(three, 1, 3)).toEqual([three(0, 0), three(0, 2)]);
  });
});

const bytesOf = (proof: Parameters<typeof proofText>[0]): Buffer => Buffer.from(proofText(proof));
let home: string, otherHome: string;
let old: Head;
const note = { kind: 'InternalStep', principal: 'host', payload: { name: 'note', detail: 'é' } } as const;
async function grow(folder: string, count: number): Promise<string[]> {
  const chain = await openChain(folder, { segmentBytesMax: 6_000 });
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push((await chain.append(note, 'written')).id);
  await chain.close();
  return ids;
}
const reader = (folder = home, files?: Files): ChainReader =>
  new ChainReader(join(folder, 'chain'), { indexedBytesMin: 0, ...(files === undefined ? {} : { files }) });
let ids: string[];
beforeAll(async () => {
  [home, otherHome] = [join(scratch, 'a'), join(scratch, 'b')];
  await grow(home, 20);
  old = reader().head() as Head;
  ids = await grow(home, 30);
  await grow(otherHome, 60);
});

describe('L12 proofs of a chain', () => {
  it('L12.1 that a record stands in it, with and without an index', async () => {
    const key = JSON.parse(fs.readFileSync(join(home, 'chain/000001.jsonl'), 'utf8').split('\n')[0] as string) as {
      payload: { publicKey: string };
    };
    for (const id of ids.slice(0, 6)) {
      const proof = proveInclusion(reader(), id);
      expect(proveInclusion(new ChainReader(join(home, 'chain')), id)).toEqual(proof);
      expect(verifyProof(bytesOf(proof), key.payload.publicKey)).toMatchObject({
        kind: 'inclusion',
        trust: 'pinned',
        seq: proof.index + 1,
        record: proof.record,
      });
      expect(JSON.parse(proof.record)).toMatchObject({ id });
    }
    expect(() => proveInclusion(reader(), ids[0] as string)).not.toThrow();
    const bytes = bytesOf(proveInclusion(reader(), ids[0] as string));
    expect(() => verifyProof(bytes, Buffer.alloc(32).toString('base64'))).toThrow(
      expect.objectContaining({ code: 'PROOF_INVALID', exit: 8 }),
    );
  });
  it('L12.3 that it goes on from an older head, and from no other', () => {
    const proof = proveConsistency(reader(), old);
    expect(verifyProof(bytesOf(proof))).toMatchObject({ kind: 'consistency', from: old.size, trust: 'self' });
    for (const wrong of [
      { ...old, root: 'a'.repeat(64) },
      { ...old, size: old.size - 1 },
      { ...old, size: 999 },
    ])
      expect(() => proveConsistency(reader(), wrong)).toThrow(expect.objectContaining({ code: 'CHAIN_BROKEN' }));
    expect(() => proveConsistency(reader(otherHome), old)).toThrow(expect.objectContaining({ code: 'CHAIN_BROKEN' }));
  });
  it('L6.4 verify --against: a head kept elsewhere is a prefix of the chain, or the chain is not that one', async () => {
    expect(await verifyChain(home, { against: old })).toMatchObject({ ok: true });
    const bad = async (folder: string, against: Head): Promise<unknown> => {
      const { firstBad } = await verifyChain(folder, { against });
      return firstBad === null ? null : [firstBad.seq, firstBad.reason];
    };
    expect(await bad(otherHome, old)).toEqual([1, 'root']);
    expect(await bad(home, { ...old, time: old.time + 1 })).toEqual([1, 'signature']);
    // Chain and head replaced together by an older pair: what nothing else can find.
    const before = join(scratch, 'before');
    fs.cpSync(home, before, { recursive: true });
    await grow(home, 3);
    const newest = reader().head() as Head;
    expect((await verifyChain(before)).ok).toBe(true);
    const records = (await verifyChain(before)).records;
    expect(await bad(before, newest)).toEqual([records + 1, 'truncated']);
  });
  it('L12.5 costs a number of reads that does not grow with the chain', () => {
    let reads = 0;
    const files: Files = {
      ...systemFiles,
      read: (...args) => {
        reads++;
        return systemFiles.read(...args);
      },
    };
    reader().query({ kind: 'ChainHead' });
    proveInclusion(reader(home, files), ids[3] as string);
    expect(reads).toBeLessThan(12);
  });
});

const verifier = fileURLToPath(new URL('../../../../examples/verify-proof.mjs', import.meta.url));
const standalone = (file: string, ...key: string[]): Promise<{ code: number; stdout: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [verifier, file, ...key], (error, stdout) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout }),
    );
  });

describe('L12.2 and L12.4 every bit of a proof', () => {
  const kinds: [string, () => string][] = [
    ['inclusion', () => proofText(proveInclusion(reader(), ids[1] as string))],
    ['consistency', () => proofText(proveConsistency(reader(), old))],
  ];
  test.each(kinds)('of %s, turned', (_name, make) => {
    const bytes = Buffer.from(make());
    expect(() => verifyProof(bytes)).not.toThrow();
    for (let at = 0; at < bytes.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const turned = Buffer.from(bytes);
        turned[at] = (bytes[at] as number) ^ (1 << bit);
        expect(() => verifyProof(turned), `bit ${bit} of byte ${at}`).toThrow(
          expect.objectContaining({ code: 'PROOF_INVALID' }),
        );
      }
  });
  test.each(kinds)('of %s, for the verifier that shares no code with ours', async (_name, make) => {
    const text = make();
    const lines = fs.readFileSync(verifier, 'utf8').split('\n');
    expect(lines.length).toBeLessThanOrEqual(101);
    expect(lines.filter((line) => line.startsWith('import')).every((line) => line.includes("from 'node:"))).toBe(true);
    const file = join(scratch, 'proof.json');
    fs.writeFileSync(file, text);
    const { publicKey } = JSON.parse(text) as { publicKey: string };
    expect((await standalone(file, publicKey)).code).toBe(0);
    expect((await standalone(file, Buffer.alloc(32).toString('base64'))).code).toBe(8);
    fs.writeFileSync(file, proofText(proveConsistency(reader(), reader().head() as Head)));
    expect(await standalone(file)).toMatchObject({ code: 0, stdout: expect.stringContaining('goes on') });
    const { check } = (await import(verifier)) as { check(bytes: Uint8Array): unknown };
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const turned = Buffer.from(bytes);
        turned[at] = (bytes[at] as number) ^ (1 << bit);
        expect(() => check(turned), `bit ${bit} of byte ${at}`).toThrow();
      }
  });
});
