/** The payloads of the kinds of record (L4), as one table. What does not stand here cannot be recorded (L2.1). */
import { EDGE_TYPES, INTENT_STATUSES, TRIGGER_SOURCES } from '../model/intent.ts';
import type { RecordKind } from './record.ts';
import {
  bool,
  count,
  dictionary,
  digest,
  exactly,
  figure,
  hash,
  id,
  integer,
  json,
  jsonObject,
  list,
  matching,
  nullable,
  object,
  oneOf,
  ordinal,
  text,
  uuid,
  where,
  type Shape,
  type ShapeFault,
} from './shape.ts';

/** Ed25519 in base64: the 32 bytes of a public key. */
export const publicKeyShape = matching('32 bytes in base64', /^[A-Za-z0-9+/]{43}=$/);
const signature = matching('64 bytes in base64', /^[A-Za-z0-9+/]{86}==$/);
const keyId = matching('ed25519: and 32 hex digits', /^ed25519:[0-9a-f]{32}$/);
const segmentName = matching('the name of a segment', /^\d{6,}\.jsonl$/);
const action = id('action');
const words = list(text);

/** The head of L6.1, in `head.json` and as the payload of `ChainHead`. */
export const headShape: Shape = object({
  bytes: count,
  chain: id('chain'),
  key: keyId,
  last: hash,
  root: hash,
  segment: segmentName,
  sig: signature,
  size: ordinal,
  time: integer,
  v: exactly(1),
});

const error = object({
  'code?': text,
  'kind?': text,
  'message?': text,
  'span?': nullable(jsonObject),
  'hint?': nullable(text),
  'details?': json,
  'data?': json,
  'steps?': json,
});
const redactions = list(object({ pointer: text, label: text, digest: text }));

/** Of a value that may stand in the record or in the archive, at most one of the two (L9.7); under `digests` neither (L9.8). */
const oneHome =
  (value: string, reference: string) =>
  (payload: Readonly<Record<string, unknown>>): ShapeFault | null =>
    Object.hasOwn(payload, value) && Object.hasOwn(payload, reference)
      ? { path: [reference], expected: `no member of that name beside ${value}` }
      : null;

const capabilityCall = where(
  object({
    callPath: text,
    capability: text,
    'args?': list(json),
    'argsRef?': hash,
    'argsBytes?': count,
    argsDigest: digest,
    idempotencyKey: hash,
    effects: words,
    manifestHash: hash,
    attempt: ordinal,
    'exposed?': json,
    'redactions?': redactions,
  }),
  oneHome('args', 'argsRef'),
);

const capabilityResult = where(
  object({
    callPath: text,
    outcome: oneOf('ok', 'error'),
    'result?': json,
    'resultRef?': hash,
    'resultBytes?': count,
    'resultDigest?': digest,
    'error?': error,
    'refused?': bool,
    durationMs: figure,
    costMicros: nullable(figure),
    simulated: bool,
    servedBy: text,
    'redactions?': redactions,
  }),
  (payload) => {
    // An outcome without what it says it has could not be served again (L15.3).
    const needed = payload['outcome'] === 'ok' ? 'resultDigest' : 'error';
    if (!Object.hasOwn(payload, needed)) return { path: [needed], expected: 'a member of that name' };
    return oneHome('result', 'resultRef')(payload);
  },
);

const governanceDecision = object({
  subject: object({
    kind: oneOf('capability', 'program', 'plan', 'resume', 'restore'),
    id: text,
    argsDigest: nullable(digest),
  }),
  outcome: oneOf('allow', 'deny', 'ask'),
  rule: text,
  rules: list(object({ id: text, source: text, effect: nullable(text), matched: bool, outcome: nullable(text) })),
  contextId: uuid,
  level: text,
  effects: words,
  permissions: words,
  policyDigest: digest,
  'callPath?': text,
  'budgetAfter?': json,
  'approvalId?': text,
  'reason?': text,
  'hint?': text,
  signals: list(json),
});

const providerMeasurement = object({
  provider: text,
  providerVersion: nullable(text),
  'accelerator?': nullable(text),
  isolation: text,
  'imageDigest?': nullable(digest),
  'policyDigest?': digest,
  digests: list(object({ name: text, digest, bytes: count })),
  startupMs: nullable(figure),
  wallMs: nullable(figure),
  cpuTimeMs: nullable(figure),
  peakMemoryBytes: nullable(count),
  networkRequests: nullable(list(json)),
  fileOperations: nullable(list(json)),
  exitCode: nullable(integer),
  signal: nullable(text),
  truncated: nullable(json),
  'unmeasured?': dictionary(text),
  'redactions?': redactions,
});

/** The members of an intent's record, and its place in a transaction (I9.2). */
const intentObject = (members: Readonly<Record<string, Shape>>): Shape =>
  where(object({ ...members, 'tx?': object({ index: count, count: ordinal }) }), ({ tx }) => {
    const place = tx as { readonly index: number; readonly count: number } | undefined;
    return place === undefined || place.index < place.count
      ? null
      : { path: ['tx', 'index'], expected: 'an index below the count' };
  });
const intentStatus = oneOf(...INTENT_STATUSES);
const statusChange = intentObject({
  oldStatus: intentStatus,
  newStatus: intentStatus,
  reason: text,
  'triggeringAction?': action,
});
const relationship = intentObject({
  from: text,
  to: text,
  type: oneOf(...EDGE_TYPES),
  'weight?': figure,
  'metadata?': dictionary(text),
});

/** The shape of the payload of each kind. */
export const PAYLOADS: Readonly<Record<RecordKind, Shape>> = {
  ChainCreated: object({ chain: id('chain'), key: keyId, publicKey: publicKeyShape }),
  SegmentOpened: object({
    segment: segmentName,
    previous: object({ segment: segmentName, records: ordinal, last: hash }),
  }),
  ChainHead: headShape,
  ChainRecovered: object({ bytes: ordinal, sha256: hash, keptAs: text, afterSeq: count, reason: text }),
  IntentCreated: intentObject({ intentHash: hash, goal: text, triggeredBy: oneOf(...TRIGGER_SOURCES) }),
  IntentUpdated: intentObject({ before: hash, after: hash }),
  IntentDeleted: intentObject({ before: hash }),
  IntentStatusChanged: statusChange,
  IntentArchived: statusChange,
  IntentReactivated: statusChange,
  IntentRelationshipCreated: relationship,
  IntentRelationshipModified: relationship,
  IntentRelationshipRemoved: relationship,
  IntentGraphRestored: intentObject({
    source: text,
    canonical: hash,
    graphRef: hash,
    added: count,
    changed: count,
    removed: count,
    preRestore: nullable(text),
  }),
  PlanProposed: object({
    planHash: hash,
    planId: id('plan'),
    proposalRef: hash,
    proposer: text,
    'parentRun?': id('run'),
  }),
  PlanArchived: object({ planHash: hash, proposalRef: hash }),
  PlanStarted: object({
    mode: text,
    policyDigest: digest,
    provider: text,
    isolation: text,
    budget: json,
    inputDigest: digest,
    'inputRef?': hash,
    record: oneOf('values', 'digests'),
  }),
  PlanCompleted: where(
    object({ resultDigest: digest, 'result?': json, 'resultRef?': hash, 'resultBytes?': count, durationMs: figure }),
    oneHome('result', 'resultRef'),
  ),
  PlanAborted: object({
    status: oneOf('failed', 'denied', 'cancelled'),
    error,
    durationMs: figure,
    'resultDigest?': digest,
  }),
  PlanStepStarted: object({ name: text, form: text, path: text, attempt: ordinal, isolationLevel: nullable(text) }),
  PlanStepCompleted: object({ resultDigest: digest, durationMs: figure }),
  PlanStepFailed: object({ error }),
  PlanStepRetrying: object({ attempt: ordinal, delayMs: figure, error }),
  CapabilityCall: capabilityCall,
  CapabilityResult: capabilityResult,
  GovernanceDecision: governanceDecision,
  BudgetReport: object({ limits: jsonObject, spent: jsonObject, reserved: jsonObject }),
  CapabilityRegistered: object({ capability: text, manifestHash: hash, 'before?': hash, source: text }),
  ProviderMeasurement: providerMeasurement,
  Violation: object({
    code: text,
    operation: text,
    'capability?': text,
    'decision?': action,
    'callPath?': text,
    'argsDigest?': digest,
    'error?': error,
  }),
  CheckpointCreated: object({
    checkpoint: matching('cp- and a hash', /^cp-[0-9a-f]{64}$/),
    'callPath?': text,
    'label?': text,
  }),
  InternalStep: object({
    name: oneOf('context', 'pause', 'note'),
    'path?': text,
    'key?': text,
    'reply?': json,
    'detail?': json,
  }),
};

const principal = matching('a principal', /^(?:system|kernel|host|orchestrator|(?:provider|user):[^\s:][^\n]*)$/);
const common = {
  payload: jsonObject,
  principal,
  'parent?': action,
  'run?': id('run'),
  'plan?': hash,
  'intent?': text,
  'step?': text,
};
const kind = oneOf(...Object.keys(PAYLOADS));

/** A draft without its payload's members (L2). */
export const draftShape: Shape = object({ ...common, kind, 'id?': action });
/** A record without its payload's members (L2). */
export const recordShape: Shape = object({
  ...common,
  kind,
  id: action,
  hash,
  prev: hash,
  seq: ordinal,
  time: integer,
  v: exactly(1),
});
