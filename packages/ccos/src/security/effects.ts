/** Effect classes, what makes a capability dangerous, and the permissions that follow from its effects (S7). */
import type { Value } from '@ccos/rtfs';
import { pathArgument } from './path-argument.ts';

/** Every effect class, in the order of S7. */
export const EFFECT_CLASSES = [
  'pure',
  'output',
  'clock',
  'random',
  'environment',
  'read-local',
  'write-local',
  'read-net',
  'write-net',
  'exec',
  'llm',
  'agent',
  'state',
  'secret',
  'money',
  'message-human',
  'device',
  'irreversible',
] as const;
export type EffectClass = (typeof EFFECT_CLASSES)[number];

/**
 * Classes whose loss hides nothing: their records may join the next group commit (L8.2), and every run may use them
 * (S14.9).
 */
const QUIET: ReadonlySet<EffectClass> = new Set(['pure', 'output', 'clock', 'random']);
/** Classes whose code runs behind a wall (S7.2). */
const DANGEROUS: ReadonlySet<EffectClass> = new Set([
  'read-local',
  'write-local',
  'read-net',
  'write-net',
  'exec',
  'device',
]);

/** How manifests reach the authorizer (S7.4). */
export interface EffectCatalog {
  /**
   * The declared effects; undefined for an id nobody registered, which then counts as having every class (S7.1).
   * Never throws.
   */
  effectsOf(id: string): readonly EffectClass[] | undefined;
  tagsOf(id: string): readonly string[];
  /** What the capability does with the path that is its first argument; null when it takes none. */
  pathAccessOf(id: string): 'read' | 'write' | null;
}

/** The catalogue of a context that was given none: it knows no id, so every id has every effect. */
export const EMPTY_CATALOG: EffectCatalog = { effectsOf: () => undefined, tagsOf: () => [], pathAccessOf: () => null };

/** True when all effects lie within {pure, output, clock, random}. */
export function isQuiet(effects: readonly EffectClass[]): boolean {
  return effects.length > 0 && effects.every((effect) => QUIET.has(effect));
}

/** True when the capability's code runs behind a wall (S7.2); `undefined` is a capability without a manifest. */
export function isDangerous(effects: readonly EffectClass[] | undefined): boolean {
  return effects === undefined || effects.length === 0 || effects.some((effect) => DANGEROUS.has(effect));
}

/** The effects a decision reckons with: every class where none is declared (S7.1). */
export function effectiveEffects(effects: readonly EffectClass[] | undefined): readonly EffectClass[] {
  return effects === undefined || effects.length === 0 ? EFFECT_CLASSES : effects;
}

/** `[id, derived…]` in the order of S7.3, without duplicates (S8.2). An argument that is not known yet is undefined. */
export function permissionsOf(
  id: string,
  effects: readonly EffectClass[],
  args: readonly (Value | undefined)[],
): string[] {
  const has = (...classes: EffectClass[]): boolean => classes.some((name) => effects.includes(name));
  const local = has('read-local', 'write-local');
  const belowIo = id.startsWith('ccos.io.');
  const permissions = [id];
  if (belowIo && local && typeof pathArgument(args) === 'string') permissions.push('ccos.io.file-access');
  if (has('read-net', 'write-net')) permissions.push('ccos.network.outbound');
  if (has('environment')) permissions.push('ccos.system.environment');
  if (!belowIo && local) permissions.push('ccos.io.file-access');
  if (has('exec')) permissions.push('external_program');
  return [...new Set(permissions)];
}
