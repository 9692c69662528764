/** Records of every kind that rooms append, for tests of what holds for all of them. */
import type { RecordDraft } from '../src/causal-chain/record.ts';

const HASH = 'a'.repeat(64),
  DIGEST = `sha256:${HASH}`,
  ACTION = 'action-01890a5d-ac96-7000-8000-000000000009';
export const RUN = 'run-01890a5d-ac96-7000-8000-0000000000aa';
const error = { code: 'SECURITY_VIOLATION', message: 'no' };
const PLAN_ID = 'plan-01890a5d-ac96-7000-8000-000000000001';
export const decision: RecordDraft['payload'] = {
  subject: { kind: 'plan', id: HASH, argsDigest: null },
  outcome: 'deny',
  rule: 'default:deny',
  rules: [],
  contextId: PLAN_ID.slice(5),
  level: 'pure',
  effects: [],
  permissions: [],
  policyDigest: DIGEST,
  signals: [],
  reason: 'r',
  hint: 'h',
  budgetAfter: { actions: 3 },
};
export const call: RecordDraft['payload'] = {
  callPath: '0#0',
  capability: 'c.d',
  args: [1],
  argsDigest: DIGEST,
  idempotencyKey: HASH,
  effects: [':pure'],
  manifestHash: HASH,
  attempt: 1,
};
export const result: RecordDraft['payload'] = {
  callPath: '0#0',
  outcome: 'ok',
  result: null,
  resultDigest: DIGEST,
  durationMs: 0.5,
  costMicros: null,
  simulated: false,
  servedBy: 'live',
};
const measured = {
  provider: 'wasm',
  providerVersion: null,
  isolation: 'wasm',
  digests: [{ name: 'guest', digest: DIGEST, bytes: 1 }],
  startupMs: 1,
  wallMs: 2,
  cpuTimeMs: null,
  peakMemoryBytes: null,
  networkRequests: null,
  fileOperations: [],
  exitCode: 0,
  signal: null,
  truncated: { stdout: false, stderr: false },
  unmeasured: { cpuTimeMs: 'no counter' },
};
const moved = { oldStatus: 'Active', reason: 'asked' };
const edge = { from: 'intent-a', to: 'intent-b', type: 'DependsOn' };
/** What a run writes, in the order of O12, and what intents write: each kind that is not the chain's own. */
export const accepted: [RecordDraft['kind'], RecordDraft['payload']][] = [
  ['PlanProposed', { planHash: HASH, planId: PLAN_ID, proposalRef: HASH, proposer: 'user:a' }],
  ['PlanArchived', { planHash: HASH, proposalRef: HASH }],
  ['GovernanceDecision', decision],
  [
    'PlanStarted',
    {
      mode: 'full',
      policyDigest: DIGEST,
      provider: 'wasm',
      isolation: 'wasm',
      budget: { actions: 9 },
      inputDigest: DIGEST,
      record: 'values',
    },
  ],
  ['PlanStepStarted', { name: 'Fetch', form: 'step', path: '0.1.1#0', attempt: 1, isolationLevel: null }],
  ['CapabilityCall', call],
  ['CapabilityResult', result],
  [
    'CapabilityResult',
    { ...result, outcome: 'error', result: undefined, resultDigest: undefined, error, refused: true },
  ],
  ['PlanStepCompleted', { resultDigest: DIGEST, durationMs: 1 }],
  ['Violation', { code: 'SECURITY_VIOLATION', operation: 'call', capability: 'c.d', decision: ACTION, error }],
  ['PlanStepFailed', { error }],
  ['PlanStepRetrying', { attempt: 2, delayMs: 10, error }],
  ['ProviderMeasurement', measured],
  ['BudgetReport', { limits: {}, spent: {}, reserved: {} }],
  ['PlanAborted', { status: 'denied', error, durationMs: 3 }],
  ['PlanCompleted', { resultDigest: DIGEST, result: [1], durationMs: 3 }],
  ['CapabilityRegistered', { capability: 'c.d', manifestHash: HASH, source: 'built-in' }],
  ['CheckpointCreated', { checkpoint: `cp-${HASH}` }],
  ['InternalStep', { name: 'context', path: '0#0', key: 'plan-id', reply: 'x' }],
  ['IntentCreated', { intentHash: HASH, goal: 'Back up', triggeredBy: 'HumanRequest', tx: { index: 0, count: 2 } }],
  ['IntentUpdated', { before: HASH, after: HASH }],
  ['IntentDeleted', { before: HASH }],
  ['IntentStatusChanged', { ...moved, newStatus: 'Executing', triggeringAction: ACTION }],
  ['IntentArchived', { ...moved, newStatus: 'Archived' }],
  ['IntentReactivated', { ...moved, oldStatus: 'Archived', newStatus: 'Active' }],
  ['IntentRelationshipCreated', { ...edge, weight: 0.5, metadata: { why: 'order' } }],
  ['IntentRelationshipModified', edge],
  ['IntentRelationshipRemoved', edge],
  [
    'IntentGraphRestored',
    { source: 'b.json', canonical: HASH, graphRef: HASH, added: 1, changed: 2, removed: 3, preRestore: null },
  ],
];

/** The same as drafts. */
export const drafts: readonly RecordDraft[] = accepted.map(([kind, payload]) => ({
  kind,
  payload,
  principal: 'orchestrator',
  run: RUN,
  plan: HASH,
  step: '0#0',
}));
