/** The chain's keys (L7.1) and the modes of private files (L1.3). */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { join } from 'node:path';
import { writeFileAtomic } from '../foundation/atomic-file.ts';
import { sha256 } from '../foundation/digest.ts';
import { CcosError } from '../foundation/errors.ts';
import { ioError, readWhole, type Files } from '../foundation/files.ts';

/** Ed25519 public keys in SubjectPublicKeyInfo: these twelve bytes, then the 32 of the key. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PRIVATE_FILES = ['ed25519.pem', 'redaction.key'] as const;
const REDACTION_KEY_BYTES = 32;

/** A public key that heads are verified with. `raw` is base64 of its 32 bytes. */
export interface PublicKey {
  readonly id: string;
  readonly raw: string;
  verifies(data: string, signature: string): boolean;
}
/** The pair that signs. */
export interface KeyPair extends PublicKey {
  sign(data: string): string;
}

/** A public key from base64 of its 32 bytes, or null when it is none. */
export function publicKeyFrom(raw: string): PublicKey | null {
  const bytes = Buffer.from(raw, 'base64');
  if (bytes.length !== 32 || bytes.toString('base64') !== raw) return null;
  return describe(createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bytes]), format: 'der', type: 'spki' }));
}

/** The pair of a private key in PEM. Throws what the platform says for anything else. */
export function keyPairFrom(pem: string): KeyPair {
  const key = createPrivateKey(pem);
  return {
    ...describe(createPublicKey(key)),
    sign: (data) => sign(null, Buffer.from(data, 'utf8'), key).toString('base64'),
  };
}

function describe(key: KeyObject): PublicKey {
  const raw = key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
  return {
    id: `ed25519:${sha256(raw).slice(0, 32)}`,
    raw: raw.toString('base64'),
    verifies: (data, signature) => {
      const bytes = Buffer.from(signature, 'base64');
      // The last digit has bits that say nothing: a signature has one spelling all the same.
      return bytes.toString('base64') === signature && verify(null, Buffer.from(data, 'utf8'), key, bytes);
    },
  };
}

/** Refuses private files that group or others can read (L1.3). Throws `CHAIN_KEY_MODE`. */
export function checkKeyModes(home: string, files: Files): void {
  for (const name of PRIVATE_FILES) {
    const path = join(home, 'keys', name);
    const status = files.status(path);
    if (status === null || (status.kind === 'file' && (status.mode & 0o077) === 0)) continue;
    const found = status.kind === 'file' ? `mode ${status.mode.toString(8).padStart(4, '0')}` : `a ${status.kind}`;
    throw new CcosError('CHAIN_KEY_MODE', `Cannot use ${path}: it must be a file of its owner alone, and is ${found}`, {
      details: { path, mode: status.mode.toString(8) },
      hint: `chmod 600 ${path}`,
    });
  }
}

/** The key pair of a home, or null when it has none. Throws `CHAIN_KEY_MODE`, `CHAIN_UNAVAILABLE` for a file that is no key. */
export function loadKeyPair(home: string, files: Files): KeyPair | null {
  checkKeyModes(home, files);
  const path = join(home, 'keys', PRIVATE_FILES[0]);
  let pem: Buffer | null;
  try {
    pem = readWhole(files, path);
  } catch (error) {
    throw ioError('read', path, error);
  }
  if (pem === null) return null;
  try {
    return keyPairFrom(pem.toString('utf8'));
  } catch (cause) {
    throw new CcosError('CHAIN_UNAVAILABLE', `Cannot sign records: ${path} holds no Ed25519 key`, {
      cause,
      details: { path },
      hint: 'put the key back, or start a new chain: --home DIR',
    });
  }
}

/** Makes the keys of a new home, durably and before any record names them (L7.1). Throws `IO`. */
export async function makeKeys(home: string, files: Files): Promise<KeyPair> {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  await writeFileAtomic(join(home, 'keys', PRIVATE_FILES[0]), pem, { files });
  const redaction = join(home, 'keys', PRIVATE_FILES[1]);
  if (files.status(redaction) === null) await writeFileAtomic(redaction, randomBytes(REDACTION_KEY_BYTES), { files });
  return keyPairFrom(pem);
}
