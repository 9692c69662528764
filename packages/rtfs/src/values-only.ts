/** The values of the language alone, for hosts that load it in two steps: what speaks of values first, what compiles and runs later. */
export { canonical, decode, encode } from './values/codec.ts';
export { ErrorValue, Keyword } from './values/kinds.ts';
export type { Value } from './values/kinds.ts';
export { PMap } from './values/map.ts';
export { toPlain } from './values/plain.ts';
export { print } from './values/print.ts';
export { Vec } from './values/vector.ts';
export type { Json } from './machine/types.ts';
