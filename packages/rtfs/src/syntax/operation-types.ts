/** What static checking knows of the runtime operations that analysis makes (`%…`): what they ask for and what they give. */
import { areDisjoint } from '../types/relations.ts';
import { typeText } from '../types/type.ts';
import type { Type } from '../types/type.ts';
import type { PrimitiveNode } from './program.ts';
import {
  ANY,
  BOOL,
  COLL,
  ERROR,
  INT,
  MAP,
  NEVER,
  NUMBER,
  SEQ,
  shown,
  STRING,
  VECTOR,
  written,
} from './static-types.ts';
import type { Applied } from './static-types.ts';

/** Operations that need their argument at a position to be of a kind: what it is called, what names the function. */
const NEEDS: Readonly<Record<string, { at: number; type: Type; operation: string | null }>> = {
  '%need-map': { at: 0, type: MAP, operation: 'destructuring' },
  '%need-seq': { at: 0, type: SEQ, operation: 'destructuring' },
  '%elements': { at: 0, type: COLL, operation: 'for' },
  '%times': { at: 0, type: INT, operation: 'dotimes' },
  '%need-string': { at: 1, type: STRING, operation: null },
  '%need-int': { at: 1, type: INT, operation: null },
  '%need-count': { at: 1, type: INT, operation: null },
  '%need-number': { at: 1, type: NUMBER, operation: null },
};

const GIVES: Readonly<Record<string, Type>> = {
  '%throw': NEVER,
  '%no-match': NEVER,
  '%construct': ERROR,
  '%valid?': BOOL,
  '%some': BOOL,
  '%same': BOOL,
  '%vector': VECTOR,
};

/** What an operation gives, or why it must fail. `args` are the types of its arguments. */
export function applyOperation({ name, args: nodes }: PrimitiveNode, args: readonly Type[]): Applied {
  if (name === '%wrong-arity') return wrongArity(nodes, nodes.length - 2);
  if (name === '%conform') return conform(nodes, args);
  const need = NEEDS[name];
  if (need === undefined) return { result: GIVES[name] ?? ANY, failure: null };
  const given = args[need.at] ?? ANY;
  if (!areDisjoint(given, need.type)) return { result: ANY, failure: null };
  const operation = need.operation ?? literalText(nodes[0]);
  const what = `Type error in ${operation}: expected ${shown(need.type)}, got ${shown(given)}`;
  return { result: NEVER, failure: { kind: 'TypeError', what, argument: need.at } };
}

function literalText(node: PrimitiveNode['args'][number] | undefined): string {
  return node?.t === 'const' && typeof node.value === 'string' ? node.value : '';
}

/** An effect function with a number of arguments that it does not take (R11.8). */
function wrongArity(nodes: PrimitiveNode['args'], count: number): Applied {
  const what = `Arity mismatch in ${literalText(nodes[0])}: expected ${literalText(nodes[1])}, got ${count}`;
  return { result: NEVER, failure: { kind: 'ArityMismatch', what, argument: null } };
}

/** `(conform T v)` (R15.17). */
function conform([to]: PrimitiveNode['args'], [, given = ANY]: readonly Type[]): Applied {
  if (to?.t !== 'type' || !areDisjoint(given, to.type))
    return { result: to?.t === 'type' ? to.type : ANY, failure: null };
  const what = `Type validation error: value: expected ${typeText(to.type)}, got ${written(given)}`;
  return { result: NEVER, failure: { kind: 'TypeValidationError', what, argument: 1 } };
}
