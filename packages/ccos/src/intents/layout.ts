/**
 * A layered drawing (after Sugiyama): boxes in rows, what comes first above, few crossings, and edges that pass between the boxes of
 * the rows they cross. It knows nothing of intents; the same input gives the same output.
 */

/** A box to place, by its size. */
export interface Box {
  readonly width: number;
  readonly height: number;
}
/** A line from one box to another, by index; `above` says whether the first should stand above the second. */
export interface Link {
  readonly from: number;
  readonly to: number;
  readonly above: boolean;
}
export interface Point {
  readonly x: number;
  readonly y: number;
}
/** Centres of the boxes, the way of each link from its `from` to its `to`, and the size of it all. */
export interface Layout {
  readonly centres: readonly Point[];
  readonly routes: readonly (readonly Point[])[];
  readonly width: number;
  readonly height: number;
}

const GAP = 28;
const ROW_GAP = 72;
const BEND_WIDTH = 10;
const SWEEPS = 12;
const ROUNDS = 12;
const PORT_STEP = 14;
const LINES_COUNTED_MAX = 600;

/** A place in a row: a box, or the bend of a link that passes. */
interface Cell {
  readonly box: number | null;
  readonly width: number;
  readonly up: Cell[];
  readonly down: Cell[];
  x: number;
}

/** Places boxes and links. */
export function layOut(boxes: readonly Box[], links: readonly Link[]): Layout {
  const linked = new Set(links.flatMap(({ from, to }) => [from, to]));
  const rowMax = Math.max(5, Math.ceil(Math.sqrt(boxes.length * 2)));
  const rows = assignRows(boxes.length, links, rowMax, linked);
  const grid = new Grid(boxes, links, rows);
  grid.order();
  grid.align();
  return grid.layout();
}

/** The row of each box: below everything that should be above it, and no row longer than it may be. Boxes without links come last. */
function assignRows(count: number, links: readonly Link[], rowMax: number, linked: ReadonlySet<number>): number[] {
  const next = acyclic(count, links);
  const waiting = Array.from({ length: count }, () => 0);
  for (const targets of next) for (const to of targets) waiting[to] = (waiting[to] ?? 0) + 1;
  const lowest = Array.from({ length: count }, () => 0);
  const filled: number[] = [];
  const rows = Array.from({ length: count }, () => 0);
  const put = (box: number, from: number): void => {
    let row = from;
    while ((filled[row] ?? 0) >= rowMax) row++;
    filled[row] = (filled[row] ?? 0) + 1;
    rows[box] = row;
  };
  const queue = waiting.flatMap((before, box) => (before === 0 && linked.has(box) ? [box] : []));
  for (let at = 0; at < queue.length; at++) {
    const box = queue[at] as number;
    put(box, lowest[box] as number);
    for (const to of next[box] as number[]) {
      lowest[to] = Math.max(lowest[to] as number, (rows[box] as number) + 1);
      waiting[to] = (waiting[to] as number) - 1;
      if (waiting[to] === 0) queue.push(to);
    }
  }
  const below = filled.length;
  for (let box = 0; box < count; box++) if (!linked.has(box)) put(box, below);
  return rows;
}

/** What stands below each box, without the links that would close a cycle. */
function acyclic(count: number, links: readonly Link[]): number[][] {
  const next: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to, above } of links) if (above && from !== to) (next[from] as number[]).push(to);
  const kept: number[][] = Array.from({ length: count }, () => []);
  const state = new Uint8Array(count);
  for (let start = 0; start < count; start++) {
    if (state[start] !== 0) continue;
    const path = [{ box: start, at: 0 }];
    state[start] = 1;
    for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
      const to = (next[here.box] as number[])[here.at++];
      if (to === undefined) {
        state[here.box] = 2;
        path.pop();
      } else if (state[to] !== 1) {
        (kept[here.box] as number[]).push(to);
        if (state[to] !== 0) continue;
        state[to] = 1;
        path.push({ box: to, at: 0 });
      }
    }
  }
  return kept;
}

class Grid {
  readonly #boxes: readonly Box[];
  readonly #links: readonly Link[];
  readonly #rowOf: readonly number[];
  readonly #rows: Cell[][];
  readonly #cells: Cell[];
  /** The cells that each link passes, from the upper end to the lower. */
  readonly #ways: Cell[][];

  constructor(boxes: readonly Box[], links: readonly Link[], rowOf: readonly number[]) {
    this.#boxes = boxes;
    this.#links = links;
    this.#rowOf = rowOf;
    this.#rows = Array.from({ length: Math.max(0, ...rowOf) + 1 }, () => []);
    this.#cells = boxes.map(({ width }, box) => this.#add(rowOf[box] as number, box, width));
    this.#ways = links.map((link) => this.#way(link));
  }

  #add(row: number, box: number | null, width: number): Cell {
    const cell: Cell = { box, width, up: [], down: [], x: 0 };
    (this.#rows[row] as Cell[]).push(cell);
    return cell;
  }

  #way({ from, to }: Link): Cell[] {
    const [top, bottom] = this.#downwards(from, to) ? [from, to] : [to, from];
    const way = [this.#cells[top] as Cell];
    for (let row = (this.#rowOf[top] as number) + 1; row < (this.#rowOf[bottom] as number); row++)
      way.push(this.#add(row, null, BEND_WIDTH));
    way.push(this.#cells[bottom] as Cell);
    if (this.#rowOf[top] === this.#rowOf[bottom]) return way;
    for (const [at, cell] of way.entries()) {
      const next = way[at + 1];
      if (next === undefined) continue;
      cell.down.push(next);
      next.up.push(cell);
    }
    return way;
  }

  #downwards(from: number, to: number): boolean {
    return (this.#rowOf[from] as number) <= (this.#rowOf[to] as number);
  }

  /** Orders the rows so that few links cross: each cell goes where its neighbours are on average. */
  order(): void {
    let best = this.#rows.map((row) => [...row]);
    let least = this.#crossings();
    for (let sweep = 0; sweep < SWEEPS && least > 0; sweep++) {
      const down = sweep % 2 === 0;
      const rows = down ? this.#rows : this.#rows.toReversed();
      for (const row of rows) sortByNeighbours(row, this.#places(), down ? 'up' : 'down');
      const crossings = this.#crossings();
      if (crossings >= least) continue;
      least = crossings;
      best = this.#rows.map((row) => [...row]);
    }
    for (const [at, row] of best.entries()) this.#rows[at] = row;
  }

  #places(): Map<Cell, number> {
    return new Map(
      this.#rows.flatMap((row) => row.map((cell, at) => [cell, at / Math.max(1, row.length - 1)] as const)),
    );
  }

  /** How many pairs of lines between neighbouring rows cross. */
  #crossings(): number {
    let crossings = 0;
    for (const [at, row] of this.#rows.entries()) {
      const below = new Map((this.#rows[at + 1] ?? []).map((cell, place) => [cell, place]));
      const lines = row.flatMap((cell, top) => cell.down.map((end) => ({ top, bottom: below.get(end) as number })));
      // Above this the count costs more than it can win.
      if (lines.length > LINES_COUNTED_MAX) return Infinity;
      for (const [n, a] of lines.entries())
        for (const b of lines.slice(n + 1)) if (a.top < b.top && a.bottom > b.bottom) crossings++;
    }
    return crossings;
  }

  /** Moves the cells of each row towards their neighbours, in their order and without overlap. */
  align(): void {
    for (const row of this.#rows) {
      let x = 0;
      for (const cell of row) {
        cell.x = x + cell.width / 2;
        x += cell.width + GAP;
      }
      for (const cell of row) cell.x -= (x - GAP) / 2;
    }
    for (let round = 0; round < ROUNDS; round++) {
      const rows = round % 2 === 0 ? this.#rows : this.#rows.toReversed();
      for (const row of rows) {
        const near = (cell: Cell): Cell[] =>
          round === ROUNDS - 1 ? [...cell.up, ...cell.down] : round % 2 === 0 ? cell.up : cell.down;
        settle(
          row,
          row.map((cell) => mean(near(cell).map(({ x }) => x)) ?? cell.x),
        );
      }
    }
  }

  layout(): Layout {
    const left = Math.min(0, ...this.#rows.flat().map(({ x, width }) => x - width / 2));
    const right = Math.max(0, ...this.#rows.flat().map(({ x, width }) => x + width / 2));
    const tops: number[] = [];
    let y = 0;
    const heights = this.#rows.map((row) =>
      Math.max(0, ...row.map(({ box }) => (box === null ? 0 : (this.#boxes[box] as Box).height))),
    );
    for (const height of heights) {
      tops.push(y);
      y += height + ROW_GAP;
    }
    const middle = (row: number): number => (tops[row] as number) + (heights[row] as number) / 2;
    const centres = this.#cells.map((cell, box) => ({ x: cell.x - left, y: middle(this.#rowOf[box] as number) }));
    const ports = this.#ports();
    const routes = this.#links.map((link, at) => {
      const route = this.#route(at, centres, ports, left, tops, heights);
      return this.#downwards(link.from, link.to) ? route : route.toReversed();
    });
    return { centres, routes, width: right - left, height: Math.max(0, y - ROW_GAP) };
  }

  /** How far from the middle of a box each of its links begins, so that they do not share a point. */
  #ports(): Map<string, number> {
    const sides = new Map<string, { readonly link: number; readonly towards: number }[]>();
    const add = (cell: Cell, side: 'top' | 'bottom', link: number, towards: Cell): void => {
      const key = `${cell.box} ${side}`;
      const end = { link, towards: towards.x };
      const known = sides.get(key);
      if (known === undefined) sides.set(key, [end]);
      else known.push(end);
    };
    for (const [link, way] of this.#ways.entries()) {
      const [top, next] = way as [Cell, Cell];
      const [before, bottom] = way.slice(-2) as [Cell, Cell];
      add(top, 'bottom', link, next);
      add(bottom, this.#isFlat(link) ? 'bottom' : 'top', link, before);
    }
    const ports = new Map<string, number>();
    for (const [key, ends] of sides) {
      const box = this.#boxes[Number.parseInt(key, 10)] as Box;
      const step = Math.min(PORT_STEP, (box.width - GAP) / ends.length);
      const ordered = ends.toSorted((a, b) => a.towards - b.towards || a.link - b.link);
      for (const [at, { link }] of ordered.entries()) ports.set(`${link} ${key}`, (at - (ends.length - 1) / 2) * step);
    }
    return ports;
  }

  #isFlat(link: number): boolean {
    const { from, to } = this.#links[link] as Link;
    return this.#rowOf[from] === this.#rowOf[to];
  }

  /** From the upper box to the lower. A link within a row hangs below it. */
  #route(
    link: number,
    centres: readonly Point[],
    ports: ReadonlyMap<string, number>,
    left: number,
    tops: readonly number[],
    heights: readonly number[],
  ): Point[] {
    const { from, to } = this.#links[link] as Link;
    const [top, bottom] = this.#downwards(from, to) ? [from, to] : [to, from];
    const port = (box: number, side: 'top' | 'bottom'): Point => {
      const { x, y } = centres[box] as Point;
      const half = (this.#boxes[box] as Box).height / 2;
      return { x: x + (ports.get(`${link} ${box} ${side}`) ?? 0), y: side === 'top' ? y - half : y + half };
    };
    if (this.#isFlat(link)) return [port(top, 'bottom'), port(bottom, 'bottom')];
    const first = this.#rowOf[top] as number;
    const bends = (this.#ways[link] as Cell[]).slice(1, -1).flatMap(({ x }, at): Point[] => {
      const row = first + 1 + at;
      const y = tops[row] as number;
      return [
        { x: x - left, y },
        { x: x - left, y: y + (heights[row] as number) },
      ];
    });
    return [port(top, 'bottom'), ...bends, port(bottom, 'top')];
  }
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function sortByNeighbours(row: Cell[], places: ReadonlyMap<Cell, number>, side: 'up' | 'down'): void {
  const wanted = new Map(
    row.map((cell) => [cell, mean(cell[side].map((other) => places.get(other) ?? 0)) ?? places.get(cell) ?? 0]),
  );
  row.sort((a, b) => (wanted.get(a) as number) - (wanted.get(b) as number));
}

/** The places nearest to the wanted ones that keep the order and the gaps: isotonic regression by pooling. */
function settle(row: readonly Cell[], wanted: readonly number[]): void {
  let offset = 0;
  const pools: { sum: number; cells: { readonly cell: Cell; readonly offset: number }[] }[] = [];
  for (const [at, cell] of row.entries()) {
    const before = row[at - 1];
    if (before !== undefined) offset += before.width / 2 + GAP + cell.width / 2;
    let pool = { sum: (wanted[at] as number) - offset, cells: [{ cell, offset }] };
    for (
      let last = pools.at(-1);
      last !== undefined && last.sum / last.cells.length > pool.sum / pool.cells.length;
      last = pools.at(-1)
    ) {
      pools.pop();
      pool = { sum: last.sum + pool.sum, cells: [...last.cells, ...pool.cells] };
    }
    pools.push(pool);
  }
  for (const { sum, cells } of pools) for (const { cell, offset: by } of cells) cell.x = sum / cells.length + by;
}
