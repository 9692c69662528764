/** What objects name, and what those name in turn (A10.2). */
import type { Hash } from '../foundation/digest.ts';
import { CcosError } from '../foundation/errors.ts';

/**
 * Everything that roots reach, themselves included. `refsOf` is what an object names, undefined when it is absent.
 * Throws `ARCHIVE_MISSING {hash, namedBy}`: whoever would remove the rest stops here.
 */
export function reachable(roots: readonly Hash[], refsOf: (hash: Hash) => readonly Hash[] | undefined): Set<Hash> {
  const reached = new Set<Hash>();
  const open = roots.map((hash) => ({ hash, namedBy: 'a root' }));
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (reached.has(at.hash)) continue;
    const refs = refsOf(at.hash);
    if (refs === undefined) throw missing(at.hash, at.namedBy);
    reached.add(at.hash);
    for (const hash of refs) open.push({ hash, namedBy: `the object ${at.hash}` });
  }
  return reached;
}

/** `ARCHIVE_MISSING {hash, namedBy}` (A5.3). */
export function missing(hash: Hash, namedBy: string): CcosError {
  return new CcosError('ARCHIVE_MISSING', `Cannot find the object ${hash}, which ${namedBy} names`, {
    details: { hash, namedBy },
    hint: 'ccos archive verify says what else is missing; restore the archive from a copy',
  });
}
