/**
 * The fast version of a loop over ints and flat vectors (core shapes 3 and 5). It runs before the generic loop on the same variables,
 * and leaves to it whenever something is not what it takes it for, a result would leave the safe range, or the loop would end: the
 * generic loop then does that iteration itself. So nothing is assigned before an iteration's last check, and nothing here can fail,
 * yield or be seen. Without calls inside, fuel may be counted in a local; that and untagged numbers are the whole gain.
 */
import type { CallNode, LoopNode, Node, Variable } from '../syntax/program.ts';
import type { Body } from './body.ts';
import { childrenOf } from './children.ts';
import { NotFast, Operands } from './fast-operands.ts';
import { libraryName } from './keepers.ts';

/** Emitted lines beyond which a loop is left to the generic version alone. */
const LINES_MAX = 400;

/** Emits the fast version in front of `loop`, and says so; nothing for a loop that cannot have one. */
export function emitFastLoop(body: Body, loop: LoopNode): boolean {
  if (body.unit.isLibrary || loop.variables.length === 0) return false;
  if (loop.variables.some((variable) => variable.captured || variable.mutable)) return false;
  const lines = new FastLoop(body, loop).lines();
  if (lines !== null) body.append(lines);
  return lines !== null;
}

class FastLoop {
  readonly #body: Body;
  readonly #loop: LoopNode;
  /** Around both versions of the fast loop's life: left when the loop cannot begin. */
  readonly #outer: string;
  /** Left when the generic loop is to go on. */
  readonly #slice: string;
  readonly #again: string;
  readonly #fuel: string;
  readonly #operands: Operands;
  #recurs = false;

  constructor(body: Body, loop: LoopNode) {
    this.#body = body;
    this.#loop = loop;
    const name = (letter: string): string => body.unit.name(letter);
    [this.#outer, this.#slice, this.#again, this.#fuel] = [name('L'), name('L'), name('L'), name('x')];
    this.#operands = new Operands(body, () => `break ${this.#slice};`);
    const { looked, changed } = vectorsOf(loop);
    for (const variable of loop.variables) {
      const array = name('x');
      if (changed.has(variable)) this.#operands.vectors.set(variable, { array, length: `${array}.length` });
      // What is only looked into may share its array with longer vectors, and is nobody's to own.
      else if (looked.has(variable)) this.#operands.outsideVectors.set(variable, { array, length: name('x') });
      else this.#operands.ints.set(variable, array);
    }
  }

  lines(): string[] | null {
    const operands = this.#operands;
    try {
      this.#statement(this.#loop.body);
    } catch (e) {
      if (e instanceof NotFast) return null;
      throw e;
    }
    if (!this.#recurs) return null;
    const refill = this.#body.at(this.#loop.span, 'rt.out(d)');
    return [
      `${this.#outer}:{${this.#entry()}`,
      `for(;;){let ${this.#fuel}=rt.fuel;${this.#slice}:{`,
      `${this.#again}:do{`,
      ...operands.out,
      `}while(--${this.#fuel}>=0);`,
      // A slice of fuel is used up: once in ten thousand units.
      `rt.fuel=${this.#fuel};${refill};continue;}`,
      `rt.fuel=${this.#fuel};break;}`,
      ...this.#exit(),
      '}',
    ];
  }

  /** Checks what the loop is made of, and brings it into locals. */
  #entry(): string {
    const { ints, vectors, outsideInts, outsideVectors, constants } = this.#operands;
    const name = (variable: Variable): string => this.#body.variable(variable);
    const own = this.#loop.variables.map((variable) => [variable, name(variable)] as const);
    const take = own.flatMap(([variable, v]) => (vectors.has(variable) ? [`${v}=own(${v});`] : []));
    const checks = [
      ...own.flatMap(([variable, v]) => {
        if (vectors.has(variable)) return [`isOwnVector(${v})`];
        return ints.has(variable) ? [`isSafe(${v})`] : [];
      }),
      ...[...outsideInts.values()].map((v) => `isSafe(${v})`),
      ...[...outsideVectors.keys()].map(
        (one) => `${name(one)} instanceof V&&${name(one)}.root===null&&${name(one)}.off===0`,
      ),
    ];
    const locals = [
      ...own.flatMap(([variable, v]) => {
        const vector = vectors.get(variable);
        if (vector !== undefined) return [`${vector.array}=${v}.a`];
        return ints.has(variable) ? [`${ints.get(variable) as string}=${v}`] : [];
      }),
      ...[...outsideVectors].map(([one, { array, length }]) => `${array}=${name(one)}.a,${length}=${name(one)}.n`),
      ...[...constants].map(([slot, local]) => `${local}=${slot}`),
    ];
    return `${take.join('')}if(!(${checks.join('&&')}))break ${this.#outer};let ${locals.join(',')};`;
  }

  /** Gives the variables back to the generic loop. */
  #exit(): string[] {
    const { ints, vectors } = this.#operands;
    return this.#loop.variables.flatMap((variable) => {
      const name = this.#body.variable(variable);
      if (vectors.has(variable)) return [`${name}.grown();`];
      return ints.has(variable) ? [`${name}=${ints.get(variable) as string};`] : [];
    });
  }

  // ── control ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #statement(node: Node): void {
    const { out } = this.#operands;
    if (out.length > LINES_MAX) throw new NotFast();
    if (!this.#leadsBack(node)) return void out.push(`break ${this.#slice};`);
    switch (node.t) {
      case 'if':
        return this.#choice(
          node.test,
          () => this.#statement(node.then),
          () => this.#statement(node.else),
        );
      case 'cond':
        return this.#clauses(node, 0);
      case 'recur':
        return this.#recur(node.args);
      case 'do':
        return this.#bindings(node.body);
      case 'scope':
        return this.#statement(node.body);
      default:
        throw new NotFast();
    }
  }

  #clauses(node: Extract<Node, { t: 'cond' }>, at: number): void {
    const clause = node.clauses[at];
    if (clause === undefined) return this.#statement(node.otherwise);
    if (clause.variables.length > 0) throw new NotFast();
    this.#choice(
      clause.test,
      () => this.#statement(clause.body),
      () => this.#clauses(node, at + 1),
    );
  }

  /** True if some path through `node` goes on with the loop. */
  #leadsBack(node: Node): boolean {
    switch (node.t) {
      case 'recur':
        return node.target === this.#loop;
      case 'if':
        return this.#leadsBack(node.then) || this.#leadsBack(node.else);
      case 'do':
        return node.body.length > 0 && this.#leadsBack(node.body.at(-1) as Node);
      case 'scope':
        return this.#leadsBack(node.body);
      case 'cond':
        return node.clauses.some(({ body }) => this.#leadsBack(body)) || this.#leadsBack(node.otherwise);
      case 'and':
      case 'or':
        return this.#leadsBack(node.items.at(-1) as Node);
      default:
        return false;
    }
  }

  /** Two ways to go on. `and` and `or` become a choice in a choice, so that nothing is looked at too early. */
  #choice(test: Node, then: () => void, otherwise: () => void): void {
    if ((test.t === 'and' || test.t === 'or') && test.items.length > 1) {
      const [first, ...rest] = test.items as [Node, ...Node[]];
      const others: Node = rest.length === 1 ? (rest[0] as Node) : { ...test, items: rest };
      const inner = (): void => this.#choice(others, then, otherwise);
      return test.t === 'and' ? this.#choice(first, inner, otherwise) : this.#choice(first, then, inner);
    }
    const operands = this.#operands;
    const text = operands.test(test);
    const { cost } = operands;
    const known = operands.below.length;
    operands.out.push(`if(${text}){`);
    const counter = comparedBelow(test);
    if (counter !== null) operands.below.push(counter);
    then();
    operands.below.length = known;
    operands.cost = cost;
    operands.out.push('}else{');
    otherwise();
    operands.cost = cost;
    operands.out.push('}');
    if (operands.out.length > LINES_MAX) throw new NotFast();
  }

  /** Bindings before the last form. */
  #bindings(nodes: readonly Node[]): void {
    for (const node of nodes.slice(0, -1)) {
      if (node.t !== 'bind' || node.variable.captured || node.variable.mutable) throw new NotFast();
      this.#operands.bind(node.variable, node.value);
    }
    this.#statement(nodes.at(-1) as Node);
  }

  #recur(args: readonly Node[]): void {
    const chosen = args.findIndex((arg) => arg.t === 'if');
    if (chosen >= 0) {
      const arg = args[chosen] as Extract<Node, { t: 'if' }>;
      return this.#choice(
        arg.test,
        () => this.#recur(args.with(chosen, arg.then)),
        () => this.#recur(args.with(chosen, arg.else)),
      );
    }
    this.#recurs = true;
    const { ints, vectors, outsideVectors } = this.#operands;
    const writes: string[] = [];
    const changes: string[] = [];
    const copied: string[] = [];
    args.forEach((arg, i) => {
      const variable = this.#loop.variables[i] as Variable;
      if (outsideVectors.has(variable)) {
        if (arg.t !== 'local' || arg.variable !== variable) throw new NotFast();
        return;
      }
      if (vectors.has(variable)) return void writes.push(...this.#operands.writes(variable, arg));
      const name = ints.get(variable) as string;
      const value = this.#operands.int(arg);
      if (value === name) return;
      changes.push(`${name}=${value};`);
      copied.push(value);
    });
    // A value that is another loop variable would have to be read before that one is assigned.
    const names = new Set(this.#loop.variables.map((variable) => ints.get(variable)));
    if (copied.some((value) => names.has(value))) throw new NotFast();
    const { cost } = this.#operands;
    const charge = cost === 0 ? '' : `${this.#fuel}-=${cost};`;
    this.#operands.out.push(`${writes.join('')}${changes.join('')}${charge}continue ${this.#again};`);
  }
}

/** The loop's variables that are looked into as vectors, and those that `recur` gives another value. */
function vectorsOf(loop: LoopNode): { looked: ReadonlySet<Variable>; changed: ReadonlySet<Variable> } {
  const looked = new Set<Variable>();
  const changed = new Set<Variable>();
  const visit = (node: Node): void => {
    const name = libraryName(node);
    if (name === 'assoc' || name === 'conj' || name === 'nth' || name === 'get' || name === 'count') {
      const [first] = (node as CallNode).args;
      if (first?.t === 'local' && loop.variables.includes(first.variable)) looked.add(first.variable);
    }
    if (node.t === 'recur' && node.target === loop) {
      node.args.forEach((arg, i) => {
        const variable = loop.variables[i] as Variable;
        if (arg.t !== 'local' || arg.variable !== variable) changed.add(variable);
      });
    }
    childrenOf(node).forEach(visit);
  };
  visit(loop.body);
  return { looked, changed: new Set([...looked].filter((variable) => changed.has(variable))) };
}

/** The variable that `(< v x)` holds below something; then one more than it is still safe. */
function comparedBelow(test: Node): Variable | null {
  if (libraryName(test) !== '<' || (test as CallNode).args.length !== 2) return null;
  const [first] = (test as CallNode).args;
  return first?.t === 'local' ? first.variable : null;
}
