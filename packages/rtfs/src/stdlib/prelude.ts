/**
 * What takes functions (§16), written in RTFS so that a `call` may stand inside it (R6.6): each text is the clauses of a
 * function. Names with `%` are runtime operations (`machine/primitives.ts`), most of them on arrays that no program sees;
 * `(%seq name coll)` gives the elements and charges the cost column, so loops here cost nothing of their own. `%spread` applies
 * a function to an array or list of arguments.
 */

import { parseSignature, sameKindSignature } from './signature.ts';
import type { Signature } from './signature.ts';

/** `out` gets the value of `body` for each element `x` of `coll`. */
function each(name: string, body: string, result: string): string {
  return `(let [xs (%seq "${name}" coll) out (%array)] (%times [i (%length xs)] (let [x (%nth xs i)] ${body})) ${result})`;
}

/** The elements as `xs` and `(f x)` of each as `ks`. */
function keyed(name: string, result: string): string {
  return `(let [xs (%seq "${name}" coll) ks (%array)] (%times [i (%length xs)] (%push ks (f (%nth xs i)))) ${result})`;
}

/** The first element for which `test` holds gives `found`, else `none`. */
function search(name: string, test: string, found: string, none: string): string {
  return `(let [xs (%seq "${name}" coll) r ${none}]
    (%times [i (%length xs)] (let [x (%nth xs i)] (if ${test} (do (set! r ${found}) (%break)) nil))) r)`;
}

/** The length of the prefix of `xs` whose elements satisfy `f`, as `n`. */
function prefix(name: string, result: string): string {
  return `[f coll] (let [xs (%seq "${name}" coll) n 0]
    (%times [i (%length xs)] (if (f (%nth xs i)) (set! n (%plus i 1)) (%break))) ${result})`;
}

/** A map and a function in either order; \`f\` and \`m\` from there on. */
function eitherOrder(mapFirst: boolean, body: string): string {
  const test = mapFirst ? '(%map-or-nil a)' : '(%not (%map-or-nil b))';
  return `[a b] (let [m (if ${test} a b) f (if ${test} b a)] ${body})`;
}

function mapValues(name: string): string {
  return `(let [ks (%keys "${name}" m) vs (%vals m) out (%array)] (%times [i (%length vs)] (%push out (f (%nth vs i)))) (%map-of m ks out))`;
}

function mapKeys(name: string): string {
  return `(let [ks (%keys "${name}" m) vs (%vals m) out (%array)] (%times [i (%length ks)] (%push out (f (%nth ks i)))) (%map-of m out vs))`;
}

function filterEntries(name: string, of: 'ks' | 'vs'): string {
  return `(let [ks (%keys "${name}" m) vs (%vals m) ok (%array) ov (%array)]
    (%times [i (%length ks)] (if (f (%nth ${of} i)) (do (%push ok (%nth ks i)) (%push ov (%nth vs i))) nil)) (%map-of m ok ov))`;
}

const reduceFrom = `(%times [i (%length xs)] (set! acc (f acc (%nth xs i))) (if (%reduced? acc) (%break) nil)) (%unreduced acc)`;
const reductionsFrom = `(%times [i (%length xs)]
    (set! acc (f acc (%nth xs i))) (%push out (%unreduced acc)) (if (%reduced? acc) (%break) nil)) (%vector out)`;

function replaceWith(name: string): string {
  return `[s p r] (if (%callable? r)
    (let [ms (%matches "${name}" s p) out (%array)] (%times [i (%length ms)] (%push out (r (%nth ms i)))) (%replaced "${name}" s p out))
    (%${name} s p r))`;
}

/** Bottom-up merge sort with runs of 1, 2, 4 … and one call \`(f right left)\` a comparison (R16.8), moving keys and items. */
const mergeSort = `[f ks0 xs0] (let [n (%length xs0)]
  (loop [ks (%copy ks0) xs (%copy xs0) kt (%copy ks0) xt (%copy xs0) w 1]
    (if (%lt w n)
      (do (loop [lo 0]
            (if (%lt lo n)
              (let [mid (%min (%plus lo w) n) hi (%min (%plus mid w) n)]
                (loop [i lo j mid k lo]
                  (if (%lt i mid)
                    (if (%lt j hi)
                      (if (%before (f (%nth ks j) (%nth ks i)))
                        (do (%put kt k (%nth ks j)) (%put xt k (%nth xs j)) (recur i (%plus j 1) (%plus k 1)))
                        (do (%put kt k (%nth ks i)) (%put xt k (%nth xs i)) (recur (%plus i 1) j (%plus k 1))))
                      (do (%put kt k (%nth ks i)) (%put xt k (%nth xs i)) (recur (%plus i 1) j (%plus k 1))))
                    (if (%lt j hi)
                      (do (%put kt k (%nth ks j)) (%put xt k (%nth xs j)) (recur i (%plus j 1) (%plus k 1)))
                      nil)))
                (recur hi))
              nil))
          (recur kt xt ks xs (%plus w w)))
      xs)))`;

/** A function of the library written in RTFS: its signature (`signature.ts`), and its clauses as after `fn`. */
export interface Written {
  readonly signature: Signature;
  readonly text: string;
}

function written(signature: string, text: string): Written {
  let read: Signature | null = null;
  return {
    text,
    get signature() {
      return (read ??= parseSignature(signature));
    },
  };
}

/** Clauses that the functions below share and that no program can name. */
export const PRELUDE_PARTS: Readonly<Record<string, string>> = {
  '%merge-sort': mergeSort,
  '%postwalk': `[f x depth] (if (%collection? x)
    (let [xs (%seq-deep "postwalk" x depth) out (%array)]
      (%times [i (%length xs)] (%push out (%postwalk f (%nth xs i) (%plus depth 1)))) (f (%rebuilt x out))) (f x))`,
  '%prewalk': `[f x0 depth] (let [x (f x0)] (if (%collection? x)
    (let [xs (%seq-deep "prewalk" x depth) out (%array)]
      (%times [i (%length xs)] (%push out (%prewalk f (%nth xs i) (%plus depth 1)))) (%rebuilt x out)) x))`,
};

/** The functions by name. */
export const PRELUDE: Readonly<Record<string, Written>> = {
  map: written(
    '[:Callback :list] :list [:Callback :Coll] :vector [:Callback :Coll :Coll & :Coll] :vector',
    `([f coll] ${each('map', '(%push out (f x))', '(%like-list coll out)')})
    ([f coll & colls] (let [xss (%seqs "map" coll colls) out (%array)]
      (%times [i (%shortest xss)] (%push out (%spread f (%column xss i)))) (%vector out)))`,
  ),
  mapv: written(
    '[:Callback :Coll & :Coll] :vector',
    `([f coll] ${each('mapv', '(%push out (f x))', '(%vector out)')})
    ([f coll & colls] (let [xss (%seqs "mapv" coll colls) out (%array)]
      (%times [i (%shortest xss)] (%push out (%spread f (%column xss i)))) (%vector out)))`,
  ),
  'map-indexed': written(
    '[:Callback :Coll] :vector',
    `[f coll] ${each('map-indexed', '(%push out (f i x))', '(%vector out)')}`,
  ),
  mapcat: written(
    '[:Callback :Coll & :Coll] :vector',
    `([f coll] ${each('mapcat', '(%push out (f x))', '(%concat out)')})
    ([f coll & colls] (let [xss (%seqs "mapcat" coll colls) out (%array)]
      (%times [i (%shortest xss)] (%push out (%spread f (%column xss i)))) (%concat out)))`,
  ),
  keep: written(
    '[:Callback :Coll] :vector',
    `[f coll] ${each('keep', '(let [v (f x)] (if (%some v) (%push out v) nil))', '(%vector out)')}`,
  ),
  'keep-indexed': written(
    '[:Callback :Coll] :vector',
    `[f coll] ${each('keep-indexed', '(let [v (f i x)] (if (%some v) (%push out v) nil))', '(%vector out)')}`,
  ),
  filter: written(
    sameKindSignature(':Callback'),
    `[f coll] ${each('filter', '(if (f x) (%push out x) nil)', '(%same-kind coll out)')}`,
  ),
  filterv: written(
    '[:Callback :Coll] :vector',
    `[f coll] ${each('filterv', '(if (f x) (%push out x) nil)', '(%vector out)')}`,
  ),
  remove: written(
    sameKindSignature(':Callback'),
    `[f coll] ${each('remove', '(if (f x) nil (%push out x))', '(%same-kind coll out)')}`,
  ),
  'run!': written(
    '[:Callback :Coll] :nil',
    '[f coll] (let [xs (%seq "run!" coll)] (%times [i (%length xs)] (f (%nth xs i))) nil)',
  ),
  reduce: written(
    '[:Callback :Coll] :any [:Callback :any :Coll] :any',
    `([f coll] (let [all (%seq "reduce" coll) acc (%head "reduce" all) xs (%tail all)] ${reduceFrom}))
    ([f init coll] (let [xs (%seq "reduce" coll) acc init] ${reduceFrom}))`,
  ),
  'reduce-kv': written(
    '[:Callback :any [:union :map :vector :nil]] :any',
    `[f init coll] (let [ks (%keys-or-indexes "reduce-kv" coll) vs (%vals-or-items coll) acc init]
    (%times [i (%length vs)] (set! acc (f acc (%nth ks i) (%nth vs i))) (if (%reduced? acc) (%break) nil)) (%unreduced acc))`,
  ),
  reductions: written(
    '[:Callback :Coll] :vector [:Callback :any :Coll] :vector',
    `([f coll] (let [all (%seq "reductions" coll) out (%array)]
      (if (%lt 0 (%length all)) (let [acc (%nth all 0) xs (%tail all)] (%push out acc) ${reductionsFrom}) (%vector out))))
    ([f init coll] (let [xs (%seq "reductions" coll) out (%array) acc init] (%push out acc) ${reductionsFrom}))`,
  ),
  reduced: written('[:any] :any', '[x] (%reduced x)'),
  some: written(
    '[:Callback :Coll] :any',
    `[f coll] (let [xs (%seq "some" coll) r false]
    (%times [i (%length xs)] (let [v (f (%nth xs i))] (if v (do (set! r v) (%break)) nil))) r)`,
  ),
  'some?': written(
    '[:nil] [:val false] [:any] [:val true] [:Callback :Coll] :bool',
    `([x] (if (%some x) true false))
    ([f coll] ${search('some?', '(f x)', 'true', 'false')})`,
  ),
  'every?': written('[:Callback :Coll] :bool', `[f coll] ${search('every?', '(%not (f x))', 'false', 'true')}`),
  'not-any?': written('[:Callback :Coll] :bool', `[f coll] ${search('not-any?', '(f x)', 'false', 'true')}`),
  'not-every?': written('[:Callback :Coll] :bool', `[f coll] ${search('not-every?', '(%not (f x))', 'true', 'false')}`),
  'find-first': written('[:Callback :Coll] :any', `[f coll] ${search('find-first', '(f x)', 'x', 'nil')}`),
  'index-where': written('[:Callback :Coll] :int?', `[f coll] ${search('index-where', '(f x)', 'i', 'nil')}`),
  'max-by': written('[:Callback :Coll] :any', `[f coll] ${keyed('max-by', '(%extreme xs ks 1)')}`),
  'min-by': written('[:Callback :Coll] :any', `[f coll] ${keyed('min-by', '(%extreme xs ks -1)')}`),
  'group-by': written('[:Callback :Coll] [:map-of :any :vector]', `[f coll] ${keyed('group-by', '(%grouped xs ks)')}`),
  'index-by': written('[:Callback :Coll] :map', `[f coll] ${keyed('index-by', '(%indexed xs ks)')}`),
  'count-by': written('[:Callback :Coll] [:map-of :any :int]', `[f coll] ${keyed('count-by', '(%counted ks)')}`),
  'partition-by': written('[:Callback :Coll] [:vector :vector]', `[f coll] ${keyed('partition-by', '(%runs xs ks)')}`),
  'take-while': written(sameKindSignature(':Callback'), prefix('take-while', '(%same-kind coll (%cut xs 0 n))')),
  'drop-while': written(
    sameKindSignature(':Callback'),
    prefix('drop-while', '(%same-kind coll (%cut xs n (%length xs)))'),
  ),
  'split-with': written(
    '[:Callback :Coll] :vector',
    prefix('split-with', '[(%same-kind coll (%cut xs 0 n)) (%same-kind coll (%cut xs n (%length xs)))]'),
  ),
  sort: written(
    '[:list] :list [:Coll] :vector [:Callback :list] :list [:Callback :Coll] :vector',
    `([coll] (let [xs (%seq-to-sort "sort" coll)] (%like-list coll (%sorted xs xs))))
    ([cmp coll] (let [xs (%seq-to-sort "sort" coll)] (%like-list coll (%merge-sort (%comparator cmp) xs xs))))`,
  ),
  'sort-by': written(
    '[:Callback :list] :list [:Callback :Coll] :vector [:Callback :Callback :list] :list [:Callback :Callback :Coll] :vector',
    `([f coll] (let [xs (%seq-to-sort "sort-by" coll) ks (%array)]
      (%times [i (%length xs)] (%push ks (f (%nth xs i)))) (%like-list coll (%sorted ks xs))))
    ([f cmp coll] (let [xs (%seq-to-sort "sort-by" coll) ks (%array)]
      (%times [i (%length xs)] (%push ks (f (%nth xs i)))) (%like-list coll (%merge-sort (%comparator cmp) ks xs))))`,
  ),
  'map-vals': written('[:Callback :map?] :map? [:map? :Callback] :map?', eitherOrder(false, mapValues('map-vals'))),
  'update-vals': written(
    '[:Callback :map?] :map? [:map? :Callback] :map?',
    eitherOrder(true, mapValues('update-vals')),
  ),
  'map-keys': written('[:Callback :map?] :map? [:map? :Callback] :map?', eitherOrder(false, mapKeys('map-keys'))),
  'update-keys': written('[:Callback :map?] :map? [:map? :Callback] :map?', eitherOrder(true, mapKeys('update-keys'))),
  'filter-vals': written(
    '[:Callback :map?] :map? [:map? :Callback] :map?',
    eitherOrder(false, filterEntries('filter-vals', 'vs')),
  ),
  'filter-keys': written(
    '[:Callback :map?] :map? [:map? :Callback] :map?',
    eitherOrder(false, filterEntries('filter-keys', 'ks')),
  ),
  update: written(
    '[:map? :any :Callable & :any] :map [:vector :any :Callable & :any] :vector',
    `([m k f] (assoc m k (f (%value-at "update" m k))))
    ([m k f x] (assoc m k (f (%value-at "update" m k) x)))
    ([m k f & args] (assoc m k (%spread f (%cons (%value-at "update" m k) args))))`,
  ),
  'update-in': written(
    '[:map? :seq :Callable & :any] :map [:vector :seq :Callable & :any] :vector',
    `([m path f] (let [ks (%path "update-in" path)] (%put-in m ks (f (%value-in m ks)))))
    ([m path f x] (let [ks (%path "update-in" path)] (%put-in m ks (f (%value-in m ks) x))))
    ([m path f & args] (let [ks (%path "update-in" path)] (%put-in m ks (%spread f (%cons (%value-in m ks) args)))))`,
  ),
  'merge-with': written(
    '[:Callback & :map?] :map?',
    `[f & ms] (let [all (%maps "merge-with" ms) r nil]
    (%times [i (%length all)] (let [m (%nth all i)]
      (if (%some r)
        (let [ks (%keys "merge-with" m) vs (%vals m)]
          (%times [j (%length ks)] (let [k (%nth ks j) v (%nth vs j)] (set! r (assoc r k (if (%has r k) (f (%lookup r k) v) v))))))
        (set! r m)))) r)`,
  ),
  into: written(
    `[:nil :Coll] :vector [:vector :Coll] :vector [:list :Coll] :list [:set :Coll] :set [:map :Coll] :map
    [:nil :Callback :Coll] :vector [:vector :Callback :Coll] :vector [:list :Callback :Coll] :list
    [:set :Callback :Coll] :set [:map :Callback :Coll] :map`,
    `([to from] (%into to from))
    ([to f coll] (%into to ${each('into', '(%push out (f x))', '(%vector out)')}))`,
  ),
  repeatedly: written(
    '[:int :Callback] :vector',
    '[n f] (let [out (%array)] (%times [i (%making "repeatedly" n)] (%push out (f))) (%vector out))',
  ),
  'iterate-n': written(
    '[:int :Callback :any] :vector',
    `[n f x] (let [out (%array) v x]
    (%times [i (%making "iterate-n" n)] (do (if (%lt 0 i) (set! v (f v)) nil) (%push out v))) (%vector out))`,
  ),
  apply: written(
    '[:Callable :Coll] :any [:Callable :any :any & :any] :any',
    '[f x & more] (%spread f (%apply-args x more))',
  ),
  comp: written(
    '[& :Callback] :fn',
    `([] identity)
    ([& fs] (let [gs (%reversed fs)] (fn [& args]
      (let [v (%spread (%nth gs 0) args)] (%times [i (%minus (%length gs) 1)] (set! v ((%nth gs (%plus i 1)) v))) v))))`,
  ),
  partial: written('[:Callback & :any] :fn', '[f & args] (fn [& more] (%spread f (%join args more)))'),
  juxt: written(
    '[:Callback & :Callback] :fn',
    `[f & fs] (let [all (%cons f fs)] (fn [& args]
    (let [out (%array)] (%times [i (%length all)] (%push out (%spread (%nth all i) args))) (%vector out))))`,
  ),
  complement: written('[:Callback] :fn', '[f] (fn [& args] (if (%spread f args) false true))'),
  constantly: written('[:any] :fn', '[x] (fn [& _] x)'),
  fnil: written(
    '[:Callback :any] :fn [:Callback :any :any] :fn [:Callback :any :any :any] :fn',
    `([f a] (fn ([x] (f (%or x a))) ([x y] (f (%or x a) y)) ([& args] (%spread f (%fill args (%list a))))))
    ([f a b] (fn [& args] (%spread f (%fill args (%list a b)))))
    ([f a b c] (fn [& args] (%spread f (%fill args (%list a b c)))))`,
  ),
  'every-pred': written(
    '[:Callback & :Callback] :fn',
    `[f & fs] (let [all (%cons f fs)] (fn [& args] (let [xs (%items args) r true]
    (%times [i (%length all)] (%times [j (%length xs)] (if ((%nth all i) (%nth xs j)) nil (do (set! r false) (%break))))
      (if r nil (%break))) r)))`,
  ),
  'some-fn': written(
    '[:Callback & :Callback] :fn',
    `[f & fs] (let [all (%cons f fs)] (fn [& args] (let [xs (%items args) r false]
    (%times [i (%length all)]
      (%times [j (%length xs)] (let [v ((%nth all i) (%nth xs j))] (if v (do (set! r v) (%break)) nil)))
      (if r (%break) nil)) r)))`,
  ),
  memoize: written(
    '[:Callback] :fn',
    `[f] (let [cache (%cache)] (fn [& args]
    (if (%cached? cache args) (%recall cache args) (%remember cache args (%spread f args)))))`,
  ),
  trampoline: written(
    '[:Callable & :any] :any',
    `[f & args] (loop [v (%spread f args)] (if (%function? v) (do (%charge 1) (recur (v))) v))`,
  ),
  atom: written('[:any] :atom', '[v] (%atom v)'),
  deref: written('[:atom] :any', '[a] (%deref a)'),
  'reset!': written('[:atom :any] :any', '[a v] (%reset "reset!" a v)'),
  'swap!': written(
    '[:atom :Callable & :any] :any',
    '[a f & args] (do (%changing "swap!" a) (%reset "swap!" a (%spread f (%cons (%deref a) args))))',
  ),
  walk: written(
    '[:Callback :Callable :any] :any',
    `[f g x] (if (%collection? x)
    (let [xs (%seq "walk" x) out (%array)] (%times [i (%length xs)] (%push out (f (%nth xs i)))) (g (%rebuilt x out))) (g x))`,
  ),
  postwalk: written('[:Callable :any] :any', '[f x] (%postwalk f x 0)'),
  prewalk: written('[:Callable :any] :any', '[f x] (%prewalk f x 0)'),
  'tree-seq': written(
    '[:Callable :Callback :any] :vector',
    `[f g root] (let [stack (%array) out (%array)] (%push stack root)
    (loop [] (if (%lt 0 (%length stack))
      (let [x (%pop stack)] (%charge 1) (%room out) (%room stack) (%push out x) (if (f x) (%push-all stack (g x)) nil) (recur))
      (%vector out))))`,
  ),
  replace: written('[:string :Pattern [:union :string :Callable]] :string', replaceWith('replace')),
  'replace-first': written('[:string :Pattern [:union :string :Callable]] :string', replaceWith('replace-first')),
};
