/**
 * Library functions that are called by name (core shape 2): arithmetic and comparison, whose common case, small ints, is emitted in
 * line where a body runs often (`Body.hot`), and the runtime operations of the library's own loops. Every edge is the function's.
 */
import type { Node } from '../syntax/program.ts';
import type { Body } from './body.ts';

/** True for a node whose value is certainly an int of 32 bits. */
function isSmallInt(node: Node): boolean {
  return node.t === 'const' && typeof node.value === 'number' && (node.value | 0) === node.value;
}

/** The test that `name` holds an int of 32 bits; empty if that is known. */
function smallInt(name: string, known: boolean): string {
  return known ? '' : `typeof ${name}==='number'&&(${name}|0)===${name}`;
}

/** Both tests; one that is empty holds. */
function both(first: string, second: string): string {
  if (first === '' || second === '') return first + second || 'true';
  return `${first}&&${second}`;
}

/** `+` or `-` of two operands. */
function sum(body: Body, operator: '+' | '-', nodes: readonly Node[], span: Node['span']): string {
  const name = operator === '+' ? 'add' : 'sub';
  if (!body.hot) return body.helper(span, name, body.all(nodes));
  const [first, second] = [nodes[0] as Node, nodes[1] as Node];
  const [a, b] = body.allHeld([first, second]) as [string, string];
  const test = both(smallInt(a, isSmallInt(first)), smallInt(b, isSmallInt(second)));
  const slow = body.helper(span, name, [a, b]);
  return `(${test}?${a}${operator}${b}:${slow})`;
}

/** More than two operands: all are evaluated before the first two are added (R4.2). */
function fold(operator: '+' | '-' | '*', nodes: readonly Node[]): Inline {
  return (body, span) => {
    if (nodes.length === 2)
      return operator === '*' ? body.helper(span, 'mul', body.all(nodes)) : sum(body, operator, nodes, span);
    const name = operator === '+' ? 'add' : operator === '-' ? 'sub' : 'mul';
    const [head, ...rest] = body.allHeld(nodes) as [string, ...string[]];
    return rest.reduce((left, right) => body.helper(span, name, [left, right]), head);
  };
}

type Inline = (body: Body, span: Node['span']) => string;

/** `(inc x)` and `(dec x)`. */
function step(body: Body, operator: '+' | '-', node: Node, span: Node['span']): string {
  const name = operator === '+' ? 'add' : 'sub';
  if (!body.hot) return body.helper(span, name, [body.expression(node), '1']);
  const a = body.held(node);
  const slow = body.helper(span, name, [a, '1']);
  return `(${smallInt(a, false)}?${a}${operator}1:${slow})`;
}

/** `(mod a b)`: the remainder of small ints; a zero divisor goes the slow way. */
function remainder(body: Body, nodes: readonly Node[], span: Node['span']): string {
  if (!body.hot) return body.helper(span, 'mod', body.all(nodes));
  const [a, b] = body.allHeld(nodes) as [string, string];
  const [, divisor] = nodes as [Node, Node];
  const test = both(`isSafe(${a})`, smallInt(b, isSmallInt(divisor)));
  return `(${test}&&${b}!==0?(${a}%${b})|0:${body.helper(span, 'mod', [a, b])})`;
}

const COMPARISONS: Readonly<Record<string, readonly [string, string]>> = {
  '<': ['<', 'lt'],
  '<=': ['<=', 'le'],
  '>': ['>', 'gt'],
  '>=': ['>=', 'ge'],
  '=': ['===', 'eq'],
};

/** A comparison as a JavaScript boolean. Two plain numbers compare as they are, whichever kind they have. */
function comparison(body: Body, name: string, nodes: readonly Node[], span: Node['span']): string {
  const [operator, slow] = COMPARISONS[name] as readonly [string, string];
  const front = slow === 'eq' ? ['rt'] : [];
  if (!body.hot) return body.helper(span, slow, [...front, ...body.all(nodes)]);
  const [a, b] = body.allHeld(nodes) as [string, string];
  const [first, second] = nodes as [Node, Node];
  const test = both(
    isSmallInt(first) ? '' : `typeof ${a}==='number'`,
    isSmallInt(second) ? '' : `typeof ${b}==='number'`,
  );
  return `(${test}?${a}${operator}${b}:${body.helper(span, slow, [...front, a, b])})`;
}

/** A call that gives a JavaScript boolean, in line; null if `name` with these arguments is not one. */
export function inlineTest(body: Body, name: string, args: readonly Node[], span: Node['span']): string | null {
  if (args.length === 2 && Object.hasOwn(COMPARISONS, name)) return comparison(body, name, args, span);
  if (args.length !== 1) return null;
  if (name === 'nil?') return `(${body.held(args[0] as Node)}===null)`;
  if (name === 'not') return `(!${body.test(args[0] as Node)})`;
  return null;
}

/** A library call in line, null if it is none. */
export function inlineCall(body: Body, name: string, args: readonly Node[], span: Node['span']): string | null {
  if ((name === '+' || name === '-' || name === '*') && args.length >= 2) return fold(name, args)(body, span);
  if (name === 'inc' && args.length === 1) return step(body, '+', args[0] as Node, span);
  if (name === 'dec' && args.length === 1) return step(body, '-', args[0] as Node, span);
  if ((name === 'mod' || name === 'rem') && args.length === 2) return remainder(body, args, span);
  return inlineTest(body, name, args, span);
}

/** A runtime operation in line, null if it is a function. Their arguments are this package's own arrays and numbers. */
export function inlinePrimitive(body: Body, name: string, args: readonly Node[]): string | null {
  switch (name) {
    case '%keys-of-path':
      return args.length === 2
        ? `new Path(${body.all(args).join(',')},null)`
        : `Path.of([${body.all(args).join(',')}])`;
    case '%array':
      return '[]';
    case '%length':
      return `${body.held(args[0] as Node)}.length`;
    case '%nth': {
      const [array, index] = body.all(args) as [string, string];
      return `${array}[${index}]`;
    }
    case '%push': {
      const [array, value] = body.all(args) as [string, string];
      return `${array}.push(${value})`;
    }
    case '%collect': {
      const [array, value] = body.all(args) as [string, string];
      return `(${array}.push(${value})<=rt.limits.collectionSize||rt.full())`;
    }
    case '%put': {
      const [array, index, value] = body.all(args) as [string, string, string];
      return `(${array}[${index}]=${value})`;
    }
    case '%lt':
      return binary(body, args, '<');
    case '%plus':
      return binary(body, args, '+');
    case '%minus':
      return binary(body, args, '-');
    case '%min':
      return `Math.min(${body.all(args).join(',')})`;
    default:
      return null;
  }
}

function binary(body: Body, args: readonly Node[], operator: string): string {
  const [a, b] = body.all(args) as [string, string];
  return `(${a}${operator}${b})`;
}

/** A runtime operation that gives a JavaScript boolean. */
const BOOLEAN_PRIMITIVES = new Set([
  '%some',
  '%same',
  '%is-seq',
  '%is-map',
  '%has',
  '%only-keys',
  '%satisfies',
  '%step-true',
  '%valid?',
  '%not',
  '%lt',
  '%reduced?',
  '%before',
  '%cached?',
  '%function?',
  '%callable?',
  '%collection?',
  '%map-or-nil',
]);

export function isBooleanPrimitive(name: string): boolean {
  return BOOLEAN_PRIMITIVES.has(name);
}
