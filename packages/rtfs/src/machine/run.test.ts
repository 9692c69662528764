import { describe, expect, test } from 'vitest';
import { compile } from './compile.ts';
import { run } from './run.ts';
import type { CompiledProgram, HostInterface } from './types.ts';

function program(source: string): CompiledProgram {
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message);
  return compiled.program;
}

const never = new Promise<never>(() => undefined);

/** A host that echoes the first argument, with what a test puts in its place. */
function host(o: Partial<HostInterface> = {}): HostInterface {
  return {
    executeCapability: async ({ args }) => args[0] ?? null,
    getContextValue: () => undefined,
    notifyStepStarted: async ({ step }) => step.path,
    notifyStepCompleted: async () => undefined,
    notifyStepFailed: async () => undefined,
    ...o,
  };
}

describe('R13 a run with its host', () => {
  test('R13.8 the deadline ends a run whose host never answers', async () => {
    const o = { host: host({ executeCapability: () => never }), deadlineMs: 20 };
    expect(await run(program('(call :a.b 1)'), o)).toMatchObject({
      status: 'exhausted',
      error: { kind: 'DeadlineExceeded' },
    });
  });

  test("R13.8 a timer that is early looks at the run's own clock", async () => {
    let time = 0;
    const o = { host: host({ executeCapability: () => never }), deadlineMs: 3, now: () => (time += 0.4) };
    expect(await run(program('(call :a.b 1)'), o)).toMatchObject({ status: 'exhausted' });
    expect(time).toBeGreaterThan(3);
  });

  test('R13.8 the signal ends a run whose host never answers, and is let go of', async () => {
    const controller = new AbortController();
    const running = run(program('(call :a.b 1)'), {
      host: host({ executeCapability: () => never }),
      signal: controller.signal,
    });
    controller.abort();
    expect(await running).toMatchObject({ status: 'cancelled' });
  });

  test('R13.8 the host is not asked again after the run was stopped', async () => {
    let asked = 0;
    const controller = new AbortController();
    const executeCapability = async (): Promise<number> => {
      asked++;
      controller.abort();
      return 1;
    };
    const outcome = await run(program('(do (call :a.b 1) (call :a.b 2))'), {
      host: host({ executeCapability }),
      signal: controller.signal,
    });
    expect(outcome).toMatchObject({ status: 'cancelled' });
    expect(asked).toBe(1);
  });

  test.each([
    ['that throws at once', () => void thrown()],
    ['that rejects', async () => thrown()],
  ])('R13.9 a host method %s gives CapabilityError', async (_how, method) => {
    const executeCapability = method as unknown as HostInterface['executeCapability'];
    const outcome = await run(program('(call :a.b 1)'), { host: host({ executeCapability }) });
    expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'CapabilityError', message: 'broken' } });
  });

  test('a reason to stop that throws ends the run, and does not reject', async () => {
    let looks = 0;
    const shouldStop = (): null => (++looks > 0 ? thrown() : null);
    const outcome = await run(program('(do (call :a.b 1) (call :a.b 2))'), { host: host(), shouldStop });
    expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'InternalError' } });
  });

  test('a host that answers without a promise, as often as it likes, does not grow the stack', async () => {
    const executeCapability = (({ args }: { args: unknown[] }) =>
      args[0]) as unknown as HostInterface['executeCapability'];
    const source = '(loop [i 0] (if (< i 9000) (recur (+ i (call :a.b 1))) i))';
    expect(await run(program(source), { host: host({ executeCapability }) })).toMatchObject({ value: 9000 });
  });

  test('R12.18 the host hears of a step before it is asked for a call inside it', async () => {
    const heard: string[] = [];
    const o = host({
      notifyStepStarted: async ({ step }) => {
        await Promise.resolve();
        heard.push(`start ${step.name}`);
        return step.path;
      },
      executeCapability: async ({ id }) => {
        heard.push(id);
        return null;
      },
      notifyStepCompleted: async () => void heard.push('end'),
    });
    await run(program('(do (step "one" (call :a.b)) (call :c.d))'), { host: o });
    expect(heard).toEqual(['start one', 'a.b', 'end', 'c.d']);
  });

  test('R13.5 a journal of values as deep as a limit allows can be written out and resumed', async () => {
    const deep = '(loop [i 0 v 1] (if (< i 400) (recur (inc i) [v]) v))';
    const source = `(count (call :a.b ${deep}))`;
    const limits = { dataDepth: 1000 };
    const first = await run(program(source), { host: host(), limits });
    expect(first).toMatchObject({ status: 'completed', value: 1 });
    const again = await run(program(source), { limits, journal: first.journal, mode: 'replay' });
    expect(again).toMatchObject({ status: 'completed', value: 1, usage: { replayedCalls: 1 } });
  });

  test('R13.3 what is no value does not cross: undefined as an answer', async () => {
    const executeCapability = (async () => undefined) as unknown as HostInterface['executeCapability'];
    expect(await run(program('(call :a.b 1)'), { host: host({ executeCapability }) })).toMatchObject({
      status: 'failed',
    });
  });
});

function thrown(): never {
  throw new Error('broken');
}
