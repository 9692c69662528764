/**
 * What a fast loop computes with: safe ints under untagged names, arrays of flat vectors, tests. Each operation emits its checks
 * first and leaves to the generic loop when one fails; nothing here can be seen from outside an iteration.
 */
import type { CallNode, LocalNode, Node, Variable } from '../syntax/program.ts';
import type { Body } from './body.ts';
import { libraryName } from './keepers.ts';

const SAFE = Number.MAX_SAFE_INTEGER;

/** Raised, and caught where the fast version begins, when a loop turns out not to be one. */
export class NotFast extends Error {}

/** A vector in a fast loop: the local that holds its array, and the text of its length. */
export interface FastVector {
  readonly array: string;
  readonly length: string;
}

/** A change of an array that happens once an iteration's last check has passed. */
export type Write = string;

const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', 'mod', 'rem', 'inc', 'dec', 'quot']);

const OPERATORS: Readonly<Record<string, string>> = {
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '=': '===',
  '==': '===',
};

/** What the fast version of one loop computes with. */
export class Operands {
  readonly #body: Body;
  readonly #leave: () => string;
  /** JavaScript names of variables that hold safe ints here. */
  readonly ints = new Map<Variable, string>();
  /** Names of variables that may hold anything. */
  readonly #values = new Map<Variable, string>();
  readonly vectors = new Map<Variable, FastVector>();
  /** Int variables from outside the loop, which are checked once. */
  readonly outsideInts = new Map<Variable, string>();
  readonly outsideVectors = new Map<Variable, FastVector>();
  /** Values from outside the loop and literals, under local names: a slot of an outer function is read anew each time. */
  readonly constants = new Map<string, string>();
  /** Variables known to be below some safe int on the present path. */
  readonly below: Variable[] = [];
  out: string[] = [];
  /** Units that the present path has to charge beside its iteration. */
  cost = 0;

  constructor(body: Body, leave: () => string) {
    this.#body = body;
    this.#leave = leave;
  }

  bind(variable: Variable, value: Node): void {
    if (this.#isElement(value)) this.#values.set(variable, this.#element(value as CallNode));
    else this.ints.set(variable, this.int(value));
  }

  // ── ints ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The name of a safe int, computed and checked. */
  int(node: Node): string {
    if (node.t === 'const' && Number.isSafeInteger(node.value)) return this.#constant(node.value);
    if (node.t === 'local') return this.#intVariable(node);
    const name = libraryName(node);
    if (name === null) throw new NotFast();
    const { args } = node as CallNode;
    if (this.#isElement(node)) return this.#asInt(this.#element(node as CallNode));
    if (name === 'count' && args.length === 1) return this.#vector(args[0] as Node).length;
    if (!ARITHMETIC.has(name)) throw new NotFast();
    if (args.length === 1 && (name === 'inc' || name === 'dec')) return this.#step(args[0] as Node, name === 'inc');
    if (args.length !== 2) throw new NotFast();
    const [first, second] = args as readonly [Node, Node];
    if (name === '+' && isOne(second)) return this.#step(first, true);
    if (name === 'mod' || name === 'rem' || name === 'quot') return this.#divided(name, this.int(first), second);
    const [a, b] = [this.int(first), this.int(second)];
    // Adding 0 turns the -0 of a product into the int 0.
    return this.#checked(name === '*' ? `${a}*${b}+0` : `${a}${name}${b}`);
  }

  #intVariable({ variable, checked }: LocalNode): string {
    const value = this.#values.get(variable);
    if (value !== undefined) return this.#asInt(value);
    const known = this.ints.get(variable);
    if (known !== undefined) return known;
    if (checked || variable.mutable || this.vectors.has(variable) || this.outsideVectors.has(variable))
      throw new NotFast();
    const name = this.#body.variable(variable);
    this.outsideInts.set(variable, name);
    return name;
  }

  #asInt(value: string): string {
    this.out.push(`if(!isSafe(${value}))${this.#leave()}`);
    return value;
  }

  /** A literal under a local name. */
  #constant(value: unknown): string {
    const slot = this.#body.unit.constant(value);
    let name = this.constants.get(slot);
    if (name === undefined) this.constants.set(slot, (name = this.#body.unit.name('x')));
    return name;
  }

  /** One more or less. A counter below a safe int needs no check. */
  #step(node: Node, up: boolean): string {
    const a = this.int(node);
    const text = `${a}${up ? '+' : '-'}1`;
    const bounded = up && node.t === 'local' && this.below.includes(node.variable);
    return bounded ? this.#held(text) : this.#checked(text);
  }

  #divided(name: string, a: string, divisor: Node): string {
    const b = this.int(divisor);
    if (divisor.t !== 'const') this.out.push(`if(${b}===0)${this.#leave()}`);
    else if (divisor.value === 0) throw new NotFast();
    return this.#held(name === 'quot' ? `Math.trunc(${a}/${b})+0` : `${a}%${b}+0`);
  }

  #held(text: string): string {
    const name = this.#body.unit.name('x');
    this.out.push(`const ${name}=${text};`);
    return name;
  }

  #checked(text: string): string {
    const name = this.#held(text);
    this.out.push(`if(Math.abs(${name})>${SAFE})${this.#leave()}`);
    return name;
  }

  // ── vectors ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** `(nth v i)`, `(get v i)`. */
  #isElement(node: Node): boolean {
    const name = libraryName(node);
    return (name === 'nth' || name === 'get') && (node as CallNode).args.length === 2;
  }

  #vector(node: Node): FastVector {
    if (node.t !== 'local' || node.checked) throw new NotFast();
    const { variable } = node;
    // A read that ends ownership is not one of a vector that is written here.
    const own = this.vectors.get(variable);
    if (own !== undefined) {
      if (this.#body.ownership.readings.get(node) === 'release') throw new NotFast();
      return own;
    }
    if (variable.mutable || this.ints.has(variable) || this.outsideInts.has(variable)) throw new NotFast();
    if (this.#body.ownership.readings.get(node) === 'release') throw new NotFast();
    let found = this.outsideVectors.get(variable);
    if (found === undefined) {
      found = { array: this.#body.unit.name('x'), length: this.#body.unit.name('x') };
      this.outsideVectors.set(variable, found);
    }
    return found;
  }

  /** An element that is there; any other index is the generic loop's. */
  #element(node: CallNode): string {
    const [subject, index] = node.args as readonly [Node, Node];
    const { array, length } = this.#vector(subject);
    const i = this.int(index);
    this.out.push(`if(!(${i}>=0&&${i}<${length}))${this.#leave()}`);
    this.cost += 1;
    const value = this.#held(`${array}[${i}]`);
    // An element that is owned with the whole is handed out here.
    if (this.#body.ownership.handed.has(node)) {
      const whole = this.#body.variable((subject as LocalNode).variable);
      this.out.push(`if(typeof ${value}==='object')handOut(${whole},${value});`);
    }
    return value;
  }

  /** The changes that make `node` out of the owned vector `variable`; none for the vector itself. */
  writes(variable: Variable, node: Node): Write[] {
    if (node.t === 'local' && node.variable === variable) {
      if (this.#body.ownership.readings.get(node) === 'release') throw new NotFast();
      return [];
    }
    const name = libraryName(node);
    if (name !== 'assoc' && name !== 'conj') throw new NotFast();
    const { args } = node as CallNode;
    const [first, ...others] = args as [Node, ...Node[]];
    const before = this.#written(variable, first);
    const { array } = this.vectors.get(variable) as FastVector;
    if (name === 'conj' && others.length === 1) {
      const value = this.#any(others[0] as Node);
      this.out.push(`if(${array}.length>=rt.limits.collectionSize)${this.#leave()}`);
      return [...before, `${array}.push(${value});`];
    }
    if (name !== 'assoc' || others.length !== 2) throw new NotFast();
    const index = this.int(others[0] as Node);
    const value = this.#any(others[1] as Node);
    this.out.push(`if(!(${index}>=0&&${index}<${array}.length))${this.#leave()}`);
    this.cost += 1;
    return [...before, `${array}[${index}]=${value};`];
  }

  /** What stands in front of a change: the vector, taken, or another change of it that leaves its length alone. */
  #written(variable: Variable, node: Node): Write[] {
    if (node.t !== 'local') {
      if (libraryName(node) !== 'assoc') throw new NotFast();
      return this.writes(variable, node);
    }
    if (node.variable !== variable || this.#body.ownership.readings.get(node) !== 'take') throw new NotFast();
    return [];
  }

  /** Any value that is there without a call. */
  #any(node: Node): string {
    if (node.t === 'const') {
      return node.value === null || typeof node.value === 'boolean' ? String(node.value) : this.#constant(node.value);
    }
    if (this.#isElement(node)) return this.#element(node as CallNode);
    if (node.t === 'local') {
      const value = this.#values.get(node.variable);
      if (value !== undefined) return value;
    }
    return this.int(node);
  }

  // ── tests ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A JavaScript boolean. */
  test(node: Node): string {
    if (node.t === 'local') {
      const value = this.#values.get(node.variable);
      if (value === undefined) throw new NotFast();
      return isTrue(value);
    }
    if (this.#isElement(node)) return isTrue(this.#element(node as CallNode));
    const name = libraryName(node);
    if (name === null) throw new NotFast();
    const { args } = node as CallNode;
    const operator = Object.hasOwn(OPERATORS, name) ? (OPERATORS[name] as string) : null;
    if (operator !== null && args.length === 2) {
      const [a, b] = [this.int(args[0] as Node), this.int(args[1] as Node)];
      return `${a}${operator}${b}`;
    }
    if (args.length !== 1) throw new NotFast();
    const [only] = args as readonly [Node];
    if (name === 'zero?' || name === 'pos?' || name === 'neg?') {
      return `${this.int(only)}${name === 'zero?' ? '===' : name === 'pos?' ? '>' : '<'}0`;
    }
    if (name === 'even?' || name === 'odd?') return `${this.int(only)}%2${name === 'even?' ? '===' : '!=='}0`;
    if (name === 'not') return `!(${this.test(only)})`;
    throw new NotFast();
  }
}

function isTrue(value: string): string {
  return `${value}!==null&&${value}!==false`;
}

function isOne(node: Node): boolean {
  return node.t === 'const' && node.value === 1;
}
