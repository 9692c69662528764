/**
 * Policy as a list of layers and one fold over it (S8.1, S14.3): any deny denies, else any ask asks, else an allow
 * allows. The fold neither records nor reserves, so that `explain` and the authorizer are the same function (S14.6).
 */
import type { ErrorCode } from '../foundation/errors.ts';
import type { DecisionOutcome, OptionHint, RuleLooked } from './decision.ts';
import type { EffectClass } from './effects.ts';
import { remedyFor, type Obstacle } from './hints.ts';
import { pathArgument } from './path-argument.ts';
import { findGrant } from './paths.ts';
import type { PolicyRequest } from './request.ts';
import { isCapabilityId, type RuntimeContext } from './runtime-context.ts';

/**
 * A layer's answer; `abstain` is that of a layer that can only narrow and has nothing against it. `rule` and `rules`
 * are those of S9.
 */
export interface Judgement {
  readonly outcome: DecisionOutcome | 'abstain';
  readonly rule: string;
  readonly rules: readonly RuleLooked[];
  readonly code?: ErrorCode;
  readonly reason?: string;
  readonly hint?: string;
  readonly options?: readonly OptionHint[];
}

/** One layer of the policy. */
export interface PolicyLayer {
  readonly source: string;
  judge(request: PolicyRequest): Judgement;
}

/** What the layers come to. */
export interface Verdict extends Judgement {
  readonly outcome: DecisionOutcome;
}

const UNSPOKEN: Verdict = {
  outcome: 'deny',
  rule: 'default:deny',
  rules: [],
  code: 'SECURITY_VIOLATION',
  reason: 'No layer of the policy allows it',
};

/**
 * Deny over ask over allow; of several layers with the same outcome the first names the rule, of several allows the
 * last.
 */
export function fold(layers: readonly PolicyLayer[], request: PolicyRequest): Verdict {
  const judgements = layers.map((layer) => layer.judge(request));
  const rules =
    judgements.length === 1 ? (judgements[0]?.rules ?? []) : judgements.flatMap((judgement) => judgement.rules);
  const spoke =
    (outcome: DecisionOutcome) =>
    (judgement: Judgement): judgement is Verdict =>
      judgement.outcome === outcome;
  const deciding =
    judgements.find(spoke('deny')) ?? judgements.find(spoke('ask')) ?? judgements.findLast(spoke('allow')) ?? UNSPOKEN;
  return { ...deciding, rules };
}

/** The layers of a context: its ancestors from the root downward, then itself (S2.5). */
export function contextLayers(context: RuntimeContext): PolicyLayer[] {
  return context.chain().map((link) => ({
    source: `context:${link.contextId}`,
    judge(request) {
      const judgement = judgeContext(link, request);
      return link === context || judgement.outcome === 'allow'
        ? judgement
        : { ...judgement, rule: `parent:${link.contextId}` };
    },
  }));
}

/** Why a check refuses: the rule, the reason for people, and what stands in the way, from which the remedy is made. */
interface Refusal {
  readonly rule: string;
  readonly reason: string;
  readonly obstacle: Obstacle;
}
type Check = (context: RuntimeContext, request: PolicyRequest, look: Look) => Refusal | null;
type Look = (id: string, effect: DecisionOutcome, matched: boolean) => void;

/** The checks of S8.1 that are built, in its order. */
const CHECKS: readonly Check[] = [
  checkSyntax,
  checkDenyList,
  checkDeniedEffects,
  checkLevel,
  checkAllowedEffects,
  checkDerivedDenies,
  checkPath,
];

function judgeContext(context: RuntimeContext, request: PolicyRequest): Judgement {
  const rules: RuleLooked[] = [];
  const source = `context:${context.contextId}`;
  const look: Look = (id, effect, matched) => {
    rules.push({ id, source, effect, matched, outcome: matched ? effect : 'no-match' });
  };
  for (const check of CHECKS) {
    const refusal = check(context, request, look);
    if (refusal !== null) {
      look(refusal.rule, 'deny', true);
      const { hint, options } = remedyFor(context, request, refusal.obstacle);
      return {
        outcome: 'deny',
        rule: refusal.rule,
        rules,
        code: 'SECURITY_VIOLATION',
        reason: refusal.reason,
        hint,
        options,
      };
    }
  }
  return { outcome: 'allow', rule: rules.find((rule) => rule.matched)?.id ?? 'level:full', rules };
}

function notAllowed(request: PolicyRequest): string {
  return `Capability '${request.id}' not allowed by runtime context`;
}

function checkSyntax(_context: RuntimeContext, request: PolicyRequest): Refusal | null {
  return isCapabilityId(request.id)
    ? null
    : {
        rule: 'syntax',
        reason: 'It is no capability id',
        obstacle: { kind: 'none', why: 'the id is not of the shape of a capability id' },
      };
}

function checkDenyList(context: RuntimeContext, request: PolicyRequest): Refusal | null {
  const pattern = context.denyPattern(request.id);
  return pattern === null
    ? null
    : { rule: `deny:${pattern}`, reason: notAllowed(request), obstacle: { kind: 'deny', pattern } };
}

function checkDeniedEffects(context: RuntimeContext, request: PolicyRequest): Refusal | null {
  const effect = request.effects.find((name) => context.fields.deniedEffects.includes(name));
  return effect === undefined ? null : refuseEffect(effect);
}

function refuseEffect(effect: EffectClass): Refusal {
  return {
    rule: `effect:${effect}`,
    reason: `Effect :${effect} not allowed by runtime context`,
    obstacle: { kind: 'effect', effect },
  };
}

function checkLevel(context: RuntimeContext, request: PolicyRequest, look: Look): Refusal | null {
  if (context.securityLevel === 'pure')
    return { rule: 'level:pure', reason: notAllowed(request), obstacle: { kind: 'level' } };
  if (context.securityLevel === 'full') {
    look('level:full', 'allow', true);
    return null;
  }
  const pattern = context.allowPattern(request.id);
  if (pattern !== null) {
    look(`allow:${pattern}`, 'allow', true);
    return null;
  }
  for (const glob of context.allowGlobs.slice(0, LISTED_MAX)) look(`allow:${glob}`, 'allow', false);
  return { rule: 'default:deny', reason: notAllowed(request), obstacle: { kind: 'id' } };
}

/** A decision lists at most this many patterns that did not match: its record has a cap of its own (L2). */
const LISTED_MAX = 100;

function checkAllowedEffects(context: RuntimeContext, request: PolicyRequest): Refusal | null {
  const allowed = context.fields.allowedEffects;
  const effect = allowed === null ? undefined : request.effects.find((name) => !allowed.includes(name));
  return effect === undefined ? null : refuseEffect(effect);
}

function checkDerivedDenies(context: RuntimeContext, request: PolicyRequest): Refusal | null {
  for (const permission of request.permissions.slice(1)) {
    const pattern = context.denyPattern(permission);
    if (pattern !== null)
      return { rule: `deny:${pattern}`, reason: notAllowed(request), obstacle: { kind: 'deny', pattern } };
  }
  return null;
}

/** The path argument (S6): a path not known yet is judged only where no grant could serve it. */
function checkPath(context: RuntimeContext, request: PolicyRequest, look: Look): Refusal | null {
  const { access } = request;
  if (access === null) return null;
  const text = pathArgument(request.args);
  if (text === null) return null;
  if (text === undefined) {
    const any = context.grants.some((grant) => access === 'read' || grant.access === 'write');
    return any
      ? null
      : {
          rule: 'default:path',
          reason: `No path allowed by policy (write=${access === 'write'})`,
          obstacle: { kind: 'path' },
        };
  }
  const verdict = findGrant(context, text, access);
  if ('granted' in verdict) {
    look(`path:${verdict.granted.grant.asWritten}`, 'allow', true);
    return null;
  }
  return refusePath(verdict.refused, text, access);
}

function refusePath(
  refused: 'uncovered' | 'hidden' | 'parent-segment' | 'empty' | 'nul',
  text: string,
  access: 'read' | 'write',
): Refusal {
  if (refused === 'uncovered') {
    return {
      rule: 'default:path',
      reason: `Path not allowed by policy (write=${access === 'write'}): ${text}`,
      obstacle: { kind: 'path' },
    };
  }
  if (refused === 'hidden') {
    const why = 'no option exposes system folders or the folders of CCOS';
    return {
      rule: 'default:path',
      reason: `Path '${text}' can never be exposed to a guest`,
      obstacle: { kind: 'none', why },
    };
  }
  const why = refused === 'parent-segment' ? 'write the path without `..`' : 'a path is not empty and holds no NUL';
  return {
    rule: 'syntax',
    reason: `Path with a segment that is not allowed: ${JSON.stringify(text)}`,
    obstacle: { kind: 'none', why },
  };
}
