/** Hashes and digests of typed values (A1.6, A1.7): the only identity that CCOS knows. */
import { hash as hashBytes } from 'node:crypto';
import { canonicalText } from './canonical-json.ts';
import { CcosError } from './errors.ts';

/** Sixty-four lower-case hex digits: file names, `prev`, members named `…Hash` or `…Ref`. */
export type Hash = string;
/** `sha256:` and a hash: members named `…Digest`. */
export type Digest = string;

const TAG = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const HASH = /^[0-9a-f]{64}$/;
const TAG_LENGTH_MAX = 32;

/** SHA-256 of bytes, or of the UTF-8 of a text, in lower-case hex. */
export function sha256(data: string | Uint8Array): Hash {
  return hashBytes('sha256', data, 'hex');
}

/** The text that stands before the canonical text of a typed value when it is hashed (A1.6). Throws `TYPE_TAG`. */
export function domain(type: string): string {
  if (type.length > TAG_LENGTH_MAX || !TAG.test(type)) {
    throw new CcosError('TYPE_TAG', `Cannot hash under the type ${JSON.stringify(type)}: it is no type tag`, {
      details: { type },
      hint: `a type tag is lower-case words joined by hyphens, at most ${TAG_LENGTH_MAX} characters`,
    });
  }
  return `ccos/v1/${type}\0`;
}

/** The hash of a typed JSON value (A1.6). Throws `TYPE_TAG`, `CANONICAL_UNSUPPORTED`, `CANONICAL_LIMIT`. */
export function hash(type: string, value: unknown): Hash {
  return sha256(domain(type) + canonicalText(value));
}

/** The same as a digest, `sha256:` and the hash (A1.6). Throws as `hash` does. */
export function digest(type: string, value: unknown): Digest {
  return `sha256:${hash(type, value)}`;
}

/** True for sixty-four lower-case hex digits (A2.7). */
export function isHash(value: unknown): value is Hash {
  return typeof value === 'string' && HASH.test(value);
}

/** Refuses what is no hash, before a path is built from it (A2.7). Throws `HASH_FORMAT`. */
export function assertHash(value: unknown): asserts value is Hash {
  if (isHash(value)) return;
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : typeof value;
  throw new CcosError('HASH_FORMAT', `Cannot use ${shown} as a hash: a hash is 64 lower-case hex digits`, {
    hint: 'copy the whole hash as it was printed',
  });
}
