/**
 * Admission (G1): a list of stages over one draft. Each reports all it finds, and the first stage that finds
 * something refuses the plan. `admit` records what it decides, refusals included; `check` walks the same stages and
 * writes nothing (G1.16).
 */
import { type CompiledProgram, type Diagnostic, type Effects, type ModuleResolver, type StepSite } from '@ccos/rtfs';
import { excerptAt } from '@ccos/rtfs/internal';
import type { CapabilityMarketplace } from '../capabilities/marketplace.ts';
import type { ChainWriter, JsonValue, RecordDraft } from '../causal-chain/record.ts';
import { systemClock, type Clock } from '../foundation/clock.ts';
import { CcosError } from '../foundation/errors.ts';
import { actionId, planId as newPlanId } from '../foundation/ids.ts';
import { decisionPayload } from '../host/decision-record.ts';
import { planFloor, type IsolationKind } from '../model/isolation.ts';
import type { RunLimits } from '../model/limits.ts';
import type { Mode, Plan, Proposal } from '../model/plan.ts';
import type { Decision } from '../security/decision.ts';
import type { RuntimeContext } from '../security/runtime-context.ts';
import { takeAdmit, type AdmittedPlan, type WallChoice } from './admitted-plan.ts';
import { badArguments, judgeCalls, unionOfEffects, unknownCapabilities, type JudgedCall } from './calls.ts';
import {
  STATIC_EXIT,
  codeOfKind,
  combinedHint,
  errorSpan,
  findingOf,
  refusal,
  ruleOf,
  type Finding,
  type Warning,
} from './findings.ts';
import { planHash } from './plan-text.ts';
import { receivePlan, type Received } from './received.ts';

const makeAdmitted = takeAdmit();

/** What is asked to be admitted. */
export interface AdmissionRequest {
  readonly source: string | Uint8Array;
  /** The file's name, for diagnostics. */
  readonly file?: string | undefined;
  /** Where the plan's modules are found (G1.5); nowhere by default. */
  readonly modules?: ModuleResolver | undefined;
  readonly name: string;
  readonly proposer: string;
  readonly context: RuntimeContext;
  readonly marketplace: CapabilityMarketplace;
  /**
   * Chooses the wall that holds this minimum (M4.3, M4.4). Throws `ISOLATION_UNAVAILABLE`, `PROVIDER_UNAVAILABLE`,
   * `PROVIDER_UNKNOWN`.
   */
  readonly wall: (minIsolation: IsolationKind) => Promise<WallChoice>;
  readonly clock?: Clock | undefined;
}

/** Where admission writes. `plan` and `proposal` store durably and return the archive hash. */
export interface AdmissionRecords {
  readonly chain: ChainWriter;
  readonly run: string;
  readonly plan: (plan: Plan) => Promise<string>;
  readonly proposal: (proposal: Proposal) => Promise<string>;
}

/** What `check` prints (G1.16); effects are spelled as keywords. */
export interface AdmissionReport {
  readonly planHash: string | null;
  /** The modules that the plan loads, each with the file that it was found in (R10.6). */
  readonly modules: readonly { readonly name: string; readonly file: string }[];
  readonly effects: readonly string[];
  readonly calls: readonly {
    readonly capability: string | null;
    readonly span: { readonly line: number; readonly column: number; readonly file?: string };
    readonly effects: readonly string[];
    readonly dynamic: boolean;
    readonly verdict: JudgedCall['verdict'];
    readonly rules: JudgedCall['rules'];
    readonly hint?: string;
  }[];
  readonly steps: readonly StepSite[];
  readonly warnings: readonly Warning[];
  readonly signals: readonly never[];
  readonly mode: Mode;
  readonly budget: RunLimits;
  readonly isolation: WallChoice | null;
  readonly verdict: 'allow' | 'deny';
}

/** What the stages fill in, in their order. */
interface Draft {
  readonly request: AdmissionRequest;
  readonly clock: Clock;
  readonly received: Received;
  readonly planHash: string;
  planId: string;
  program: CompiledProgram | null;
  diagnostics: readonly Diagnostic[];
  calls: readonly JudgedCall[];
  wall: WallChoice | null;
}

type Stage = {
  readonly name: string;
  readonly run: (draft: Draft) => readonly Finding[] | Promise<readonly Finding[]>;
};

/** G1.3 to G1.13, as far as they are built: receiving comes before, deciding after. */
const STAGES: readonly Stage[] = [
  { name: 'parse', run: parse },
  { name: 'resolve', run: resolve },
  {
    name: 'check',
    run: ({ request, program }) => badArguments(effectsOf(program), request.marketplace, request.context),
  },
  { name: 'policy', run: judge },
  { name: 'wall', run: chooseWall },
];

/**
 * Admits a plan. With `records`, plan and proposal are archived before any judgement (G1.2) and the decision is
 * durable; without, all stays in memory (G1.19). Throws the first finding of the stage that refuses, with all of them
 * in `details.findings`; `ARCHIVE_*`, `CHAIN_UNAVAILABLE`.
 */
export async function admit(request: AdmissionRequest, records: AdmissionRecords | null): Promise<AdmittedPlan> {
  const draft = receive(request);
  const recorder = records === null ? null : await propose(draft, records);
  const refused = await walk(draft);
  const decision = decide(draft, refused);
  const decisionId = recorder === null ? actionId() : await recorder.decide(decision);
  if (refused !== null) throw refusal(refused.stage, refused.findings, recorder === null ? null : decisionId);
  const { program, wall, received } = draft;
  if (program === null || wall === null) throw new CcosError('INTERNAL', 'A stage of admission left nothing behind');
  return makeAdmitted({
    planHash: draft.planHash,
    planId: draft.planId,
    source: received.text,
    bytecode: received.bytecode,
    modules: received.modules,
    program,
    effects: program.effects,
    calls: draft.calls,
    context: request.context,
    mode: 'full',
    limits: request.context.effectiveLimits(),
    wall,
    decisionId,
    proposedId: recorder?.proposedId ?? null,
  });
}

/** The same stages with nothing written (G1.16): the report, and the error with which `admit` would refuse, or null. */
export async function check(request: AdmissionRequest): Promise<{
  readonly report: AdmissionReport;
  readonly error: CcosError | null;
  /** The plan without macro calls (R9.7); null where it could not be compiled. */
  readonly expanded: string | null;
}> {
  const draft = receive(request);
  const refused = await walk(draft);
  const error = refused === null ? null : refusal(refused.stage, refused.findings, null);
  // A stage that was not reached has judged no call yet: the report then tells what the policy says all the same.
  if (draft.program !== null && draft.calls.length === 0)
    draft.calls = judgeCalls(draft.program.effects, request.context).calls;
  const expanded = draft.received.compiled.ok ? draft.received.compiled.program.expanded : null;
  return { report: reportOf(draft, error === null ? 'allow' : 'deny'), error, expanded };
}

/** The stages that need no policy and no wall: what they refuse is no program anywhere. */
const STATIC_STAGES = STAGES.filter(({ name }) => name === 'parse' || name === 'resolve');

/**
 * The program of a plan that could be a plan anywhere, and the plan's hash; nothing is judged, run or written. Throws what the first
 * stage that refuses it finds (G1.3, G1.5), `PLAN_INVALID`, `BYTECODE_INVALID`.
 */
export async function compileAsAdmitted(request: Omit<AdmissionRequest, 'wall'>): Promise<{
  readonly program: CompiledProgram;
  readonly planHash: string;
  readonly isBytecode: boolean;
  readonly warnings: readonly Warning[];
}> {
  const wall: AdmissionRequest['wall'] = () =>
    Promise.reject(new CcosError('INTERNAL', 'A wall was chosen to compile a plan'));
  const draft = receive({ ...request, wall });
  const refused = await walk(draft, STATIC_STAGES);
  if (refused !== null) throw refusal(refused.stage, refused.findings, null);
  const { program, received, planHash: hash, diagnostics } = draft;
  if (program === null) throw new CcosError('INTERNAL', 'A stage of admission left nothing behind');
  return { program, planHash: hash, isBytecode: received.bytecode !== null, warnings: warningsOf(diagnostics) };
}

function reportOf(draft: Draft, verdict: 'allow' | 'deny'): AdmissionReport {
  const spelled = (effects: readonly string[]): string[] => effects.map((effect) => `:${effect}`);
  return {
    planHash: draft.planHash,
    modules: draft.received.imports.map(({ name, file }) => ({ name, file })),
    effects: spelled(unionOfEffects(draft.calls)),
    calls: draft.calls.map(({ capability, span, effects, dynamic, verdict: each, rules, hint }) => ({
      capability,
      span: { line: span.line, column: span.column, ...(span.file === draft.request.file ? {} : { file: span.file }) },
      effects: spelled(effects),
      dynamic,
      verdict: each,
      rules,
      ...(hint === undefined ? {} : { hint }),
    })),
    steps: draft.program?.effects.steps ?? [],
    warnings: warningsOf(draft.diagnostics),
    signals: [],
    mode: 'full',
    budget: draft.request.context.effectiveLimits(),
    isolation: draft.wall,
    verdict,
  };
}

/** The language's warnings but those of unresolved names, which are findings here (G1.5). */
function warningsOf(diagnostics: readonly Diagnostic[]): readonly Warning[] {
  return diagnostics
    .filter(({ severity, kind }) => severity === 'warning' && kind !== 'UndefinedSymbol')
    .map(({ code, message, span, excerpt, hint }) => ({
      code,
      message,
      span: errorSpan(span),
      excerpt,
      ...(hint === undefined ? {} : { hint }),
    }));
}

/** G1.1. Throws `PLAN_INVALID`, `BYTECODE_INVALID`: what is no plan is not even evidence. */
function receive(request: AdmissionRequest): Draft {
  const received = receivePlan(request);
  return {
    request,
    clock: request.clock ?? systemClock,
    received,
    planHash: planHash(received.plan),
    planId: newPlanId(request.clock),
    program: null,
    diagnostics: [],
    calls: [],
    wall: null,
  };
}

async function walk(
  draft: Draft,
  stages: readonly Stage[] = STAGES,
): Promise<{ readonly stage: string; readonly findings: readonly Finding[] } | null> {
  for (const { name, run } of stages) {
    const findings = await run(draft);
    if (findings.length > 0)
      return { stage: name, findings: findings.map((finding) => withExcerpt(finding, textAt(draft, finding))) };
  }
  return null;
}

/** The text that a finding is about: the plan's own, or a module's. */
function textAt({ received }: Draft, { span }: Finding): string {
  const { text, modules } = received;
  return modules.find(({ file }) => file === span?.file)?.source ?? text;
}

/** Shows the line that a finding is about, where the reader has not done so already. */
function withExcerpt(finding: Finding, text: string): Finding {
  const { span, excerpt } = finding;
  return span === undefined || excerpt !== undefined ? finding : { ...finding, excerpt: excerptAt(text, span) };
}

/** G1.3: every diagnostic of severity error. */
function parse(draft: Draft): readonly Finding[] {
  const { request, received } = draft;
  if (received.isEmpty) {
    return [
      { code: 'PLAN_EMPTY', message: 'The plan is empty: it holds no form', hint: 'a plan is at least one expression' },
    ];
  }
  const { compiled } = received;
  draft.diagnostics = compiled.diagnostics;
  if (compiled.ok) {
    draft.program = compiled.program;
    return [];
  }
  return compiled.diagnostics
    .filter(({ severity }) => severity === 'error')
    .map((diagnostic) => ({
      code: codeOfKind(diagnostic.kind),
      exit: STATIC_EXIT,
      ...shown(diagnostic),
      ...(diagnostic.code === 'ModuleNotFound' ? { hint: diagnostic.hint ?? whereModulesAre(request) } : {}),
    }));
}

function whereModulesAre({ modules }: AdmissionRequest): string {
  return modules === undefined
    ? 'modules are found in the text itself, and beside a plan that was read from a file'
    : "the module a.b is a/b.rtfs in the plan's own folder, or stands in the text";
}

function shown(diagnostic: Diagnostic): Pick<Finding, 'message' | 'span' | 'excerpt' | 'hint' | 'details'> {
  const { message, span, excerpt, hint, data } = diagnostic;
  const details = typeof data === 'object' && data !== null && !Array.isArray(data) ? { ...data } : undefined;
  return { message, span, excerpt, hint, ...(details === undefined ? {} : { details }) };
}

/**
 * G1.5: symbols that nothing defines are errors here, and so are literal ids that nobody registered; in source order.
 */
function resolve(draft: Draft): readonly Finding[] {
  const symbols = draft.diagnostics
    .filter(({ kind }) => kind === 'UndefinedSymbol')
    .map((diagnostic): Finding => ({ code: 'PLAN_UNRESOLVED', ...shown(diagnostic) }));
  const ids = unknownCapabilities(effectsOf(draft.program), draft.request.marketplace);
  return [...symbols, ...ids].toSorted((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
}

/** G1.6 and G1.8. */
function judge(draft: Draft): readonly Finding[] {
  const { calls, findings } = judgeCalls(effectsOf(draft.program), draft.request.context);
  draft.calls = calls;
  return findings;
}

/** G1.13: RTFS needs wasm at least (M4.4), more where the context says so. */
async function chooseWall(draft: Draft): Promise<readonly Finding[]> {
  const { request } = draft;
  try {
    draft.wall = await request.wall(planFloor(request.context.minIsolation));
    return [];
  } catch (error) {
    if (!(error instanceof CcosError)) throw error;
    return [findingOf(error)];
  }
}

function effectsOf(program: CompiledProgram | null): Effects {
  if (program === null) throw new CcosError('INTERNAL', 'A stage of admission ran before the plan was parsed');
  return program.effects;
}

/** G1.14, and for a refusal G1.15. */
function decide(
  draft: Draft,
  refused: { readonly stage: string; readonly findings: readonly Finding[] } | null,
): Decision {
  const { context } = draft.request;
  const first = refused?.findings[0];
  const rule = refused === null || first === undefined ? 'admission:decide' : ruleOf(refused.stage, first);
  const denied = draft.calls.flatMap(({ rules }) => rules.filter(({ matched }) => matched));
  const hint = refused === null ? undefined : combinedHint(refused.findings);
  return {
    subject: { kind: 'plan', id: draft.planHash, argsDigest: null },
    outcome: refused === null ? 'allow' : 'deny',
    rule,
    rules: [...new Map(denied.map((looked) => [looked.id, looked])).values()],
    contextId: context.contextId,
    level: context.securityLevel,
    effects: unionOfEffects(draft.calls),
    permissions: [...new Set(draft.calls.flatMap(({ capability }) => capability ?? []))],
    policyDigest: context.digest(),
    ...(first === undefined ? {} : { reason: first.code }),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** G1.2: plan and proposal are stored and on record before anybody judges them. */
async function propose(
  draft: Draft,
  records: AdmissionRecords,
): Promise<{ readonly proposedId: string; decide(decision: Decision): Promise<string> }> {
  const { request, planId } = draft;
  const hash = await records.plan(draft.received.plan);
  if (hash !== draft.planHash)
    throw new CcosError('INTERNAL', 'The archive names the plan by another hash than admission');
  const proposalRef = await records.proposal({
    planHash: hash,
    planId,
    name: request.name,
    createdAt: draft.clock.now(),
    proposer: request.proposer,
  });
  const append = async (
    draftRecord: Pick<RecordDraft, 'kind' | 'payload' | 'parent'>,
    id = actionId(),
  ): Promise<string> => {
    await records.chain.append({ ...draftRecord, id, principal: 'kernel', run: records.run, plan: hash }, 'durable');
    return id;
  };
  const archived: Record<string, JsonValue> = { planHash: hash, proposalRef };
  const proposedId = actionId();
  // Both in one batch, the parent first.
  await Promise.all([
    append({ kind: 'PlanProposed', payload: { ...archived, planId, proposer: request.proposer } }, proposedId),
    append({ kind: 'PlanArchived', payload: archived, parent: proposedId }),
  ]);
  return {
    proposedId,
    decide: (decision) =>
      append({ kind: 'GovernanceDecision', payload: decisionPayload(decision), parent: proposedId }),
  };
}
