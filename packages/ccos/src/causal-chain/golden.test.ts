import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { canonicalText } from '../foundation/canonical-json.ts';
import { hash, sha256 } from '../foundation/digest.ts';
import { ChainFold } from './fold.ts';
import { headVerifies, signedHead, type Head } from './head.ts';
import { keyPairFrom } from './keys.ts';
import { leafOf, MerkleTree } from './merkle.ts';
import type { ChainRecord } from './record.ts';
import { recordFault, seal } from './schema.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const golden = fs.readFileSync(at('golden/chain.jsonl'), 'utf8');
const lines = golden.split('\n').slice(0, 3);
const head = JSON.parse(golden.split('\n')[3] as string) as Head;
const records = lines.map((line) => JSON.parse(line) as ChainRecord);
const pem = `-----BEGIN PRIVATE KEY-----\n${Buffer.concat([
  Buffer.from('302e020100300506032b657004220420', 'hex'),
  Buffer.from(Array.from({ length: 32 }, (_none, n) => n)),
]).toString('base64')}\n-----END PRIVATE KEY-----\n`;

describe('L3 the golden example', () => {
  it('is what a script without our code makes', () => {
    expect(execFileSync(process.execPath, [at('../../../../scripts/golden-chain.mjs')], { encoding: 'utf8' })).toBe(
      golden,
    );
  });
  it('L3.1 and L3.2 is what our code makes of the records, byte for byte', () => {
    for (const [n, { hash: _hash, ...record }] of records.entries()) expect(seal(record).line).toBe(`${lines[n]}\n`);
    expect(lines.map((line) => Buffer.byteLength(line))).toEqual([451, 947, 828]);
  });
  it('L4 has payloads as the schema wants them', () => expect(records.map(recordFault)).toEqual([null, null, null]));
  it('L3.4 has the leaves and the root', () => {
    expect(leafOf((records[1] as ChainRecord).hash)).toBe(
      '83c8f0a2b0dd560a3f61f7af24afcb036b118d51bc3085a73b118d0115893def',
    );
    const tree = new MerkleTree();
    for (const record of records) tree.add(record.hash);
    expect(tree.root()).toBe('7bcf1b9550af0d84c40d9122bfff7340726e12ecdba54f0b2d4a8cc5537b4484');
  });
  it('L6.1 has the head that our code signs', () => {
    const key = keyPairFrom(pem);
    const { sig: _sig, v: _v, key: _key, ...unsigned } = head;
    expect(canonicalText(signedHead(unsigned, key))).toBe(canonicalText(head));
    expect(headVerifies({ ...head, size: 4 }, key)).toBe(false);
  });
  it('O6.12 has the idempotency key', () => {
    const { payload, run } = records[2] as ChainRecord;
    expect(payload['idempotencyKey']).toBe(
      hash('idempotency', { argsDigest: payload['argsDigest'], callPath: payload['callPath'], run }),
    );
  });
  it('L3.2 a shell can check each line', () => {
    const folder = fs.mkdtempSync(join(tmpdir(), 'ccos-golden-'));
    fs.writeFileSync(join(folder, 'SEG'), `${lines.join('\n')}\n`);
    for (const [n, { hash: expected }] of records.entries()) {
      const command = `{ printf 'ccos/v1/record\\0{'; sed -n ${n + 1}p SEG | cut -b76- | tr -d '\\n'; } | sha256sum`;
      expect(execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' }).slice(0, 64)).toBe(expected);
    }
    fs.rmSync(folder, { recursive: true });
  });
  it('L11 stands, line by line', () => {
    const fold = new ChainFold();
    let offset = 0;
    for (const [n, text] of lines.entries()) {
      const bytes = Buffer.byteLength(text) + 1;
      expect(fold.take({ text, segment: '000001.jsonl', line: n + 1, offset, bytes, complete: true })).toHaveProperty(
        'record',
      );
      offset += bytes;
    }
    expect(fold.judgeHead(head)).toBeNull();
  });
});

it('L3.4 the tree equals the recursive definition of RFC 6962 at every size', () => {
  const hashes = Array.from({ length: 70 }, (_none, n) => hash('value', n));
  const recursive = (part: readonly string[]): string => {
    const single = new MerkleTree();
    if (part.length <= 1) {
      for (const one of part) single.add(one);
      return single.root();
    }
    let split = 1;
    while (split * 2 < part.length) split *= 2;
    const joined = Buffer.from(`01${recursive(part.slice(0, split))}${recursive(part.slice(split))}`, 'hex');
    return sha256(joined);
  };
  const tree = new MerkleTree();
  for (const [n, one] of hashes.entries()) {
    expect(tree.rootWith(one)).toBe(recursive(hashes.slice(0, n + 1)));
    tree.add(one);
    expect(tree.root()).toBe(recursive(hashes.slice(0, n + 1)));
  }
});
