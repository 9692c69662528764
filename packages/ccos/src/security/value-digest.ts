/** Digests of RTFS values: over their canonical tagged form (R14.10), which is canonical JSON already. */
import { canonical, Vec, type Value } from '@ccos/rtfs/values';
import { domain, sha256, type Digest } from '../foundation/digest.ts';

/**
 * `argsDigest`: of the vector of arguments as the program gave them (A1.6, type `call-args`). Throws a
 * SerializationError value.
 */
export function argsDigest(args: readonly Value[]): Digest {
  return measureArgs(args).digest;
}

/** The digest of a vector of arguments and the bytes of its canonical form. */
export interface MeasuredArgs {
  readonly digest: Digest;
  readonly bytes: number;
}

/** Values never change, so a frozen vector of them is measured once, however often it is asked about. */
const measured = new WeakMap<readonly Value[], MeasuredArgs>();

/** Measures a vector of arguments. Throws a SerializationError value. */
export function measureArgs(args: readonly Value[]): MeasuredArgs {
  const known = measured.get(args);
  if (known !== undefined) return known;
  const text = canonical(Vec.of([...args]));
  const measure = { digest: taggedDigest('call-args', text), bytes: Buffer.byteLength(text) };
  if (Object.isFrozen(args)) measured.set(args, measure);
  return measure;
}

/** The digest of a text that is canonical JSON already: the same as `digest` of what it says. */
export function taggedDigest(type: string, canonicalText: string): Digest {
  return `sha256:${sha256(domain(type) + canonicalText)}`;
}
