/** The three security levels (S1): what a context starts from before any list is looked at. */
import { CcosError } from '../foundation/errors.ts';

/** The levels, tightest first. */
export const SECURITY_LEVELS = ['pure', 'controlled', 'full'] as const;
export type SecurityLevel = (typeof SECURITY_LEVELS)[number];

/** Reads a level, in any case (S1.1). Throws `POLICY_INVALID`. */
export function parseSecurityLevel(text: string): SecurityLevel {
  const level = SECURITY_LEVELS.find((known) => known === text.toLowerCase());
  if (level !== undefined) return level;
  throw new CcosError('POLICY_INVALID', `Unknown security level '${text}'`, {
    hint: `one of ${SECURITY_LEVELS.join(', ')}`,
  });
}
