import { describe, expect, it, test } from 'vitest';
import type { Edge, EdgeType, StorableIntent } from '../model/intent.ts';
import { inMemory, plain } from '../../test/intents/kit.ts';
import { IntentGraph } from './graph.ts';
import {
  children,
  conflicts,
  dependencies,
  dependents,
  findEdges,
  hierarchy,
  listIntents,
  neighbourhood,
  parents,
  queryIntents,
  subgoals,
  type EdgeFilter,
  type IntentFilter,
  type IntentQuery,
} from './queries.ts';
import { foldCase, searchIntents, similarIntents } from './search.ts';

const code = (name: string, details: object = {}): Error =>
  expect.objectContaining({ code: name, details: expect.objectContaining(details) as unknown }) as Error;
const ids = (intents: readonly StorableIntent[]): string => intents.map(({ intent_id: id }) => id).join(' ');

/** root ← left, right; left ← leaf; leaf needs right and conflicts with it; far stands alone. */
function sample(): IntentGraph {
  const graph = new IntentGraph();
  const tx = inMemory(graph);
  const add = (id: string, goal: string, created_at: number, more: Partial<StorableIntent> = {}): unknown =>
    tx.storeIntent({ intent_id: id, goal, created_at, ...more });
  add('root', 'Back up the Data', 30, { name: 'Root', priority: 5, metadata: { team: 'core infra' } });
  add('left', 'Copy data to tape', 20, { priority: 2, constraints: { 'max-data': '5' } });
  add('right', 'Check the tape', 20, { preferences: { 'data-centre': '"a"' } });
  add('leaf', 'Buy tape', 10, { name: 'Leaf', metadata: { team: 'shop' } });
  add('far', 'Straße fegen', 40);
  const edges: [string, EdgeType, string, Partial<Edge>?][] = [
    ['left', 'IsSubgoalOf', 'root'],
    ['right', 'IsSubgoalOf', 'root'],
    ['leaf', 'IsSubgoalOf', 'left'],
    ['leaf', 'DependsOn', 'right', { weight: 0.5 }],
    ['right', 'ConflictsWith', 'leaf', { weight: 1, metadata: { why: 'one drive' } }],
  ];
  for (const [from, edge_type, to, more] of edges) tx.storeEdge({ from, edge_type, to, ...more });
  tx.transition('right', 'Failed', { reason: 'r' });
  return graph;
}

test.each<[IntentFilter, string]>([
  [{}, 'leaf left right root far'],
  [{ status: 'Active' }, 'leaf left root far'],
  [{ goalContains: 'tape' }, 'leaf left right'],
  [{ goalContains: 'Tape' }, ''],
  [{ nameContains: 'oo' }, 'root'],
  [{ nameContains: 'e', status: 'Active' }, 'leaf'],
  [{ priorityMin: 2 }, 'left root'],
  [{ priorityMin: 2, priorityMax: 2 }, 'left'],
])('I5.1 lists %j', (filter, expected) => expect(ids(listIntents(sample(), filter))).toBe(expected));

test.each<[IntentQuery, string]>([
  [{}, 'leaf left right root far'],
  [{ status: ['Failed', 'Active'], goalContains: 'TAPE' }, 'leaf left right'],
  [{ metadata: { team: 'in' } }, 'root'],
  [{ metadata: { constructor: '' } }, ''],
  [{ createdAfter: 20, createdBefore: 30 }, 'left right root'],
  [{ updatedAfter: 41 }, 'right'],
  [{ updatedBefore: 20 }, 'leaf left'],
  [{ hasEdge: [{ type: 'IsSubgoalOf', direction: 'in' }] }, 'left root'],
  [
    {
      hasEdge: [
        { type: 'IsSubgoalOf', direction: 'in' },
        { type: 'IsSubgoalOf', direction: 'out' },
      ],
    },
    'left',
  ],
  [{ hasEdge: [{ type: 'DependsOn', direction: 'either' }] }, 'leaf right'],
  [{ connectedTo: ['leaf'] }, 'left right'],
  [{ connectedTo: ['leaf', 'root'] }, 'left right'],
  [{ connectedTo: ['nobody'] }, ''],
  [{ text: 'data', sortBy: 'relevance' }, 'left root right'],
  [{ text: 'data', sortBy: 'relevance', order: 'ascending' }, 'right root left'],
  [{ sortBy: 'connections' }, 'leaf right left root far'],
  [{ sortBy: 'goal' }, 'root leaf right left far'],
  [{ sortBy: 'updated', order: 'descending' }, 'right far root left leaf'],
  [{ limit: 2 }, 'leaf left'],
  [{ limit: 2, offset: 3 }, 'root far'],
])('I5.2 answers %j', (query, expected) => expect(ids(queryIntents(sample(), query, () => 0).intents)).toBe(expected));

describe('I5.2', () => {
  it('counts before the limit', () =>
    expect(queryIntents(sample(), { limit: 2, offset: 1 }, () => 3)).toMatchObject({
      totalCount: 5,
      truncated: true,
      durationMs: 0,
    }));
  test.each<[object, string]>([
    [{ sortBy: 'relevance' }, '/sortBy'],
    [{ sortBy: 'size' }, '/sortBy'],
    [{ status: ['Done'] }, '/status'],
    [{ limit: -1 }, '/limit'],
    [{ offset: 0.5 }, '/offset'],
    [{ hasEdge: [{ type: 'Needs', direction: 'in' }] }, '/hasEdge'],
  ])('refuses %j', (query, pointer) =>
    expect(() => queryIntents(sample(), query as IntentQuery, () => 0)).toThrow(code('INTENT_QUERY', { pointer })),
  );
});

it('I5.3 walks the graph', () => {
  const graph = sample();
  expect(ids(children(graph, 'root'))).toBe('left right');
  expect(ids(parents(graph, 'leaf'))).toBe('left');
  expect(ids(subgoals(graph, 'root'))).toBe('leaf left right');
  expect([ids(dependencies(graph, 'leaf')), ids(dependents(graph, 'right'))]).toEqual(['right', 'leaf']);
  expect([ids(conflicts(graph, 'leaf')), ids(conflicts(graph, 'right'))]).toEqual(['right', 'leaf']);
  const { ancestors, intent, descendants } = hierarchy(graph, 'left');
  expect([ids(ancestors), intent.intent_id, ids(descendants)]).toEqual(['root', 'left', 'leaf']);
  expect(neighbourhood(graph, 'root', 2).map(({ intent: one, distance }) => `${one.intent_id}${distance}`)).toEqual([
    'root0',
    'left1',
    'right1',
    'leaf2',
  ]);
  expect(ids(neighbourhood(graph, 'root', 0).map(({ intent: one }) => one))).toBe('root');
  expect(() => neighbourhood(graph, 'root', -1)).toThrow(code('INTENT_QUERY', { pointer: '/depth' }));
  for (const ask of [children, parents, subgoals, dependencies, dependents, conflicts, hierarchy, similarIntents])
    expect(() => ask(graph, 'nobody')).toThrow(code('INTENT_NOT_FOUND', { id: 'nobody' }));
});

test.each<[EdgeFilter, number]>([
  [{}, 5],
  [{ types: ['IsSubgoalOf'] }, 3],
  [{ minWeight: 0 }, 2],
  [{ maxWeight: 0.5 }, 1],
  [{ from: 'leaf' }, 2],
  [{ to: 'root', types: ['IsSubgoalOf'] }, 2],
  [{ involves: 'right' }, 3],
  [{ involves: 'right', from: 'leaf' }, 1],
  [{ metadata: { why: 'drive' } }, 1],
  [{ from: 'nobody' }, 0],
])('I5.4 finds edges by %j', (filter, expected) => expect(findEdges(sample(), filter)).toHaveLength(expected));

describe('I6 search', () => {
  test.each<[string, [string, number][]]>([
    [
      'data',
      [
        ['left', (1 + 0.3 + 0.2) * 1.2],
        ['root', (1 + 0.3) * 1.2],
        ['right', 0.1 * 1.1],
      ],
    ],
    [
      'BUY TAPE',
      [
        ['leaf', (1 + 0.6) * 1.2],
        ['left', 0.3 * 1.2],
        ['right', 0.3 * 1.1],
      ],
    ],
    ['STRASSE', [['far', 1.3 * 1.2]]],
    ['ße', [['far', 1.3 * 1.2]]],
    ['nothing', []],
    ['  ', []],
  ])('I6.1 scores %s', (text, expected) => {
    const found = searchIntents(sample(), text).map(({ intent, score }) => [intent.intent_id, score]);
    expect(found).toEqual(expected.map(([id, score]) => [id, expect.closeTo(score, 10)]));
  });

  test.each([
    ['ß', 'SS', true],
    ['Σς', 'σσ', true],
    ['ﬁ', 'FI', true],
    ['K', 'k', true],
    ['ı', 'i', false],
    ['é', 'É', true],
  ])('I6.1 folds %s and %s: %s', (a, b, same) => expect(foldCase(a) === foldCase(b)).toBe(same));

  it('I6.2 gives at most fifty, equal ones by id, and the same each time', () => {
    const many = Array.from({ length: 60 }, (_none, n) => plain(`i${n}`, { goal: 'the same' }));
    const graph = IntentGraph.from({
      intents: Object.fromEntries(many.map((intent) => [intent.intent_id, intent])),
      edges: [],
    });
    const found = searchIntents(graph, 'same').map(({ intent }) => intent.intent_id);
    expect(found).toEqual(
      many
        .map(({ intent_id: id }) => id)
        .toSorted()
        .slice(0, 50),
    );
    expect(JSON.stringify(searchIntents(graph, 'same'))).toBe(JSON.stringify(searchIntents(graph, 'same')));
    expect(searchIntents(graph, 'same', 3)).toHaveLength(3);
  });

  it('I6.3 finds similar goals', () => {
    expect(similarIntents(sample(), 'leaf').map(({ intent, score }) => [intent.intent_id, score])).toEqual([
      ['right', 1 / 4],
      ['left', 1 / 5],
    ]);
    expect(similarIntents(sample(), 'far')).toEqual([]);
  });
});

it('I5.5 the ten-thousandth intent costs about what the hundredth costs, and a status its hits', () => {
  const graph = new IntentGraph();
  const tx = inMemory(graph);
  const store = (from: number, to: number): number => {
    const start = performance.now();
    for (let n = from; n < to; n++) {
      tx.storeIntent({ intent_id: `i${n}`, goal: 'g' });
      if (n > 0) tx.storeEdge({ from: `i${n}`, to: `i${Math.floor((n - 1) / 2)}`, edge_type: 'IsSubgoalOf' });
    }
    return (performance.now() - start) / (to - from);
  };
  store(0, 500);
  const few = store(500, 1_500);
  store(1_500, 10_000);
  const many = store(10_000, 11_000);
  expect(many).toBeLessThan(few * 4);
  tx.transition('i77', 'Failed', { reason: 'r' });
  let asked = 0;
  const counting = new Proxy(graph, {
    get: (target, name) => {
      const member = Reflect.get(target, name, target) as unknown;
      if (name === 'intents') asked++;
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
  expect(ids(listIntents(counting, { status: 'Failed' }))).toBe('i77');
  expect(asked).toBe(0);
});
