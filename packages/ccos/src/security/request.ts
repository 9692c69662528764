/** The request that every policy layer judges. */
import type { Value } from '@ccos/rtfs';
import { effectiveEffects, permissionsOf, type EffectClass } from './effects.ts';
import type { RuntimeContext } from './runtime-context.ts';

/** What is asked of a policy. An argument that is not known yet is undefined. */
export interface PolicyRequest {
  readonly id: string;
  readonly args: readonly (Value | undefined)[];
  readonly effects: readonly EffectClass[];
  /** The id, then the permissions derived from it (S8.2). */
  readonly permissions: readonly string[];
  /** What the capability does with the path of its first argument; null when it takes none. */
  readonly access: 'read' | 'write' | null;
}

/** Builds the request for a capability: its effects and permissions are the catalogue's. */
export function requestFor(context: RuntimeContext, id: string, args: readonly (Value | undefined)[]): PolicyRequest {
  const effects = effectiveEffects(context.catalog.effectsOf(id));
  return { id, args, effects, permissions: permissionsOf(id, effects, args), access: context.catalog.pathAccessOf(id) };
}
