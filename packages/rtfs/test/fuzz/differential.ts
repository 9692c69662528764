/** The product against the reference: the same value or error kind, the same calls (R4.2, R4.10, R12.14, R13.2). */
import { compile } from '../../src/machine/compile.ts';
import { Driver } from '../../src/machine/machine.ts';
import { runSync } from '../../src/machine/run.ts';
import type { SyncHost } from '../../src/machine/run.ts';
import type { CompiledProgram, Outcome } from '../../src/machine/types.ts';
import { fail } from '../../src/values/fail.ts';
import { canonical } from '../../src/values/codec.ts';
import type { Value } from '../../src/values/kinds.ts';
import { print } from '../../src/values/print.ts';
import { Vec } from '../../src/values/vector.ts';
import { runReference } from '../reference/evaluate.ts';
import { TooLong } from '../reference/world.ts';
import { makeProgram } from './programs.ts';
import type { Target } from './target.ts';

function answer(id: string, args: readonly Value[]): Value {
  if (id === 't.echo') return args[0] ?? null;
  return fail('CapabilityError', 'no');
}

/** Enough for every generated program that ends: one that does not is left to the limits' own tests. */
const FUEL = 2_000_000;

function product(program: CompiledProgram): { end: string; calls: string[] } {
  const calls: string[] = [];
  const host: SyncHost = {
    executeCapability: ({ id, args }) => {
      calls.push(`${id} ${canonical(Vec.of([...args]))}`);
      return answer(id, args);
    },
  };
  return { end: endOf(runSync(program, { host, fuel: FUEL })), calls };
}

/** The same without attempts, replies in another order (R4.10, R12.14). */
function cautious(program: CompiledProgram): string {
  const driver = new Driver(program, { fuel: FUEL }).neverOptimistic();
  let turn = driver.next();
  const open: Extract<typeof turn, { kind: 'yield' }>['requests'][number][] = [];
  while (turn.kind === 'yield') {
    open.push(...turn.requests.filter(({ kind }) => !kind.startsWith('step-')));
    const request = open.pop();
    if (request === undefined) {
      turn = driver.next();
      continue;
    }
    const { seq } = request;
    if (request.kind !== 'call') turn = driver.next([{ seq, ok: null }]);
    else if (request.id === 't.echo') turn = driver.next([{ seq, ok: request.args[0] ?? null }]);
    else turn = driver.next([{ seq, error: { kind: 'CapabilityError', message: 'no' } }]);
  }
  return endOf(turn.outcome);
}

function endOf(outcome: Outcome): string {
  if (outcome.status === 'completed') return print(outcome.value);
  return 'error' in outcome ? `!${outcome.error.kind}` : `!${outcome.status}`;
}

/** What is wrong between the two; null if nothing is. */
export function compared(source: string): string | null {
  const compiled = compile(source);
  if (!compiled.ok) return `refused: ${compiled.diagnostics.map(({ message }) => message).join('; ')}`;
  let wanted;
  try {
    wanted = runReference(source, answer);
  } catch (e) {
    if (e instanceof TooLong) return null;
    throw e;
  }
  const got = product(compiled.program);
  if (got.end !== wanted.end) return `the product gives ${got.end}, the reference ${wanted.end}`;
  // Branches take turns in the product and run one after the other in the reference: their calls are the same, not their order.
  const order = (calls: readonly string[]): string =>
    (source.includes('parallel') ? calls.toSorted() : calls).join('\n');
  if (order(got.calls) !== order(wanted.calls))
    return `the product calls\n${got.calls.join('\n')}\nthe reference\n${wanted.calls.join('\n')}`;
  const other = cautious(compiled.program);
  return other === got.end ? null : `without attempts and in another order of replies: ${other}, else ${got.end}`;
}

export const DIFFERENTIAL: Target = { name: 'reference', weight: 3, make: makeProgram, check: compared };
