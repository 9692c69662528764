/** Answers each message with the milliseconds of 900,000 calls: 10⁴ frames deep for true, ten deep for false (R19.6). */
import { parentPort } from 'node:worker_threads';
import { compile, start } from '../packages/rtfs/src/index.ts';

const SOURCE = `(defn deep [n] (if (= n 0) 0 (+ 1 (deep (- n 1)))))
  (let [[depth times] input] (loop [i 0 s 0] (if (< i times) (recur (inc i) (+ s (deep depth))) s)))`;

const compiled = compile(SOURCE);
if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message);
const { program } = compiled;
const inputs = [true, false].map((deep) => {
  const made = compile(deep ? '[9998 90]' : '[9 90000]');
  if (!made.ok) throw new Error(made.diagnostics[0]?.message);
  const turn = start(made.program).next();
  if (turn.kind !== 'done' || turn.outcome.status !== 'completed') throw new Error('no input');
  return turn.outcome.value;
});

parentPort?.on('message', (deep: boolean) => {
  const machine = start(program, { input: inputs[deep ? 0 : 1] ?? null });
  const before = performance.now();
  const turn = machine.next();
  const ms = performance.now() - before;
  if (turn.kind !== 'done' || turn.outcome.status !== 'completed') throw new Error('the calls did not complete');
  parentPort?.postMessage(ms);
});
