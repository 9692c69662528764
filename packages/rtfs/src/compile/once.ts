/**
 * Functions that are made of constants, as `(fnil inc 0)` is, where they can only be called: made once a machine instead of once
 * a turn. Nobody can tell, for what is made costs no fuel and nobody gets hold of the function to compare it.
 */
import type { CallNode, Node, PrimitiveNode } from '../syntax/program.ts';
import type { Body } from './body.ts';
import { libraryName } from './keepers.ts';

/** Library functions that give a function of their arguments, without fuel or state. */
const MAKERS: ReadonlySet<string> = new Set([
  'fnil',
  'partial',
  'comp',
  'complement',
  'constantly',
  'juxt',
  'every-pred',
  'some-fn',
]);

const ONCE = '%once';

/** Whether a node gives the same every time, as far as anybody can see who does not compare functions. */
function isConstant(node: Node): boolean {
  if (node.t === 'const' || node.t === 'library') return true;
  if (node.t === 'vector' || node.t === 'set' || node.t === 'map') return node.items.every(isConstant);
  return isMaker(node);
}

function isMaker(node: Node): node is CallNode {
  const name = libraryName(node);
  return name !== null && MAKERS.has(name) && (node as CallNode).args.every(isConstant);
}

/** The arguments of a library function, those that it only calls (at `called`) being made once where they are made of constants. */
export function madeOnce(args: readonly Node[], called: readonly number[] | 'all'): readonly Node[] {
  if (called === 'all') return args;
  return args.map((arg, i) =>
    called.includes(i) && isMaker(arg) ? { t: 'primitive', name: ONCE, args: [arg], span: arg.span } : arg,
  );
}

/** Whether a node is one of those of `madeOnce`. */
export function isOnce(node: PrimitiveNode): boolean {
  return node.name === ONCE;
}

/** Makes the function unless it is made; at a new depth the making counts, for its frame does. */
export function emitOnce(body: Body, node: PrimitiveNode): string {
  const kept = body.unit.kept();
  if (kept === null) return body.expression(node.args[0] as Node);
  const value = body.temp();
  body.emit(`let ${value}=${kept};`);
  const making = body.block(() => body.emit(`${value}=${kept}=${body.expression(node.args[0] as Node)};`));
  body.emit(`if(${value}===undefined||d<=rt.low){`);
  body.append(making);
  body.emit('}');
  return value;
}
