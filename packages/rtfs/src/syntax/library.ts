/**
 * What analysis must know of the library. The library itself stands in a room below, so it arrives as an argument.
 */
import type { FnType } from '../types/type.ts';
import type { Func } from './program.ts';

/** A library function as analysis sees it: its arity, and whether it may call functions it is given. */
export interface LibraryEntry {
  readonly min: number;
  /** null: any number. */
  readonly max: number | null;
  /** The ways to call it; the first whose parameters the arguments satisfy tells the result. */
  readonly ways: () => readonly FnType[];
  /** The analysed function when it is written in RTFS; null for a native one, which calls nothing. */
  readonly func: Func | null;
  /** Positions of parameters that it may call itself; `all` when it may call what it finds elsewhere. */
  readonly calls: readonly number[] | 'all';
}

/** The prefixes that name the library unless they are imported (R10.5). */
export const LIBRARY_PREFIXES: ReadonlySet<string> = new Set([
  'str',
  'string',
  'clojure.string',
  'set',
  'clojure.set',
  'core',
  'clojure.core',
]);

export interface Library {
  /** The entry of a name, undefined if the library has none. */
  get(name: string): LibraryEntry | undefined;
  /** Every name, for did-you-mean. */
  names(): Iterable<string>;
}
