import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { INTENT_STATUSES } from '../model/intent.ts';
import { aGraph, inMemory, plain, shuffled } from '../../test/intents/kit.ts';
import { dotText, exportGraph, labelOf, mermaidText, STATUS_COLOURS } from './export.ts';
import { IntentGraph } from './graph.ts';
import { layOut, type Box, type Link } from './layout.ts';
import { svgText } from './svg.ts';

test.each([
  ['short', 'short'],
  ['x'.repeat(50), 'x'.repeat(50)],
  ['x'.repeat(51), `${'x'.repeat(47)}…`],
  ['👩‍👩‍👧'.repeat(51), `${'👩‍👩‍👧'.repeat(47)}…`],
  [`${'x'.repeat(46)}e\u0301${'y'.repeat(9)}`, `${'x'.repeat(46)}e\u0301…`],
])('I7.1 labels %s', (goal, label) => expect(labelOf(plain('a', { goal }))).toBe(label));

describe('I7 export', () => {
  function sample(goals: readonly string[]): IntentGraph {
    const graph = new IntentGraph();
    const tx = inMemory(graph);
    for (const [n, goal] of goals.entries()) tx.storeIntent({ intent_id: `i${n}`, goal, metadata: { n: String(n) } });
    return graph;
  }

  it('I7.1 and I7.2 gives nodes, edges, and what was left out', () => {
    const graph = sample(['a', 'b', 'c']);
    const tx = inMemory(graph);
    tx.storeEdge({ from: 'i1', edge_type: 'DependsOn', to: 'i0', weight: 1 });
    tx.storeEdge({ from: 'i2', edge_type: 'DependsOn', to: 'i0' });
    tx.transition('i2', 'Failed', { reason: 'r' });
    expect(exportGraph(graph, { status: 'Active' })).toEqual({
      nodes: [
        { id: 'i0', label: 'a', type: 'intent', status: 'Active', size: 20, color: '#4CAF50', metadata: { n: '0' } },
        { id: 'i1', label: 'b', type: 'intent', status: 'Active', size: 15, color: '#4CAF50', metadata: { n: '1' } },
      ],
      edges: [{ from: 'i1', to: 'i0', edge_type: 'DependsOn', weight: 1, metadata: null }],
      metadata: { nodes: 2, edges: 1, droppedEdges: 1 },
    });
    const hub = sample(Array.from({ length: 30 }, () => 'g'));
    for (let n = 1; n < 30; n++) inMemory(hub).storeEdge({ from: `i${n}`, edge_type: 'RelatedTo', to: 'i0' });
    expect(exportGraph(hub).nodes[0]?.size).toBe(100);
    expect(Object.keys(STATUS_COLOURS).toSorted()).toEqual([...INTENT_STATUSES].toSorted());
  });

  const hostile = [
    '"',
    '\\',
    '\\"',
    'a\nb',
    ']',
    '"]\n  n0 --> n0',
    '-->',
    '|',
    '#quot;',
    '`x`',
    '%% x',
    'end',
    '\u0000',
    '<b>',
    '&amp;',
    '😀',
    '{',
    '\u202e',
    ';',
  ];

  it('I7.3 Graphviz: each label is one quoted string that says the goal', () => {
    const text = dotText(exportGraph(sample(hostile)));
    const lines = text.split('\n');
    expect([lines[0], lines.at(-2), lines.length]).toEqual(['digraph intents {', '}', hostile.length + 4]);
    for (const [n, goal] of hostile.entries()) {
      const [, name, label = ''] =
        /^ {2}(n\d+) \[label=("(?:[^"\\]|\\["\\])*"), fillcolor="#[0-9A-F]{6}"\];$/.exec(lines[n + 2] ?? '') ?? [];
      expect(name).toBe(
        `n${exportGraph(sample(hostile)).nodes.findIndex(({ id }) => id === exportGraph(sample(hostile)).nodes[n]?.id)}`,
      );
      const said = label.slice(1, -1).replaceAll(/\\(["\\])/g, '$1');
      const meant = exportGraph(sample(hostile)).nodes[n]?.label ?? goal;
      expect(said).toBe(
        meant
          .replaceAll('\n', ' ')
          .replaceAll(/[\u0000\u202e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
      );
    }
  });

  it('I7.3 Mermaid: whatever is no letter, digit, space, comma or dot stands as its number', () => {
    const lines = mermaidText(exportGraph(sample(hostile))).split('\n');
    for (const line of lines.slice(1, hostile.length + 1))
      expect(line).toMatch(/^ {2}n\d+\["(?:[\p{L}\p{N} ,.]|#\d+;)*"\]$/u);
    expect(lines.filter((line) => line.includes('-->'))).toEqual([]);
  });

  it('I7.4 two exports of one graph are identical', () => {
    fc.assert(
      fc.property(aGraph, fc.array(fc.nat(), { minLength: 1, maxLength: 9 }), (graph, order) => {
        const other = shuffled(graph, order);
        for (const write of [dotText, mermaidText, svgText])
          expect(write(exportGraph(other))).toBe(write(exportGraph(graph)));
      }),
      { numRuns: 60 },
    );
  });

  it('the picture is XML that holds no sign of its texts as its own', () => {
    const svg = svgText(
      exportGraph(
        sample([...hostile, '\ufffe', '</svg><script>alert(1)</script>', 'x'.repeat(5_000), '日本語'.repeat(20)]),
      ),
    );
    expect(svg).not.toMatch(/<script|[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
    const tags = [...svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)];
    const open: string[] = [];
    for (const [, closing, name = '', empty] of tags) {
      if (closing !== '') expect(open.pop()).toBe(name);
      else if (empty === '') open.push(name);
    }
    expect(open).toEqual([]);
    // Whatever is no tag has no sign of XML in it.
    expect(svg.replaceAll(/<\/?[a-z]+[^<>]*>/g, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;)/);
  });
});

describe('the layered drawing', () => {
  const boxes = fc.integer({ min: 1, max: 40 }).chain((count) =>
    fc.record({
      boxes: fc.array(fc.record({ width: fc.constant(200), height: fc.constantFrom(40, 56, 72) }), {
        minLength: count,
        maxLength: count,
      }),
      links: fc.array(fc.record({ from: fc.nat(count - 1), to: fc.nat(count - 1), above: fc.boolean() }), {
        maxLength: 60,
      }),
    }),
  );
  const overlaps = (a: Box & { x: number; y: number }, b: Box & { x: number; y: number }): boolean =>
    Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2;

  it('lays no box on another, keeps all within its size, and begins and ends each link at its boxes', () => {
    fc.assert(
      fc.property(boxes, ({ boxes: given, links }) => {
        const own = links.filter(({ from, to }) => from !== to);
        const { centres, routes, width, height } = layOut(given, own);
        const placed = given.map((box, at) => ({ ...box, ...(centres[at] as { x: number; y: number }) }));
        for (const [at, a] of placed.entries()) {
          for (const b of placed.slice(at + 1)) expect(overlaps(a, b)).toBe(false);
          expect([
            a.x - a.width / 2 >= -0.01,
            a.x + a.width / 2 <= width + 0.01,
            a.y + a.height / 2 <= height + 0.01,
          ]).toEqual([true, true, true]);
        }
        for (const [at, { from, to }] of own.entries()) {
          const route = routes[at] ?? [];
          for (const [end, point] of [
            [placed[from], route[0]],
            [placed[to], route.at(-1)],
          ] as const) {
            if (end === undefined || point === undefined) throw new Error('a link without ends');
            expect(Math.abs(point.x - end.x)).toBeLessThanOrEqual(end.width / 2);
            expect(Math.abs(point.y - end.y)).toBeCloseTo(end.height / 2, 6);
          }
        }
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it('puts what comes first above, where no cycle forbids it', () => {
    const tree = Array.from({ length: 29 }, (_none, n): Link => ({ from: Math.floor(n / 3), to: n + 1, above: true }));
    const { centres } = layOut(
      Array.from({ length: 30 }, () => ({ width: 200, height: 50 })),
      tree,
    );
    for (const { from, to } of tree) expect(centres[from]?.y).toBeLessThan(centres[to]?.y ?? 0);
  });

  it('draws a thousand intents in seconds', () => {
    const count = 1_000;
    const links = Array.from({ length: count - 1 }, (_none, n): Link => ({
      from: Math.floor(n / 4),
      to: n + 1,
      above: true,
    }));
    const start = performance.now();
    expect(
      layOut(
        Array.from({ length: count }, () => ({ width: 200, height: 50 })),
        links,
      ).centres,
    ).toHaveLength(count);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
