// Checks a proof of a CCOS chain with nothing but Node: node verify-proof.mjs PROOF [KEY]
// KEY is what `ccos verify --show-key` printed, kept elsewhere; without it only that the proof agrees with itself is known.
// Exit 0 when the proof stands, 8 when it does not.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const leaf = (hash) => sha256(Uint8Array.of(0), Buffer.from(hash, 'hex'));
const node = (left, right) => sha256(Uint8Array.of(1), left, right);
const half = (n) => Math.floor(n / 2);

function demand(holds, what) {
  if (!holds) throw new Error(what);
}

/** Canonical JSON: members sorted, nothing between them. */
function canonical(value) {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}

function parse(text, what) {
  const value = JSON.parse(text);
  demand(canonical(value) === text, `${what} is not canonical JSON`);
  return value;
}

function checkHead({ sig, ...head }, rawKey) {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: rawKey.toString('base64url') }, format: 'jwk' });
  const signature = Buffer.from(sig, 'base64');
  demand(signature.toString('base64') === sig, 'the signature is not base64');
  demand(head.key === `ed25519:${sha256(rawKey).toString('hex').slice(0, 32)}`, 'the head names another key');
  demand(verify(null, Buffer.from(`ccos/v1/chain-head\0${canonical(head)}`), key, signature), 'the signature is wrong');
}

/** From the leaf upwards (RFC 9162, 2.1.3.2). */
function checkInclusion({ record: line, index, size, path, head }) {
  const record = parse(line, 'the record');
  const hash = sha256(`ccos/v1/record\0{${line.slice(75)}`).toString('hex');
  demand(line.startsWith(`{"hash":"${hash}",`) && record.seq === index + 1, 'the record is not what its hash says');
  demand(size === head.size && index < size, 'the size is not that of the head');
  let [at, last, root] = [index, size - 1, leaf(hash)];
  for (const step of path) {
    demand(last > 0, 'the path is too long');
    if (at % 2 === 1 || at === last) {
      root = node(step, root);
      while (at % 2 === 0 && at > 0) [at, last] = [half(at), half(last)];
    } else root = node(root, step);
    [at, last] = [half(at), half(last)];
  }
  demand(last === 0 && root.toString('hex') === head.root, 'the path does not lead to the signed root');
  return `record ${record.seq} (${record.kind} ${record.id}) stands in a chain of ${size} records`;
}

/** From the smaller tree's last subtree to both roots (RFC 9162, 2.1.4.2). */
function checkConsistency({ old, head, path }) {
  demand(old.chain === head.chain && old.size <= head.size, 'the heads are not of one chain');
  let [at, last] = old.size === head.size ? [0, 0] : [old.size - 1, head.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  const [first, ...steps] = at === 0 ? [Buffer.from(old.root, 'hex'), ...path] : path;
  let [then, now] = [first, first];
  for (const step of steps) {
    demand(last > 0, 'the path is too long');
    if (at % 2 === 1 || at === last) {
      [then, now] = [node(step, then), node(step, now)];
      while (at % 2 === 0 && at > 0) [at, last] = [half(at), half(last)];
    } else now = node(now, step);
    [at, last] = [half(at), half(last)];
  }
  const roots = then.toString('hex') === old.root && now.toString('hex') === head.root;
  demand(last === 0 && roots, 'the path leads elsewhere');
  return `a chain of ${old.size} records goes on to one of ${head.size}`;
}

/** What the proof says; throws where it does not stand. */
export function check(bytes, pinnedKey) {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const proof = parse(text.replace(/\n$/, ''), 'the proof');
  const names = Object.keys(proof).join();
  demand(['head,index,path,publicKey,record,size,v', 'head,old,path,publicKey,v'].includes(names), 'this is no proof');
  demand(proof.v === 1 && proof.path.every((step) => /^[0-9a-f]{64}$/.test(step)), 'this is no proof');
  demand(pinnedKey === undefined || proof.publicKey === pinnedKey, 'another key than the given one signed it');
  const rawKey = Buffer.from(proof.publicKey, 'base64');
  demand(rawKey.length === 32 && rawKey.toString('base64') === proof.publicKey, 'the key is no key');
  for (const head of proof.old === undefined ? [proof.head] : [proof.head, proof.old]) checkHead(head, rawKey);
  const read = { ...proof, path: proof.path.map((step) => Buffer.from(step, 'hex')) };
  return proof.old === undefined ? checkInclusion(read) : checkConsistency(read);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${check(readFileSync(process.argv[2]), process.argv[3])}\n`);
  } catch (error) {
    process.stderr.write(`The proof does not stand: ${error.message}\n`);
    process.exitCode = 8;
  }
}
