/** The parts of a node, in the order in which they are evaluated. */
import type { Node } from '../syntax/program.ts';

/** The nodes directly inside `node`; the body of a function is none of them. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.t) {
    case 'vector':
    case 'set':
    case 'map':
    case 'and':
    case 'or':
      return node.items;
    case 'do':
      return node.body;
    case 'if':
      return [node.test, node.then, node.else];
    case 'cond':
      return [...node.clauses.flatMap((clause) => [clause.test, clause.body]), node.otherwise];
    case 'scope':
      return [node.body];
    case 'bind':
    case 'cast':
    case 'checkpoint':
      return [node.value];
    case 'call':
      return [node.callee, ...node.args];
    case 'primitive':
    case 'recur':
      return node.args;
    case 'loop':
      return [...node.inits, node.body];
    case 'times':
      return [node.count, node.body];
    case 'while':
      return [node.test, node.body];
    case 'try':
      return [node.body, ...node.clauses.map(({ body }) => body), ...present(node.finally)];
    case 'capability':
      return [node.id, ...node.args, ...present(node.hints)];
    case 'context':
      return [node.key, ...present(node.local), ...present(node.otherwise)];
    case 'context-write':
      return [node.key, node.value];
    case 'step':
      return [...present(node.paramsValue), node.body, ...(typeof node.onFail === 'string' ? [] : [node.onFail])];
    case 'parallel':
      return node.branches;
    default:
      return [];
  }
}

function present(node: Node | null): readonly Node[] {
  return node === null ? [] : [node];
}
