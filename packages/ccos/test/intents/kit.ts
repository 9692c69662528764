/** Graphs and changes at random, with hostile texts in every place for one. */
import fc from 'fast-check';
import type { Clock } from '../../src/foundation/clock.ts';
import { byText, IntentGraph } from '../../src/intents/graph.ts';
import { wholeIntent, type NewEdge, type NewIntent } from '../../src/intents/shape.ts';
import { IntentTransaction } from '../../src/intents/transaction.ts';
import { EDGE_TYPES, INTENT_STATUSES, type IntentStatus } from '../../src/model/intent.ts';

/** A clock that stands still until it is moved. */
export function handClock(ms = 1_700_000_000_000): Clock & { move(by: number): void } {
  let now = ms;
  let monotonic = 0;
  return {
    now: () => now,
    monotonic: () => monotonic++,
    move: (by) => {
      now += by;
    },
  };
}

/** A transaction over a graph in memory, whose records nobody keeps. */
export function inMemory(graph: IntentGraph, now = 1_700_000_000): IntentTransaction {
  let made = 0;
  return new IntentTransaction(graph, { principal: 'user:test', newId: () => `made-${made++}`, now });
}

const hostileParts = [
  '"',
  '\\',
  '\n',
  '\r',
  '\t',
  ';',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '`',
  '-->',
  '😀',
  'é',
  '\u2028',
  '\u0000',
  '#{',
  '%&',
  '"""',
  '<script>',
  ' ',
  'a',
  '1',
  "'",
  '~@',
  ':k',
  '\u0085',
  '\ufeff',
];
/** Texts that want to be something else. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...hostileParts), { maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }).filter((text) => text.isWellFormed()),
);
const name = fc.oneof(
  hostileText.filter((text) => text !== ''),
  fc.constantFrom('__proto__', 'constructor', '10', '9', 'toString', 'a'),
);
const texts = fc.array(fc.tuple(name, hostileText), { maxLength: 3 }).map((entries) => Object.fromEntries(entries));
const source = fc.oneof(
  fc.integer().map(String),
  hostileText.map((text) => JSON.stringify(text).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]|\\[bf]/g, '')),
  fc.constantFrom('{:a {"b" [1 2.0]}}', '(fn [x] (> (:n x) 0))', "'(a b)", '; why\n[1\n 2]', '(fn [x:int] x)', ':key'),
);
const sources = fc.array(fc.tuple(name, source), { maxLength: 3 }).map((entries) => Object.fromEntries(entries));
const ids = Array.from({ length: 8 }, (_none, n) => `intent-${n}`).concat('10', '9', 'constructor', 'A.b:c-d_e');
export const anId: fc.Arbitrary<string> = fc.constantFrom(...ids);

/** A new intent with hostile texts in every place for one. */
export const newIntent: fc.Arbitrary<NewIntent> = fc.record(
  {
    intent_id: anId,
    name: fc.option(hostileText),
    original_request: hostileText,
    goal: hostileText.filter((text) => text !== ''),
    constraints: sources,
    preferences: sources,
    success_criteria: fc.option(source),
    triggered_by: fc.constantFrom('HumanRequest' as const, 'ArbiterInference' as const),
    generation_context: fc.record({
      arbiter_version: hostileText,
      generation_timestamp: fc.nat(),
      input_context: texts,
      reasoning_trace: fc.option(hostileText),
    }),
    priority: fc.nat(2 ** 32 - 1),
    created_at: fc.nat(2_000_000_000),
    metadata: texts,
  },
  { requiredKeys: ['intent_id', 'goal'] },
);

/** One change, as likely refused as not. */
export type Change =
  | { readonly do: 'store'; readonly intent: NewIntent }
  | { readonly do: 'update'; readonly id: string; readonly changes: Partial<NewIntent> }
  | { readonly do: 'delete'; readonly id: string; readonly cascade: boolean }
  | { readonly do: 'move'; readonly id: string; readonly to: IntentStatus; readonly reason: string }
  | { readonly do: 'edge' | 'edge-update' | 'edge-delete'; readonly edge: NewEdge };

export const newEdge: fc.Arbitrary<NewEdge> = fc.record(
  {
    from: anId,
    to: anId,
    edge_type: fc.constantFrom(...EDGE_TYPES),
    weight: fc.option(fc.oneof(fc.constantFrom(0, -0, 1, 0.5), fc.double({ min: 0, max: 1, noNaN: true }))),
    metadata: fc.option(texts),
  },
  { requiredKeys: ['from', 'to', 'edge_type'] },
);

export const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: newIntent.map((intent): Change => ({ do: 'store', intent })) },
  fc.record({
    do: fc.constant('update' as const),
    id: anId,
    changes: fc.record(
      { goal: hostileText, constraints: sources, priority: fc.nat(9), metadata: texts },
      { requiredKeys: [] },
    ),
  }),
  fc.record({ do: fc.constant('delete' as const), id: anId, cascade: fc.boolean() }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      id: anId,
      to: fc.constantFrom(...INTENT_STATUSES),
      reason: hostileText,
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('edge' as const), edge: newEdge }) },
  fc.record({ do: fc.constantFrom('edge-update' as const, 'edge-delete' as const), edge: newEdge }),
);

/** Does one change; throws where it is refused. */
export function apply(tx: IntentTransaction, one: Change): void {
  switch (one.do) {
    case 'store':
      tx.storeIntent(one.intent);
      return;
    case 'update':
      tx.updateIntent(one.id, one.changes);
      return;
    case 'delete':
      tx.deleteIntent(one.id, one);
      return;
    case 'move':
      tx.transition(one.id, one.to, one);
      return;
    case 'edge':
      tx.storeEdge(one.edge);
      return;
    case 'edge-update':
      tx.updateEdge(one.edge);
      return;
    case 'edge-delete':
      tx.deleteEdge(one.edge);
  }
}

/** A graph that changes made, refused ones left out. */
export const aGraph: fc.Arbitrary<IntentGraph> = fc.array(change, { maxLength: 40 }).map((changes) => {
  const graph = new IntentGraph();
  const tx = inMemory(graph);
  for (const one of changes) {
    try {
      apply(tx, one);
    } catch {
      /* A refused change leaves the graph as it was. */
    }
  }
  return graph;
});

/** The same graph, put together in another order. */
export function shuffled(graph: IntentGraph, order: readonly number[]): IntentGraph {
  const other = new IntentGraph();
  const by = <T>(items: readonly T[]): T[] =>
    items
      .map((item, at) => ({ item, key: order[at % order.length] ?? 0 }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ item }) => item);
  for (const intent of by(graph.intents())) {
    const reversed = Object.fromEntries(
      Object.entries(intent.metadata)
        .toReversed()
        .toSorted(([a], [b]) => byText(b, a)),
    );
    other.putIntent({ ...intent, metadata: reversed });
  }
  for (const edge of by(graph.edges())) other.putEdge(edge);
  return other;
}

/** An intent that nobody said more of than its id. */
export const plain = (id: string, more: Partial<NewIntent> = {}): ReturnType<typeof wholeIntent> =>
  wholeIntent({ intent_id: id, goal: `goal of ${id}`, ...more }, { id: () => id, now: 1_700_000_000 });
