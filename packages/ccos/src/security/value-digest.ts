/** Digests of RTFS values: over their canonical tagged form (R14.10), which is canonical JSON already. */
import { Vec, type Value } from '@ccos/rtfs';
import { canonical } from '@ccos/rtfs/internal';
import { domain, sha256, type Digest } from '../foundation/digest.ts';

/**
 * `argsDigest`: of the vector of arguments as the program gave them (A1.6, type `call-args`). Throws a
 * SerializationError value.
 */
export function argsDigest(args: readonly Value[]): Digest {
  return taggedDigest('call-args', canonical(Vec.of([...args])));
}

/** `resultDigest` and `inputDigest` (type `value`). Throws a SerializationError value. */
export function valueDigest(value: Value): Digest {
  return taggedDigest('value', canonical(value));
}

/** The digest of a text that is canonical JSON already: the same as `digest` of what it says. */
export function taggedDigest(type: string, canonicalText: string): Digest {
  return `sha256:${sha256(domain(type) + canonicalText)}`;
}
