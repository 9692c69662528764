/**
 * Scopes and the context in which a form is analysed (R4.4, R4.5).
 */
import type { Branch, Clause, Func, LoopNode, Variable } from './program.ts';

/** A lexical scope: the names it declares. `depth` is the conditional depth at which it was opened. */
export class Scope {
  readonly parent: Scope | null;
  readonly func: Func;
  readonly branch: Branch | null;
  readonly depth: number;
  /** A scope that holds a name of its own and lets definitions through to the one around it. */
  readonly transparent: boolean;
  /** What modules are imported as; they name the library no more (R10.5). */
  readonly aliases = new Set<string>();
  readonly names = new Map<string, Variable>();
  /** What `def` declares here; a binding of the same name may have taken its place in `names`, not in what was read before. */
  readonly definitions: Variable[] = [];
  /** Definitions that have certainly run at the present point of the analysis. */
  readonly done = new Set<Variable>();
  constructor(parent: Scope | null, func: Func, at: { branch: Branch | null; depth: number; transparent?: boolean }) {
    this.parent = parent;
    this.func = func;
    this.branch = at.branch;
    this.depth = at.depth;
    this.transparent = at.transparent === true && parent !== null;
  }

  /** The scope that a definition standing here binds in (R4.5). */
  get defining(): Scope {
    let scope: Scope = this;
    while (scope.transparent) scope = scope.parent as Scope;
    return scope;
  }

  /** The scope that declares `name`, from here outwards. */
  find(name: string): Scope | null {
    let scope: Scope | null = this;
    while (scope !== null && !scope.names.has(name)) scope = scope.parent;
    return scope;
  }
}

/** The position of a form in the expanded program, rendered only where a site needs it (R11.9). */
export interface Path {
  readonly parent: Path | null;
  readonly index: number;
  /** Set on the path of a module itself, whose index says nothing. */
  readonly module?: string;
}

/** The site of a path: indices joined by `.`, behind the module's name and a colon in a module. */
export function siteOf(path: Path): string {
  const parts: number[] = [];
  let prefix = '';
  for (let p: Path | null = path; p !== null; p = p.parent) {
    if (p.module === undefined) parts.push(p.index);
    else prefix = `${p.module}:`;
  }
  return prefix + parts.reverse().join('.');
}

/** Where a form stands. */
export interface Place {
  readonly scope: Scope;
  readonly func: Func;
  readonly path: Path;
  /** In tail position of `target` (R5.10) or, as `clause`, of the function itself (R6.4). */
  readonly tail: boolean;
  readonly clause: Clause | null;
  readonly target: LoopNode | Clause | null;
  /** What stands between here and the target of `recur`, when something does. */
  readonly barrier: string | null;
  /** Number of conditionals between here and the head of the function: a `def` below one may not run. */
  readonly depth: number;
}

/** The place of child `index`, not in tail position. */
export function inner(place: Place, index: number): Place {
  return { ...place, path: { parent: place.path, index }, tail: false };
}

/** The place of child `index`, in tail position if its parent is. */
export function tail(place: Place, index: number): Place {
  return { ...place, path: { parent: place.path, index } };
}

/** The same below a conditional. */
export function conditional(place: Place): Place {
  return { ...place, depth: place.depth + 1 };
}
