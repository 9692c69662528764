/**
 * The conformance tables and how a row is judged, without any means of one engine: the same file runs in Node, QuickJS and a
 * browser (R13.2).
 */
import { formToValue } from '../../src/reader/data.ts';
import { read } from '../../src/reader/read.ts';
import type { Form } from '../../src/reader/forms.ts';
import { compile } from '../../src/machine/compile.ts';
import { Driver } from '../../src/machine/machine.ts';
import { runSync } from '../../src/machine/run.ts';
import type { SyncHost } from '../../src/machine/run.ts';
import type { CompiledProgram, Outcome, Reply, Request } from '../../src/machine/types.ts';
import { equal } from '../../src/values/equality.ts';
import { fail } from '../../src/values/fail.ts';
import type { ErrorValue, Value } from '../../src/values/kinds.ts';
import { print } from '../../src/values/print.ts';
import { Vec } from '../../src/values/vector.ts';

/** A case: an expression, its result or `!Kind`, and whether the host of the specification's appendix answers its calls. */
export interface Row {
  readonly section: string;
  readonly source: string;
  readonly wanted: string;
  readonly hosted: boolean;
}

/** The rows of a table: sections begin with `;; `, a row is `expression ⇒ result`. */
export function rowsOf(text: string): Row[] {
  return text
    .split(/^;; /mu)
    .slice(1)
    .flatMap((section) => {
      const [title = '', ...lines] = section.split('\n');
      return lines.flatMap((line) => {
        const [source = '', wanted = ''] = line.split(' ⇒ ');
        return wanted === '' ? [] : [{ section: title, source, wanted, hosted: title.includes('(host)') }];
      });
    });
}

/** The host of Appendix A. */
export const HOST: SyncHost = {
  executeCapability: ({ id, args }) => {
    if (id === 't.echo') return args[0] ?? null;
    if (id === 't.fail') return fail('CapabilityError', 'no');
    if (id === 'ccos.system.current-timestamp-ms') return 1_700_000_000_000;
    return null;
  },
  getContextValue: (key) => (key === 'plan-id' ? 'p1' : undefined),
};

const NO_HOST: SyncHost = { executeCapability: () => fail('SecurityViolation', 'there is no host') };

/** What can be seen of a run: its value, or the kind of its error after `!`; its calls' paths, and its fuel. */
export interface Seen {
  readonly end: { readonly value: Value } | string;
  readonly calls: readonly string[];
  readonly fuel: number;
}

/** Compiles and runs a row. */
export function evaluate({ source, hosted }: Row): Seen {
  const compiled = compile(source);
  if (!compiled.ok) return refused(compiled.diagnostics);
  return seen(runSync(compiled.program, hosted ? { host: HOST } : {}));
}

/** Like `evaluate`, with every attempt switched off (R4.10). */
export function evaluateCautiously({ source, hosted }: Row): Seen {
  const compiled = compile(source);
  if (!compiled.ok) return refused(compiled.diagnostics);
  return seen(drive(compiled.program, hosted ? HOST : NO_HOST));
}

function refused(diagnostics: readonly { readonly severity: string; readonly kind: string }[]): Seen {
  const kind = diagnostics.find(({ severity }) => severity === 'error')?.kind ?? 'nothing';
  return { end: `!${kind}`, calls: [], fuel: 0 };
}

function seen(outcome: Outcome): Seen {
  const calls = outcome.journal.map(({ path, kind, id, args }) => `${path} ${kind} ${id} ${JSON.stringify(args)}`);
  return { end: ending(outcome), calls, fuel: outcome.usage.fuel };
}

function ending(outcome: Outcome): Seen['end'] {
  if (outcome.status === 'completed') return { value: outcome.value };
  return 'error' in outcome ? `!${outcome.error.kind}` : `!${outcome.status}`;
}

function drive(program: CompiledProgram, host: SyncHost): Outcome {
  const driver = new Driver(program, {}).neverOptimistic();
  let turn = driver.next();
  while (turn.kind === 'yield') turn = driver.next(turn.requests.flatMap((request) => answer(host, request)));
  return turn.outcome;
}

function answer(host: SyncHost, request: Request): Reply[] {
  const { seq } = request;
  switch (request.kind) {
    case 'call':
      try {
        return [{ seq, ok: host.executeCapability(request) }];
      } catch (error) {
        return [{ seq, error: error as ErrorValue }];
      }
    case 'context':
      return [{ seq, ok: host.getContextValue?.(request.key) ?? null }];
    case 'pause':
    case 'checkpoint':
      return [{ seq, ok: null }];
    default:
      return [];
  }
}

/** True if the end of a run is the wanted one. Kinds that a program made up compare without case (R8.5). */
export function agrees(end: Seen['end'], wanted: string): boolean {
  if (typeof end === 'string' || wanted.startsWith('!')) {
    return typeof end === 'string' && end.toLowerCase() === wanted.toLowerCase();
  }
  const expected = formToValue(read(wanted).forms[0] as Form);
  // NaN in a collection equals nothing, itself included; its printed form does.
  return equal(Vec.of([end.value]), Vec.of([expected])) || (wanted.includes('##NaN') && print(end.value) === wanted);
}

/** The end of a run as text. */
export function shown(end: Seen['end']): string {
  return typeof end === 'string' ? end : print(end.value);
}

/** All that two engines must agree on, as text (R13.2). */
export function digest(row: Row): string {
  const { end, calls, fuel } = evaluate(row);
  return [row.source, shown(end), fuel, ...calls].join(' ¦ ');
}
