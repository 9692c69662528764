/**
 * What the command line grants (S14.9): policy options → context. Every path is opened here, once, before anything
 * starts; what cannot be granted is a usage error with the nearest name as its hint.
 */
import { CcosError } from '../foundation/errors.ts';
import type { IsolationKind } from '../model/isolation.ts';
import type { OptionHint } from './decision.ts';
import { isQuiet, type EffectCatalog } from './effects.ts';
import { compileGlob } from './glob.ts';
import { makeFolders, planGrant } from './grant-paths.ts';
import { parseSecurityLevel, type SecurityLevel } from './levels.ts';
import { RuntimeContext, type ContextLimits } from './runtime-context.ts';

/** The policy options as the command line gives them. */
export interface PolicyOptions {
  readonly level?: string | undefined;
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
  readonly read?: readonly string[] | undefined;
  readonly write?: readonly string[] | undefined;
  /** Names of the host's variables. */
  readonly env?: readonly string[] | undefined;
  readonly limits?: ContextLimits | undefined;
  readonly minIsolation?: IsolationKind | undefined;
}

/** Where the options are read. */
export interface GrantPlace {
  /** Absolute; relative paths are taken from it (S6.2). */
  readonly baseFolder: string;
  /** The state, cache and run folders: never exposed to a guest (S6.4). */
  readonly hidden: readonly string[];
  /** The host's variables, for `--env`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The built-in capabilities that the options grant. */
  readonly catalog: EffectCatalog & { ids(): readonly string[] };
  /** Level without `--level` and without any grant: `controlled` for a plan, `pure` for `eval` and `repl`. */
  readonly startLevel: 'pure' | 'controlled';
  /** False for a check, which makes nothing: a missing folder of `--write` is then granted as it will be. */
  readonly makeFolders: boolean;
}

/** Builds the context that the options describe (S14.9). Throws `USAGE`, or `IO` where a folder cannot be made. */
export function contextFromOptions(options: PolicyOptions, place: GrantPlace): RuntimeContext {
  const level = levelOf(options, place);
  for (const pattern of [...(options.allow ?? []), ...(options.deny ?? [])]) asUsage(() => compileGlob(pattern));
  const planned = [
    ...(options.read ?? []).map((path) => planGrant('read', path, place)),
    ...(options.write ?? []).map((path) => planGrant('write', path, place)),
  ];
  const environment = readVariables(options.env ?? [], place);
  const grants = place.makeFolders ? makeFolders(planned) : planned.map(({ grant }) => grant);
  const fields = {
    baseFolder: place.baseFolder,
    hidden: place.hidden,
    grants,
    environment,
    catalog: place.catalog,
    deniedCapabilities: options.deny ?? [],
    limits: options.limits ?? {},
    minIsolation: options.minIsolation ?? null,
  };
  return asUsage(() => {
    if (level === 'pure') return RuntimeContext.pure(fields);
    if (level === 'full') return RuntimeContext.full(fields);
    return RuntimeContext.controlled([...broughtIds(options, place.catalog), ...(options.allow ?? [])], fields);
  });
}

/** Options to paste (S14.10) added to those given, as a shell would: lists grow, the last level holds. */
export function withOptionHints(options: PolicyOptions, hints: readonly OptionHint[]): PolicyOptions {
  const values = (option: string): string[] => hints.filter((hint) => hint.option === option).map((hint) => hint.value);
  return {
    ...options,
    level: values('--level').at(-1) ?? options.level,
    allow: [...(options.allow ?? []), ...values('--allow')],
    read: [...(options.read ?? []), ...values('--read')],
    write: [...(options.write ?? []), ...values('--write')],
    env: [...(options.env ?? []), ...values('--env')],
  };
}

function levelOf(options: PolicyOptions, place: GrantPlace): SecurityLevel {
  const grants = (
    [
      ['--allow', options.allow],
      ['--read', options.read],
      ['--write', options.write],
      ['--env', options.env],
    ] as const
  )
    .filter(([, given]) => given !== undefined && given.length > 0)
    .map(([option]) => option);
  if (options.level === undefined) return grants.length > 0 ? 'controlled' : place.startLevel;
  const level = asUsage(() => parseSecurityLevel(options.level ?? ''));
  if (level === 'pure' && grants.length > 0) {
    throw new CcosError('USAGE', `--level pure grants nothing, and ${grants.join(', ')} grants something`, {
      hint: `leave out --level pure, or ${grants.join(' and ')}`,
    });
  }
  return level;
}

/** The built-ins that come without a grant, and those that each grant brings along (the table of S14.9). */
function broughtIds(options: PolicyOptions, catalog: GrantPlace['catalog']): string[] {
  const has = (given: readonly string[] | undefined): boolean => given !== undefined && given.length > 0;
  const read = has(options.read) || has(options.write),
    write = has(options.write),
    env = has(options.env);
  return catalog.ids().filter((id) => {
    const effects = catalog.effectsOf(id) ?? [];
    if (isQuiet(effects)) return true;
    const only = (...names: readonly string[]): boolean =>
      effects.length > 0 && effects.every((effect) => names.includes(effect));
    return (read && only('read-local')) || (write && only('read-local', 'write-local')) || (env && only('environment'));
  });
}

function readVariables(names: readonly string[], place: GrantPlace): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of names) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new CcosError('USAGE', `--env takes the name of a variable, found ${JSON.stringify(name)}`, {
        hint: 'the name alone, as in --env LANG',
      });
    }
    const value = place.variables[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

/** A policy error that comes from an option is a usage error. */
function asUsage<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof CcosError) || error.code !== 'POLICY_INVALID') throw error;
    throw new CcosError('USAGE', error.message, { hint: error.hint, details: error.details, cause: error });
  }
}
