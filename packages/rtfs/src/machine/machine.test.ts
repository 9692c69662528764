import { describe, expect, test } from 'vitest';
import { Keyword } from '../values/kinds.ts';
import { print } from '../values/print.ts';
import { compile } from './compile.ts';
import { start } from './machine.ts';
import { run, runSync } from './run.ts';
import type { CompiledProgram, MachineOptions, Outcome, Request, Turn } from './types.ts';

function program(source: string): CompiledProgram {
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message as string);
  return compiled.program;
}

function ended(source: string, o: MachineOptions = {}): Outcome {
  return runSync(program(source), { ...o, host: { executeCapability: ({ args }) => args[0] ?? null } });
}

/** The requests of each turn while every call is answered with its path. */
function conversation(source: string): Request[] {
  const machine = start(program(source));
  const seen: Request[] = [];
  let turn: Turn = machine.next();
  while (turn.kind === 'yield') {
    seen.push(...turn.requests);
    turn = machine.next(
      turn.requests.flatMap((one) => (one.kind.startsWith('step-') ? [] : [{ seq: one.seq, ok: null }])),
    );
  }
  return seen;
}

describe('call paths (R11.9)', () => {
  test.each([
    ['(let [a (call :x)] a)', ['0.1.1#0']],
    ['1 (call :x)', ['1#0']],
    ['(dotimes [i 2] (call :x))', ['0.2#0', '0.2#1']],
    ['(map (fn [y] (call :x y)) [1 2])', ['0.1.2#0', '0.1.2#1']],
    ['(parallel [a (call :x)] [b 1])', ['0#0|0/0.1.1#0']],
    ['(do (println 1) (map println [2]))', ['0.1#0', '0.2.1#0']],
  ])('%s', (source, paths) => {
    expect(conversation(source).map(({ path }) => path)).toEqual(paths);
  });
});

describe('requests (R13)', () => {
  test('a call carries its step, exposure, hints and deadline', () => {
    const calls = conversation(`(step "outer" :timeout-ms 500 :expose-context true
      (step "inner" :context-keys ["a"] :timeout-ms 900 ^{:idempotency-key "k"} (call :x {:b 1 :a 2})))`).filter(
      ({ kind }) => kind === 'call',
    );
    expect(calls).toMatchObject([
      {
        id: 'x',
        step: { name: 'inner' },
        exposure: { expose: true, keys: ['a'] },
        timeoutMs: 500,
        hints: { 'idempotency-key': 'k' },
      },
    ]);
  });

  test('R12.18 steps are told in order, nested, with attempts', () => {
    const told = conversation('(step "a" (step "b" :retries 1 :on-fail :continue (/ 1 0)) 7)').flatMap((one) =>
      'step' in one && one.kind !== 'call' ? [`${one.kind} ${one.step.name} ${one.attempt}`] : [],
    );
    expect(told).toEqual([
      'step-started a 0',
      'step-started b 0',
      'step-started b 1',
      'step-failed b 1',
      'step-completed a 0',
    ]);
  });

  test('R12.7 the pauses before retries double', () => {
    const pauses = conversation('(step "a" :retries 3 :backoff-ms 10 :on-fail :continue (/ 1 0))').flatMap((one) =>
      one.kind === 'pause' ? [one.ms] : [],
    );
    expect(pauses).toEqual([10, 20, 40]);
  });

  test('R13.4 an unknown reply is InternalError, and `next` without replies repeats the turn', () => {
    const machine = start(program('(call :x)'));
    expect(machine.next()).toMatchObject({ requests: [{ kind: 'call' }], waiting: [1] });
    expect(machine.next()).toMatchObject({ requests: [], waiting: [1] });
    expect(machine.next([{ seq: 9, ok: null }])).toMatchObject({
      outcome: { status: 'failed', error: { kind: 'InternalError' } },
    });
  });

  test('R13.7 a suspended run names what it waits for', () => {
    const machine = start(program('(call :x 1)'));
    machine.next();
    const turn = machine.next([{ seq: 1, error: { kind: 'Suspended', message: '' } }]);
    expect(turn).toMatchObject({ outcome: { status: 'suspended', pending: [{ id: 'x' }], journal: [] } });
  });

  test('R11.3 an unknown kind of the host becomes CapabilityError with the kind in the data', () => {
    const machine = start(program('(try (call :x) (catch e [(:kind e) (:kind (:data e))]))'));
    machine.next();
    const turn = machine.next([{ seq: 1, error: { kind: 'Odd', message: 'm' } }]);
    expect(turn.kind === 'done' && turn.outcome.status === 'completed' && print(turn.outcome.value)).toBe(
      '[:CapabilityError :Odd]',
    );
  });

  test('R13.5 a replay asks nothing, and an entry that differs is JournalMismatch', () => {
    const source = '(+ (call :x 1) 1)';
    const { journal } = ended(source);
    expect(start(program(source), { mode: 'replay', journal }).next()).toMatchObject({
      outcome: { status: 'completed', value: 2 },
    });
    expect(start(program(source), { mode: 'replay' }).next()).toMatchObject({
      outcome: { error: { kind: 'ReplayDiverged' } },
    });
    expect(start(program('(+ (call :x 2) 1)'), { mode: 'resume', journal }).next()).toMatchObject({
      outcome: { error: { kind: 'JournalMismatch' } },
    });
  });
});

describe('fuel and limits (R17)', () => {
  test.each([
    ['(+ 1 2)', 0],
    ['((fn [x] x) 1)', 1],
    ['(loop [i 0] (if (< i 10) (recur (inc i)) i))', 10],
    ['(do (defn down [n] (if (= n 0) 0 (down (- n 1)))) (down 10))', 11],
    ['(dotimes [i 5] i)', 5],
    ['(doseq [x [1 2 3]] x)', 3],
    ['(map inc [1 2 3])', 3],
    ['(map (fn [x] x) [1 2 3])', 6],
    ['(call :x 1)', 20],
    ['(map (fn [x] (call :x x)) [1 2])', 44],
  ])('R17.1 %s costs %i', (source, fuel) => {
    expect(ended(source).usage.fuel).toBe(fuel);
  });

  test('R17.2 the last unit can be used and no more', () => {
    const source = '(loop [i 0] (if (< i 25000) (recur (inc i)) i))';
    expect(ended(source, { fuel: 25_000 }).status).toBe('completed');
    expect(ended(source, { fuel: 24_999 })).toMatchObject({
      status: 'exhausted',
      error: { kind: 'FuelExhausted' },
      usage: { fuel: 24_999 },
    });
  });

  test.each([
    ['(loop [] (recur))', { fuel: 1000 }, 'FuelExhausted'],
    ['(try (loop [] (recur)) (catch e 1) (finally (call :x)))', { fuel: 1000 }, 'FuelExhausted'],
    ['(do (defn f [n] (+ 1 (f n))) (f 0))', { limits: { frames: 100 } }, 'StackOverflow'],
    ['(while true 1)', { limits: { loopIterations: 10 } }, 'LoopLimit'],
    ['(do (defn f [x] (map f [x])) (f 1))', { limits: { frames: 50 } }, 'StackOverflow'],
    ['(dotimes [i 9] (call :x))', { limits: { calls: 3 } }, 'FuelExhausted'],
    ['(call :x (repeat-str "a" 100))', { limits: { callArgumentBytes: 50 } }, 'SerializationError'],
    ['(let [a (atom nil)] (reset! a (partial deref a)) (trampoline @a))', { fuel: 1000 }, 'FuelExhausted'],
  ])('%s ends in %s', (source, o, kind) => {
    expect(ended(source, o)).toMatchObject({ error: { kind } });
  });

  test('R17.5 frames are counted to the limit exactly', () => {
    const source = '(do (defn deep [n] (if (= n 0) 0 (+ 1 (deep (- n 1))))) (deep 99))';
    expect(ended(source, { limits: { frames: 100 } })).toMatchObject({
      status: 'completed',
      usage: { maxFrames: 100 },
    });
    expect(ended(source, { limits: { frames: 99 } })).toMatchObject({ error: { kind: 'StackOverflow' } });
  });

  test('R13.8 shouldStop ends a loop and is asked at least every 10 000 units', () => {
    let asked = 0;
    const outcome = ended('(loop [] (recur))', { shouldStop: () => (++asked > 3 ? 'cancelled' : null) });
    expect(outcome).toMatchObject({ status: 'cancelled' });
    // The unit at which it is asked counts, though its work is not begun.
    expect(outcome.usage.fuel).toBeLessThanOrEqual(40_001);
  });

  test('R13.8 a deadline ends a run that waits for its host', async () => {
    const never = { executeCapability: () => new Promise<never>(() => undefined) } as never;
    expect(await run(program('(call :x)'), { host: never, deadlineMs: 20 })).toMatchObject({
      status: 'exhausted',
      error: { kind: 'DeadlineExceeded' },
    });
  });
});

describe('errors (R8.1)', () => {
  test('the innermost span and the trace', () => {
    const outcome = ended('(defn f [x]\n  (/ x 0))\n(defn g [x] (+ 1 (f x)))\n(g 1)');
    expect(outcome).toMatchObject({
      error: {
        kind: 'DivisionByZero',
        span: { line: 2, column: 3 },
        trace: [
          { fn: 'f', line: 2 },
          { fn: 'g', line: 3 },
          { fn: 'program', line: 4 },
        ],
      },
    });
  });

  test('an error that was caught keeps its place when it is thrown again', () => {
    const outcome = ended('(try (/ 1 0) (catch e\n (throw e)))');
    expect(outcome).toMatchObject({ error: { span: { line: 1 } } });
  });

  test('R13.3 a function cannot be the value of a run', () => {
    expect(ended('inc')).toMatchObject({ status: 'failed', error: { kind: 'SerializationError' } });
  });
});

describe('names and texts never reach the code (R13.10)', () => {
  const hostile = [
    'constructor',
    '__proto__',
    'prototype',
    'toString',
    'hasOwnProperty',
    'rt',
    'd',
    's',
    'k0',
    'yield',
    'await',
    'arguments',
  ];
  test.each(hostile)('%s as a variable, a function, a key and a parameter', (name) => {
    const source = `(do (defn ${name} [x] (+ x 1)) (let [v {:${name} 1 "${name}" 2}] [(${name} 1) (:${name} v) (get v "${name}")]))`;
    expect(ended(source)).toMatchObject({ status: 'completed' });
    expect(print((ended(source) as unknown as { value: never }).value)).toBe('[2 1 2]');
    expect(ended(`(let [${name} 5] ((fn [${name}] ${name}) ${name}))`)).toMatchObject({ value: 5 });
  });

  test.each(['__proto__', 'constructor'])('an unbound %s is an undefined symbol', (name) => {
    expect(ended(name)).toMatchObject({ error: { kind: 'UndefinedSymbol' } });
  });

  test.each(['"); process.exit(1); ("', '`${1}`', "'; throw 1; '", '\\u2028 */ x /*', '\n}catch(e){}//'])(
    '%j is only a string',
    (text) => {
      expect(ended(`(count [${JSON.stringify(text)}])`)).toMatchObject({ value: 1 });
      expect(ended(`(try (throw ${JSON.stringify(text)}) (catch e (:message e)))`)).toMatchObject({ value: text });
    },
  );

  test('a keyword with odd letters', () => {
    expect(ended("(:a'b#c {:a'b#c 4})")).toMatchObject({ value: 4 });
    expect(Keyword.of('x')).toBe(Keyword.of('x'));
  });
});

describe('effects (R11.5)', () => {
  test('call sites, capabilities and literal arguments', () => {
    const { effects } = program('(defn f [p] (write-file "out" p)) (call :a.b 1 "x") (call (str "c" 1))');
    expect(effects.capabilities).toEqual(['a.b', 'ccos.io.write-file']);
    expect(effects.unknown).toBe(true);
    expect(effects.pure).toBe(false);
    expect(effects.calls.map(({ site, args }) => [site, args])).toContainEqual(['1', [1, 'x']]);
  });

  test('a program without effects is pure', () => {
    expect(program('(map inc [1])').effects).toMatchObject({ pure: true, stateful: false, calls: [], steps: [] });
  });

  test('R1.38 an unresolved symbol is a warning with a suggestion', () => {
    const compiled = compile('(map incc [1])');
    expect(compiled).toMatchObject({
      ok: true,
      diagnostics: [{ severity: 'warning', hint: expect.stringContaining('inc') }],
    });
  });
});

describe('R5.12 R5.15 R7.14 a function may be what is tested', () => {
  test.each([
    '(if-let [f (fn [] 1)] (f))',
    '(when-some [f (fn [] 1)] (f))',
    '(match (fn [] 1) f (f))',
    '(case (fn [] 2) 2 3 1)',
  ])('%s', (source) => {
    expect(ended(source)).toMatchObject({ status: 'completed', value: 1 });
  });
});
