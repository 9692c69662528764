/**
 * Where a capability's path argument stands: the first argument itself, or `:path` of the one map that may stand
 * there (P5).
 */
import { Keyword, PMap, type Value } from '@ccos/rtfs/values';

const PATH = Keyword.of('path');

/** The path as written; undefined when the first argument is not known yet, null when it holds no path. */
export function pathArgument(args: readonly (Value | undefined)[]): string | undefined | null {
  if (args.length === 0) return null;
  const first = args[0];
  if (first === undefined || typeof first === 'string') return first;
  const path = first instanceof PMap ? first.get(PATH) : null;
  return typeof path === 'string' ? path : null;
}
