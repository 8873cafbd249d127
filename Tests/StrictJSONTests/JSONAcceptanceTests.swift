import StrictJSON
import Testing

/// What RFC 8259 allows is read, and nothing else; the cases are our own, in the manner of public JSON suites.
@Suite("What is JSON")
struct JSONAcceptanceTests {
    static let accepted: [(String, JSONValue)] = [
        ("null", .null), ("true", true), ("false", false),
        ("0", 0), ("-0", 0), ("7", 7), ("-12", -12), ("1234567890123456789", 1_234_567_890_123_456_789),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("0.5", .number(0.5)), ("-0.5", .number(-0.5)), ("1e3", .number(1000)), ("1E+3", .number(1000)),
        ("25e-1", .number(2.5)), ("0e0", .number(0)), ("1.0", .number(1)), ("1e-400", .number(0)),
        (#""""#, ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (#""\u0041\u00e9\u20AC""#, "A\u{e9}\u{20ac}"), (#""\ud835\udfc1""#, "\u{1d7c1}"), (#""\uFFFD""#, "\u{fffd}"),
        (#""\u0000""#, "\u{0}"),
        ("\"\u{7f}\u{e9}\u{20ac}\u{1d7c1}\u{10ffff}\"", "\u{7f}\u{e9}\u{20ac}\u{1d7c1}\u{10ffff}"),
        (#""/* not a comment */ 'a'""#, "/* not a comment */ 'a'"),
        ("[]", []), ("[ ]", []), ("[1,[2],\"3\",{}]", [1, [2], "3", [:]]), ("{}", [:]),
        (#"{"a":1,"b":{"a":2}}"#, ["a": 1, "b": ["a": 2]]), (#"{"":1}"#, ["": 1]),
        (" \t\r\n[ 1 ,\r\n 2 ]\r\n", [1, 2]), ("\u{feff}{\"a\":1}", ["a": 1]), ("\u{feff}\r\n5\r\n", 5),
    ]

    @Test("accepted", arguments: accepted)
    func accepts(text: String, expected: JSONValue) throws {
        #expect(try StrictJSON.parse(Array(text.utf8), source: "t") == expected)
    }

    static let refused: [String] = [
        // Nothing, or something around the value.
        "", " ", "\u{feff}", "1 2", "[] []", "{}x", "null,", "\u{feff}\u{feff}1", "1\u{0}", "[1]\u{feff}", "\u{a0}1",
        "\u{c}1",
        // Words.
        "nul", "nulll", "True", "TRUE", "undefined", "NaN", "-NaN", "Infinity", "-Infinity", "[NaN]", "true1", "inf",
        // Numbers.
        "01", "-01", "00", "-", "+1", ".5", "5.", "-.5", "1.e1", "1e", "1e+", "1e5.5", "0x10", "1_000", "1a", "1.2.3",
        "1e999", "-1e999", "--1", "- 1", "1,", "\u{ff11}",
        // Strings.
        "\"", "\"a", "'a'", "\"\\\"", #""\x41""#, #""\a""#, #""\u12""#, #""\u12g4""#, #""\U0041""#, #""\u{41}""#,
        "\"\t\"",
        "\"\n\"", "\"\u{0}\"", "\"\u{1f}\"", "\"a\"b", #""\""#, #"\u0022"#,
        // Half surrogate pairs.
        #""\ud800""#, #""\udc00""#, #""\ud800a""#, #""\ud800\n""#, #""\ud800\u0041""#, #""\ud800\ud800""#,
        #""\udfc1\ud835""#,
        // Arrays.
        "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1:2]", "[1}", "[1]]", "(1)",
        // Objects.
        "{", "}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{,"a":1}"#, #"{"a":1,,"b":2}"#, #"{"a":1 "b":2}"#, #"{"a",1}"#,
        "{a:1}", "{'a':1}", "{1:1}", "{null:1}", #"{"a"::1}"#, #"{"a":1]"#, #"{"a":1"#, #"{"a":"#, #"{"a"#, #"{[1]:1}"#,
        // Comments.
        "/**/1", "1//x", "[1,/*x*/2]", "# x\n1", #"{"a":1/**/}"#,
        // Duplicate members.
        #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"[{"b":{"a":1,"a":2}}]"#, #"{"\u0000":1,"\u0000":2}"#,
        #"{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"a":0,"3":0}"#,
        #"{"\ud835\udfc1":1,"𝟁":2}"#, #"{"":1,"":2}"#, #"{"/":1,"\/":2}"#,
    ]

    @Test("refused", arguments: refused)
    func refuses(text: String) {
        #expect(throws: JSONError.self) { try StrictJSON.parse(Array(text.utf8), source: "t") }
    }

    static let malformed: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
        [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
        [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE],
        [0xFF],
    ]

    @Test("malformed UTF-8 is refused in values, in names and outside strings", arguments: malformed)
    func refusesMalformedUTF8(bytes: [UInt8]) {
        let value = [0x22] + bytes + [0x22]
        #expect(throws: encodingError) { try StrictJSON.parse(value, source: "t") }
        #expect(throws: encodingError) { try StrictJSON.parse([0x7B] + value + Array(":1}".utf8), source: "t") }
        #expect(throws: JSONError.self) { try StrictJSON.parse(bytes, source: "t") }
    }

    @Test("a document in UTF-16 is refused")
    func refusesUTF16() {
        #expect(throws: JSONError.self) { try StrictJSON.parse([0xFF, 0xFE, 0x31, 0x00], source: "t") }
        #expect(throws: JSONError.self) { try StrictJSON.parse([0x00, 0x31], source: "t") }
    }

    private var encodingError: JSONError {
        JSONError(code: .encoding, reason: "", source: "", location: nil)
    }
}
