/**
 * The registry of capabilities and the only function that runs one (P2). No method hands out an implementation, and
 * none runs without an authorization for exactly this id and these arguments.
 */
import { ErrorValue, print, type Value } from '@ccos/rtfs';
import { CcosError, errnoOf } from '../foundation/errors.ts';
import { nearestName } from '../foundation/nearest.ts';
import { invalid, spend, type Authorization } from '../security/authorization.ts';
import { isDangerous, type EffectCatalog, type EffectClass } from '../security/effects.ts';
import { argsDigest } from '../security/value-digest.ts';
import { BUILTIN_FUNCTIONS, type BuiltinFunction } from './builtin-functions.ts';
import { BUILTINS } from './builtins.ts';
import type { CapabilityContext, CapabilityOutcome } from './context.ts';
import { executeBehindWall } from './files.ts';
import { Registered, builtinManifest, type CapabilityManifest } from './manifest.ts';

export class CapabilityMarketplace implements EffectCatalog {
  readonly #registered = new Map<string, Registered>();
  readonly #functions: ReadonlyMap<string, BuiltinFunction>;

  private constructor(functions: ReadonlyMap<string, BuiltinFunction>) {
    this.#functions = functions;
  }

  /** The built-ins of P5, and nothing else. */
  static builtins(): CapabilityMarketplace {
    const marketplace = new CapabilityMarketplace(BUILTIN_FUNCTIONS);
    for (const row of BUILTINS) marketplace.#registered.set(row.id, new Registered(builtinManifest(row)));
    return marketplace;
  }

  /** The entry of an id, or undefined. */
  find(id: string): Registered | undefined {
    return this.#registered.get(id);
  }
  /** Manifests by id (P2.6). */
  list(): CapabilityManifest[] {
    return this.ids().flatMap((id) => this.#registered.get(id)?.manifest ?? []);
  }
  /** Ids, ascending. */
  ids(): string[] {
    return [...this.#registered.keys()].toSorted();
  }
  /** Undefined for an unknown id, which then counts as having every effect (P2.7, S7.1). */
  effectsOf(id: string): readonly EffectClass[] | undefined {
    return this.#registered.get(id)?.manifest.effects;
  }
  tagsOf(_id: string): readonly string[] {
    return [];
  }
  pathAccessOf(id: string): 'read' | 'write' | null {
    return this.#registered.get(id)?.manifest.path ?? null;
  }

  /**
   * The refusal of an id that nobody registered, with the nearest id. `exit` is 3 at admission and 4 at a call (E3).
   */
  unknown(id: string, exit: 3 | 4): CcosError {
    const near = nearestName(id, this.ids());
    return new CcosError('CAP_UNKNOWN', `Unknown capability: ${id}`, {
      exit,
      hint: near === null ? 'ccos doc lists the capabilities' : `did you mean ${near}?`,
      details: { capability: id },
    });
  }

  /**
   * Runs a capability (P2.5): spends the authorization, waits until its decision is on record, executes, checks the
   * result. The arguments were checked by `checkInput` before. Throws `AUTHORIZATION_INVALID`, `CHAIN_UNAVAILABLE`,
   * `CAP_UNKNOWN`, `CAP_OUTPUT`, `CAP_FAILED`, the capability's own codes, or an error of the language.
   */
  async execute(
    authorization: Authorization,
    id: string,
    args: readonly Value[],
    context: CapabilityContext,
  ): Promise<CapabilityOutcome> {
    const { subject } = authorization;
    if (subject.kind !== 'capability' || subject.id !== id || subject.argsDigest !== argsDigest(args)) {
      throw invalid('the authorization is for another call');
    }
    spend(authorization, context.executionId);
    await authorization.recorded;
    const entry = this.#registered.get(id);
    if (entry === undefined) throw this.unknown(id, 4);
    const outcome = await this.#run(entry, args, context);
    if (!outcome.simulated) entry.checkOutput(outcome.value, () => print(outcome.value));
    return outcome;
  }

  async #run(entry: Registered, args: readonly Value[], context: CapabilityContext): Promise<CapabilityOutcome> {
    const { id, effects } = entry.manifest;
    try {
      if (isDangerous(effects)) return await executeBehindWall(id, args, context);
      const implementation = this.#functions.get(id);
      if (implementation === undefined) throw new CcosError('INTERNAL', `Nothing carries out ${id}`);
      const value = implementation(args, context);
      return { value: value instanceof Promise ? await value : value, simulated: false, servedBy: 'host' };
    } catch (error) {
      // What an implementation throws by accident tells its message and nothing else (P3.6).
      if (error instanceof CcosError || error instanceof ErrorValue) throw error;
      const message = errnoOf(error) ?? (error instanceof Error ? error.message : 'unknown reason');
      throw new CcosError('CAP_FAILED', `${id} failed: ${message}`, { cause: error, details: { capability: id } });
    }
  }
}
