/** What CCOS archives, each type with its codec (A11.3): plans, proposals, artifacts, intents and their graphs, and plain values. */
import type { Parsed } from '../foundation/canonical-json.ts';
import { CcosError } from '../foundation/errors.ts';
import type { GraphBody, StorableIntent } from '../model/intent.ts';
import type { Plan, Proposal } from '../model/plan.ts';
import type { Codec } from './archive.ts';
import { artifactCodec, type ArtifactEntity } from './artifact.ts';
import { Entity } from './entity.ts';

export type PlanEntity = Entity<Plan, 'plan'>;
export type ProposalEntity = Entity<Proposal, 'proposal'>;
export type ValueEntity = Entity<unknown, 'value'>;
export type IntentEntity = Entity<StorableIntent, 'intent'>;
export type GraphEntity = Entity<GraphBody, 'intent-graph'>;
/** Everything that one archive folder holds. */
export type StoredEntity = PlanEntity | ProposalEntity | ArtifactEntity | IntentEntity | GraphEntity | ValueEntity;

/** A plan as an entity; its hash is the plan hash (O1.1). */
export const planEntity = (plan: Plan): PlanEntity => new Entity('plan', plan);
/** A proposal as an entity. */
export const proposalEntity = (proposal: Proposal): ProposalEntity => new Entity('proposal', proposal, proposal.planId);
/** An intent as an entity (I9.1). */
export const intentEntity = (intent: StorableIntent): IntentEntity => new Entity('intent', intent, intent.intent_id);
/** A whole graph of intents as an entity (I8.8). */
export const graphEntity = (graph: GraphBody): GraphEntity => new Entity('intent-graph', graph);
/** A JSON value (RTFS values in their lossless codec) as an entity (L9.7). */
export const valueEntity = (value: unknown): ValueEntity => new Entity('value', value);

/** Names of members and the `typeof` of each; `null` stands for "a string or null". */
type Members = Readonly<Record<string, 'string' | 'number' | 'object' | 'array' | null>>;

const PLAN: Members = {
  language: 'string',
  body: 'object',
  inputSchema: null,
  outputSchema: null,
  policies: 'object',
  capabilitiesRequired: 'array',
};
const PROPOSAL: Members = {
  planHash: 'string',
  planId: 'string',
  name: 'string',
  createdAt: 'number',
  proposer: 'string',
};
const INTENT: Members = {
  intent_id: 'string',
  name: null,
  original_request: 'string',
  rtfs_intent_source: 'string',
  goal: 'string',
  constraints: 'object',
  preferences: 'object',
  success_criteria: null,
  parent_intent: null,
  child_intents: 'array',
  triggered_by: 'string',
  generation_context: 'object',
  status: 'string',
  priority: 'number',
  created_at: 'number',
  updated_at: 'number',
  metadata: 'object',
};
const GRAPH: Members = { intents: 'object', edges: 'array' };

export const planCodec: Codec<PlanEntity> = {
  type: 'plan',
  decode: (body) => planEntity(decoded<Plan>('plan', PLAN, body)),
};
export const proposalCodec: Codec<ProposalEntity> = {
  type: 'proposal',
  decode: (body) => proposalEntity(decoded<Proposal>('proposal', PROPOSAL, body)),
  refs: (proposal) => [proposal.body.planHash],
};
const intentCodec: Codec<IntentEntity> = {
  type: 'intent',
  decode: (body) => intentEntity(decoded<StorableIntent>('intent', INTENT, body)),
};
const graphCodec: Codec<GraphEntity> = {
  type: 'intent-graph',
  decode: (body) => graphEntity(decoded<GraphBody>('intent-graph', GRAPH, body)),
};
export const valueCodec: Codec<ValueEntity> = { type: 'value', decode: (body) => valueEntity(body) };
/** The codecs of an archive folder. */
export const CODECS: readonly Codec<StoredEntity>[] = [
  planCodec,
  proposalCodec,
  artifactCodec,
  intentCodec,
  graphCodec,
  valueCodec,
];

/** The body as its type, when it has exactly the members. Throws `ARCHIVE_TYPE`. */
function decoded<B>(type: string, members: Members, body: Parsed): B {
  const object = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  const wrong = [...new Set([...Object.keys(members), ...Object.keys(object)])].find(
    (name) => !fits(members[name], object[name]),
  );
  if (wrong === undefined) return object as B;
  throw new CcosError(
    'ARCHIVE_TYPE',
    `Cannot read a ${type}: its member ${JSON.stringify(wrong)} is not as it must be`,
    {
      details: { expected: type, found: typeof object[wrong], pointer: `/body/${wrong}` },
      hint: 'it was written by another version of CCOS',
    },
  );
}

function fits(shape: Members[string] | undefined, value: Parsed | undefined): boolean {
  if (shape === undefined) return false;
  if (shape === null) return value === null || typeof value === 'string';
  if (shape === 'array') return Array.isArray(value);
  return typeof value === shape && value !== null && !Array.isArray(value);
}
