/**
 * The one place that says yes or no (S8): three static methods over one fold, and `explain`, the same fold
 * unrecorded.
 */
import type { Value } from '@ccos/rtfs';
import { digest } from '../foundation/digest.ts';
import { CcosError } from '../foundation/errors.ts';
import { actionId } from '../foundation/ids.ts';
import type { Program } from '../model/program.ts';
import { assertAuthorization, conclude, invalid, type Authorization } from './authorization.ts';
import type { Decision, DecisionSink, DecisionSubject } from './decision.ts';
import type { ExecutionContext } from './execution-context.ts';
import { contextLayers, fold, type PolicyLayer } from './layers.ts';
import { requestFor, type PolicyRequest } from './request.ts';
import type { RuntimeContext } from './runtime-context.ts';
import { argsDigest } from './value-digest.ts';
import { violationMessage } from './violation.ts';

/** Beside a context: where the decision goes, and layers that judge with it. */
export interface Services {
  /** Absent: the decision is kept nowhere, which is right where a decision that covers it is on record already. */
  readonly decisions?: DecisionSink | undefined;
  /** Further layers, judged after the context's own; they can only narrow (S13.2). */
  readonly layers?: readonly PolicyLayer[] | undefined;
}

/** The sink of who records nothing: an id of its own, recorded at once. */
export const UNRECORDED: DecisionSink = { record: () => ({ decisionId: actionId(), recorded: Promise.resolve() }) };

/** A sink for an authorization that follows from a decision on record, such as the one that admitted the plan. */
export function recordedAs(decisionId: string): DecisionSink {
  return { record: () => ({ decisionId, recorded: Promise.resolve() }) };
}

/** What the policy says of a request, as a decision, with nothing recorded or reserved (S14.6). Total. */
export function explain(
  context: RuntimeContext,
  request: PolicyRequest,
  services: Services = {},
): Omit<Decision, 'subject'> {
  const judgement = fold([...contextLayers(context), ...(services.layers ?? [])], request);
  return {
    ...judgement,
    contextId: context.contextId,
    level: context.securityLevel,
    effects: request.effects,
    permissions: request.permissions,
    policyDigest: context.digest(),
  };
}

export class SecurityAuthorizer {
  /** Decides on one call (S8.1). Throws `SECURITY_VIOLATION`, or `BUDGET_EXCEEDED` where a budget layer refuses. */
  static authorizeCapability(
    context: RuntimeContext,
    id: string,
    args: readonly Value[],
    services: Services = {},
  ): Authorization {
    const decision = explain(context, requestFor(context, id, args), services);
    const subject: DecisionSubject = { kind: 'capability', id, argsDigest: argsDigest(args) };
    return conclude({ ...decision, subject }, services.decisions ?? UNRECORDED, {
      operation: 'capability_authorization',
    });
  }

  /**
   * Decides on a program (S8.4). RTFS needs no permission of its own at any level, since its calls are authorised one
   * by one; with a capability id that id must be allowed. Throws `SECURITY_VIOLATION`.
   */
  static authorizeProgram(
    context: RuntimeContext,
    program: Program,
    capabilityId?: string,
    services: Services = {},
  ): Authorization {
    const subject: DecisionSubject = {
      kind: 'program',
      id: capabilityId ?? programDigest(program),
      argsDigest: argsDigest([]),
    };
    const sink = services.decisions ?? UNRECORDED;
    if (capabilityId !== undefined) {
      const decision = explain(context, requestFor(context, capabilityId, []), services);
      const reason =
        decision.outcome === 'allow'
          ? {}
          : { reason: `Capability '${capabilityId}' not allowed for program execution` };
      return conclude({ ...decision, ...reason, subject }, sink, { operation: 'program_authorization' });
    }
    return conclude(
      {
        subject,
        outcome: 'allow',
        rule: `level:${context.securityLevel}`,
        rules: [],
        contextId: context.contextId,
        level: context.securityLevel,
        effects: ['pure'],
        permissions: [],
        policyDigest: context.digest(),
      },
      sink,
      { operation: 'program_authorization' },
    );
  }

  /**
   * What each provider checks before it launches anything (S8.6). Throws `AUTHORIZATION_INVALID`, or
   * `SECURITY_VIOLATION` naming the first permission that is missing.
   */
  static validateExecutionContext(required: readonly string[], context: ExecutionContext): void {
    const { authorization } = context;
    assertAuthorization(authorization, context.executionId);
    if (authorization.subject.id !== subjectOf(context))
      throw invalid(`Authorization ${authorization.id} is for another subject`);
    if (authorization.subject.argsDigest !== argsDigest(context.args))
      throw invalid(`Authorization ${authorization.id} is for other arguments`);
    const missing = required.find((permission) => !authorization.permissions.includes(permission));
    if (missing === undefined) return;
    const held = authorization.permissions.join(', ');
    const reason = `Required permission '${missing}' not in execution context permissions: [${held}]`;
    const operation = 'execution_context_validation';
    const capability = authorization.subject.id;
    throw new CcosError('SECURITY_VIOLATION', violationMessage(operation, capability, reason), {
      details: { operation, capability, reason, decisionId: authorization.decisionId },
    });
  }
}

function subjectOf(context: ExecutionContext): string | null {
  if (context.capabilityId !== undefined) return context.capabilityId;
  return context.program === undefined ? null : programDigest(context.program);
}

/** The identity of a program (type `program`). */
export function programDigest(program: Program): string {
  return digest('program', program);
}
