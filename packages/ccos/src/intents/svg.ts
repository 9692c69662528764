/** The graph as a picture that needs no other program (I10): boxes in the colours of their status, a line style for each type of edge. */
import { EDGE_TYPES, type Edge, type EdgeType } from '../model/intent.ts';
import { visibleOnOneLine } from '../foundation/controls.ts';
import { edgeText } from './edge-checks.ts';
import { UNDIRECTED, type ExportNode, type GraphExport } from './export.ts';
import { layOut, type Link, type Point } from './layout.ts';

/** A monospaced letter is six tenths of its size wide: what fits can be counted. */
const FONT_SIZE = 12;
const COLUMN = FONT_SIZE * 0.602;
const LINE = 16;
const COLUMNS = 26;
const LINES_MAX = 3;
const PADDING = 10;
const BOX_WIDTH = COLUMNS * COLUMN + 2 * PADDING;
const MARGIN = 24;
const LEGEND_ENTRY = 130;

/** How each type is drawn: colour and dashes. */
const STYLES: Readonly<Record<EdgeType, readonly [colour: string, dashes: string]>> = {
  IsSubgoalOf: ['#37474F', ''],
  DependsOn: ['#1565C0', ''],
  Enables: ['#2E7D32', '6 3'],
  TriggeredBy: ['#6A1B9A', '2 3'],
  Blocks: ['#C62828', ''],
  ConflictsWith: ['#C62828', '4 4'],
  RelatedTo: ['#78909C', '1 4'],
};
/** Types whose second end stands above the first: the parent, and the cause. */
const UPWARDS: ReadonlySet<EdgeType> = new Set(['IsSubgoalOf', 'TriggeredBy']);

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Signs that take two columns: East Asian ones and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}|\p{Regional_Indicator}/u;

const columnsOf = (text: string): number =>
  [...graphemes.segment(text)].reduce((sum, { segment }) => sum + (WIDE.test(segment) ? 2 : 1), 0);

/** A text for XML: nothing that XML cannot hold, and nothing that it would read as its own. */
function xml(text: string): string {
  return visibleOnOneLine(text)
    .replaceAll(/[\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** At most three lines that fit into a box. */
function wrapped(label: string): string[] {
  const lines: string[] = [''];
  const parts = visibleOnOneLine(label).split(' ').flatMap(pieces);
  for (const part of parts) {
    const line = lines.at(-1) as string;
    const longer = line === '' ? part : `${line} ${part}`;
    if (columnsOf(longer) <= COLUMNS) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  if (lines.length <= LINES_MAX) return lines;
  const last = [...graphemes.segment(lines[LINES_MAX - 1] as string)].map(({ segment }) => segment);
  while (columnsOf(last.join('')) > COLUMNS - 1) last.pop();
  return [...lines.slice(0, LINES_MAX - 1), `${last.join('')}…`];
}

/** A word in pieces that fit into a line. */
function pieces(word: string): string[] {
  const found = [''];
  for (const { segment } of graphemes.segment(word)) {
    const longer = found.at(-1) + segment;
    if (columnsOf(longer) <= COLUMNS) found[found.length - 1] = longer;
    else found.push(segment);
  }
  return found;
}

/** The picture, as one SVG document. */
export function svgText({ nodes, edges }: GraphExport): string {
  const labels = nodes.map(({ label }) => wrapped(label));
  const boxes = labels.map((lines) => ({ width: BOX_WIDTH, height: (lines.length + 1) * LINE + PADDING }));
  const at = new Map(nodes.map(({ id }, index) => [id, index]));
  const links = edges.map((edge) => linkOf(edge, at));
  const { centres, routes, width, height } = layOut(boxes, links);
  const used = EDGE_TYPES.filter((type) => edges.some(({ edge_type }) => edge_type === type));
  const perRow = Math.max(1, Math.min(used.length, Math.floor(Math.max(width, 4 * LEGEND_ENTRY) / LEGEND_ENTRY)));
  const legendHeight = used.length === 0 ? 0 : Math.ceil(used.length / perRow) * LINE + MARGIN;
  const whole = {
    width: Math.max(width, used.length === 0 ? 0 : perRow * LEGEND_ENTRY),
    height: height + legendHeight,
  };
  const size = `${figure(whole.width + 2 * MARGIN)} ${figure(whole.height + 2 * MARGIN)}`;
  const [w, h] = size.split(' ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${size}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}">`,
    `<title>${nodes.length} intents, ${edges.length} edges</title>`,
    '<rect width="100%" height="100%" fill="#FFFFFF"/>',
    '<defs>',
    ...used.filter((type) => !UNDIRECTED.has(type)).map(arrow),
    '</defs>',
    `<g transform="translate(${figure(MARGIN + (whole.width - width) / 2)} ${MARGIN})">`,
    ...edges.map((edge, index) => edgeSvg(edge, routes[index] as readonly Point[])),
    ...nodes.map((node, index) => nodeSvg(node, labels[index] as string[], centres[index] as Point)),
    '</g>',
    ...used.map((type, index) =>
      legend(
        type,
        MARGIN + (index % perRow) * LEGEND_ENTRY,
        MARGIN + height + MARGIN + Math.floor(index / perRow) * LINE,
      ),
    ),
    '</svg>',
    '',
  ].join('\n');
}

function linkOf({ from, to, edge_type }: Edge, at: ReadonlyMap<string, number>): Link {
  const ends = { from: at.get(from) as number, to: at.get(to) as number };
  const [upper, lower] = UPWARDS.has(edge_type) ? [ends.to, ends.from] : [ends.from, ends.to];
  return { from: upper, to: lower, above: !UNDIRECTED.has(edge_type) };
}

function figure(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function stroke(type: EdgeType): string {
  const [colour, dashes] = STYLES[type];
  return `stroke="${colour}" stroke-width="1.5"${dashes === '' ? '' : ` stroke-dasharray="${dashes}"`}`;
}

function arrow(type: EdgeType): string {
  return `<marker id="${type}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="${STYLES[type][0]}"/></marker>`;
}

/** The marker stands at the edge's own second end, which for parents and causes is the upper one. */
function marker(type: EdgeType): string {
  if (UNDIRECTED.has(type)) return '';
  return ` marker-${UPWARDS.has(type) ? 'start' : 'end'}="url(#${type})"`;
}

function edgeSvg(edge: Edge, route: readonly Point[]): string {
  const weight = edge.weight === null ? '' : ` (${edge.weight})`;
  const { edge_type: type } = edge;
  return `<path d="${curve(route)}" fill="none" ${stroke(type)}${marker(type)}><title>${xml(edgeText(edge) + weight)}</title></path>`;
}

/** Curves that leave and reach each point upright. Between two boxes of one row, the curve hangs below them. */
function curve(route: readonly Point[]): string {
  const [first] = route as readonly [Point];
  let path = `M${figure(first.x)} ${figure(first.y)}`;
  for (const [at, to] of route.slice(1).entries()) {
    const from = route[at] as Point;
    const flat = route.length === 2 && Math.abs(to.y - from.y) < 1;
    const middle = flat ? from.y + Math.min(60, 20 + Math.abs(to.x - from.x) / 12) : (from.y + to.y) / 2;
    path += ` C${figure(from.x)} ${figure(middle)} ${figure(to.x)} ${figure(middle)} ${figure(to.x)} ${figure(to.y)}`;
  }
  return path;
}

function nodeSvg({ id, label, status, color }: ExportNode, lines: readonly string[], { x, y }: Point): string {
  const height = (lines.length + 1) * LINE + PADDING;
  const left = x - BOX_WIDTH / 2;
  const top = y - height / 2;
  const text = (line: string, row: number, more: string): string =>
    `<text x="${figure(left + PADDING)}" y="${figure(top + PADDING / 2 + row * LINE + FONT_SIZE)}"${more} xml:space="preserve">${xml(line)}</text>`;
  return [
    '<g>',
    `<title>${xml(`${id}: ${label}`)}</title>`,
    `<rect x="${figure(left)}" y="${figure(top)}" width="${figure(BOX_WIDTH)}" height="${height}" rx="5" fill="#FFFFFF" stroke="${color}" stroke-width="2"/>`,
    `<rect x="${figure(left)}" y="${figure(top)}" width="5" height="${height}" fill="${color}"/>`,
    ...lines.map((line, row) => text(line, row, '')),
    text(status, lines.length, ' fill="#607D8B"'),
    '</g>',
  ].join('');
}

function legend(type: EdgeType, x: number, y: number): string {
  // The way that the arrow of the drawing points: from the first end to the second.
  const end = UNDIRECTED.has(type) ? '' : ` marker-end="url(#${type})"`;
  return `<g><path d="M${figure(x)} ${figure(y)} h26" fill="none" ${stroke(type)}${end}/><text x="${figure(x + 32)}" y="${figure(y + 4)}" fill="#607D8B">${type}</text></g>`;
}
