// Makes the golden example of the chain (L3) with nothing but the platform's SHA-256 and Ed25519 and a serialiser of its own, so
// that the product's bytes can be compared with bytes it did not make. Prints the three lines and the head, one a line.
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';

const jcs = (value) =>
  Array.isArray(value)
    ? `[${value.map(jcs).join()}]`
    : typeof value === 'object' && value !== null
      ? `{${Object.keys(value)
          .sort()
          .map((name) => `${JSON.stringify(name)}:${jcs(value[name])}`)
          .join()}}`
      : JSON.stringify(value);
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const typed = (type, value) => sha256(`ccos/v1/${type}\0`, jcs(value)).toString('hex');

const seed = Buffer.from(Array.from({ length: 32 }, (_none, at) => at));
const key = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
  format: 'der',
  type: 'pkcs8',
});
const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(12);
const keyId = `ed25519:${sha256(publicKey).toString('hex').slice(0, 32)}`;

const uuid = (last) => `01890a5d-ac96-7000-8000-${last.padStart(12, '0')}`;
const chain = `chain-${uuid('cc')}`,
  run = `run-${uuid('aa')}`,
  plan = `4f0e2a1d${'0'.repeat(56)}`,
  callPath = '0.2#0';
const argsDigest = `sha256:${typed('call-args', ['héllo'])}`;
const inRun = { plan, principal: 'host', run, step: '0#0' };
const drafts = [
  {
    kind: 'ChainCreated',
    payload: { chain, key: keyId, publicKey: publicKey.toString('base64') },
    principal: 'system',
    time: 1_700_000_000_000,
  },
  {
    kind: 'GovernanceDecision',
    ...inRun,
    time: 1_700_000_000_010,
    payload: {
      callPath,
      contextId: uuid('dd'),
      effects: [':pure'],
      level: 'controlled',
      outcome: 'allow',
      permissions: ['ccos.echo'],
      policyDigest: `sha256:${'0'.repeat(64)}`,
      rule: 'allow:ccos.*',
      signals: [],
      subject: { argsDigest, id: 'ccos.echo', kind: 'capability' },
      rules: [{ effect: 'allow', id: 'allow:ccos.*', matched: true, outcome: 'allow', source: 'policy' }],
    },
  },
  {
    kind: 'CapabilityCall',
    ...inRun,
    parent: `action-${uuid('2')}`,
    time: 1_700_000_000_011,
    payload: {
      args: ['héllo'],
      argsDigest,
      attempt: 1,
      callPath,
      capability: 'ccos.echo',
      effects: [':pure'],
      idempotencyKey: typed('idempotency', { argsDigest, callPath, run }),
      manifestHash: '1'.repeat(64),
    },
  },
];

let prev = '0'.repeat(64);
const lines = drafts.map((draft, at) => {
  const body = { ...draft, id: `action-${uuid(String(at + 1))}`, prev, seq: at + 1, v: 1 };
  prev = typed('record', body);
  return jcs({ ...body, hash: prev });
});

const leaves = lines.map((line) => sha256(Uint8Array.of(0), Buffer.from(JSON.parse(line).hash, 'hex')));
const node = (left, right) => sha256(Uint8Array.of(1), left, right);
const unsigned = {
  bytes: Buffer.byteLength(`${lines.join('\n')}\n`),
  chain,
  key: keyId,
  last: prev,
  root: node(node(leaves[0], leaves[1]), leaves[2]).toString('hex'),
  segment: '000001.jsonl',
  size: 3,
  time: 1_700_000_000_012,
  v: 1,
};
const sig = sign(null, Buffer.from(`ccos/v1/chain-head\0${jcs(unsigned)}`), key).toString('base64');
process.stdout.write(`${[...lines, jcs({ ...unsigned, sig })].join('\n')}\n`);
