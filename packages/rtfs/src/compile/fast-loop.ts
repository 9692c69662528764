/**
 * The fast version of a loop over ints (core shape 3). It runs before the generic loop on the same variables, and leaves to it
 * whenever something is not a safe int, a result would leave the safe range, or the loop would end: the generic loop then does
 * that iteration itself. So nothing is assigned before an iteration's last check, and nothing here can fail, yield or be seen.
 * Without calls inside, fuel may be counted in a local; that and untagged numbers are the whole gain.
 */
import type { LoopNode, Node, Variable } from '../syntax/program.ts';
import type { Body } from './body.ts';

const SAFE = Number.MAX_SAFE_INTEGER;

/** Emits the fast version in front of `loop`; nothing for a loop that is not one over ints. */
export function emitFastLoop(body: Body, loop: LoopNode): void {
  if (body.unit.isLibrary || loop.variables.length === 0) return;
  if (loop.variables.some((variable) => variable.captured || variable.mutable)) return;
  const fast = new FastLoop(body, loop);
  const lines = fast.lines();
  if (lines !== null) body.append(lines);
}

/** Raised, and caught here, when a loop turns out not to be one over ints. */
class NotFast extends Error {}

class FastLoop {
  readonly #body: Body;
  readonly #loop: LoopNode;
  readonly #label: string;
  readonly #again: string;
  readonly #fuel: string;
  /** JavaScript names of variables that hold safe ints here. */
  readonly #ints = new Map<Variable, string>();
  /** Variables from outside the loop, which are checked once. */
  readonly #outside = new Map<Variable, string>();
  /** Variables known to be below some safe int on the present path. */
  readonly #below: Variable[] = [];
  readonly #constants = new Map<number, string>();
  #out: string[] = [];
  #recurs = false;

  constructor(body: Body, loop: LoopNode) {
    this.#body = body;
    this.#loop = loop;
    this.#label = body.unit.name('L');
    this.#again = body.unit.name('L');
    this.#fuel = body.unit.name('x');
    for (const variable of loop.variables) this.#ints.set(variable, body.unit.name('x'));
  }

  lines(): string[] | null {
    try {
      this.#statement(this.#loop.body);
    } catch (e) {
      if (e instanceof NotFast) return null;
      throw e;
    }
    if (!this.#recurs) return null;
    const own = this.#loop.variables.map(
      (variable) => [this.#body.variable(variable), this.#ints.get(variable) as string] as const,
    );
    const checks = [...own.map(([name]) => name), ...this.#outside.values()].map(
      (name) => `Number.isSafeInteger(${name})`,
    );
    const locals = own.map(([name, local]) => `${local}=${name}`);
    for (const [value, name] of this.#constants) locals.push(`${name}=${this.#body.unit.constant(value)}`);
    return [
      `${this.#label}:{if(!(${checks.join('&&')}))break ${this.#label};let ${this.#fuel}=rt.fuel,${locals.join(',')};`,
      `${this.#again}:for(;;){`,
      ...this.#out,
      '}}',
    ];
  }

  /** Leaves to the generic loop, which begins this iteration again. */
  #leave(): string {
    const back = this.#loop.variables.map(
      (variable) => `${this.#body.variable(variable)}=${this.#ints.get(variable) as string};`,
    );
    return `${back.join('')}rt.fuel=${this.#fuel};break ${this.#label};`;
  }

  #statement(node: Node): void {
    if (!this.#leadsBack(node)) return void this.#out.push(this.#leave());
    switch (node.t) {
      case 'if':
        return this.#choice(node.test, node.then, node.else);
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

  #choice(test: Node, then: Node, otherwise: Node): void {
    const known = this.#below.length;
    const text = this.#test(test);
    this.#out.push(`if(${text}){`);
    const counter = comparedBelow(test);
    if (counter !== null) this.#below.push(counter);
    this.#statement(then);
    this.#below.length = known;
    this.#out.push('}else{');
    this.#statement(otherwise);
    this.#out.push('}');
  }

  /** Bindings of ints before the last form. */
  #bindings(nodes: readonly Node[]): void {
    for (const node of nodes.slice(0, -1)) {
      if (node.t !== 'bind' || node.variable.captured || node.variable.mutable) throw new NotFast();
      this.#ints.set(node.variable, this.#int(node.value));
    }
    this.#statement(nodes.at(-1) as Node);
  }

  #recur(args: readonly Node[]): void {
    this.#recurs = true;
    const values = args.map((arg) => this.#int(arg));
    const changes = this.#loop.variables.flatMap((variable, i) => {
      const name = this.#ints.get(variable) as string;
      return name === values[i] ? [] : [`${name}=${values[i] as string};`];
    });
    // A value that is another loop variable must be read before that one is assigned.
    const names = new Set(this.#loop.variables.map((variable) => this.#ints.get(variable) as string));
    if (values.filter((value) => names.has(value)).length > this.#loop.variables.length - changes.length)
      throw new NotFast();
    const refill = this.#body.at(this.#loop.span, 'rt.out(d)');
    this.#out.push(
      `${changes.join('')}if(--${this.#fuel}<0){rt.fuel=${this.#fuel};${refill};${this.#fuel}=rt.fuel;}continue ${this.#again};`,
    );
  }

  // ── ints ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The name of a safe int, computed and checked. */
  #int(node: Node): string {
    if (node.t === 'const' && Number.isSafeInteger(node.value)) return this.#constant(node.value as number);
    if (node.t === 'local') return this.#variable(node.variable, node.checked);
    if (node.t !== 'call' || node.callee.t !== 'library') throw new NotFast();
    const { name } = node.callee;
    const { args } = node;
    if ((name === 'inc' || name === 'dec') && args.length === 1)
      return this.#step(args[0] as Node, name === 'inc' ? '+' : '-');
    if (args.length !== 2) throw new NotFast();
    const [first, second] = args as readonly [Node, Node];
    if (name === '+' && isOne(second)) return this.#step(first, '+');
    if (name === '+' || name === '-' || name === '*') {
      const [a, b] = [this.#int(first), this.#int(second)];
      // Adding 0 turns the -0 of a product into the int 0.
      return this.#checked(name === '*' ? `${a}*${b}+0` : `${a}${name}${b}`);
    }
    if (name === 'mod' || name === 'rem') return this.#remainder(this.#int(first), second);
    throw new NotFast();
  }

  /** A constant under a local name: a slot of an outer function is read anew each time. */
  #constant(value: number): string {
    let name = this.#constants.get(value);
    if (name === undefined) this.#constants.set(value, (name = this.#body.unit.name('x')));
    return name;
  }

  #variable(variable: Variable, checked: boolean): string {
    const known = this.#ints.get(variable);
    if (known !== undefined) return known;
    if (checked || variable.mutable) throw new NotFast();
    const name = this.#body.variable(variable);
    this.#outside.set(variable, name);
    return name;
  }

  /** One more or less. A counter below a safe int needs no check. */
  #step(node: Node, operator: '+' | '-'): string {
    const a = this.#int(node);
    const text = `${a}${operator}1`;
    const bounded = operator === '+' && node.t === 'local' && this.#below.includes(node.variable);
    return bounded ? this.#held(text) : this.#checked(text);
  }

  #remainder(a: string, divisor: Node): string {
    const b = this.#int(divisor);
    if (divisor.t !== 'const') this.#out.push(`if(${b}===0){${this.#leave()}}`);
    else if (divisor.value === 0) throw new NotFast();
    return this.#held(`${a}%${b}+0`);
  }

  #held(text: string): string {
    const name = this.#body.unit.name('x');
    this.#out.push(`const ${name}=${text};`);
    return name;
  }

  #checked(text: string): string {
    const name = this.#held(text);
    this.#out.push(`if(Math.abs(${name})>${SAFE}){${this.#leave()}}`);
    return name;
  }

  // ── tests ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #test(node: Node): string {
    if (node.t !== 'call' || node.callee.t !== 'library') throw new NotFast();
    const { name } = node.callee;
    const { args } = node;
    const operator = Object.hasOwn(OPERATORS, name) ? (OPERATORS[name] as string) : null;
    if (operator !== null && args.length === 2)
      return `${this.#int(args[0] as Node)}${operator}${this.#int(args[1] as Node)}`;
    if ((name === 'zero?' || name === 'pos?' || name === 'neg?') && args.length === 1) {
      const a = this.#int(args[0] as Node);
      return name === 'zero?' ? `${a}===0` : `${a}${name === 'pos?' ? '>' : '<'}0`;
    }
    if ((name === 'even?' || name === 'odd?') && args.length === 1)
      return `${this.#int(args[0] as Node)}%2${name === 'even?' ? '===' : '!=='}0`;
    if (name === 'not' && args.length === 1) return `!(${this.#test(args[0] as Node)})`;
    throw new NotFast();
  }
}

const OPERATORS: Readonly<Record<string, string>> = {
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '=': '===',
  '==': '===',
};

function isOne(node: Node): boolean {
  return node.t === 'const' && node.value === 1;
}

/** The variable that `(< v x)` holds below something; then one more than it is still safe. */
function comparedBelow(test: Node): Variable | null {
  if (test.t !== 'call' || test.callee.t !== 'library' || test.callee.name !== '<' || test.args.length !== 2)
    return null;
  const [first] = test.args;
  return first?.t === 'local' ? first.variable : null;
}
