/** The limits of a machine (R17.5). The table stands in `values/`, since equality, printing and the reader obey it too. */
export { DEFAULT_LIMITS, LIMITS, resolveLimits } from '../values/limits.ts';
