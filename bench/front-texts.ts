/** What the rows of `rtfs-front` read, compile and run: the same work as RTFS and as JavaScript or JSON, of the same size. */
import type { Value } from '../packages/rtfs/src/values/kinds.ts';
import { fromPlain } from '../packages/rtfs/src/values/plain.ts';
import { print } from '../packages/rtfs/src/values/print.ts';

/** Small whole numbers in an order that repeats in each run: 0 … n − 1. */
export function numbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => (state = (state * 48271) % 2147483647) % n;
}

/** Records as a tool gives them, as JSON and as RTFS. */
export function records(count: number): { value: Value; json: string; rtfs: string } {
  const pick = numbers(7);
  const plain = Array.from({ length: count }, (_none, i) => ({
    id: i,
    name: `Person number ${i}`,
    email: `person${i}@example.org`,
    age: 18 + pick(60),
    score: pick(1000) / 8 + 0.1,
    active: pick(2) === 0,
    tags: ['alpha', 'beta', `group-${pick(9)}`],
    address: { street: `${pick(200)} Long Street`, city: 'Springfield', note: 'said "hello"\nand left', zip: null },
  }));
  const value = fromPlain(plain, { keywords: true });
  return { value, json: JSON.stringify(plain), rtfs: print(value) };
}

/** One definition in both languages: bindings with types, conditionals, nested expressions, a loop, a closure and a map. */
function definition(i: number, pick: (n: number) => number): { rtfs: string; js: string } {
  const [a, b, c] = [pick(1000), pick(1000), pick(1000)];
  const deep = 1 + pick(4);
  const rtfs = `(defn work${i} [x:int y :int] :int
  (let [total (+ x (* y ${a}))
        limit :int (if (> total ${b}) (- total ${c}) (+ total 1))
        names ["first" "second" "item ${i}"]
        point {:x total :y limit :label "point ${i}"}]
    (loop [i 0 sum 0]
      (if (< i 10)
        (recur (+ i 1) (+ sum (mod (* i total) ${a + 7})))
        (if (= sum limit)
          ${'(+ 1 (* 2 '.repeat(deep)}(count names)${'))'.repeat(deep)}
          (reduce + 0 (map (fn [v:int] (+ v (:x point) limit)) [1 2 3])))))))
`;
  const js = `function work${i}(x, y) {
  const total = x + y * ${a};
  const limit = total > ${b} ? total - ${c} : total + 1;
  const names = ['first', 'second', 'item ${i}'];
  const point = { x: total, y: limit, label: 'point ${i}' };
  let sum = 0;
  for (let i = 0; i < 10; i += 1) {
    sum = sum + ((i * total) % ${a + 7});
  }
  if (sum === limit) {
    return ${'(1 + (2 * '.repeat(deep)}names.length${'))'.repeat(deep)};
  } else {
    return [1, 2, 3].map((v) => v + point.x + limit).reduce((s, v) => s + v, 0);
  }
}
`;
  return { rtfs, js };
}

/** Programs of about `size` characters each, of a shape that depends on `seed`: the terser language does more in it. */
export function programs(size: number, seed = 11): { rtfs: string; js: string } {
  const texts = { rtfs: '', js: '' };
  for (const language of ['rtfs', 'js'] as const) {
    const pick = numbers(seed);
    const parts: string[] = [];
    for (let i = 0, length = 0; ; i++) {
      const part = definition(i, pick)[language];
      if (length + part.length > size) break;
      length += part.length;
      parts.push(part);
    }
    texts[language] = parts.join('');
  }
  return texts;
}

/** The lines of a plan: a helper, then steps that each use what came before. Every sample gets another order and other numbers. */
const LINES: readonly ((i: number, n: number) => { rtfs: string; js: string })[] = [
  (i, n) => ({ rtfs: `v${i} (+ v${i - 1} ${n})`, js: `const v${i} = v${i - 1} + ${n};` }),
  (i, n) => ({ rtfs: `v${i} (mod (* v${i - 1} ${n}) 1000003)`, js: `const v${i} = (v${i - 1} * ${n}) % 1000003;` }),
  (i, n) => ({
    rtfs: `v${i} (if (> v${i - 1} ${n}) (- v${i - 1} ${n}) (scale v${i - 1}))`,
    js: `const v${i} = v${i - 1} > ${n} ? v${i - 1} - ${n} : scale(v${i - 1});`,
  }),
  (i, n) => ({
    rtfs: `v${i} (count [v${i - 1} "text ${n}" {:a v${i - 1} :b ${n}}])`,
    js: `const v${i} = [v${i - 1}, "text ${n}", { a: v${i - 1}, b: ${n} }].length;`,
  }),
  (i, n) => ({
    rtfs: `v${i} (reduce + 0 (map (fn [x] (+ x v${i - 1} ${n})) [1 2 3]))`,
    js: `const v${i} = [1, 2, 3].map((x) => x + v${i - 1} + ${n}).reduce((a, b) => a + b, 0);`,
  }),
  (i, n) => ({
    rtfs: `v${i} (get {:low ${n} :high v${i - 1}} :high 0)`,
    js: `const v${i} = { low: ${n}, high: v${i - 1} }.high ?? 0;`,
  }),
];

/** A plan of 50 lines whose shape and numbers depend on `seed`. */
export function plan(seed: number): { rtfs: string; js: string } {
  const pick = numbers(seed + 1);
  const lines = Array.from({ length: 47 }, (_none, i) =>
    (LINES[pick(LINES.length)] as (typeof LINES)[number])(i + 1, 1 + pick(100_000)),
  );
  const rtfs = lines.map((line) => line.rtfs).join('\n      ');
  const js = lines.map((line) => line.js).join('\n');
  return {
    rtfs: `(defn scale [x] (* 2 x))\n(let [v0 ${seed}\n      ${rtfs}]\n  v47)`,
    js: `const scale = (x) => 2 * x;\nconst v0 = ${seed};\n${js}\nreturn v47;`,
  };
}
