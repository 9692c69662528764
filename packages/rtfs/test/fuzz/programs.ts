/**
 * Well-formed programs for the comparison with the reference: expressions by the kind of their value, with what is in scope, and
 * now and then one of the wrong kind, so that errors are thrown and caught too.
 */
import type { Choices } from './choices.ts';

type Kind = 'int' | 'bool' | 'vec' | 'map' | 'fn' | 'atom';

interface Scope {
  readonly kinds: ReadonlyMap<string, Kind>;
  /** Variables that `set!` may change here: not those from outside a parallel branch. */
  readonly mutable: ReadonlySet<string>;
  readonly inBranch: boolean;
  readonly inStep: boolean;
  /** In the value of a binding nothing is defined: R4.5 does not say whether that is the scope of the form or the one around it. */
  readonly inBinding: boolean;
  readonly depth: number;
}

const NAMES = ['a', 'b', 'c', 'x', 'y', 'count', 'rest'];
const DEFS = ['d1', 'd2', 'd3'];

/** A program of a few top-level forms. */
export function makeProgram(c: Choices): string {
  const g = new Programs(c);
  const scope: Scope = {
    kinds: new Map(),
    mutable: new Set(),
    inBranch: false,
    inStep: false,
    inBinding: false,
    depth: 4,
  };
  const forms = c.some(2, () => g.definition(scope));
  return [...forms, g.any({ ...scope, kinds: g.defined })].join('\n');
}

class Programs {
  readonly #c: Choices;
  readonly defined = new Map<string, Kind>();

  constructor(c: Choices) {
    this.#c = c;
  }

  definition(scope: Scope): string {
    const at = { ...scope, kinds: new Map(this.defined) };
    const name = this.#c.pick(['f1', 'f2', 'top']);
    if (name === 'top') {
      const text = `(def top ${this.int(at)})`;
      this.defined.set('top', 'int');
      return text;
    }
    const text = this.#c.once(3)
      ? `(defn ${name} [x] (if (not (< 0 x 9)) ${this.int(with1(at, 'x', 'int'))} (+ x (${name} (- x 1)))))`
      : `(defn ${name} [x] ${this.int(with1(at, 'x', 'int'))})`;
    this.defined.set(name, 'fn');
    return text;
  }

  any(s: Scope): string {
    switch (this.#c.below(5)) {
      case 0:
        return this.int(s);
      case 1:
        return this.vec(s);
      case 2:
        return this.map(s);
      case 3:
        return this.bool(s);
      default:
        return `[${this.int(s)} ${this.any(deeper(s))}]`;
    }
  }

  #of(kind: Kind, s: Scope): string {
    // A value of another kind, rarely: errors must agree as well.
    if (this.#c.once(40))
      return this.#c.pick(['nil', '"s"', ':k', '[]', '{}', '1.5', 'inc', 'nope', '(/ 1 0)', '(throw "t")']);
    switch (kind) {
      case 'int':
        return this.int(s);
      case 'bool':
        return this.bool(s);
      case 'vec':
        return this.vec(s);
      case 'map':
        return this.map(s);
      case 'fn':
        return this.fn(s);
      default:
        return this.#local('atom', s) ?? `(atom ${this.int(deeper(s))})`;
    }
  }

  #local(kind: Kind, s: Scope): string | null {
    const names = [...s.kinds].filter(([, one]) => one === kind).map(([name]) => name);
    return names.length === 0 ? null : this.#c.pick(names);
  }

  #leaf(s: Scope): string {
    const local = this.#c.once(2) ? this.#local('int', s) : null;
    return (
      local ?? this.#c.pick(['0', '1', '2', '-3', '7', '10', '2147483647', '9007199254740991', '9223372036854775807'])
    );
  }

  int(s: Scope): string {
    if (s.depth <= 0) return this.#leaf(s);
    const d = deeper(s);
    const int = (): string => this.#of('int', d);
    const c = this.#c;
    switch (c.below(44)) {
      case 0:
      case 1:
      case 2:
        return this.#leaf(s);
      case 3:
      case 4:
        return `(${c.pick(['+', '-', '*'])} ${int()} ${int()}${c.once(4) ? ` ${int()}` : ''})`;
      case 5:
        return `(${c.pick(['mod', 'quot', 'rem', 'max', 'min', 'floor-mod'])} ${int()} ${int()})`;
      case 6:
        return `(${c.pick(['inc', 'dec', '-', 'abs'])} ${int()})`;
      case 7:
        return `(if ${this.#of('bool', d)} ${int()} ${int()})`;
      case 8:
      case 9:
        return this.let(d, (inner) => this.int(inner));
      case 10:
        return `(count ${this.#of('vec', d)})`;
      case 11:
        return `(nth ${this.#of('vec', d)} ${c.below(4)} ${int()})`;
      case 12:
        return `(get ${this.#of('map', d)} ${this.key()} ${int()})`;
      case 13:
        return `(reduce ${this.fn2(d)} ${int()} ${this.#of('vec', d)})`;
      case 14:
        return `(call :t.echo ${int()})`;
      case 15:
        return this.try(d);
      case 16:
        return this.loop(d);
      case 17:
        return `(${this.fn(d)} ${int()}${c.once(20) ? ` ${int()}` : ''})`;
      case 18:
        return `(do ${this.statement(d)} ${int()})`;
      case 19:
        return this.match(d);
      case 20:
        return `(case ${int()} ${c.below(3)} ${int()} (7 -3) ${int()} ${int()})`;
      case 21:
        return `(cond ${this.bool(d)} ${int()} ${c.once(2) ? ':else' : this.bool(d)} ${int()})`;
      case 22:
        return `(-> ${int()} ${c.pick(['inc', '(- 2)', '(max 3)', 'abs'])} (+ ${int()}))`;
      case 23:
        return `(->> ${this.vec(d)} (map ${this.fn(d)}) (reduce + ${int()}))`;
      case 24:
        return `(deref ${this.#of('atom', d)})`;
      case 25:
        return s.inBranch ? int() : `(swap! ${this.#of('atom', d)} ${this.fn(d)})`;
      case 26:
        return this.step(d);
      case 27:
        return `(nth ${this.parallel(d)} 0)`;
      case 28:
        return `(let [${this.pattern(d, (inner) => this.int(inner))})`;
      case 29:
        return `(apply ${c.pick(['+', 'max', this.fn2(d)])} [${int()} ${int()}])`;
      case 30:
        return `(if-let [x ${this.#c.pick(['nil', this.int(bound(d)), `(find-first ${this.predicate(bound(d))} ${this.vec(bound(d))})`])}] ${this.int(with1(d, 'x', 'int'))} ${int()})`;
      case 31:
        return `(some-> ${c.pick(['nil', int()])} inc ${c.pick(['', '(+ 1)'])})`;
      case 32:
        return `((comp ${this.fn(d)} (partial + ${int()})) ${int()})`;
      case 33:
        return `(let [f (fn [x & more] ${this.int(with1(d, 'x', 'int'))})] (f ${int()} ${int()}))`;
      case 34:
        return `(let [y:int ${this.#of('int', bound(d))}] ${this.int(with1(d, 'y', 'int'))})`;
      case 35:
        return `(or ${this.#c.pick(['nil', 'false', int()])} ${int()})`;
      case 36:
        return `(and ${this.bool(d)} ${int()})`;
      case 37:
        return `(as-> ${int()} x (+ x ${this.int(with1(d, 'x', 'int'))}))`;
      case 38:
        return `(cond-> ${int()} ${this.bool(d)} inc ${this.bool(d)} (- ${int()}))`;
      case 39:
        return `(letfn [(g [x] (if (<= x 0) ${this.int(with1(d, 'x', 'int'))} (h (- x 1)))) (h [x] (if (<= x 0) 1 (g (- x 2))))] (g ${c.below(6)}))`;
      case 40:
        return `(let [m (memoize ${this.fn(bound(d))})] (+ (m 1) (m 1) (m ${int()})))`;
      case 41:
        return `(with-resource [r {:close (fn [x] ${this.int(bound(d))}) :v ${this.int(bound(d))}}] (:v r))`;
      case 42:
        return `(condp ${c.pick(['=', '<'])} ${int()} ${int()} ${int()} ${int()})`;
      default:
        return `(${this.#c.pick(['first', 'last'])} ${this.vec(d)})`;
    }
  }

  bool(s: Scope): string {
    if (s.depth <= 0) return this.#c.pick(['true', 'false', 'nil']);
    const d = deeper(s);
    const int = (): string => this.#of('int', d);
    switch (this.#c.below(9)) {
      case 0:
        return this.#c.pick(['true', 'false', 'nil']);
      case 1:
      case 2:
        return `(${this.#c.pick(['<', '>', '<=', '>=', '=', '=='])} ${int()} ${int()})`;
      case 3:
        return `(not ${this.bool(d)})`;
      case 4:
        return `(and ${this.bool(d)} ${this.bool(d)})`;
      case 5:
        return `(or ${this.bool(d)} ${this.bool(d)})`;
      case 6:
        return `(${this.predicate(d)} ${int()})`;
      case 7:
        return `(${this.#c.pick(['some', 'every?', 'not-any?'])} ${this.predicate(d)} ${this.#of('vec', d)})`;
      default:
        return `(${this.#c.pick(['nil?', 'empty?'])} ${this.#of('vec', d)})`;
    }
  }

  predicate(s: Scope): string {
    return this.#c.pick(['even?', 'pos?', `(fn [x] ${this.bool(with1(deeper(s), 'x', 'int'))})`, '#{1 2}', 'zero?']);
  }

  vec(s: Scope): string {
    const d = deeper(s);
    if (s.depth <= 0) return this.#local('vec', s) ?? this.#c.pick(['[]', '[1 2 3]', '[5 0 -1 5]', "'(1 2)"]);
    const c = this.#c;
    const vec = (): string => this.#of('vec', d);
    switch (c.below(28)) {
      case 0:
      case 1:
        return `[${c.some(4, () => this.#of('int', d)).join(' ')}]`;
      case 2:
      case 3:
        return `(map ${this.fn(d)} ${vec()})`;
      case 4:
        return `(filter ${this.predicate(d)} ${vec()})`;
      case 5:
        return `(for [x ${vec()}${c.pick(['', ' :when (even? x)', ' :while (< x 3)', ' :let [y (inc x)]'])}] ${this.int(with1(d, 'x', 'int'))})`;
      case 6:
        return `(sort ${c.pick(['', '>', ':<', '(fn [a b] (< a b))', `(fn [a b] (call :t.echo (< a b)))`])} ${vec()})`;
      case 7:
        return `(sort-by ${this.fn(d)} ${vec()})`;
      case 8:
        return `(conj ${vec()} ${this.#of('int', d)})`;
      case 9:
        return `(${c.pick(['take', 'drop'])} ${c.below(3)} ${vec()})`;
      case 10:
        return `(reductions ${this.fn2(d)} ${this.#of('int', d)} ${vec()})`;
      case 11:
        return `(mapv ${this.fn2(d)} ${vec()} ${vec()})`;
      case 12:
        return this.let(d, (inner) => this.vec(inner));
      case 13:
        return `(map-indexed ${this.fn2(d)} ${vec()})`;
      case 14:
        return this.parallel(d);
      case 15:
        return `(iterate-n ${c.below(5)} ${this.fn(d)} ${this.#of('int', d)})`;
      case 17:
        return `(let [v ${this.#of('vec', bound(d))}] (into v v))`;
      case 18:
        return `(let [v ${this.#of('vec', bound(d))} w (conj v ${this.#of('int', bound(d))})] (concat v w (reduce conj v w)))`;
      case 19:
        return `(${c.pick(['partition-by', 'split-with', 'keep-indexed', 'group-by'])} ${c.pick([this.predicate(d), this.fn(d), this.fn2(d)])} ${vec()})`;
      case 20:
        return `(reduce (fn [a x] (if ${this.bool(with1(d, 'x', 'int'))} (reduced a) (conj a x))) [] ${vec()})`;
      case 21:
        return `((juxt ${this.fn(d)} ${this.fn(d)}) ${this.#of('int', d)})`;
      case 22:
        return `(${c.pick(['mapcat', 'map'])} (fn [x] [x ${this.int(with1(d, 'x', 'int'))}]) ${vec()})`;
      case 23:
        return `(${c.pick(['postwalk', 'prewalk'])} (fn [x] (if (vector? x) x ${c.pick(['[x]', 'x', ':k'])})) ${vec()})`;
      case 24:
        return `(let [out (atom [])] (${c.pick(['run!', 'mapv', 'map'])} (fn [x] (swap! out conj x)) ${vec()}) @out)`;
      case 25:
        return `(into [] ${this.fn(d)} ${vec()})`;
      case 26:
        return `(vec (${c.pick(['set', 'reverse', 'distinct', 'rest', 'next', 'butlast'])} ${vec()}))`;
      case 16:
        return `(${c.pick(['take-while', 'drop-while', 'remove', 'keep'])} ${this.predicate(d)} ${vec()})`;
      default:
        return `(let [fs (loop [i 0 out []] (if (< i 3) (recur (inc i) (conj out (fn [] ${this.int(with1(d, 'i', 'int'))}))) out))] (map (fn [f] (f)) fs))`;
    }
  }

  key(): string {
    return this.#c.pick([':a', ':b', '1', '"s"', '[1]']);
  }

  map(s: Scope): string {
    if (s.depth <= 0) return this.#local('map', s) ?? '{:a 1 :b 2}';
    const d = deeper(s);
    const map = (): string => this.#of('map', d);
    switch (this.#c.below(10)) {
      case 0:
      case 1:
        return `{${this.#c.some(3, () => `${this.key()} ${this.#of('int', d)}`).join(' ')}}`;
      case 2:
        return `(assoc ${map()} ${this.key()} ${this.#of('int', d)})`;
      case 3:
        return `(update ${map()} ${this.key()} ${this.#c.pick(['(fnil inc 0)', this.fn(d)])})`;
      case 4:
        return `(group-by ${this.predicate(d)} ${this.vec(d)})`;
      case 5:
        return `(update-vals ${map()} ${this.fn(d)})`;
      case 6:
        return `(merge-with ${this.fn2(d)} ${map()} ${map()})`;
      case 7:
        return `(parallel [a ${this.int(branch(d))}] [b ${this.int(branch(d))}])`;
      case 8:
        return `(call :t.echo ${map()})`;
      default:
        return `(reduce-kv (fn [m k v] (assoc m k ${this.int(with1(d, 'v', 'int'))})) {} ${map()})`;
    }
  }

  fn(s: Scope): string {
    const known = this.#c.once(3) ? this.#local('fn', s) : null;
    if (known !== null) return known;
    const d = deeper(s);
    if (s.depth <= 0) return this.#c.pick(['inc', 'dec', '-', 'abs']);
    switch (this.#c.below(7)) {
      case 0:
        return this.#c.pick(['inc', 'dec', '-']);
      case 1:
        return `(partial + ${this.#of('int', d)})`;
      case 2:
        return `#(+ % ${this.#leaf(s)})`;
      case 3:
        return `(fn self [x] (if (not (< 0 x 20)) ${this.int(with1(d, 'x', 'int'))} (self (- x 3))))`;
      case 4:
        return `(fn ([x] ${this.int(with1(d, 'x', 'int'))}) ([x y] ${this.int(with1(with1(d, 'x', 'int'), 'y', 'int'))}))`;
      default: {
        const name = this.#c.pick(NAMES);
        return `(fn [${name}] ${this.int(with1(d, name, 'int'))})`;
      }
    }
  }

  fn2(s: Scope): string {
    const d = with1(with1(deeper(s), 'x', 'int'), 'y', 'int');
    return this.#c.pick(['+', '-', 'max', `(fn [x y] ${s.depth <= 0 ? 'y' : this.int(d)})`]);
  }

  let(s: Scope, body: (inner: Scope) => string): string {
    let inner = s;
    const parts: string[] = [];
    for (let i = this.#c.below(3); i >= 0; i--) {
      const kind = this.#c.pick<Kind>(['int', 'int', 'int', 'vec', 'map', 'fn', 'atom']);
      const name = this.#c.pick(NAMES);
      parts.push(`${name} ${this.#of(kind, bound(inner))}`);
      inner = with1(inner, name, kind, kind === 'int');
    }
    const first = this.#c.once(2) ? `${this.statement(inner)} ` : '';
    return `(let [${parts.join(' ')}] ${first}${body(inner)})`;
  }

  /** The rest of a `let` whose binding destructures. */
  pattern(s: Scope, body: (inner: Scope) => string): string {
    const int = (): string => this.int(bound(s));
    const ab = with1(with1(s, 'a', 'int'), 'b', 'int');
    switch (this.#c.below(6)) {
      case 0:
        return `[a b] [${int()} ${int()}]] ${body(ab)}`;
      case 1:
        return `[a & b] ${this.vec(bound(s))}] (+ a (count b))`;
      case 2:
        return `{:keys [a b] :or {b ${this.int(with1(bound(s), 'a', 'int'))}}} {:a ${int()}}] ${body(ab)}`;
      case 3:
        return `{a :a & c} ${this.#of('map', bound(s))}] (count c)`;
      case 4:
        return `[[a {:a b}] :as c] [[${int()} {:a ${int()}}]]] ${body(ab)}`;
      default:
        return `{[a b] :p} {:p [${int()} ${int()}]}] ${body(ab)}`;
    }
  }

  match(s: Scope): string {
    const c = this.#c;
    const x = with1(s, 'x', 'int');
    const subject = c.pick([this.int(s), this.vec(s), this.map(s)]);
    const clause = (): string =>
      c.pick([
        `1 ${this.int(s)}`,
        `[x] ${this.int(x)}`,
        `[x & y] when (> x 1) ${this.int(x)}`,
        `{:a x} ${this.int(x)}`,
        `{:a x & {}} ${this.int(x)}`,
        `(or 2 3 7) ${this.int(s)}`,
        `(or [x _] [x _ _]) ${this.int(x)}`,
        `(is int x) ${this.int(x)}`,
        `(:as y [x _]) (+ x (count y))`,
        `{:keys [a] :or {a 5}} a`,
        `x when (= x 0) 5`,
      ]);
    return `(match ${subject} ${clause()} ${c.some(2, clause).join(' ')}${c.once(4) ? '' : ` _ ${this.int(s)}`})`;
  }

  try(s: Scope): string {
    const c = this.#c;
    const body = c.pick([
      this.int(s),
      `(/ ${this.int(s)} ${this.int(s)})`,
      `(throw {:kind ${c.pick([':k1', ':k2'])} :n ${this.int(s)}})`,
      `(do ${this.statement(s)} (throw "t"))`,
      '(call :t.fail 1)',
      '(throw (ex-info "m" {:n 1}))',
    ]);
    const handler = c.pick([
      this.int(s),
      `(do ${this.statement(s)} ${this.int(s)})`,
      '(if (= (:kind e) :k1) 1 2)',
      '(throw e)',
    ]);
    const clause = c.pick([
      `(catch e ${handler})`,
      `(catch :k1 e ${handler})`,
      `(catch [:division-by-zero :TypeError :k2] e ${handler})`,
      `(catch :k1 e 1) (catch _ ${this.int(s)})`,
    ]);
    const last = c.once(2) ? ` (finally ${this.statement(s)})` : '';
    return `(try ${body} ${clause}${last})`;
  }

  loop(s: Scope): string {
    const c = this.#c;
    const n = c.below(5);
    const inner = with1(with1(s, 'i', 'int'), 'acc', 'int');
    const acc = c.pick(['(+ acc i)', 'acc', '(- i acc)', this.int(inner)]);
    switch (c.below(5)) {
      case 0:
        return `(loop [i ${n} acc ${this.int(bound(s))}] (if (> i 0) (recur (- i 1) ${acc}) ${this.int(inner)}))`;
      case 1:
        return `(loop [acc 0 i acc] (cond (>= i ${n}) acc :else (let [t ${acc}] (recur t (+ i 1)))))`;
      case 2:
        return `((fn [i acc] (if (> i 0) (do ${this.statement(inner)} (recur (- i 1) ${acc})) acc)) ${n} ${this.int(s)})`;
      case 3:
        return `(loop [i ${n} [acc & r] [0 1 2 3 4 5]] (when (and (> i 0) acc) (if (empty? r) acc (recur (- i 1) r))))`;
      default:
        return `(let [go (fn [i acc] (if (> i 0) (go (- i 1) ${acc}) acc))] (go ${n} ${this.int(s)}))`;
    }
  }

  statement(s: Scope): string {
    const d = deeper(s);
    const c = this.#c;
    const mutable = [...s.mutable];
    switch (c.below(8)) {
      case 0:
        return s.inBinding ? this.int(d) : `(def ${c.pick(DEFS)} ${this.int(d)})`;
      case 1:
        return c.pick(DEFS);
      case 2:
        return mutable.length === 0 ? this.int(d) : `(set! ${c.pick(mutable)} ${this.int(d)})`;
      case 3:
        return `(dotimes [i ${c.below(4)}] ${s.depth <= 0 ? 'i' : this.statement(with1(d, 'i', 'int'))})`;
      case 4:
        return `(doseq [x ${this.vec(d)}] ${s.depth <= 0 ? 'x' : this.statement(with1(d, 'x', 'int'))})`;
      case 5:
        return mutable.length === 0 || s.depth <= 0
          ? this.int(d)
          : `(let [k 0] (while (< k ${c.below(4)}) (set! k (+ k 1)) ${this.statement(with1(d, 'k', 'int'))}))`;
      case 6:
        return s.inStep && !s.inBranch ? `(set! :w ${this.int(d)})` : `(call :t.echo ${this.int(d)})`;
      default:
        return s.inBranch ? this.int(d) : `(reset! ${this.#of('atom', d)} ${this.int(d)})`;
    }
  }

  step(s: Scope): string {
    const d = { ...s, inStep: true };
    const option = this.#c.pick([
      '',
      ':retries 2 ',
      ':on-fail :continue ',
      ':on-fail (fn [e] 5) ',
      ':isolation :isolated ',
      ':isolation :sandboxed ',
    ]);
    const body = this.#c.pick([
      this.int(d),
      `(set! :w ${this.int(d)}) (or (get :w) 1)`,
      `(step-parallel :merge-policy ${this.#c.pick([':overwrite', ':keep-existing', ':merge'])} (set! :w ${this.int(branch(d))}) ${this.int(branch(d))}) (or (get :w) 2)`,
      `(if ${this.bool(d)} (throw "s") ${this.int(d)})`,
    ]);
    return this.#c.once(5)
      ? `(step-if ${this.bool(d)} ${this.int(d)} ${this.int(d)})`
      : `(step "s" ${option}${this.statement(d)} ${body})`;
  }

  parallel(s: Scope): string {
    return `(step-parallel ${this.int(branch(s))} ${this.int(branch(s))})`;
  }
}

/** The place of the value of a binding. */
function bound(s: Scope): Scope {
  return { ...s, inBinding: true };
}

function deeper(s: Scope): Scope {
  return { ...s, depth: s.depth - 1 };
}

function with1(s: Scope, name: string, kind: Kind, isMutable = false): Scope {
  const mutable = new Set(s.mutable);
  if (isMutable) mutable.add(name);
  else mutable.delete(name);
  return { ...s, kinds: new Map(s.kinds).set(name, kind), mutable };
}

/** Inside a branch nothing from outside may change (R12.15). */
function branch(s: Scope): Scope {
  return { ...deeper(s), mutable: new Set(), inBranch: true };
}
