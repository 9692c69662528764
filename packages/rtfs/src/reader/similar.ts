/** "Did you mean" (R1.38). */

const MOST = 3;
/** Names longer than this are not compared: nobody mistypes them, and the comparison is quadratic. */
const LONGEST = 64;

/** Clojure names without a counterpart, with what to do instead (R1.38). */
const CLOJURE: Readonly<Record<string, string>> = {
  'swap-vals!': 'use swap!, which gives the new value; read the old one with @ before',
  'reset-vals!': 'use reset!, and read the old value with @ before',
  'lazy-seq': 'sequences are finite and not lazy: use range, iterate-n or loop',
  iterate: 'sequences are finite: use (iterate-n n f x)',
  cycle: 'sequences are finite: use (cycle-n n coll)',
  transduce: 'there are no transducers: use reduce over map and filter',
  doall: 'nothing is lazy: leave it out',
  dorun: 'nothing is lazy: leave it out',
  defprotocol: 'there are no protocols: use a map of functions or match',
  defrecord: 'use defstruct',
  defmulti: 'use match',
  defmethod: 'use match',
  ref: 'use atom',
  agent: 'use atom',
  future: 'use parallel or step-parallel',
  ns: 'use module and import',
  require: 'use import',
  slurp: 'use (read-file path)',
  spit: 'use (write-file path text)',
  'Math/abs': 'use abs',
  'Math/pow': 'use pow',
  'Math/sqrt': 'use sqrt',
  'Math/round': 'use round',
  'Integer/parseInt': 'use parse-int',
  'System/currentTimeMillis': 'use (call :ccos.system.current-timestamp-ms)',
};

/** The hint for a Clojure name that has no counterpart here, or undefined. */
export function clojureHint(name: string): string | undefined {
  return Object.hasOwn(CLOJURE, name) ? CLOJURE[name] : undefined;
}

/**
 * The number of insertions, deletions, replacements and swaps of neighbours between two names; stops caring beyond
 * `most`.
 */
function distance(a: string, b: string, most: number): number {
  let before: number[] = [];
  let last: number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let d = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, (last[j - 1] as number) + Number(!same));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        d = Math.min(d, (before[j - 2] as number) + 1);
      row[j] = d;
      least = Math.min(least, d);
    }
    if (least > most) return least;
    before = last;
    last = row;
  }
  return last[b.length] as number;
}

/** The candidates within Damerau distance max(1, ⌊length / 3⌋) of `name`, nearest first, at most three (R1.38). */
export function similar(name: string, candidates: Iterable<string>): string[] {
  if (name.length > LONGEST) return [];
  const most = Math.max(1, Math.floor(name.length / 3));
  const near: (readonly [number, string])[] = [];
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) > most) continue;
    const d = distance(name, candidate, most);
    if (d <= most) near.push([d, candidate]);
  }
  near.sort(([d, a], [e, b]) => d - e || (a < b ? -1 : Number(a > b)));
  return near.slice(0, MOST).map(([, candidate]) => candidate);
}
