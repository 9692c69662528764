/** The first attempt of `eval`: what it answers is what its process would answer, and what it cannot know it leaves to that. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { defaultLimits } from '../model/limits.ts';
import { attemptJob } from './eval-attempt.ts';
import { answerJob, type EvalAnswer, type EvalJob } from './eval-job.ts';

const MB = 1024 * 1024;
const { fuel, timeoutMs, memoryMb } = defaultLimits();

function jobOf(source: string, given: Partial<EvalJob> = {}): EvalJob {
  const deadline = Date.now() + timeoutMs;
  return { source, input: null, fuel, deadline, timeoutMs, memoryBytes: memoryMb * MB, ...given };
}

/** An attempt that no load of the machine can end. */
const attempt = (job: EvalJob): EvalAnswer | null => attemptJob(job, timeoutMs);

/** The expressions of the language's own table. */
const TABLE = readFileSync(new URL('../../../rtfs/test/conformance/appendix-a.rtfs', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.includes(' ⇒ ') && !line.startsWith(';'))
  .map((line) => line.slice(0, line.lastIndexOf(' ⇒ ')));

test("G1.19 the first attempt at every expression of the language's table answers as the process of its own does, and at most of them it answers", () => {
  let answered = 0;
  for (const source of TABLE) {
    const job = jobOf(source);
    const answer = attempt(job);
    if (answer === null) continue;
    answered += 1;
    expect(answer, source).toEqual(answerJob(job));
  }
  expect(TABLE.length).toBeGreaterThan(300);
  expect(answered / TABLE.length).toBeGreaterThan(0.9);
});

const DEEP = '(defn d [n] (if (= n 0) 0 (+ 1 (d (- n 1)))))';

describe('what the allowance may have decided is left to the process of its own', () => {
  test.each([
    ['fuel', '(loop [i 0] (if (= i 200000) i (recur (inc i))))'],
    ['frames', `${DEEP} (d 100)`],
    ['frames that the program caught', `${DEEP} (try (d 100) (catch :StackOverflow e 0))`],
    ['a long text', `${' '.repeat(20_000)}1`],
  ])('%s', (_, source) => expect(attempt(jobOf(source))).toBeNull());

  test('a memory ceiling that the attempt could pass', () => {
    expect(attempt(jobOf('1', { memoryBytes: 63 * MB }))).toBeNull();
    expect(attempt(jobOf('1', { memoryBytes: 64 * MB }))).toMatchObject({ kind: 'value', rtfs: '1' });
  });

  test('time: the watchdog ends what fuel does not bound', () => {
    const unfolds = '(loop [i 0 v [1]] (if (= i 99) v (recur (inc i) [v v])))';
    const startedAt = performance.now();
    expect(attemptJob(jobOf(unfolds))).toBeNull();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

test('what admission must judge is not computed', () => {
  for (const source of ['', '; nothing', '(f 1)', '(let [x', '(println 1)', '(call :ccos.echo 1)', '(call (str "a"))'])
    expect(attempt(jobOf(source)), source).toEqual({ kind: 'judge' });
});
