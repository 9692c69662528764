/**
 * Cases of the library's functions on numbers, kinds and errors, by rule: call ⇒ printed value, or `!Kind`. Read by
 * `library.test.ts`.
 */
export const NUMBERS_CASES: Readonly<Record<string, string>> = {
  'R16.2 arithmetic': String.raw`
    (+ 1 2 0.5) ⇒ 3.5
    (+ 5) ⇒ 5
    (+) ⇒ !ArityMismatch
    (+ "a") ⇒ !TypeError
    (+ 9223372036854775807 1) ⇒ !IntegerOverflow
    (- 9007199254740993 1) ⇒ 9007199254740992
    (- 5) ⇒ -5
    (- 10 1 2) ⇒ 7
    (* 3037000500 3037000500) ⇒ !IntegerOverflow
    (* 2.0 3) ⇒ 6.0
    (/ 10 4) ⇒ 2.5
    (/ 10 2) ⇒ 5
    (/ 6.0 3) ⇒ 2.0
    (/ 10 2 2) ⇒ 2.5
    (/ 4) ⇒ 0.25
    (/ 1) ⇒ 1
    (/ 1 0) ⇒ !DivisionByZero
    (/ 1.0 0.0) ⇒ !DivisionByZero
    (/ -9223372036854775808 -1) ⇒ !IntegerOverflow
    (inc 9223372036854775807) ⇒ !IntegerOverflow
    (inc 1.5) ⇒ 2.5
    (dec 0) ⇒ -1
    (abs -5) ⇒ 5
    (abs -2.0) ⇒ 2.0
    (abs -9223372036854775808) ⇒ !IntegerOverflow
    (mod -7 3) ⇒ -1
    (rem -7 3) ⇒ -1
    (mod 1 0) ⇒ !DivisionByZero
    (floor-mod -7 3) ⇒ 2
    (quot -7 2) ⇒ -3
    (floor-div -7 2) ⇒ -4
    (max 1 2.0 2) ⇒ 2.0
    (max 1 ##NaN 2) ⇒ ##NaN
    (max "a") ⇒ !TypeError
    (min 3 1 1.0) ⇒ 1
    (even? 4.0) ⇒ true
    (even? 1.5) ⇒ !TypeError
    (odd? -3) ⇒ true
    (odd? 9223372036854775807) ⇒ true
    (zero? -0.0) ⇒ true
    (pos? ##NaN) ⇒ false
    (neg? -1) ⇒ true
    (nan? ##NaN) ⇒ true
    (infinite? ##-Inf) ⇒ true
    (clamp 5 1 3) ⇒ 3
    (clamp 2.0 1 3) ⇒ 2.0
    (clamp 2 3 1) ⇒ !InvalidArgument
    (gcd 12 -18) ⇒ 6
    (gcd -9223372036854775808 0) ⇒ !IntegerOverflow
    (lcm 4 6) ⇒ 12
    (lcm 0 5) ⇒ 0
    (factorial 20) ⇒ 2432902008176640000
    (factorial 21) ⇒ !IntegerOverflow
    (factorial -1) ⇒ !InvalidArgument
    (sum [1 2 0.5]) ⇒ 3.5
    (sum nil) ⇒ 0
    (sum ["a"]) ⇒ !TypeError
    (product []) ⇒ 1
    (product #{2 3}) ⇒ 6
    (average [1 2]) ⇒ 1.5
    (avg []) ⇒ nil
  `,
  'R16.2 rounding': String.raw`
    (round 2.5) ⇒ 3
    (round -2.5) ⇒ -3
    (round 7) ⇒ 7
    (round 1.25 1) ⇒ 1.3
    (round -1.25 1) ⇒ -1.3
    (round 5 2) ⇒ 5.0
    (round ##Inf) ⇒ !IntegerOverflow
    (round 1.5 16) ⇒ !InvalidArgument
    (floor -0.5) ⇒ -1
    (floor 1e19) ⇒ !IntegerOverflow
    (floor 1e18) ⇒ 1000000000000000000
    (ceil 0.1) ⇒ 1
    (ceil -0.5) ⇒ 0
    (trunc -2.7) ⇒ -2
    (trunc ##NaN) ⇒ !IntegerOverflow
  `,
  'R16.2 powers and bits': String.raw`
    (pow 2 10) ⇒ 1024
    (pow 2 -1) ⇒ 0.5
    (pow 2 63) ⇒ !IntegerOverflow
    (pow -2 63) ⇒ -9223372036854775808
    (pow -1 9223372036854775807) ⇒ -1
    (pow 0 -1) ⇒ !DivisionByZero
    (pow 2.0 3) ⇒ 8.0
    (pow -8 0.5) ⇒ !InvalidArgument
    (sqrt 9) ⇒ 3.0
    (sqrt -1) ⇒ !InvalidArgument
    (exp 0) ⇒ 1.0
    (ln 1) ⇒ 0.0
    (ln 0) ⇒ !InvalidArgument
    (log10 1000) ⇒ 3.0
    (sin 0) ⇒ 0.0
    (cos 0) ⇒ 1.0
    (tan 0) ⇒ 0.0
    (atan2 0 1) ⇒ 0.0
    (bit-and 12 10) ⇒ 8
    (bit-or 12 10) ⇒ 14
    (bit-xor 12 10) ⇒ 6
    (bit-not 0) ⇒ -1
    (bit-and 1.0 1) ⇒ !TypeError
    (bit-shift-left 1 63) ⇒ -9223372036854775808
    (bit-shift-left 3 63) ⇒ -9223372036854775808
    (bit-shift-right -8 1) ⇒ -4
    (bit-shift-left 1 64) ⇒ !InvalidArgument
  `,
  'R16.2 numbers and text': String.raw`
    (int "4x") ⇒ 0
    (int 2.9) ⇒ 2
    (long -2.9) ⇒ -2
    (int nil) ⇒ 0
    (int true) ⇒ 1
    (int 1e19) ⇒ !IntegerOverflow
    (int :a) ⇒ !TypeError
    (float "x") ⇒ 0.0
    (double 3) ⇒ 3.0
    (float " 1e3 ") ⇒ 1000.0
    (parse-int " 42 ") ⇒ 42
    (parse-int "4x") ⇒ nil
    (parse-int "+007") ⇒ 7
    (parse-int "9223372036854775808") ⇒ nil
    (parse-int "-9223372036854775808") ⇒ -9223372036854775808
    (parse-int 2.9) ⇒ 2
    (parse-int [1]) ⇒ nil
    (parse-float "12") ⇒ 12.0
    (parse-float "1e999") ⇒ nil
    (parse-float ".5") ⇒ 0.5
    (parse-float "0x10") ⇒ nil
    (parse-bool " true") ⇒ true
    (parse-bool "yes") ⇒ nil
    (parse-bool false) ⇒ false
    (number->string 255 16) ⇒ "ff"
    (number->string -255 2) ⇒ "-11111111"
    (number->string 2.0) ⇒ "2.0"
    (number->string 1.5 2) ⇒ !TypeError
    (number->string 1 37) ⇒ !InvalidArgument
  `,
  'R16.3 comparison, truth, kinds': String.raw`
    (= 1 1.0) ⇒ false
    (= [1] '(1)) ⇒ false
    (= 1 1 1) ⇒ true
    (= {:a 1 :b 2} {:b 2 :a 1}) ⇒ true
    (= ##NaN ##NaN) ⇒ false
    (=) ⇒ !ArityMismatch
    (not= 1 2) ⇒ true
    (!= 1 1) ⇒ false
    (== 1 1.0) ⇒ true
    (== 1 "a") ⇒ !TypeError
    (== "a") ⇒ !TypeError
    (< 1 2 3) ⇒ true
    (< 1 3 2) ⇒ false
    (< 9007199254740992.0 9007199254740993) ⇒ true
    (< "a" "b") ⇒ true
    (< 1 "a") ⇒ !TypeError
    (< 2 1 "a") ⇒ !TypeError
    (< nil) ⇒ !TypeError
    (<= 1 1) ⇒ true
    (> 2 1) ⇒ true
    (>= 1 2) ⇒ false
    (compare [1 2] [1]) ⇒ 1
    (compare nil 0) ⇒ -1
    (compare 1 1.0) ⇒ -1
    (not nil) ⇒ true
    (not 0) ⇒ false
    (boolean nil) ⇒ false
    (boolean []) ⇒ true
    (identity 5) ⇒ 5
    (and 1 nil 2) ⇒ nil
    (and) ⇒ true
    (and 1 2) ⇒ 2
    (or nil false) ⇒ false
    (or false nil) ⇒ nil
    (or) ⇒ false
    (or nil 3 4) ⇒ 3
    (nil? nil) ⇒ true
    (some? false) ⇒ true
    (true? 1) ⇒ false
    (false? false) ⇒ true
    (boolean? true) ⇒ true
    (integer? 1) ⇒ true
    (int? 1.0) ⇒ false
    (float? 1.0) ⇒ true
    (double? 1) ⇒ false
    (number? 9223372036854775807) ⇒ true
    (string? "") ⇒ true
    (string-p :a) ⇒ false
    (keyword? :a) ⇒ true
    (symbol? 'a) ⇒ true
    (vector? '(1)) ⇒ false
    (list? '(1)) ⇒ true
    (map? {}) ⇒ true
    (set? #{}) ⇒ true
    (fn? :a) ⇒ false
    (ifn? :a) ⇒ true
    (coll? "a") ⇒ false
    (sequential? [1]) ⇒ true
    (sequential? #{1}) ⇒ false
    (seqable? nil) ⇒ true
    (seqable? 5) ⇒ false
    (atom? 1) ⇒ false
    (error? (ex-info "m" nil)) ⇒ true
    (regex? #"a") ⇒ true
    (type-name 1) ⇒ "integer"
    (type 1) ⇒ :int
    (type true) ⇒ :bool
    (type [1]) ⇒ :vector
    (= (hash {:a 1 :b 2}) (hash {:b 2 :a 1})) ⇒ true
  `,
  'R16.4 errors': String.raw`
    (ex-kind (ex-info "m" {:a 1})) ⇒ :ExceptionInfo
    (ex-message (ex-info "m" {:a 1})) ⇒ "m"
    (ex-data (ex-info "m" {:a 1})) ⇒ {:a 1}
    (ex-data 5) ⇒ nil
    (ex-info 5 nil) ⇒ !TypeError
    (get (ex-info "m" {:a 1}) :kind) ⇒ :ExceptionInfo
    (get (ex-info "m" nil) :span) ⇒ nil
    (get (ex-info "m" nil) :trace) ⇒ []
    (get (ex-info "m" nil) :none 5) ⇒ 5
    (getMessage (ex-info "m" nil)) ⇒ "m"
    (getMessage 5) ⇒ !TypeError
    (assert 1) ⇒ nil
    (assert false "no") ⇒ !AssertionError
  `,
};
