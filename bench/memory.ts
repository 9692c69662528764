/** The heap: emptied before a measurement, and how much of it a new machine keeps (a note, not a bound). */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { compile, start } from '../packages/rtfs/src/index.ts';

const MACHINES = 2000;

/** Collects garbage, so that a measurement does not pay for what was made before it. */
export function collect(): void {
  setFlagsFromString('--expose-gc');
  collector ??= runInNewContext('gc') as () => void;
  collector();
}
let collector: (() => void) | null = null;

/** The line that tells the heap of a machine of a compiled program, before and after its run. */
export function memoryNote(): string {
  const compiled = compile('(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib 5)');
  if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message);
  const heap = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = heap();
  const machines = Array.from({ length: MACHINES }, () => {
    const machine = start(compiled.program);
    machine.next();
    return machine;
  });
  const each = (heap() - before) / MACHINES;
  return `note memory of a machine that ran, kept: ${(each / 1024).toFixed(1)} KiB of heap (${machines.length} machines)`;
}
