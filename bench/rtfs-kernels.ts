/**
 * The kernels of R19.1: one algorithm written four times. `javascript` is the text of a function without arguments, written as one
 * would write it by hand; all four give the same number.
 */

/** One kernel. RTFS may take at most `bound` times what `javascript` takes. */
export interface Kernel {
  readonly name: string;
  readonly bound: number;
  readonly rtfs: string;
  readonly javascript: string;
  readonly python: string;
  readonly clojure: string;
}

/** Numbers as random as a sort needs them, below 2^31 - 1. */
const SORT_SIZE = 100_000;

export const KERNELS: readonly Kernel[] = [
  {
    name: 'fib(25)',
    bound: 2,
    rtfs: '(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib 25)',
    javascript: `() => { const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)); return fib(25); }`,
    python: 'def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nfib(25)',
    clojure: '(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib 25)',
  },
  {
    name: 'loop of 1e6 with mod',
    bound: 2,
    rtfs: '(loop [i 0 s 0] (if (< i 1000000) (recur (+ i 1) (mod (+ s i) 1000003)) s))',
    javascript: `() => { let s = 0; for (let i = 0; i < 1000000; i++) s = (s + i) % 1000003; return s; }`,
    python: 's = 0\nfor i in range(1000000):\n    s = (s + i) % 1000003\ns',
    clojure: '(loop [i 0 s 0] (if (< i 1000000) (recur (+ i 1) (mod (+ s i) 1000003)) s))',
  },
  {
    name: 'sieve to 1e5',
    bound: 2,
    rtfs: `(let [n 100000
      sieve (loop [i 2 v (vec (repeat (+ n 1) true))]
              (if (<= (* i i) n)
                (recur (inc i)
                       (if (nth v i)
                         (loop [j (* i i) v v] (if (<= j n) (recur (+ j i) (assoc v j false)) v))
                         v))
                v))]
      (loop [i 2 c 0] (if (<= i n) (recur (inc i) (if (nth sieve i) (inc c) c)) c)))`,
    javascript: `() => {
      const n = 100000;
      const sieve = new Array(n + 1).fill(true);
      for (let i = 2; i * i <= n; i++) if (sieve[i]) for (let j = i * i; j <= n; j += i) sieve[j] = false;
      let c = 0;
      for (let i = 2; i <= n; i++) if (sieve[i]) c++;
      return c;
    }`,
    python: `n = 100000
sieve = [True] * (n + 1)
i = 2
while i * i <= n:
    if sieve[i]:
        j = i * i
        while j <= n:
            sieve[j] = False
            j += i
    i += 1
c = 0
for i in range(2, n + 1):
    if sieve[i]:
        c += 1
c`,
    clojure: `(let [n 100000
      sieve (loop [i 2 v (vec (repeat (+ n 1) true))]
              (if (<= (* i i) n)
                (recur (inc i)
                       (if (nth v i)
                         (loop [j (* i i) v v] (if (<= j n) (recur (+ j i) (assoc v j false)) v))
                         v))
                v))]
      (loop [i 2 c 0] (if (<= i n) (recur (inc i) (if (nth sieve i) (inc c) c)) c)))`,
  },
  {
    name: 'sum of 1e6 ints',
    bound: 2.5,
    rtfs: '(loop [i 0 s 0] (if (< i 1000000) (recur (+ i 1) (+ s i)) s))',
    javascript: `() => { let s = 0; for (let i = 0; i < 1000000; i++) s += i; return s; }`,
    python: 's = 0\nfor i in range(1000000):\n    s += i\ns',
    clojure: '(loop [i 0 s 0] (if (< i 1000000) (recur (+ i 1) (+ s i)) s))',
  },
  {
    name: 'string building, 1e5 pieces',
    bound: 3,
    rtfs: '(loop [i 0 s ""] (if (< i 100000) (recur (inc i) (str s "item " i ";")) (count s)))',
    javascript: `() => {
      let s = '';
      for (let i = 0; i < 100000; i++) s = s + 'item ' + i + ';';
      let characters = 0;
      for (let k = 0; k < s.length; k++) if ((s.charCodeAt(k) & 0xfc00) !== 0xd800) characters++;
      return characters;
    }`,
    // What one writes in Python: adding to a text copies it.
    python: 'parts = []\nfor i in range(100000):\n    parts.append("item " + str(i) + ";")\nlen("".join(parts))',
    clojure: '(loop [i 0 s ""] (if (< i 100000) (recur (inc i) (str s "item " i ";")) (count s)))',
  },
  {
    name: 'map, filter, reduce over 1e5',
    bound: 3,
    rtfs: '(reduce + 0 (filter even? (map (fn [x] (* x 3)) (range 100000))))',
    javascript: `() => Array.from({ length: 100000 }, (_none, i) => i).map((x) => x * 3).filter((x) => x % 2 === 0)
      .reduce((a, b) => a + b, 0)`,
    python: 'sum([x for x in [y * 3 for y in range(100000)] if x % 2 == 0])',
    clojure: '(reduce + 0 (filter even? (map (fn [x] (* x 3)) (range 100000))))',
  },
  {
    name: '1e5 updates of nested maps',
    bound: 3,
    rtfs: `(loop [i 0 m {}]
      (if (< i 100000)
        (recur (inc i) (update-in m [(mod i 100) (mod (* i 7) 53)] (fnil inc 0)))
        (get-in m [42 11])))`,
    javascript: `() => {
      const m = new Map();
      for (let i = 0; i < 100000; i++) {
        const a = i % 100, b = (i * 7) % 53;
        let inner = m.get(a);
        if (inner === undefined) m.set(a, (inner = new Map()));
        inner.set(b, (inner.get(b) ?? 0) + 1);
      }
      return m.get(42).get(11);
    }`,
    python: `m = {}
for i in range(100000):
    a = i % 100
    b = (i * 7) % 53
    if a not in m:
        m[a] = {}
    m[a][b] = m[a].get(b, 0) + 1
m[42][11]`,
    clojure: `(loop [i 0 m {}]
      (if (< i 100000)
        (recur (inc i) (update-in m [(mod i 100) (mod (* i 7) 53)] (fnil inc 0)))
        (get-in m [42 11])))`,
  },
  {
    name: 'sort of 1e5 ints',
    bound: 3,
    rtfs: `(let [xs (loop [i 0 x 42 v []]
               (if (< i ${SORT_SIZE}) (recur (inc i) (mod (+ (* x 16807) 12345) 2147483647) (conj v x)) v))]
      (nth (sort xs) 50000))`,
    javascript: `() => {
      const xs = [];
      for (let i = 0, x = 42; i < ${SORT_SIZE}; i++) { xs.push(x); x = (x * 16807 + 12345) % 2147483647; }
      return xs.toSorted((a, b) => a - b)[50000];
    }`,
    python: `xs = []
x = 42
for i in range(${SORT_SIZE}):
    xs.append(x)
    x = (x * 16807 + 12345) % 2147483647
sorted(xs)[50000]`,
    clojure: `(let [xs (loop [i 0 x 42 v []]
               (if (< i ${SORT_SIZE}) (recur (inc i) (mod (+ (* x 16807) 12345) 2147483647) (conj v x)) v))]
      (nth (sort xs) 50000))`,
  },
];

/**
 * One operation of R19.2: `prepare` makes its input out of a number of elements; only `rtfs`, which uses it, is timed. `javascript`
 * gives the same work by hand, its input prepared: how that grows on this machine is told beside it.
 */
export interface Growth {
  readonly name: string;
  readonly prepare: string;
  readonly rtfs: string;
  readonly javascript: (n: number) => () => unknown;
}

const COUNTED = '(vec (range input))';

function counted(n: number, of: (i: number) => number = (i) => i): number[] {
  return Array.from({ length: n }, (_none, i) => of(i));
}

function pushed(n: number): number {
  const a: number[] = [];
  for (let i = 0; i < n; i++) a.push(i);
  return a.length;
}

function zeroed(numbers: readonly number[]): number {
  const a = numbers.slice();
  for (let i = 0; i < a.length; i++) a[i] = 0;
  return a.length;
}

function mapped(n: number): number {
  const m = new Map<number, number>();
  for (let i = 0; i < n; i++) m.set(i, i);
  return m.size;
}

function appended(numbers: readonly number[]): number {
  const a = [1];
  for (const x of numbers) a.push(x);
  return a.length;
}

function mixed(numbers: readonly number[]): number {
  let h = 11;
  for (const x of numbers) h = (Math.imul(h, 31) + x) | 0;
  return h;
}

export const GROWTHS: readonly Growth[] = [
  {
    name: 'conj in a loop',
    prepare: 'input',
    rtfs: '(count (loop [i 0 a []] (if (< i input) (recur (inc i) (conj a i)) a)))',
    javascript: (n) => () => pushed(n),
  },
  {
    name: 'assoc on a vector in a loop',
    prepare: COUNTED,
    rtfs: '(let [n (count input)] (count (loop [i 0 a input] (if (< i n) (recur (inc i) (assoc a i 0)) a))))',
    javascript: (n) => {
      const numbers = counted(n);
      return () => zeroed(numbers);
    },
  },
  {
    name: 'assoc on a map in a loop',
    prepare: 'input',
    rtfs: '(count (loop [i 0 m {}] (if (< i input) (recur (inc i) (assoc m i i)) m)))',
    javascript: (n) => () => mapped(n),
  },
  {
    name: 'into',
    prepare: COUNTED,
    rtfs: '(count (into [1] input))',
    javascript: (n) => {
      const numbers = counted(n);
      return () => appended(numbers);
    },
  },
  {
    name: 'map',
    prepare: COUNTED,
    rtfs: '(count (map inc input))',
    javascript: (n) => {
      const numbers = counted(n);
      return () => numbers.map((x) => x + 1).length;
    },
  },
  {
    name: 'filter',
    prepare: COUNTED,
    rtfs: '(count (filter odd? input))',
    javascript: (n) => {
      const numbers = counted(n);
      return () => numbers.filter((x) => x % 2 !== 0).length;
    },
  },
  {
    name: 'sort',
    prepare: '(map (fn [i] (mod (* i 7919) 1000003)) (range input))',
    rtfs: '(nth (sort input) 7)',
    javascript: (n) => {
      const numbers = counted(n, (i) => (i * 7919) % 1000003);
      return () => numbers.toSorted((a, b) => a - b)[7];
    },
  },
  {
    name: 'join',
    prepare: COUNTED,
    rtfs: '(string-length (join "," input))',
    javascript: (n) => {
      const numbers = counted(n);
      return () => numbers.join(',').length;
    },
  },
  {
    name: '=',
    prepare: '[(vec (range input)) (vec (range input))]',
    rtfs: '(= (first input) (second input))',
    javascript: (n) => {
      const [a, b] = [counted(n), counted(n)];
      return () => a.every((x, i) => x === b[i]);
    },
  },
  {
    name: 'hash',
    prepare: COUNTED,
    rtfs: '(hash input)',
    javascript: (n) => {
      const numbers = counted(n);
      return () => mixed(numbers);
    },
  },
];
