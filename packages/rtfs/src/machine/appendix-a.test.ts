import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formToValue } from '../reader/data.ts';
import { read } from '../reader/read.ts';
import { equal } from '../values/equality.ts';
import type { ErrorValue } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { fail } from '../values/fail.ts';
import { print } from '../values/print.ts';
import { Vec } from '../values/vector.ts';
import { compile } from './compile.ts';
import { Driver } from './machine.ts';
import { runSync } from './run.ts';
import type { SyncHost } from './run.ts';
import type { Outcome } from './types.ts';

const HOST: SyncHost = {
  executeCapability: ({ id, args }) => {
    if (id === 't.echo') return args[0] ?? null;
    if (id === 't.fail') return fail('CapabilityError', 'no');
    if (id === 'ccos.system.current-timestamp-ms') return 1_700_000_000_000;
    return null;
  },
  getContextValue: (key) => (key === 'plan-id' ? 'p1' : undefined),
};

/** The value of a program, or the kind of its error after `!`. */
function outcome(source: string, host: SyncHost | undefined): { value: Value } | string {
  const compiled = compile(source);
  if (!compiled.ok) return `!${compiled.diagnostics.find(({ severity }) => severity === 'error')?.kind as string}`;
  return ending(runSync(compiled.program, host === undefined ? {} : { host }));
}

function ending(end: Outcome): { value: Value } | string {
  if (end.status === 'completed') return { value: end.value };
  return end.status === 'failed' || end.status === 'exhausted' ? `!${end.error.kind}` : `!${end.status}`;
}

/** Like `outcome`, with every attempt switched off (R4.10). */
function cautiously(source: string, host: SyncHost | undefined): { value: Value } | string {
  const compiled = compile(source);
  if (!compiled.ok) return outcome(source, host);
  const driver = new Driver(compiled.program, {}).neverOptimistic();
  let turn = driver.next();
  while (turn.kind === 'yield') {
    const replies = turn.requests.flatMap((request) => {
      if (request.kind === 'call')
        return [{ seq: request.seq, ...reply(() => (host ?? NONE).executeCapability(request)) }];
      if (request.kind === 'context') return [{ seq: request.seq, ok: host?.getContextValue?.(request.key) ?? null }];
      return request.kind === 'checkpoint' || request.kind === 'pause' ? [{ seq: request.seq, ok: null }] : [];
    });
    turn = driver.next(replies);
  }
  return ending(turn.outcome);
}

const NONE: SyncHost = { executeCapability: () => fail('SecurityViolation', 'there is no host') };

function reply(work: () => Value): { ok: Value } | { error: ErrorValue } {
  try {
    return { ok: work() };
  } catch (error) {
    return { error: error as ErrorValue };
  }
}

function agrees(got: { value: Value } | string, wanted: string): boolean {
  if (typeof got === 'string' || wanted.startsWith('!')) {
    return typeof got === 'string' && got.toLowerCase() === wanted.toLowerCase();
  }
  const expected = formToValue(read(wanted).forms[0] as never);
  return equal(Vec.of([got.value]), Vec.of([expected])) || (print(got.value) === '##NaN' && wanted === '##NaN');
}

const text = readFileSync(new URL('./appendix-a.rtfs', import.meta.url), 'utf8');
for (const section of text.split(/^;; /mu).slice(1)) {
  const [title = '', ...lines] = section.split('\n');
  const host = title.includes('(host)') ? HOST : undefined;
  describe(`Appendix A, ${title}`, () => {
    for (const line of lines) {
      const [source = '', wanted = ''] = line.split(' ⇒ ');
      if (wanted === '') continue;
      test(line, () => {
        const got = outcome(source, host);
        const shown = typeof got === 'string' ? got : print(got.value);
        expect(agrees(got, wanted), `got ${shown}`).toBe(true);
        expect(agrees(cautiously(source, host), wanted), 'without attempts').toBe(true);
      });
    }
  });
}
