/** The one writer of graphs (I8): backups, copies before a restore, and the live snapshot are all its texts. */
import { domain, sha256 } from '../foundation/digest.ts';
import type { ChainPosition } from '../causal-chain/follow.ts';
import type { Edge, StorableIntent } from '../model/intent.ts';
import { GRAPH_TYPE, graphHash } from './canonical.ts';
import type { IntentGraph } from './graph.ts';
import { snapshotText } from './snapshot-text.ts';

/** The version that is written. */
export const BACKUP_VERSION = '1.1';
/** What each backup says of itself. */
const NOTE = 'Hybrid JSON+RTFS backup';

/** Whoever signs a backup. */
export interface BackupSigner {
  readonly id: string;
  sign(data: string): string;
}

/** What a backup says beside the graph. */
export interface BackupFacts {
  /** Unix seconds. */
  readonly timestamp: number;
  /** The position that a live snapshot covers (I9.3). */
  readonly chain?: ({ readonly chain: string } & ChainPosition) | undefined;
  readonly signer?: BackupSigner | undefined;
}

/** What is signed of a graph (I8.1). */
export function signedText(canonical: string): string {
  return domain(GRAPH_TYPE) + canonical;
}

/** JSON as it is to be laid out: objects as maps, whose order holds also for names that look like numbers. */
type Layout = string | number | null | readonly Layout[] | ReadonlyMap<string, Layout>;

/** The text of a backup v1.1; ends with a newline. Two of one graph differ in the timestamp alone (I8.2). */
export function backupText(graph: IntentGraph, { timestamp, chain, signer }: BackupFacts): string {
  const intents = graph.intents();
  const edges = graph.edges();
  const canonical = graphHash(graph.body());
  const rtfs = snapshotText(intents, edges);
  const integrity = {
    alg: 'sha256',
    canonical,
    rtfs: sha256(rtfs),
    counts: inOrder({ intents: intents.length, edges: edges.length }),
    ...(chain === undefined ? {} : { chain: inOrder({ chain: chain.chain, seq: chain.seq, hash: chain.hash }) }),
    ...(signer === undefined ? {} : { key: signer.id, sig: signer.sign(signedText(canonical)) }),
  };
  const document: Layout = new Map<string, Layout>([
    ['intents', new Map(intents.map((intent) => [intent.intent_id, intentLayout(intent)]))],
    ['edges', edges.map(edgeLayout)],
    ['version', BACKUP_VERSION],
    ['timestamp', timestamp],
    ['manifest', inOrder({ created_by: 'ccos', source: null, note: NOTE })],
    ['rtfs', rtfs],
    ['integrity', inOrder(integrity)],
  ]);
  return `${pretty(document, '')}\n`;
}

/** The members stand in the order of the type, which shape.ts keeps; names of maps ascend. */
function intentLayout(intent: StorableIntent): Layout {
  const { constraints, preferences, metadata, generation_context: generation } = intent;
  return inOrder({
    ...intent,
    constraints: ascending(constraints),
    preferences: ascending(preferences),
    metadata: ascending(metadata),
    generation_context: inOrder({ ...generation, input_context: ascending(generation.input_context) }),
  });
}

function edgeLayout({ from, to, edge_type, metadata, weight }: Edge): Layout {
  return inOrder({ from, to, edge_type, metadata: metadata === null ? null : ascending(metadata), weight });
}

function inOrder(members: Readonly<Record<string, Layout>>): Layout {
  return new Map(Object.entries(members));
}

function ascending(members: Readonly<Record<string, string>>): Layout {
  return new Map(
    Object.keys(members)
      .toSorted()
      .map((name) => [name, members[name] as string]),
  );
}

/** JSON with two spaces, as `JSON.stringify` lays it out. */
function pretty(value: Layout, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const isMap = value instanceof Map;
  const items = isMap
    ? [...(value as ReadonlyMap<string, Layout>)].map(
        ([name, member]) => `${JSON.stringify(name)}: ${pretty(member, inner)}`,
      )
    : (value as readonly Layout[]).map((item) => pretty(item, inner));
  const [open, close] = isMap ? ['{', '}'] : ['[', ']'];
  return items.length === 0 ? open + close : `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
}
