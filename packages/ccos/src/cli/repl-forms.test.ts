import { read, type Form } from '@ccos/rtfs';
import { describe, expect, test } from 'vitest';
import { defines, hasState, namesDefined, nameOf, reachable } from './repl-forms.ts';

const forms = (text: string): readonly Form[] => read(text).forms;
const form = (text: string): Form => forms(text)[0] as Form;

describe('what a form needs of the session', () => {
  test.each([
    ['(f 1)', '(def a 1) (defn f [x] (g x)) (defn g [x] x) (defn h [] 1)', '(defn f [x] (g x)) (defn g [x] x)'],
    ['(f 1)', '(defn f [] 1) (defn g [] 2) (defn f [x] x)', '(defn f [] 1) (defn f [x] x)'],
    ['(let [x:Age? 1] x)', '(deftype Age int) (deftype Name string)', '(deftype Age int)'],
    ['(valid? [:vector :Age] [])', '(deftype Age int)', '(deftype Age int)'],
    ['(q/f)', '(module m (defn f [] 1)) (import m :as q) (def z 1)', '(module m (defn f [] 1)) (import m :as q)'],
    ['1', '(do (def a 1)) (if x (def b 2)) (def c 3)', '(do (def a 1)) (if x (def b 2))'],
    ['1', '(if x (def b (c))) (defn c [] 3)', '(if x (def b (c))) (defn c [] 3)'],
    ['(m)', '(defmacro m [] `(n)) (defn n [] 1)', '(defmacro m [] `(n)) (defn n [] 1)'],
    ['(f)', '(defn f [] (f))', '(defn f [] (f))'],
  ])('%s of %s', (wanted, kept, expected) => {
    const all = forms(kept);
    const texts = all.map(({ span }) => kept.slice(span.start, span.end));
    const found = reachable(all, form(wanted)).map((one) => texts[all.indexOf(one)]);
    expect(found.join(' ')).toBe(expected);
  });
});

test.each([
  ['(def a 1)', 'a', ['a'], true, false],
  ['(defn f [] (swap! a inc))', 'f', ['f'], true, true],
  ['(defmacro m [] 1)', '', ['m'], true, false],
  ['(declare a b)', '', ['a', 'b'], true, false],
  ['(do (def a 1) (def b 2))', null, ['a', 'b'], true, false],
  ['(step "s" (def a 1))', null, [], true, false],
  ['(let [a (core/atom 1)] a)', null, [], false, true],
  ["'(+ 1 {:a [2]})", null, [], false, false],
])('%s', (text, name, names, isDefinition, isState) => {
  expect([nameOf(form(text)), namesDefined(form(text)), defines(form(text)), hasState(form(text))]).toEqual([
    name,
    names,
    isDefinition,
    isState,
  ]);
});
