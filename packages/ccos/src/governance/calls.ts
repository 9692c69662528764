/** The calls of a plan, judged before it runs (G1.5–G1.8). */
import type { CallSite, Effects, Span, Value } from '@ccos/rtfs';
import type { CapabilityMarketplace } from '../capabilities/marketplace.ts';
import { CcosError } from '../foundation/errors.ts';
import { explain } from '../security/authorizer.ts';
import type { RuleLooked } from '../security/decision.ts';
import { EFFECT_CLASSES, type EffectClass } from '../security/effects.ts';
import { pathArgument } from '../security/path-argument.ts';
import { readPath } from '../security/paths.ts';
import { requestFor } from '../security/request.ts';
import type { RuntimeContext } from '../security/runtime-context.ts';
import { violationMessage } from '../security/violation.ts';
import { STATIC_EXIT, findingOf, type Finding } from './findings.ts';

/** A call with its verdict: `call` where the decision waits for the arguments or the id that the program computes. */
export interface JudgedCall {
  readonly capability: string | null;
  readonly site: string;
  readonly span: Span;
  readonly effects: readonly EffectClass[];
  readonly dynamic: boolean;
  readonly verdict: 'allow' | 'deny' | 'call';
  readonly rules: readonly RuleLooked[];
  readonly hint?: string | undefined;
}

/** Literal ids that nobody registered (G1.5). */
export function unknownCapabilities(effects: Effects, marketplace: CapabilityMarketplace): Finding[] {
  return literalCalls(effects)
    .filter(({ id }) => marketplace.find(id) === undefined)
    .map(({ id, span }) => findingOf(marketplace.unknown(id, STATIC_EXIT), { span }));
}

/** Literal arguments that break their schema, or hold an impossible path (G1.7). */
export function badArguments(effects: Effects, marketplace: CapabilityMarketplace, context: RuntimeContext): Finding[] {
  return literalCalls(effects).flatMap(({ id, args, span }) => {
    const entry = marketplace.find(id);
    if (entry === undefined || args === undefined) return [];
    const path = entry.manifest.path === null ? null : pathArgument(args);
    const read = typeof path === 'string' ? readPath(context.baseFolder, path) : null;
    if (read !== null && 'fault' in read && read.fault !== 'parent-segment') {
      const found = read.fault === 'empty' ? 'an empty one' : 'one with a NUL';
      const message = `${id}: a path names a file or folder, found ${found}`;
      return [
        { code: 'CAP_INPUT' as const, message, span, exit: STATIC_EXIT, hint: 'write the path with plain names' },
      ];
    }
    const known = args.filter((arg): arg is Value => arg !== undefined);
    return known.length < args.length ? [] : check(() => entry.checkInput(known), span);
  });
}

function check(attempt: () => void, span: Span): Finding[] {
  try {
    attempt();
  } catch (error) {
    if (!(error instanceof CcosError)) throw error;
    return [findingOf(error, { span, exit: STATIC_EXIT })];
  }
  return [];
}

/** Every call under the policy, with the findings of those that it would deny whatever is not known yet (G1.8). */
export function judgeCalls(
  effects: Effects,
  context: RuntimeContext,
): { readonly calls: JudgedCall[]; readonly findings: Finding[] } {
  const judged = effects.calls.map((site) => judgeCall(site, context));
  return { calls: judged.map(({ call }) => call), findings: judged.flatMap(({ finding }) => finding ?? []) };
}

function judgeCall(
  { id, site, span, args }: CallSite,
  context: RuntimeContext,
): { readonly call: JudgedCall; readonly finding: Finding | null } {
  if (id === null) return judgeDynamic(site, span, context);
  const request = requestFor(context, id, args ?? [undefined]);
  const decision = explain(context, request);
  const open = request.access !== null && pathArgument(request.args) === undefined;
  const verdict = decision.outcome !== 'allow' ? 'deny' : open ? 'call' : 'allow';
  const call: JudgedCall = {
    capability: id,
    site,
    span,
    effects: request.effects,
    dynamic: false,
    verdict,
    rules: decision.rules,
    hint: decision.hint,
  };
  if (verdict !== 'deny') return { call, finding: null };
  const reason = decision.reason ?? 'No reason was given';
  const operation = 'capability_authorization';
  return {
    call,
    finding: {
      code: 'SECURITY_VIOLATION',
      span,
      hint: decision.hint,
      options: decision.options,
      rule: decision.rule,
      message: violationMessage(operation, id, reason),
      details: { operation, capability: id, reason, options: decision.options ?? [] },
    },
  };
}

/** An id that the program computes has every effect (G1.6); under `pure` it is denied whatever it turns out to be. */
function judgeDynamic(
  site: string,
  span: Span,
  context: RuntimeContext,
): { readonly call: JudgedCall; readonly finding: Finding | null } {
  const pure = context.chain().some((link) => link.securityLevel === 'pure');
  const call: JudgedCall = {
    capability: null,
    site,
    span,
    effects: EFFECT_CLASSES,
    dynamic: true,
    verdict: pure ? 'deny' : 'call',
    rules: [],
  };
  if (!pure) return { call, finding: null };
  const message = violationMessage('capability_authorization', '(computed)', 'level pure allows no call');
  return {
    call,
    finding: {
      code: 'SECURITY_VIOLATION',
      message,
      span,
      rule: 'level:pure',
      hint: '--level controlled',
      options: [{ option: '--level', value: 'controlled' }],
    },
  };
}

/** The union of the effects of all calls, in the order of S7. */
export function unionOfEffects(calls: readonly JudgedCall[]): EffectClass[] {
  return EFFECT_CLASSES.filter((effect) => calls.some((call) => call.effects.includes(effect)));
}

function literalCalls(effects: Effects): (CallSite & { readonly id: string })[] {
  return effects.calls.filter((site): site is CallSite & { readonly id: string } => site.id !== null);
}
