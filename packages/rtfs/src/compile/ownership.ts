/**
 * Who holds the only reference (core shape 5). A variable is a *keeper* if it may hold the result of an operation that changes a
 * collection, such as `assoc`. Going backwards through a function, this finds for each read of a keeper whether it is the last one.
 * Then three things can happen to the collection:
 *
 * - it is *borrowed*: `(get v i)` looks into it and keeps nothing but an element, which is handed out;
 * - it is *taken*: a last read, as what such an operation changes; then the operation writes in place;
 * - it *moves*: a last read whose value goes on to another keeper, through `recur`, a loop's start, a binding;
 * - anything else *releases* it: from then on it is a value like any other, and the next operation makes a new version.
 *
 * So nothing has to be proved about the rest of the program: what does not read a keeper cannot reach an owned collection. In a loop,
 * step, branch or `try` what is read again later counts as read after each part. Variables that closures capture are no keepers.
 */
import type { CallNode, Clause, Func, LocalNode, LoopNode, Node, RecurNode, Variable } from '../syntax/program.ts';
import { Keyword } from '../values/kinds.ts';
import { childrenOf } from './children.ts';
import { folded, isChange, isMade, isSelfTailCall, Keepers, libraryName, mayOwn, variablesOf } from './keepers.ts';

/** What a read of a keeper does, where it does more than read. */
export type Reading = 'take' | 'release' | 'peek';

/** What the analysis found in one clause. */
export interface Ownership {
  /** Reads that do more than read. */
  readonly readings: ReadonlyMap<LocalNode, Reading>;
  /** Calls that hand out something of a keeper's collection. */
  readonly handed: ReadonlyMap<Node, Variable>;
  /** Calls that give a keeper a value which nobody else has. */
  readonly made: ReadonlySet<Node>;
}

/** Where nothing is ever owned. */
export const NOT_OWNED: Ownership = { readings: new Map(), handed: new Map(), made: new Set() };

/** Operations that look into their first argument: by key, by position, or not at its elements. */
const BY_KEY: ReadonlySet<string> = new Set(['get', 'get-in']);
const BY_POSITION: ReadonlySet<string> = new Set(['nth', 'first', 'second', 'last']);
const AT_SIZE: ReadonlySet<string> = new Set(['count', 'length', 'empty?', 'contains?']);

/** For tests: switched off, nothing is ever owned in what is compiled. */
export const ownershipSwitch = { enabled: true };

/** The ownership of a clause's keepers; notes the folds in it, whose functions are analysed later. */
export function ownershipOf(func: Func, clause: Clause): Ownership {
  if (!ownershipSwitch.enabled || !mayOwn(func, clause)) return NOT_OWNED;
  const keepers = new Keepers(func, clause);
  if (keepers.all.size === 0) return NOT_OWNED;
  const flow = new Flow(func, clause, keepers);
  // A fold gets an owned value back only where the parameter that it comes in again is a keeper.
  const [first] = clause.params;
  flow.visit(clause.body, new Set(), folded.has(clause) && first !== undefined && keepers.all.has(first));
  return { readings: flow.readings, handed: flow.handed, made: flow.made };
}

// ── the way back ────────────────────────────────────────────────────────────────────────────────────────────────────

type Live = Set<Variable>;

/** Goes through a clause against the order of evaluation. `live` holds the keepers that are read later. */
class Flow {
  readonly readings = new Map<LocalNode, Reading>();
  readonly handed = new Map<Node, Variable>();
  readonly made = new Set<Node>();
  readonly #func: Func;
  readonly #clause: Clause;
  readonly #keepers: Keepers;
  /** What is live where a loop goes on. */
  readonly #heads = new Map<LoopNode | Clause, Live>();
  /** What a `break` may lead to. */
  #exits: Live[] = [];
  /** Reads and calls seen already: a node that stands in two places gets what both of them allow. */
  readonly #seen = new Set<LocalNode>();

  constructor(func: Func, clause: Clause, keepers: Keepers) {
    this.#func = func;
    this.#clause = clause;
    this.#keepers = keepers;
    this.#heads.set(clause, new Set());
  }

  /** What is live before `node`. `kept` says that its value goes to a keeper, or back to a fold. */
  visit(node: Node, live: Live, kept: boolean): Live {
    switch (node.t) {
      case 'local':
        this.#read(node, live, kept);
        return live;
      case 'do':
        return this.#inOrder(node.body, live, kept);
      case 'scope': {
        const before = this.visit(node.body, live, kept);
        node.variables.forEach((variable) => before.delete(variable));
        return before;
      }
      case 'bind': {
        live.delete(node.variable);
        return this.visit(node.value, live, this.#keepers.all.has(node.variable));
      }
      case 'if':
        return this.visit(
          node.test,
          union(this.visit(node.then, new Set(live), kept), this.visit(node.else, new Set(live), kept)),
          false,
        );
      case 'cond':
        return this.#cond(node, live, kept);
      case 'and':
      case 'or':
        return node.items.reduceRight((after, item) => this.visit(item, union(after, live), kept), new Set(live));
      case 'loop':
        return this.#loop(node, live, kept);
      case 'recur':
        return this.#again(node.target, node, node.args);
      case 'call':
        return this.#call(node, live, kept);
      case 'try':
        return this.#try(node, live, kept);
      case 'break':
        return new Set(this.#exits.at(-1) ?? this.#keepers.all);
      case 'times':
      case 'while':
      case 'step':
      case 'parallel':
        return this.#repeated(node, live);
      default:
        return this.#all(childrenOf(node), live);
    }
  }

  #read(node: LocalNode, live: Live, kept: boolean): void {
    const { variable } = node;
    if (!this.#keepers.all.has(variable)) return;
    if (!kept || live.has(variable)) this.readings.set(node, 'release');
    else if (this.#seen.has(node) && this.readings.has(node)) this.readings.set(node, 'release');
    this.#seen.add(node);
    live.add(variable);
  }

  #inOrder(nodes: readonly Node[], live: Live, kept: boolean): Live {
    return nodes.reduceRight((after, node, i) => this.visit(node, after, kept && i === nodes.length - 1), live);
  }

  /** Several nodes evaluated left to right, whose values go anywhere. */
  #all(nodes: readonly Node[], live: Live): Live {
    return nodes.reduceRight((after, node) => this.visit(node, after, false), live);
  }

  #cond(node: Extract<Node, { t: 'cond' }>, live: Live, kept: boolean): Live {
    let before = this.visit(node.otherwise, new Set(live), kept);
    for (const clause of node.clauses.toReversed()) {
      const then = this.visit(clause.body, new Set(live), kept);
      before = this.visit(clause.test, union(before, then), false);
      clause.variables.forEach((variable) => before.delete(variable));
    }
    return before;
  }

  #loop(node: LoopNode, live: Live, kept: boolean): Live {
    const head = union(new Set(live), this.#keepers.inside.get(node) ?? []);
    node.variables.forEach((variable) => head.delete(variable));
    this.#heads.set(node, head);
    let before = this.visit(node.body, new Set(live), kept);
    for (let i = node.variables.length - 1; i >= 0; i--) {
      const variable = node.variables[i] as Variable;
      before.delete(variable);
      before = this.visit(node.inits[i] as Node, before, this.#keepers.all.has(variable));
    }
    return before;
  }

  /** Arguments that become the variables of a loop or function head. */
  #again(target: LoopNode | Clause, node: RecurNode | CallNode, args: readonly Node[]): Live {
    const variables = variablesOf(target);
    const head = this.#heads.get(target);
    if (head === undefined) return this.#all(args, new Set(this.#keepers.all));
    return args.reduceRight((after, arg, i) => {
      const variable = variables[i];
      return this.visit(arg, after, variable !== undefined && this.#keepers.all.has(variable));
    }, new Set(head));
  }

  /** Parts that run more than once, or beside each other: whatever they read is read after each of them. */
  #repeated(node: Node, live: Live): Live {
    const inside = union(new Set(live), this.#keepers.inside.get(node) ?? []);
    this.#exits.push(inside);
    for (const child of childrenOf(node)) this.visit(child, new Set(inside), false);
    this.#exits.pop();
    return inside;
  }

  /** A handler runs after any part of the body. */
  #try(node: Extract<Node, { t: 'try' }>, live: Live, kept: boolean): Live {
    const inside = union(new Set(live), this.#keepers.inside.get(node) ?? []);
    // What the body alone reads needs not live through it, but an error may come from anywhere: nothing read inside is a last read.
    for (const child of childrenOf(node)) this.visit(child, new Set(inside), kept && child !== node.finally);
    return inside;
  }

  // ── calls ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #call(node: CallNode, live: Live, kept: boolean): Live {
    if (isSelfTailCall(node, this.#func, this.#clause)) return this.#again(this.#clause, node, node.args);
    const [first] = node.args;
    const name = libraryName(node);
    if (name !== null && kept && isChange(node)) return this.#change(node, live);
    // `vec` of a vector is that vector.
    if (name === 'vec' && kept && first !== undefined && node.args.length === 1)
      return this.visit(first, live, isMade(first));
    if (kept && isMade(node)) this.made.add(node);
    if (name !== null && first?.t === 'local' && this.#keepers.all.has(first.variable)) {
      if (BY_KEY.has(name)) return this.#borrow(node, first, live, null);
      if (BY_POSITION.has(name)) return this.#borrow(node, first, live, 'peek');
      if (AT_SIZE.has(name)) return this.#borrow(null, first, live, null, node.args);
    }
    const { callee } = node;
    if (callee.t === 'const' && callee.value instanceof Keyword && first?.t === 'local') {
      if (this.#keepers.all.has(first.variable)) return this.#borrow(node, first, live, null);
    }
    return this.#all([callee, ...node.args], live);
  }

  /** The collection in front lives until the other arguments have been evaluated. */
  #change(node: CallNode, live: Live): Live {
    const [first, ...others] = node.args as [Node, ...Node[]];
    if (first.t !== 'local' || !this.#keepers.all.has(first.variable)) {
      const before = this.#all(others, live);
      return this.visit(first, before, true);
    }
    const { variable } = first;
    const last = !live.has(variable);
    live.add(variable);
    const before = this.#all(others, live);
    const allowed = last && !(this.#seen.has(first) && this.readings.get(first) !== 'take');
    this.readings.set(first, allowed ? 'take' : 'release');
    this.#seen.add(first);
    return before;
  }

  #borrow(
    handing: CallNode | null,
    first: LocalNode,
    live: Live,
    reading: Reading | null,
    args: readonly Node[] = handing?.args ?? [],
  ): Live {
    if (handing !== null) this.handed.set(handing, first.variable);
    live.add(first.variable);
    const before = this.#all(args.slice(1), live);
    if (this.readings.get(first) !== 'release' && reading !== null) this.readings.set(first, reading);
    this.#seen.add(first);
    return before;
  }
}

function union(live: Live, more: Iterable<Variable>): Live {
  for (const variable of more) live.add(variable);
  return live;
}
