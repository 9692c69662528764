/** Cases of R16 by rule, one a line: call ⇒ printed value, or `!Kind`. Read by `library.test.ts`. */
export const CASES: Readonly<Record<string, string>> = {
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
    (log 1) ⇒ 0.0
    (log 0) ⇒ !InvalidArgument
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
  'R16.5 texts': String.raw`
    (str "a" 1 :k nil true 2.0 [1 "x"]) ⇒ "a1:kniltrue2.0[1 \"x\"]"
    (str) ⇒ ""
    (pr-str "a\nb" 1) ⇒ "\"a\\nb\" 1"
    (length "a😀") ⇒ 2
    (length [1 2]) ⇒ 2
    (length nil) ⇒ !TypeError
    (string-length "é") ⇒ 1
    (string-length [1]) ⇒ !TypeError
    (subs "hello" 1 3) ⇒ "el"
    (substring "a😀b" 1) ⇒ "😀b"
    (subs "hello" 1 9) ⇒ !IndexOutOfBounds
    (subs "hello" -1) ⇒ !IndexOutOfBounds
    (subs "hello" 3 2) ⇒ !IndexOutOfBounds
    (upper-case "straße") ⇒ "STRASSE"
    (lower-case "ÀB") ⇒ "àb"
    (capitalize "hELLO") ⇒ "Hello"
    (capitalize "") ⇒ ""
    (trim "\t a b \n") ⇒ "a b"
    (trim " a,,") ⇒ "a,,"
    (triml "  a ") ⇒ "a "
    (trimr " a  ") ⇒ " a"
    (trim-newline "a\r\n\n") ⇒ "a"
    (trim nil) ⇒ !TypeError
    (blank? nil) ⇒ true
    (blank? " \t") ⇒ true
    (blank? " a") ⇒ false
    (starts-with? "abc" "ab") ⇒ true
    (starts-with? nil "a") ⇒ false
    (ends-with? "abc" "bc") ⇒ true
    (includes? "abc" "x") ⇒ false
    (includes? "abc" 5) ⇒ !TypeError
    (string-contains "abc" "") ⇒ true
    (index-of "a😀b" "b") ⇒ 2
    (index-of "aba" "a" 1) ⇒ 2
    (index-of [1 2] 3) ⇒ nil
    (index-of nil "a") ⇒ nil
    (index-of {} 1) ⇒ !TypeError
    (last-index-of "abab" "ab") ⇒ 2
    (last-index-of [1 2 1] 1 1) ⇒ 0
    (split "a,b,,c," ",") ⇒ ["a" "b" "" "c" ""]
    (split "a,b,c" "," 2) ⇒ ["a" "b,c"]
    (split "a😀" "") ⇒ ["a" "😀"]
    (split nil ",") ⇒ []
    (split "a  b" #"\s+") ⇒ ["a" "b"]
    (split "a1b2" #"\d") ⇒ ["a" "b"]
    (split "a1b2" #"\d" 9) ⇒ ["a" "b" ""]
    (split ",a" #",") ⇒ ["" "a"]
    (split "abc" #"") ⇒ ["a" "b" "c"]
    (split "a" "," 0) ⇒ !InvalidArgument
    (split "a" nil) ⇒ !TypeError
    (split-lines "a\r\nb\n") ⇒ ["a" "b"]
    (split-lines "\n\na") ⇒ ["" "" "a"]
    (words "  a b,c\td ") ⇒ ["a" "b,c" "d"]
    (join ", " [1 :k nil "s"]) ⇒ "1, :k, , s"
    (join ["a" "b"]) ⇒ "ab"
    (string-join "-" "abc") ⇒ "a-b-c"
    (join "," 5) ⇒ !TypeError
    (replace "aXbX" "X" "$1") ⇒ "a$1b$1"
    (replace "a1b2" #"\d" "<$0>") ⇒ "a<1>b<2>"
    (replace "ab" #"(?P<x>a)(b)" "$2${"$"}{x}$$") ⇒ "ba$"
    (replace "ab" #"a" "$1") ⇒ !InvalidArgument
    (replace "ab" "" "-") ⇒ "-a-b-"
    (replace-first "aa" "a" "b") ⇒ "ba"
    (replace-first "a1b2" #"\d" "x") ⇒ "axb2"
    (repeat-str "ab" 3) ⇒ "ababab"
    (repeat-str "ab" -1) ⇒ ""
    (pad-left "7" 3 "0") ⇒ "007"
    (pad-left "12345" 3) ⇒ "12345"
    (pad-right "a" 4 "xy") ⇒ "axyx"
    (pad-left "a" 3 "") ⇒ !InvalidArgument
    (reverse-str "a😀") ⇒ "😀a"
    (chars "a😀") ⇒ ["a" "😀"]
    (char-code "😀") ⇒ 128512
    (char-code "ab") ⇒ !InvalidArgument
    (from-char-code 128512) ⇒ "😀"
    (from-char-code 55296) ⇒ !InvalidArgument
    (keyword "a") ⇒ :a
    (keyword "a" "b") ⇒ :a/b
    (keyword "a b") ⇒ !InvalidArgument
    (keyword 5) ⇒ !TypeError
    (symbol "x") ⇒ x
    (symbol "true") ⇒ !InvalidArgument
    (name :a/b) ⇒ "b"
    (name "a/b") ⇒ "a/b"
    (namespace :a/b) ⇒ "a"
    (namespace :b) ⇒ nil
  `,
  'R16.5 format': String.raw`
    (format "%05.1f|%-3s|%d" 3.14159 "x" 7) ⇒ "003.1|x  |7"
    (format "%2$s %1$s" "a" "b") ⇒ "b a"
    (format "%,d %,.2f" 1234567 1234.5) ⇒ "1,234,567 1,234.50"
    (format "%x %X %o" 255 255 8) ⇒ "ff FF 10"
    (format "%x" -1) ⇒ "ffffffffffffffff"
    (format "%e" 12345.678) ⇒ "1.234568e+04"
    (format "%+d %05d" 5 -42) ⇒ "+5 -0042"
    (format "%c%c" "é" 65) ⇒ "éA"
    (format "%b %s %%" nil nil) ⇒ "false nil %"
    (format "%.0f %.1f" 2.5 -0.04) ⇒ "3 -0.0"
    (format "%f" 1) ⇒ "1.000000"
    (format "%5.1f" ##Inf) ⇒ "  Inf"
    (format "%.1f" 1e22) ⇒ "10000000000000000000000.0"
    (format "%d" 1.0) ⇒ !InvalidArgument
    (format "%d") ⇒ !InvalidArgument
    (format "x" 1) ⇒ !InvalidArgument
    (format "%q" 1) ⇒ !InvalidArgument
    (format "50%") ⇒ !InvalidArgument
    (format 5) ⇒ !TypeError
  `,
  'R16.5 patterns': String.raw`
    (re-find "(\\d+)-(\\d+)" "a 10-20") ⇒ ["10-20" "10" "20"]
    (re-find #"\d+" "a12b") ⇒ "12"
    (re-find "(a)|b" "b") ⇒ ["b" nil]
    (re-find "x" nil) ⇒ nil
    (re-matches #"\d+" "12a") ⇒ nil
    (re-matches "a|ab" "ab") ⇒ "ab"
    (re-seq #"\d" "a1b2") ⇒ ["1" "2"]
    (re-seq #"\d" nil) ⇒ []
    (re-test "a" "cab") ⇒ true
    (re-test "(?=a)" "a") ⇒ !InvalidRegex
    (re-test 5 "a") ⇒ !TypeError
    (re-test "a" 5) ⇒ !TypeError
    (re-groups "(?P<y>\\d{4})-(?P<m>\\d+)" "on 2024-05") ⇒ {"y" "2024" "m" "05"}
    (re-groups "x" "y") ⇒ nil
    (re-pattern "a+") ⇒ #"a+"
    (re-pattern "(") ⇒ !InvalidRegex
  `,
  'R16.5 data in texts': String.raw`
    (parse-csv "a,b\n1,2\n") ⇒ [{"a" "1" "b" "2"}]
    (parse-csv "a,b\r\n1,\"x \"\"y\"\", z\"\r\n") ⇒ [{"a" "1" "b" "x \"y\", z"}]
    (parse-csv "a\n\"l1\nl2\"") ⇒ [{"a" "l1\nl2"}]
    (parse-csv "a,a b\n1,2" {:keywords true}) ⇒ [{:a "1" "a b" "2"}]
    (parse-csv "1;2\n3; 4" {:header false :separator ";"}) ⇒ [["1" "2"] ["3" " 4"]]
    (parse-csv "") ⇒ []
    (parse-csv "a,b") ⇒ []
    (parse-csv "a,b\n\n") ⇒ !InvalidArgument
    (parse-csv "a,b\n1") ⇒ !InvalidArgument
    (parse-csv "a,a\n1,2") ⇒ !InvalidArgument
    (parse-csv "a\nx\"y") ⇒ !InvalidArgument
    (parse-csv "a\n\"x\"y") ⇒ !InvalidArgument
    (parse-csv "a\rb") ⇒ !InvalidArgument
    (parse-csv "a" {:colour 1}) ⇒ !InvalidArgument
    (parse-csv 5) ⇒ !TypeError
    (parse-json "{\"a\":[1,1.0,1e2]}") ⇒ {"a" [1 1.0 100.0]}
    (parse-json "{\"a\":1}" {:keywords true}) ⇒ {:a 1}
    (parse-json "{") ⇒ !JsonError
    (parse-json nil) ⇒ !TypeError
    (parse-json "1" {:colour 1}) ⇒ !InvalidArgument
    (tool/parse-json "9223372036854775807") ⇒ 9223372036854775807
    (serialize-json {:b 2.0 "a" [1 :k]}) ⇒ "{\"a\":[1,\":k\"],\"b\":2.0}"
    (tool/serialize-json nil) ⇒ "null"
    (serialize-json ##NaN) ⇒ !SerializationError
    (serialize-json-pretty {:a [1]}) ⇒ "{\n  \"a\": [\n    1\n  ]\n}"
    (read-string "(a 1 [:b])") ⇒ (a 1 [:b])
    (read-string "(") ⇒ !ParseError
    (read-string "1 2") ⇒ !ParseError
    (read-string "") ⇒ !ParseError
  `,
  'R16.5 encodings and times': String.raw`
    (base64-encode "héllo😀") ⇒ "aMOpbGxv8J+YgA=="
    (base64-decode "aMOpbGxv8J+YgA==") ⇒ "héllo😀"
    (base64-decode "aGk") ⇒ !InvalidArgument
    (base64-decode "aGl=") ⇒ !InvalidArgument
    (base64-decode "/w==") ⇒ !InvalidArgument
    (base64-decode "YQ==YQ==") ⇒ !InvalidArgument
    (url-encode "a b!é/~") ⇒ "a%20b%21%C3%A9%2F~"
    (url-decode "a%20b%C3%A9+") ⇒ "a bé+"
    (url-decode "%E9") ⇒ !InvalidArgument
    (html-escape "<a href='x'>&\"") ⇒ "&lt;a href=&#39;x&#39;&gt;&amp;&quot;"
    (sha256 "") ⇒ "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    (sha256 "abc") ⇒ "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    (sha256 (repeat-str "a" 1000)) ⇒ "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"
    (parse-timestamp "1970-01-01T00:00:00Z") ⇒ 0
    (parse-timestamp "2024-02-29T10:20:30.5+01:00") ⇒ 1709198430500
    (parse-timestamp "1969-12-31T23:59:59.999Z") ⇒ -1
    (parse-timestamp "2023-02-29T00:00:00Z") ⇒ nil
    (parse-timestamp "2024-01-01") ⇒ nil
    (parse-timestamp 5) ⇒ !TypeError
    (format-timestamp 1709198430500) ⇒ "2024-02-29T09:20:30.500Z"
    (format-timestamp -62167219200000) ⇒ "0000-01-01T00:00:00Z"
    (format-timestamp 253402300800000) ⇒ !InvalidArgument
    (date-add 0 2 :d) ⇒ 172800000
    (date-add 0 -1 :min) ⇒ -60000
    (date-add 0 1 :year) ⇒ !InvalidArgument
    (date-add 9223372036854775807 1 :ms) ⇒ !IntegerOverflow
  `,
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
