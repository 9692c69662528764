/** The two spellings of a property's name, which an imported type does not tell apart (R15.22). */
import { Keyword } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { isName } from '../values/names.ts';

/** A key and, where the name allows it, the key of the other kind: `:a` and `"a"`. */
export function spellings(key: Value): readonly Value[] {
  if (key instanceof Keyword) return [key, key.name];
  return typeof key === 'string' && isName(key) ? [key, Keyword.of(key)] : [key];
}
