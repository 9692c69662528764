/**
 * What a plan may do (S2): an immutable context. Nothing in it decides by itself; `layers.ts` asks it. The default of
 * every field is the tightest, and no context at all is `pure` (S1.3).
 */
import { CcosError } from '../foundation/errors.ts';
import { digest } from '../foundation/digest.ts';
import { contextId } from '../foundation/ids.ts';
import { strongerIsolation, type IsolationKind } from '../model/isolation.ts';
import { LIMITS, defaultLimits, type LimitName, type RunLimits } from '../model/limits.ts';
import type { Grant } from '../model/program.ts';
import { EFFECT_CLASSES, EMPTY_CATALOG, isDangerous, type EffectCatalog, type EffectClass } from './effects.ts';
import { compilePatterns, type PatternList } from './glob.ts';
import { parseSecurityLevel, type SecurityLevel } from './levels.ts';
import { portable } from './paths.ts';

/** Contexts deeper than this are refused (S2.7). */
const CHAIN_DEPTH_MAX = 32;
const TENANT = /^[a-z0-9-]{1,64}$/;
const CAPABILITY_ID = /^[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,127}$/;

/** True for an id of the shape of R11.1. */
export function isCapabilityId(id: string): boolean {
  return CAPABILITY_ID.test(id);
}

/** Ceilings that a context sets; an absent one is the default of the table, and ancestors only lower it (S2.5). */
export type ContextLimits = { readonly [K in LimitName]?: number };

/** The fields of a context (S2) as far as they are built. */
export interface ContextFields {
  readonly parent: RuntimeContext | null;
  readonly tenant: string;
  readonly securityLevel: SecurityLevel;
  /** Patterns (S3). At level `full` an empty allow list means every id. */
  readonly allowedCapabilities: readonly string[];
  readonly deniedCapabilities: readonly string[];
  /** Null restricts nothing. */
  readonly allowedEffects: readonly EffectClass[] | null;
  readonly deniedEffects: readonly EffectClass[];
  /** Absolute (S6.2). */
  readonly baseFolder: string;
  /** Opened grants: each path resolved once (S6.5). */
  readonly grants: readonly Grant[];
  /** Absolute, resolved paths that stay hidden below a grant (S6.4). */
  readonly hidden: readonly string[];
  readonly limits: ContextLimits;
  /** The only environment that a plan sees (S2.8). */
  readonly environment: Readonly<Record<string, string>>;
  readonly useMicrovm: boolean;
  readonly minIsolation: IsolationKind | null;
  readonly logCapabilityCalls: boolean;
  readonly catalog: EffectCatalog;
}

const FIELDS: ContextFields = {
  parent: null,
  tenant: 'default',
  securityLevel: 'pure',
  allowedCapabilities: [],
  deniedCapabilities: [],
  allowedEffects: [],
  deniedEffects: [],
  baseFolder: '/',
  grants: [],
  hidden: [],
  limits: {},
  environment: {},
  useMicrovm: false,
  minIsolation: null,
  logCapabilityCalls: true,
  catalog: EMPTY_CATALOG,
};

/**
 * An immutable context of a run. Made by `pure`, `controlled` and `full`, changed by the `with` methods into a new
 * one.
 */
export class RuntimeContext {
  readonly contextId: string;
  readonly fields: Readonly<ContextFields>;
  readonly #allow: PatternList;
  readonly #deny: PatternList;

  private constructor(fields: ContextFields) {
    checkFields(fields);
    this.contextId = contextId();
    this.fields = freezeFields(fields);
    this.#allow = compilePatterns(fields.allowedCapabilities);
    this.#deny = compilePatterns(fields.deniedCapabilities);
    Object.freeze(this);
  }

  /** Refuses every call (S1.2). */
  static pure(fields: Partial<ContextFields> = {}): RuntimeContext {
    return new RuntimeContext({ ...FIELDS, baseFolder: process.cwd(), ...fields, securityLevel: 'pure' });
  }

  /** Allows the ids that match a pattern (S3). Throws `POLICY_INVALID`. */
  static controlled(ids: readonly string[], fields: Partial<ContextFields> = {}): RuntimeContext {
    return new RuntimeContext({
      ...FIELDS,
      baseFolder: process.cwd(),
      allowedEffects: null,
      useMicrovm: true,
      ...fields,
      securityLevel: 'controlled',
      allowedCapabilities: ids,
    });
  }

  /** Allows every id that is not denied; paths still need a grant (S1.2). */
  static full(fields: Partial<ContextFields> = {}): RuntimeContext {
    return new RuntimeContext({
      ...FIELDS,
      baseFolder: process.cwd(),
      allowedEffects: null,
      ...fields,
      securityLevel: 'full',
    });
  }

  get parent(): RuntimeContext | null {
    return this.fields.parent;
  }
  get tenant(): string {
    return this.fields.tenant;
  }
  get securityLevel(): SecurityLevel {
    return this.fields.securityLevel;
  }
  get baseFolder(): string {
    return this.fields.baseFolder;
  }
  get grants(): readonly Grant[] {
    return this.fields.grants;
  }
  get hidden(): readonly string[] {
    return this.fields.hidden;
  }
  get environment(): Readonly<Record<string, string>> {
    return this.fields.environment;
  }
  get catalog(): EffectCatalog {
    return this.fields.catalog;
  }
  get useMicrovm(): boolean {
    return this.fields.useMicrovm;
  }

  /** The context itself last, its root ancestor first (S8.1). */
  chain(): RuntimeContext[] {
    const chain: RuntimeContext[] = [];
    for (let context: RuntimeContext | null = this; context !== null; context = context.parent) chain.unshift(context);
    return chain;
  }

  /** The allow pattern that matches an id, or null; advice, since only the fold decides. */
  allowPattern(id: string): string | null {
    return this.#allow.match(id);
  }
  /** The deny pattern that matches an id or a derived permission (S3.5), or null. */
  denyPattern(id: string): string | null {
    return this.#deny.match(id);
  }
  /** The globs of the allow list: what a lookup that found nothing had to try. */
  get allowGlobs(): readonly string[] {
    return this.#allow.globs;
  }

  /** Advice for interfaces: lists, level and ancestors, without arguments (S2.3). */
  isCapabilityAllowed(id: string): boolean {
    return (
      isCapabilityId(id) &&
      this.chain().every((context) => {
        if (context.securityLevel === 'pure' || context.denyPattern(id) !== null) return false;
        return context.securityLevel === 'full' || context.allowPattern(id) !== null;
      })
    );
  }

  /** True when the capability's code runs behind a wall, at every level (S2.4). */
  requiresMicrovm(id: string): boolean {
    return isDangerous(this.catalog.effectsOf(id));
  }

  /** The strongest minimum on the chain (S2.6); null when nobody states one. */
  get minIsolation(): IsolationKind | null {
    return this.chain()
      .map((context) => context.fields.minIsolation)
      .reduce((a, b) => (a === null ? b : b === null ? a : strongerIsolation(a, b)), null);
  }

  /** The ceilings that hold: the smallest on the chain, else the default of the table (S2.5). */
  effectiveLimits(): RunLimits {
    const limits: Record<string, number | null> = { ...defaultLimits() };
    for (const name of Object.keys(LIMITS) as LimitName[]) {
      const set = this.chain()
        .map((context) => context.fields.limits[name])
        .filter((limit) => limit !== undefined);
      if (set.length > 0) limits[name] = Math.min(...set);
    }
    return limits as RunLimits;
  }

  withFields(fields: Partial<Omit<ContextFields, 'securityLevel'>>): RuntimeContext {
    return new RuntimeContext({ ...this.fields, ...fields });
  }
  withLimits(limits: ContextLimits): RuntimeContext {
    return this.withFields({ limits: { ...this.fields.limits, ...limits } });
  }
  withEnvironment(environment: Readonly<Record<string, string>>): RuntimeContext {
    return this.withFields({ environment: { ...this.fields.environment, ...environment } });
  }
  /**
   * Makes this a child: it then allows only what the parent allows too (S2.5). Throws `POLICY_INVALID` beyond 32
   * levels (S2.7).
   */
  withParent(parent: RuntimeContext): RuntimeContext {
    return this.withFields({ parent });
  }
  /** An empty list means no restriction (S2.2). */
  withEffectAllowlist(effects: readonly EffectClass[]): RuntimeContext {
    return this.withFields({ allowedEffects: effects.length === 0 ? null : effects });
  }
  denyEffect(effect: EffectClass): RuntimeContext {
    return this.withFields({ deniedEffects: [...this.fields.deniedEffects, effect] });
  }

  /**
   * `policyDigest` (S9.7): of the canonical form of the whole effective policy, ancestors included, the base folder
   * not.
   */
  digest(): string {
    return policyDigest(this);
  }
}

const digests = new WeakMap<RuntimeContext, string>();

function policyDigest(context: RuntimeContext): string {
  let known = digests.get(context);
  if (known === undefined) digests.set(context, (known = digest('policy', context.chain().map(canonicalPolicy))));
  return known;
}

function canonicalPolicy(context: RuntimeContext): Readonly<Record<string, unknown>> {
  const { fields } = context;
  const set = (items: readonly string[]): string[] => [...new Set(items)].toSorted();
  const paths = (access: Grant['access']): string[] =>
    set(
      fields.grants.filter((grant) => grant.access === access).map((grant) => portable(fields.baseFolder, grant.path)),
    );
  return {
    tenant: fields.tenant,
    level: fields.securityLevel,
    allow: set(fields.allowedCapabilities),
    deny: set(fields.deniedCapabilities),
    allowedEffects: fields.allowedEffects === null ? null : set(fields.allowedEffects),
    deniedEffects: set(fields.deniedEffects),
    read: paths('read'),
    write: paths('write'),
    limits: fields.limits,
    environment: fields.environment,
    useMicrovm: fields.useMicrovm,
    minIsolation: fields.minIsolation,
    logCapabilityCalls: fields.logCapabilityCalls,
  };
}

function freezeFields(fields: ContextFields): Readonly<ContextFields> {
  const copy: Record<string, unknown> = { ...fields };
  for (const [name, value] of Object.entries(copy)) {
    if (Array.isArray(value)) copy[name] = Object.freeze([...value]);
  }
  copy['limits'] = Object.freeze({ ...fields.limits });
  copy['environment'] = Object.freeze({ ...fields.environment });
  return Object.freeze(copy) as unknown as Readonly<ContextFields>;
}

function checkFields(fields: ContextFields): void {
  parseSecurityLevel(fields.securityLevel);
  if (!TENANT.test(fields.tenant))
    refuseField('tenant', `${JSON.stringify(fields.tenant)} is not 1 to 64 of a-z, 0-9 and -`);
  if (!fields.baseFolder.startsWith('/'))
    refuseField('baseFolder', `${JSON.stringify(fields.baseFolder)} is not absolute`);
  for (const effect of [...(fields.allowedEffects ?? []), ...fields.deniedEffects]) {
    if (!EFFECT_CLASSES.includes(effect)) refuseField('effects', `unknown effect class '${String(effect)}'`);
  }
  for (const [name, limit] of Object.entries(fields.limits)) checkLimit(name, limit);
  let depth = 1;
  for (let parent = fields.parent; parent !== null; parent = parent.parent) {
    if (++depth > CHAIN_DEPTH_MAX) refuseField('parent', `more than ${CHAIN_DEPTH_MAX} contexts above one another`);
  }
}

function checkLimit(name: string, limit: number): void {
  const row = Object.hasOwn(LIMITS, name) ? LIMITS[name as LimitName] : undefined;
  if (row === undefined) refuseField('limits', `unknown limit '${name}'`);
  const whole = row.unit === 'cores' || Number.isSafeInteger(limit);
  if (!whole || !(limit >= row.min && limit <= row.max))
    refuseField(`limits.${name}`, `${limit} is not within ${row.min} to ${row.max} ${row.unit}`);
}

function refuseField(field: string, why: string): never {
  throw new CcosError('POLICY_INVALID', `Cannot use the policy: ${field}: ${why}`, { details: { field } });
}
