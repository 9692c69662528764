/**
 * Cases of the library's functions on collections, by rule: call ⇒ printed value, or `!Kind`. Read by
 * `library.test.ts`.
 */
export const COLLECTIONS_CASES: Readonly<Record<string, string>> = {
  'R16.6 making and looking': String.raw`
    (vector 1 2) ⇒ [1 2]
    (list 1 2) ⇒ (1 2)
    (set [1 2 1]) ⇒ #{1 2}
    (set [##NaN]) ⇒ !TypeError
    (vec '(1 2)) ⇒ [1 2]
    (vec {:a 1}) ⇒ [[:a 1]]
    (vec 5) ⇒ !TypeError
    (hash-map :a 1 :b 2) ⇒ {:a 1 :b 2}
    (hash-map :a) ⇒ !ArityMismatch
    (hash-set 1 1) ⇒ #{1}
    (range 4) ⇒ [0 1 2 3]
    (range 0 1 0.25) ⇒ [0 0.25 0.5 0.75]
    (range 5 0 -2) ⇒ [5 3 1]
    (range 0 1 0.1) ⇒ [0 0.1 0.2 0.30000000000000004 0.4 0.5 0.6000000000000001 0.7000000000000001 0.8 0.9]
    (range 1 1.3 0.1) ⇒ [1 1.1 1.2]
    (range -0.7985957929970544 -0.0790106235702099 0.7195851694268445) ⇒ [-0.7985957929970544 -0.07901062357020994]
    (range 1 5 0) ⇒ []
    (range 5 1) ⇒ []
    (range 9223372036854775806 9223372036854775807) ⇒ [9223372036854775806]
    (range -1e308 1e308 1e308) ⇒ [-1.0e308 0.0]
    (range "a") ⇒ !TypeError
    (numbers 1 3) ⇒ [1 2 3]
    (numbers 3 1) ⇒ []
    (numbers 1 2.0) ⇒ !TypeError
    (repeat 2 :x) ⇒ [:x :x]
    (repeat -1 :x) ⇒ []
    (repeat 1000000000 0) ⇒ !CollectionLimit
    (cycle-n 5 [1 2]) ⇒ [1 2 1 2 1]
    (cycle-n 3 []) ⇒ []
    (cycle-n 3) ⇒ !ArityMismatch
    (count "a😀") ⇒ 2
    (count nil) ⇒ 0
    (count {:a 1}) ⇒ 1
    (count 5) ⇒ !TypeError
    (empty? 5) ⇒ false
    (empty? "") ⇒ true
    (empty? nil) ⇒ true
    (not-empty []) ⇒ nil
    (not-empty "a") ⇒ "a"
    (first []) ⇒ nil
    (first {:a 1}) ⇒ [:a 1]
    (first "😀a") ⇒ "😀"
    (first 5) ⇒ !TypeError
    (second '(1 2)) ⇒ 2
    (last [1 2 3]) ⇒ 3
    (last "") ⇒ ""
    (last nil) ⇒ nil
    (ffirst [[1] 2]) ⇒ 1
    (ffirst []) ⇒ nil
    (rest '(1 2)) ⇒ (2)
    (rest "ab") ⇒ "b"
    (rest []) ⇒ []
    (rest nil) ⇒ []
    (next [1]) ⇒ nil
    (next [1 2]) ⇒ [2]
    (butlast "abc") ⇒ "ab"
    (nth [1 2] 9) ⇒ nil
    (nth [1 nil] 1 :d) ⇒ nil
    (nth [1 2] -1 :d) ⇒ :d
    (nth "a😀" 1) ⇒ "😀"
    (nth nil 0) ⇒ nil
    (nth [1] 1.0) ⇒ !TypeError
    (get [1 2] 5 :d) ⇒ :d
    (get {:a nil} :a :d) ⇒ nil
    (get #{1} 1) ⇒ 1
    (get nil :a) ⇒ nil
    (get [1 2 3] "key") ⇒ !TypeError
    (get "hello" 10) ⇒ !TypeError
    (get-in {:a [10 20]} [:a 1]) ⇒ 20
    (get-in {:a 5} [:a :b] :d) ⇒ :d
    (get-in {:a 5} :a) ⇒ !TypeError
    (contains? [10 20] 20) ⇒ true
    (contains? {:a 1} :a) ⇒ true
    (contains? '(1) 2) ⇒ false
    (contains? "abc" "bc") ⇒ true
    (contains? nil 1) ⇒ false
    (contains? 5 1) ⇒ !TypeError
    (find {:a 1} :a) ⇒ [:a 1]
    (find nil :a) ⇒ nil
    (keys {:a 1 :b 2}) ⇒ [:a :b]
    (vals {:a 1 :b 2}) ⇒ [1 2]
    (keys nil) ⇒ []
    (keys [1]) ⇒ !TypeError
    (key [:a 1]) ⇒ :a
    (val [:a 1]) ⇒ 1
    (key [1]) ⇒ !TypeError
    (select-keys {:a 1 :b 2} [:b :c]) ⇒ {:b 2}
    (rename-keys {:a 1 :b 2} {:a :b}) ⇒ {:b 1}
    (subvec [1 2 3] 1) ⇒ [2 3]
    (subvec [1 2 3] 1 9) ⇒ !IndexOutOfBounds
    (subvec '(1) 0) ⇒ !TypeError
    (slice [1 2 3] -2) ⇒ [2 3]
    (slice "hello" 1 99) ⇒ "ello"
    (slice '(1 2) 2 1) ⇒ ()
    (max-of [1 3 2]) ⇒ 3
    (max-of []) ⇒ nil
    (min-of ["b" "a"]) ⇒ "a"
  `,
  'R16.7 changing': String.raw`
    (conj [1] 2 3) ⇒ [1 2 3]
    (conj '(2) 1) ⇒ (1 2)
    (conj #{1} 1 2) ⇒ #{1 2}
    (conj nil 1) ⇒ [1]
    (conj {:a 1} :b 2) ⇒ {:a 1 :b 2}
    (conj {:a 1} [:b 2] [:c 3]) ⇒ {:a 1 :b 2 :c 3}
    (conj {:a 1} {:b 2}) ⇒ {:a 1 :b 2}
    (conj {:a 1} 5) ⇒ !TypeError
    (conj "a" "b") ⇒ !TypeError
    (cons 0 [1]) ⇒ [0 1]
    (cons 0 '(1)) ⇒ (0 1)
    (cons 0 nil) ⇒ [0]
    (concat [1] 2 "ab" nil #{3}) ⇒ [1 2 "a" "b" 3]
    (concat [1] {:a 1}) ⇒ [1 {:a 1}]
    (concat) ⇒ []
    (into {} [[:a 1] [:b 2]]) ⇒ {:a 1 :b 2}
    (into '(1) [2 3]) ⇒ (3 2 1)
    (into [1] "ab") ⇒ [1 "a" "b"]
    (assoc {:a 1} :b 2 :c) ⇒ {:a 1 :b 2}
    (assoc [1] 1 2) ⇒ [1 2]
    (assoc [1] 5 2) ⇒ !IndexOutOfBounds
    (assoc nil :a 1) ⇒ {:a 1}
    (assoc "a" 0 "b") ⇒ !TypeError
    (assoc [1] :a 1) ⇒ !TypeError
    (assoc-in {} [:a :b] 1) ⇒ {:a {:b 1}}
    (assoc-in {:a [1 2]} [:a 1] 9) ⇒ {:a [1 9]}
    (assoc-in {:a [1]} [:a 5 :b] 9) ⇒ !IndexOutOfBounds
    (assoc-in {:a 5} [:a :b] 1) ⇒ !TypeError
    (assoc-in {} [] 1) ⇒ !InvalidArgument
    (dissoc {:a 1 :b 2} :a :x) ⇒ {:b 2}
    (dissoc nil :a) ⇒ nil
    (dissoc [1] 0) ⇒ !TypeError
    (disj #{1 2} 1) ⇒ #{2}
    (dissoc-in {:a {:b 1 :c 2}} [:a :b]) ⇒ {:a {:c 2}}
    (dissoc-in {:a 1} [:x :y]) ⇒ {:a 1}
    (merge {:a 1} nil {:a 2 :b 3}) ⇒ {:a 2 :b 3}
    (merge nil) ⇒ nil
    (merge) ⇒ nil
    (merge {} [1]) ⇒ !TypeError
    (deep-merge {:a {:b 1 :c 1}} {:a {:b 2}}) ⇒ {:a {:b 2 :c 1}}
    (zipmap [:a :b :c] [1 2]) ⇒ {:a 1 :b 2}
    (interleave [1 2 3] "ab") ⇒ [1 "a" 2 "b"]
    (interpose 0 [1 2 3]) ⇒ [1 0 2 0 3]
    (take 2 "hello") ⇒ "he"
    (take -1 [1 2]) ⇒ []
    (take 9223372036854775807 '(1)) ⇒ (1)
    (take [1] 2) ⇒ !TypeError
    (drop 1 '(1 2)) ⇒ (2)
    (drop 5 [1]) ⇒ []
    (take-last 2 [1 2 3]) ⇒ [2 3]
    (drop-last [1 2]) ⇒ [1]
    (drop-last 2 "abc") ⇒ "a"
    (take-nth 2 [1 2 3]) ⇒ [1 3]
    (take-nth 0 [1]) ⇒ !InvalidArgument
    (split-at 1 "abc") ⇒ ["a" "bc"]
    (reverse '(1 2)) ⇒ (2 1)
    (reverse "a😀") ⇒ "😀a"
    (distinct "abca") ⇒ "abc"
    (distinct [1 1.0 1 2.0 2.0]) ⇒ [1 1.0 2.0]
    (distinct [##NaN ##NaN [1] [1]]) ⇒ [##NaN ##NaN [1]]
    (dedupe [1 1 2 1]) ⇒ [1 2 1]
    (flatten [1 [2 '(3 [4])] #{5}]) ⇒ [1 2 3 4 #{5}]
    (partition 2 [1 2 3]) ⇒ [[1 2] [3]]
    (partition 2 1 [1 2 3]) ⇒ [[1 2] [2 3] [3]]
    (partition 2 2 [:p] [1 2 3]) ⇒ [[1 2] [3 :p]]
    (partition 0 [1]) ⇒ !InvalidArgument
    (partition-all 2 "abc") ⇒ [["a" "b"] ["c"]]
    (chunk 2 [1 2 3]) ⇒ [[1 2] [3]]
    (frequencies [1 2 1]) ⇒ {1 2 2 1}
    (union #{1} #{2 1} nil) ⇒ #{1 2}
    (union [1 1]) ⇒ #{1}
    (union #{1} [2]) ⇒ !TypeError
    (intersection #{1 2} #{2 3}) ⇒ #{2}
    (difference #{1 2 3} #{2} #{3}) ⇒ #{1}
    (subset? #{1} #{1 2}) ⇒ true
    (superset? #{1} #{1 2}) ⇒ false
    (empty '(1)) ⇒ ()
    (empty "a") ⇒ ""
    (empty 5) ⇒ !TypeError
    (diff {:a 1 :b 2} {:b 3 :c 4}) ⇒ {:added {:c 4} :removed {:a 1} :changed {:b [2 3]}}
  `,
};
