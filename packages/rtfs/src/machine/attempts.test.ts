import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { print } from '../values/print.ts';
import { compile } from './compile.ts';
import { Driver } from './machine.ts';
import type { JournalEntry, MachineOptions, Outcome, Reply, Request } from './types.ts';

/** Runs to the end; every call answers with its first argument, in the order that `pick` chooses among the waiting. */
function drive(driver: Driver, pick: (n: number) => number = () => 0): Outcome {
  const open: Request[] = [];
  let turn = driver.next();
  while (turn.kind === 'yield') {
    open.push(...turn.requests.filter(({ kind }) => kind === 'call' || kind === 'context'));
    const [chosen] = open.length === 0 ? [] : open.splice(pick(open.length), 1);
    const replies: Reply[] = chosen === undefined ? [] : [answer(chosen)];
    turn = driver.next(replies);
  }
  return turn.outcome;
}

function answer(request: Request): Reply {
  if (request.kind !== 'call') return { seq: request.seq, ok: null };
  if (request.id === 't.fail') return { seq: request.seq, error: { kind: 'CapabilityError', message: 'no' } };
  return { seq: request.seq, ok: request.args[0] ?? null };
}

function driverOf(source: string, o: MachineOptions = {}): Driver {
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(`${source}: ${compiled.diagnostics[0]?.message as string}`);
  return new Driver(compiled.program, { fuel: 200_000, ...o });
}

/** All that R4.10 lets nobody tell from the way a run was made. */
function observed(outcome: Outcome): unknown {
  const { usage, journal } = outcome;
  const end =
    outcome.status === 'completed'
      ? print(outcome.value)
      : 'error' in outcome
        ? [outcome.error.kind, outcome.error.message, outcome.error.span, outcome.error.trace]
        : outcome.status;
  const calls = journal
    .map(({ path, args, id }) => [path, id, args])
    .toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
  return { end, fuel: usage.fuel, calls: usage.calls, frames: usage.maxFrames, journal: calls };
}

// ── random programs ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Expressions of small ints over the locals `x y`, the variable `n`, the atom `a` and functions of unknown behaviour. */
const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const e = tie('expression');
  return {
    expression: fc.oneof(
      { maxDepth: 5, depthSize: 'medium' },
      fc.constantFrom('1', '2', 'x', 'y', 'n', '(deref a)'),
      fc.tuple(e, e).map(([a, b]) => `(+ ${a} ${b})`),
      fc.tuple(e, e, e).map(([a, b, c]) => `(if (< ${a} ${b}) ${c} ${b})`),
      fc.tuple(e, e).map(([a, b]) => `(let [x ${a}] ${b})`),
      e.map((a) => `(call :t.echo ${a})`),
      e.map((a) => `(try (call :t.fail ${a}) (catch err ${a}))`),
      fc.tuple(e, e).map(([a, b]) => `(try (do ${a} (throw "t")) (catch err ${b}) (finally (swap! a inc)))`),
      e.map((a) => `(hof (fn [y] ${a}) 2)`),
      e.map((a) => `(twice (fn [y] ${a}))`),
      e.map((a) => `(counting (fn [y] ${a}))`),
      e.map((a) => `(setting (fn [y] ${a}))`),
      e.map((a) => `(keeping (fn [y] ${a}))`),
      e.map((a) => `(reduce (fn [x y] ${a}) 0 [1 2 3])`),
      e.map((a) => `(first (map (fn [y] ${a}) [3 4]))`),
      e.map((a) => `(count (sort-by (fn [y] ${a}) [3 1 2]))`),
      e.map((a) => `(do (swap! a + ${a}) ${a})`),
      e.map((a) => `(do (set! n ${a}) n)`),
      fc.tuple(e, e).map(([a, b]) => `(loop [x 0 y ${a}] (if (< x 3) (recur (inc x) ${b}) y))`),
      fc.tuple(e, e).map(([a, b]) => `(apply + (step-parallel (let [x 1 y 2] ${pure(a)}) (let [x 1 y 2] ${pure(b)})))`),
      e.map((a) => `(do (def z ${a}) z)`),
      e.map((a) => `((comp inc (partial hof (fn [y] ${a}))) 1)`),
    ),
  };
});

/** A branch may not change what it shares, so the state of the program is left out of it. */
function pure(text: string): string {
  return /set!|swap!|step-parallel|counting|setting/u.test(text) ? '(call :t.echo 7)' : text;
}

const program = expression.map(
  (body) => `(def a (atom 0)) (def n 1)
(defn hof [f v] (if (= v 0) 0 (+ (f v) (hof f (- v 1)))))
(defn twice [g] (let [r (g 1)] (+ r (g 2))))
(defn counting [g] (swap! a inc) (g 1))
(defn setting [g] (set! n (+ n 1)) (g n))
(def kept (memoize (fn [v] (do (twice (fn [y] y)) v))))
(defn keeping [g] (+ (kept 3) (g 1)))
(let [x 5 y 6] ${body})`,
);

describe('R4.10 attempts cannot be observed', () => {
  test('value, error, fuel, frames and journal are those of a run without attempts', () => {
    fc.assert(
      fc.property(program, (source) => {
        expect(observed(drive(driverOf(source)))).toEqual(observed(drive(driverOf(source).neverOptimistic())));
      }),
      { numRuns: 400 },
    );
  });

  test('R12.14 replies in another order change nothing', () => {
    fc.assert(
      fc.property(program, fc.integer({ min: 1, max: 97 }), (source, seed) => {
        let state = seed;
        const pick = (n: number): number => (state = (state * 31 + 7) % 101) % n;
        expect(observed(drive(driverOf(source), pick))).toEqual(observed(drive(driverOf(source))));
      }),
      { numRuns: 150 },
    );
  });

  test('R13.5 a run resumed from any part of its journal ends the same and asks only what is missing', () => {
    fc.assert(
      fc.property(program, fc.nat(), (source, at) => {
        const whole = drive(driverOf(source));
        fc.pre(whole.status === 'completed' && whole.journal.length > 0);
        const journal: JournalEntry[] = whole.journal.slice(0, at % (whole.journal.length + 1));
        const resumed = drive(driverOf(source, { mode: 'resume', journal }));
        expect(observed(resumed)).toEqual(observed(whole));
        expect(resumed.usage.replayedCalls).toBe(journal.length);
      }),
      { numRuns: 150 },
    );
  });
});

describe('R17.8 work done twice stays bounded', () => {
  test.each([1, 5, 20, 80, 300])('a chain of %i distinct unknown callees', (n) => {
    const names = Array.from({ length: n }, (_none, i) => i);
    const work = '(loop [i 0] (if (< i 3000) (recur (+ i 1)) nil))';
    const source = [
      `(defn f${n} [g] (g))`,
      ...names.toReversed().map((i) => `(defn f${i} [g] ${work} (run${i} g f${i + 1}))`),
    ];
    const runners = names.map((i) => `(defn run${i} [g f] (f g))`);
    const text = `${runners.join('\n')}\n${source.join('\n')}\n(f0 (fn [] (call :t.echo 1)))`;
    const limits = { fuel: 10_000_000 };
    const driver = driverOf(text, limits);
    const outcome = drive(driver);
    expect(outcome.status).toBe('completed');
    expect(observed(outcome)).toEqual(observed(drive(driverOf(text, limits).neverOptimistic())));
    expect(driver.fuelWasted).toBeGreaterThan(0);
    expect(driver.fuelWasted).toBeLessThanOrEqual(100_000 + outcome.usage.fuel);
  });

  test('any program', () => {
    fc.assert(
      fc.property(program, (source) => {
        const driver = driverOf(source);
        const { usage } = drive(driver);
        expect(driver.fuelWasted).toBeLessThanOrEqual(100_000 + usage.fuel);
      }),
      { numRuns: 100 },
    );
  });
});
