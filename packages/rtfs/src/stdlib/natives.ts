/** All library functions that take no function (R16), by every name they have. */
import { CSV } from './csv.ts';
import type { Entry } from './define.ts';
import { FORMAT } from './format.ts';
import { GROW } from './grow.ts';
import { INDEX_OF } from './index-of.ts';
import { DATA_TEXT } from './data-text.ts';
import { LOGIC } from './logic.ts';
import { LOOK } from './look.ts';
import { MAKE } from './make.ts';
import { MAPS_SETS } from './maps-sets.ts';
import type { Native } from './native.ts';
import { NUMBERS } from './numbers.ts';
import { NUMBER_TEXT } from './number-text.ts';
import { REGEX } from './regex.ts';
import { SEQUENCES } from './sequences.ts';
import { STRINGS } from './strings.ts';
import { TEXT_CODEC } from './text-codec.ts';
import { TIME } from './time.ts';

const TOPICS: readonly (readonly Entry[])[] = [
  NUMBERS,
  NUMBER_TEXT,
  LOGIC,
  LOOK,
  MAKE,
  GROW,
  SEQUENCES,
  INDEX_OF,
  MAPS_SETS,
  STRINGS,
  FORMAT,
  REGEX,
  CSV,
  DATA_TEXT,
  TEXT_CODEC,
  TIME,
];

function byName(): ReadonlyMap<string, Native> {
  const table = new Map<string, Native>();
  for (const { names, native } of TOPICS.flat()) {
    for (const name of names) {
      if (table.has(name)) throw new Error(`two library functions are called ${name}`);
      table.set(name, native);
    }
  }
  return table;
}

/** The native functions; a synonym is the same row under another name. */
export const NATIVES: ReadonlyMap<string, Native> = byName();
