/**
 * Proofs (L12): that one record stands in a signed chain, or that a chain is the continuation of one that was signed before. They
 * are checked without the chain, and disclose no other record.
 */
import { canonicalJson, canonicalText, parseCanonical, parseCanonicalText } from '../foundation/canonical-json.ts';
import { CcosError } from '../foundation/errors.ts';
import { headVerifies, type Head } from './head.ts';
import { publicKeyFrom, type PublicKey } from './keys.ts';
import { headShape, publicKeyShape } from './payloads.ts';
import type { ChainReader } from './reader.ts';
import { hashOfLine } from './schema.ts';
import { count, exactly, hash, list, object, ordinal, pointerOf, text } from './shape.ts';
import { broken } from './stored.ts';
import { consistencyPath, extendsTree, includes, inclusionPath, rootOf } from './subtrees.ts';

/** That a record stands in the chain (L12.1): its line, and the path from its leaf to the signed root. `index` counts from 0. */
export interface InclusionProof {
  readonly v: 1;
  readonly record: string;
  readonly index: number;
  readonly size: number;
  readonly path: readonly string[];
  readonly head: Head;
  readonly publicKey: string;
}

/** That the tree of the head `old` is a prefix of the tree of `head` (L12.3). */
export interface ConsistencyProof {
  readonly v: 1;
  readonly old: Head;
  readonly path: readonly string[];
  readonly head: Head;
  readonly publicKey: string;
}

/**
 * Proves that a record stands in the chain, under the head in `head.json` (L12.1).
 * @throws `CHAIN_NOT_FOUND`, `CHAIN_BROKEN`, `CHAIN_QUERY` for a record behind the head, `PROOF_INVALID` where what was made does not stand.
 */
export function proveInclusion(reader: ChainReader, id: string): InclusionProof {
  const { record, line } = reader.stored(id);
  const head = signedHead(reader);
  const index = record.seq - 1;
  if (index >= head.size)
    throw new CcosError(
      'CHAIN_QUERY',
      `Cannot prove record ${record.seq}: the signed head covers ${head.size} records`,
      {
        details: { pointer: '/id', seq: record.seq, size: head.size },
        hint: 'wait until the process that appends has signed, a second at most',
      },
    );
  const path = reader.withSubtrees(head.size, (subtree) => inclusionPath(subtree, index, head.size));
  return checked({ v: 1, record: line, index, size: head.size, path, head, publicKey: signerOf(reader) });
}

/**
 * Proves that the chain goes on from an older head of its own (L12.3).
 * @throws `CHAIN_BROKEN` where it does not, and as `proveInclusion` does.
 */
export function proveConsistency(reader: ChainReader, old: Head): ConsistencyProof {
  const head = signedHead(reader);
  if (old.chain !== head.chain) throw broken(0, `it is ${head.chain}, and the head is of ${old.chain}`);
  if (old.size > head.size) throw broken(head.size + 1, 'truncated');
  const [path, root] = reader.withSubtrees(head.size, (subtree) => [
    consistencyPath(subtree, old.size, head.size),
    rootOf(subtree, old.size),
  ]);
  if (root !== old.root) throw broken(old.size, 'root');
  return checked({ v: 1, old, path, head, publicKey: signerOf(reader) });
}

/** The text of a proof's file. */
export function proofText(proof: InclusionProof | ConsistencyProof): string {
  return `${canonicalText(proof)}\n`;
}

/** Nothing that the index said is believed: a proof is checked before it is handed out (L1.2). */
function checked<Proof extends InclusionProof | ConsistencyProof>(proof: Proof): Proof {
  verifyProof(canonicalJson(proof));
  return proof;
}

function signedHead(reader: ChainReader): Head {
  const head = reader.head();
  if (head === null) throw broken(0, 'head-missing');
  return head;
}

/** The key of the chain, base64 of its 32 bytes: what the first record says. */
function signerOf(reader: ChainReader): string {
  const [created] = reader.query({ limit: 1 });
  const { publicKey } = created?.payload ?? {};
  if (typeof publicKey !== 'string') throw broken(1, 'schema');
  return publicKey;
}

const NEWLINE = 10;
const common = { v: exactly(1), path: list(hash), head: headShape, publicKey: publicKeyShape };
const inclusionShape = object({ ...common, record: text, index: count, size: ordinal });
const consistencyShape = object({ ...common, old: headShape });

interface Included {
  readonly kind: 'inclusion';
  readonly seq: number;
  readonly size: number;
  readonly record: string;
}
interface Continued {
  readonly kind: 'consistency';
  readonly from: number;
  readonly size: number;
}

/** What a proof that stands says. `trust` is `pinned` where the key was given from elsewhere. */
export type Proven = { readonly key: string; readonly trust: 'pinned' | 'self'; readonly chain: string } & (
  | Included
  | Continued
);

/**
 * Checks a proof, the bytes of its file (L12.2): canonical JSON and at most one newline. `key` is base64 of the 32 bytes of the key
 * that must have signed it.
 * @throws `PROOF_INVALID {reason}`.
 */
export function verifyProof(file: Uint8Array, key?: string): Proven {
  const proof = parsedProof(file);
  const signer = publicKeyFrom(proof.publicKey);
  if (signer === null) throw invalid('key', 'its key is no Ed25519 key');
  if (key !== undefined && signer.raw !== key) throw invalid('key', 'another key than the given one signed it');
  if (!headVerifies(proof.head, signer)) throw invalid('signature', 'the signature of its head is not of its key');
  const who = { key: signer.id, trust: key === undefined ? 'self' : 'pinned', chain: proof.head.chain } as const;
  return 'record' in proof ? { ...who, ...included(proof) } : { ...who, ...continued(proof, signer) };
}

function parsedProof(file: Uint8Array): InclusionProof | ConsistencyProof {
  let value: unknown;
  try {
    value = parseCanonical(file.at(-1) === NEWLINE ? file.subarray(0, -1) : file);
  } catch (cause) {
    throw invalid('form', 'it is not canonical JSON', cause);
  }
  const shape = typeof value === 'object' && value !== null && 'record' in value ? inclusionShape : consistencyShape;
  const fault = shape(value);
  if (fault !== null) throw invalid('form', `${pointerOf(fault) || 'it'} must be ${fault.expected}`);
  return value as InclusionProof | ConsistencyProof;
}

function included(proof: InclusionProof): Included {
  const { record: line, index, size, path, head } = proof;
  const seq = index + 1;
  let record: { readonly hash?: unknown; readonly seq?: unknown };
  try {
    record = parseCanonicalText(line) as typeof record;
  } catch (cause) {
    throw invalid('form', 'its record is not canonical JSON', cause);
  }
  const own = hashOfLine(line);
  if (!line.startsWith(`{"hash":"${own}",`)) throw invalid('hash', 'its record is not what its hash says');
  if (record.seq !== seq) throw invalid('seq', `its record is not record ${seq}`);
  if (size !== head.size) throw invalid('root', `its head is of ${head.size} records, not of ${size}`);
  if (!includes(own, index, size, path, head.root)) throw invalid('root', 'its path does not lead to the signed root');
  return { kind: 'inclusion', seq, size, record: line };
}

function continued({ old, head, path }: ConsistencyProof, signer: PublicKey): Continued {
  if (!headVerifies(old, signer)) throw invalid('signature', 'the signature of its old head is not of its key');
  if (old.chain !== head.chain) throw invalid('root', 'its heads are of two chains');
  if (!extendsTree(old, head, path)) throw invalid('root', 'its path does not lead from one root to the other');
  return { kind: 'consistency', from: old.size, size: head.size };
}

function invalid(reason: string, what: string, cause?: unknown): CcosError {
  return new CcosError('PROOF_INVALID', `The proof does not stand: ${what}`, {
    details: { reason },
    cause,
    hint: 'do not believe what it says; have it made anew with ccos log --prove or --prove-consistency',
  });
}
