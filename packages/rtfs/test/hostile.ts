/**
 * Texts that tempt a reader or a compiler to do the same work again and again, each of about `size` characters and within the
 * limits of R17.5. Reading and compiling one takes time in proportion to its size, whether it is a program or full of errors.
 */

/** `unit` again and again up to `size` characters, between `before` and `after`. */
function filled(size: number, unit: string, before = '', after = ''): string {
  return before + unit.repeat(Math.max(1, Math.floor((size - before.length - after.length) / unit.length))) + after;
}

/** `open` nested `depth` deep around `core`. */
function nested(depth: number, open: string, core: string, close: string): string {
  return open.repeat(depth) + core + close.repeat(depth);
}

/** Name → text of a size. */
export const HOSTILE: Readonly<Record<string, (size: number) => string>> = {
  'annotations of parameters nested in annotations': (size) =>
    filled(size, `(fn [x:${nested(100, '[:vector ', 'int', ']')}] x)\n`),
  'annotations of annotations': (size) => filled(size, 'x:', '[', 'int]'),
  'discarded forms that discard forms': (size) => filled(size, '#_ ', '', 'x'),
  'discards in groups': (size) => filled(size, `${'#_ '.repeat(200)}${'x '.repeat(200)}\n`),
  'unclosed brackets': (size) => filled(size, '('),
  'unclosed brackets in column 1': (size) => filled(size, '(a\n'),
  'wrong closers': (size) => filled(size, ')', nested(500, '[', '', '')),
  'wrong closers inside brackets': (size) => filled(size, '(]', ''),
  'a let vector of spaced annotations': (size) => filled(size, 'x :int ', '(let [', '5] x)'),
  'let vectors of spaced annotations, nested': (size) => {
    const level = 'x :int x :int x :int (let [';
    return filled(size, `${nested(100, `(let [${level}`, 'x :int 5] x)', '] x)] x)')}\n`.slice(0, -1));
  },
  'one long string with escapes': (size) => filled(size, '\\n\\u{1F600}\\"', '"', '"'),
  'one line of pairs of surrogates': (size) => filled(size, '😀 ', '["', '"]'),
  'symbols after pairs of surrogates': (size) => filled(size, '"😀" a ', '[', ']'),
  'or patterns nested': (size) => filled(size, `(match 1 ${nested(60, '(or 1 ', '2', ')')} 3 _ 4)\n`),
  'an or pattern of many': (size) => filled(size, '(or 1 2) ', '(match 3 (or ', ') 3 _ 4)'),
  'functions nested': (size) => filled(size, `${nested(60, '(fn [a] ', 'a', ')')}\n`),
  'closures over all that stands around them': (size) =>
    filled(
      size,
      `${Array.from({ length: 50 }, (_none, i) => `(fn [a${i}] `).join('')}(+ ${Array.from({ length: 50 }, (_none, i) => `a${i}`).join(' ')})${')'.repeat(50)}\n`,
    ),
  'loops nested': (size) => filled(size, `${nested(60, '(loop [i 0] (if (< i 1) (recur (inc i)) ', 'i', '))')}\n`),
  'calls nested': (size) => filled(size, `${nested(60, '(call :a.b ', '1', ')')}\n`),
  'calls nested in functions of unknown callees': (size) =>
    filled(size, `${nested(40, '(fn [f] (f ', '(call :a.b 1)', '))')}\n`),
  'functions that call one another': (size) => chain(size, (i, n) => `(defn f${i} [x] (f${(i + 1) % n} x))\n`),
  'functions that call one another, one of which yields': (size) =>
    `${chain(size, (i, n) => `(defn f${i} [x] (f${(i + 1) % n} x))\n`)}(defn g [] (call :a.b (f0 1)))`,
  'functions of unknown callees, called by one function': (size) => {
    const half = Math.floor(size / 2);
    const part = '(f12345 1) ';
    const n = Math.floor(half / part.length);
    const calls = Array.from({ length: n }, (_none, i) => `(f${i} 1) `).join('');
    return `${Array.from({ length: n }, (_none, i) => `(defn f${i} [x] (x))\n`).join('')}(defn h [] ${calls}) (call :a.b (h))`;
  },
  'definitions one behind the other': (size) => chain(size, (i) => `(def d${i} ${i})\n`),
  'names that nothing defines': (size) => chain(size, (i) => `undefined${i}\n`),
  'arguments of one call': (size) => filled(size, '1 ', '(vector ', ')'),
  'arguments that need statements': (size) => filled(size, '(let [x 1] x) ', '(vector ', ')'),
  'arguments that yield': (size) => filled(size, '(call :a.b 1) ', '(vector ', ')'),
  'bindings of one let': (size) => chain(size, (i) => `x${i} ${i} `, '(let [', '] x0)'),
  'bindings that name the one before': (size) => chain(size, (i) => `x${i + 1} (inc x${i}) `, '(let [x0 0 ', '] x0)'),
  'functions of one let': (size) => chain(size, (i, n) => `x${i} (fn [] (x${(i + 1) % n})) `, '(let [', '] (x0))'),
  'clauses of one cond': (size) => filled(size, 'false 1 ', '(cond ', ')'),
  'constants of one case': (size) => chain(size, (i) => `${i} 1 `, '(case 5 ', ')'),
  'threaded forms': (size) => filled(size, 'inc ', '(-> 1 ', ')'),
  'keys of one map': (size) => chain(size, (i) => `:k${i} ${i} `, '{', '}'),
  'equal keys of one map': (size) => filled(size, ':k 1 ', '{', '}'),
  'metadata before metadata': (size) => filled(size, '^{:a 1} ', '', '(f)'),
  colons: (size) => filled(size, ':'),
  hashes: (size) => filled(size, '#'),
  quotes: (size) => filled(size, "'"),
  'names with versions that are none': (size) => filled(size, 'a:v1:v1', '', ''),
};

/** A text of `size` characters of numbered parts; `part` is also given how many there are. */
function chain(size: number, part: (i: number, n: number) => string, before = '', after = ''): string {
  const n = Math.max(2, Math.floor((size - before.length - after.length) / part(12_345, 99_999).length));
  return before + Array.from({ length: n }, (_none, i) => part(i, n)).join('') + after;
}
