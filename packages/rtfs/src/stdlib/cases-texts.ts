/** Cases of the library's functions on texts, by rule: call ⇒ printed value, or `!Kind`. Read by `library.test.ts`. */
export const TEXTS_CASES: Readonly<Record<string, string>> = {
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
    (replace "ab" #"(?P<x>a)(b)" "$2${'$'}{x}$$") ⇒ "ba$"
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
    (format "%1000000000d" 1) ⇒ !StringLimit
    (format "%1000000000.1f" 1) ⇒ !StringLimit
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
};
