/**
 * Going back to the head of a loop or function: what it costs, and in which order variables change (R5.9, R6.4).
 */
import type { Node } from '../syntax/program.ts';
import type { Body } from './body.ts';

/** One unit for each iteration (R17.1). */
export function meter(body: Body, span: Node['span']): void {
  if (!body.unit.isLibrary) body.emit(`if(--rt.fuel<0)${body.at(span, 'rt.out(d)')};`);
}

/** Assigns the loop's variables, all arguments evaluated first, and goes back to its head. */
export function jump(
  body: Body,
  { label, names, args, span }: { label: string; names: readonly string[]; args: readonly Node[]; span: Node['span'] },
): void {
  const values = body.all(args);
  const changes = values
    .map((value, i) => ({ name: names[i] as string, value }))
    .filter(({ name, value }) => name !== value);
  const assigned = new Set(changes.map(({ name }) => name));
  changes.forEach((change, i) => {
    const isLast = i === changes.length - 1;
    if (isLast || (body.isStable(change.value) && !assigned.has(change.value))) return;
    const held = body.temp();
    body.emit(`const ${held}=${change.value};`);
    change.value = held;
  });
  // The last value is not held, so it is assigned before the variables that it may read.
  for (const { name, value } of changes.toReversed()) body.emit(`${name}=${value};`);
  meter(body, span);
  body.emit(`continue ${label};`);
}
