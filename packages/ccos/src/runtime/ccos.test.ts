/** The library's entry, as an embedding program uses it. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PMap, fromPlain, print, toPlain } from '@ccos/rtfs';
import { verifyChain } from '../causal-chain/verify.ts';
import { openChainReader } from '../causal-chain/reader.ts';
import type { ChainRecord } from '../causal-chain/record.ts';
import { open, type RunEvent } from '../index.ts';

let folder: string;
const at = (...path: string[]): string => join(folder, ...path);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccos-runtime-'));
  mkdirSync(at('in'));
  writeFileSync(at('in/a.txt'), 'hello');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const opened = (policy = {}) => open({ home: at('.ccos'), base: folder, policy, provider: 'wasm' });

/** The records of the state folder, apart from those of the chain about itself. */
async function recorded(): Promise<ChainRecord[]> {
  return (await openChainReader(at('.ccos'))).query({}).filter(({ kind }) => !kind.startsWith('Chain'));
}

describe('open, run, check', () => {
  test('a plan runs, and its events come in order', async () => {
    const ccos = opened({ read: ['in'] });
    const events: RunEvent[] = [];
    const report = await ccos.run('(println "reading") (step "Read" (count (read-file "in/a.txt")))', {
      onEvent: (event) => events.push(event),
    });
    await ccos.close();
    expect(report).toMatchObject({
      status: 'completed',
      value: 5,
      rtfs: '5',
      error: null,
      metadata: { provider: 'wasm', isolation: 'wasm' },
    });
    expect(events.map((event) => event.type)).toEqual([
      'run-started',
      'output',
      'step-started',
      'step-completed',
      'run-ended',
    ]);
    expect(events[1]).toEqual({ type: 'output', text: 'reading\n' });
    expect(await verifyChain(at('.ccos'))).toMatchObject({ ok: true, unsignedTail: 0 });
    expect(readdirSync(at('.ccos/runs'))).toEqual([]);
  });

  test('O1.5 the input is bound as `input`, and values keep their kinds both ways', async () => {
    const ccos = opened();
    const input = fromPlain({ rows: [1, 2.5, 'x'] });
    const report = await ccos.run('(assoc input :sum (+ 9007199254740993 1))', { input });
    await ccos.close();
    expect(report.value).toBeInstanceOf(PMap);
    expect(report.rtfs).toBe(print(report.value));
    expect(toPlain(report.value)).toEqual({ rows: [1, 2.5, 'x'], sum: '9007199254740994' });
  });

  test('a refused plan is a report, archived and on record, with what would allow it', async () => {
    const ccos = opened();
    const report = await ccos.run('(read-file "in/a.txt")', { file: 'p.rtfs' });
    await ccos.close();
    expect(report).toMatchObject({ status: 'denied', rtfs: null, metadata: null });
    expect(report.error).toMatchObject({ code: 'SECURITY_VIOLATION', exit: 4, hint: '--read in/a.txt' });
    expect((await recorded()).map(({ kind }) => kind)).toEqual(['PlanProposed', 'PlanArchived', 'GovernanceDecision']);
  });

  test('G1.16 check says the same and writes nothing', async () => {
    const { report, error } = await opened({ read: ['in'] }).check('(write-file "out/x" "y") (read-file "in/a.txt")');
    expect(error).toMatchObject({ code: 'SECURITY_VIOLATION', hint: '--write out' });
    expect(report.calls.map(({ capability, verdict }) => [capability, verdict])).toEqual([
      ['ccos.io.write-file', 'deny'],
      ['ccos.io.read-file', 'allow'],
    ]);
    expect(existsSync(at('.ccos'))).toBe(false);
    expect(existsSync(at('out'))).toBe(false);
  });

  test('O5.7 a signal cancels a run: one terminal record, nothing left', async () => {
    const ccos = opened();
    const controller = new AbortController();
    const report = await ccos.run('(step "Wait" (sleep 60000))', {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === 'step-started') controller.abort();
      },
    });
    await ccos.close();
    expect(report).toMatchObject({ status: 'cancelled', error: { code: 'CANCELLED', exit: 130 } });
    const kinds = (await recorded()).map(({ kind }) => kind);
    const count = (kind: string): number => kinds.filter((one) => one === kind).length;
    expect([count('PlanAborted'), count('PlanStepFailed')]).toEqual([1, 1]);
    expect(count('CapabilityResult')).toBe(count('CapabilityCall'));
    expect(readdirSync(at('.ccos/runs'))).toEqual([]);
  });

  test('O2.4 two runs of one plan are two runs of one hash, and one open CCOS serves both', async () => {
    const ccos = opened();
    const [a, b] = await Promise.all([ccos.run('(call :ccos.echo 1)'), ccos.run('(call :ccos.echo 1)')]);
    await ccos.close();
    expect(a.runId).not.toBe(b.runId);
    expect(a.planHash).toBe(b.planHash);
    expect([a.status, b.status]).toEqual(['completed', 'completed']);
    expect(await verifyChain(at('.ccos'))).toMatchObject({ ok: true });
  });

  test('an error of the plan has its place, its line and the steps it came through', async () => {
    const ccos = opened();
    const report = await ccos.run('(defn half [x]\n  (/ x 0))\n(step "Outer" (step "Inner" (half 4)))', {
      file: 'p.rtfs',
    });
    await ccos.close();
    expect(report.error).toMatchObject({
      code: 'DIVISION_BY_ZERO',
      span: { file: 'p.rtfs', line: 2, column: 3 },
      details: { excerpt: '  (/ x 0))', steps: [expect.any(String), expect.any(String)] },
    });
  });
});

describe('O12 one run, record by record', () => {
  test('kinds, parents, steps and outcomes are those of the table', async () => {
    writeFileSync(at('in/b.txt'), 'b');
    const ccos = open({ home: at('.ccos'), base: folder, policy: { read: ['in/a.txt'] }, provider: 'wasm' });
    const report = await ccos.run(
      '(let [p (step "Fetch" (read-file "in/a.txt"))] (step "Send" (read-file (str "in/" p))))',
    );
    await ccos.close();
    expect(report.status).toBe('denied');
    const records = await recorded();
    const number = new Map(records.map(({ id }, index) => [id, index + 1]));
    const rows = records.map(({ kind, parent, step, payload }) => [
      kind,
      parent === undefined ? null : number.get(parent),
      step ?? null,
      payload['outcome'] ?? payload['status'] ?? null,
    ]);
    expect(rows).toEqual([
      ['PlanProposed', null, null, null],
      ['PlanArchived', 1, null, null],
      ['GovernanceDecision', 1, null, 'allow'],
      ['PlanStarted', 3, null, null],
      ['PlanStepStarted', 4, '0.1.1#0', null],
      ['GovernanceDecision', 5, '0.1.1#0', 'allow'],
      ['CapabilityCall', 6, '0.1.1#0', null],
      ['CapabilityResult', 7, '0.1.1#0', 'ok'],
      ['PlanStepCompleted', 5, '0.1.1#0', null],
      ['PlanStepStarted', 4, '0.2#0', null],
      ['GovernanceDecision', 10, '0.2#0', 'deny'],
      ['Violation', 11, '0.2#0', null],
      ['PlanStepFailed', 10, '0.2#0', null],
      ['ProviderMeasurement', 4, null, null],
      ['BudgetReport', 4, null, null],
      ['PlanAborted', 4, null, 'denied'],
    ]);
    expect(readFileSync(at('in/b.txt'), 'utf8')).toBe('b');
  });
});
