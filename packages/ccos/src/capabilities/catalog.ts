/** The built-in capabilities as policies see them (S7.1): the one table, without what runs them. */
import type { EffectCatalog } from '../security/effects.ts';
import { BUILTINS, type BuiltinRow } from './builtins.ts';

const rows: ReadonlyMap<string, BuiltinRow> = new Map(BUILTINS.map((row) => [row.id, row]));

/** The effects and path arguments of the built-ins. */
export const BUILTIN_CATALOG: EffectCatalog & { ids(): readonly string[] } = {
  ids: () => [...rows.keys()].toSorted(),
  effectsOf: (id) => rows.get(id)?.effects,
  tagsOf: () => [],
  pathAccessOf: (id) => rows.get(id)?.path ?? null,
};
