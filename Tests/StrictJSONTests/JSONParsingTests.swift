import StrictJSON
import Testing

@Suite("Parsing JSON")
struct JSONParsingTests {
    private func parse(_ text: String) throws(JSONError) -> JSONValue {
        try StrictJSON.parse(Array(text.utf8), source: "t.json")
    }

    private func refusal(_ text: some StringProtocol) -> JSONError? {
        do {
            _ = try parse(String(text))
            return nil
        } catch {
            return error
        }
    }

    private let document = """
        {"manifest": {"type": "awses-decrypt", "version": 2}, "list": [1, -2.5e1, true, null, "\\ud835\\udfc1é"],
         "a\\u0000b": {"a": 99999999999999999999}, "a": {}}
        """

    @Test("every truncation of a document is refused, at or before its end")
    func truncations() throws {
        let bytes = Array(document.utf8)
        _ = try StrictJSON.parse(bytes, source: "t")
        for length in 0..<bytes.count {
            do {
                _ = try StrictJSON.parse(Array(bytes[..<length]), source: "t")
                Issue.record("accepted the first \(length) bytes")
            } catch {
                #expect(error.offset <= length)
            }
        }
    }

    @Test("no change of a single byte crashes, and what is accepted can be written and read back")
    func singleByteChanges() throws {
        let bytes = Array(document.utf8)
        for place in bytes.indices {
            for replacement in [0x00, 0x22, 0x2C, 0x31, 0x5C, 0x5D, 0x7B, 0x80, 0xED, 0xFF] as [UInt8] {
                var changed = bytes
                changed[place] = replacement
                guard let value = try? StrictJSON.parse(changed, source: "t") else { continue }
                let written = try StrictJSON.serialize(value, pretty: false)
                #expect(try StrictJSON.parse(written, source: "t") == value)
            }
        }
    }

    @Test("member names with U+0000 survive whole, and beside the name json-c would make of them")
    func namesWithNUL() throws {
        let value = try parse(
            #"{"a\u0000b": 1, "a": 2, "\u0000\u0001\u0002": {"\u0000": [{"x\u0000": 3}]}, "a\u0000": "\u0000"}"#
        )
        let object = try #require(value.object)
        #expect(object.names == ["a\0b", "a", "\0\u{1}\u{2}", "a\0"])
        #expect(object["a\0b"] == 1)
        #expect(object["a"] == 2)
        #expect(object["\0\u{1}\u{2}"]?["\0"]?.array?.first?["x\0"] == 3)
        #expect(object["a\0"] == "\0")
    }

    @Test("composed and decomposed spellings of a name are two members")
    func canonicallyEquivalentNames() throws {
        let object = try #require(try parse(#"{"\u00e9": 1, "e\u0301": 2}"#).object)
        #expect(object.count == 2)
        #expect(object["\u{e9}"] == 1)
        #expect(object["e\u{301}"] == 2)
        #expect(try parse(#""\u00e9""#) != parse(#""e\u0301""#))
    }

    @Test("members keep their order and are found by name, few or many")
    func order() throws {
        for count in [0, 1, 8, 9, 10, 500] {
            let names = (0..<count).map { "name \(($0 * 7919) % 1000)" }
            let text = "{" + names.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ") + "}"
            let object = try #require(try parse(text).object)
            #expect(object.names == names)
            for (index, name) in names.enumerated() { #expect(object[name]?.integer == Int64(index)) }
            #expect(object["absent"] == nil)
        }
    }

    @Test("an integer beyond 64 bits is a number, never the nearest integer that fits")
    func wideIntegers() throws {
        #expect(try parse("9223372036854775808") == .number(0x1p63))
        #expect(try parse("-9223372036854775809") == .number(-0x1p63))
        #expect(try parse("[18446744073709551616, 1, 100000000000000000000]") == [.number(0x1p64), 1, .number(1e20)])
        #expect(
            try parse(#"{"\u0000": 18446744073709551616, "b": 12345678901234567168 }"#)
                == ["\0": .number(0x1p64), "b": .number(12_345_678_901_234_567_168)]
        )
        #expect(refusal("[" + String(repeating: "9", count: 400) + "]")?.code == .numberRange)
    }

    @Test("nesting is bounded, without recursion following the input")
    func nesting() throws {
        let limit = StrictJSON.maximumDepth
        _ = try parse(String(repeating: "[", count: limit) + String(repeating: "]", count: limit))
        _ = try parse(String(repeating: #"{"a":"#, count: limit) + "1" + String(repeating: "}", count: limit))
        #expect(refusal(String(repeating: "[", count: limit + 1))?.code == .tooDeep)
        #expect(refusal(String(repeating: "[", count: 1_000_000))?.code == .tooDeep)
        #expect(refusal(String(repeating: #"{"a":"#, count: 1_000_000))?.code == .tooDeep)
    }

    @Test("200,000 members of one object are read, and a duplicate among them is found")
    func manyMembers() throws {
        let text = "{" + (0..<200_000).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
        #expect(try parse(text).object?.count == 200_000)
        #expect(refusal(text.dropLast() + ",\"77777\":0}")?.code == .duplicateMember)
    }

    static let places: [(text: String, line: Int, column: Int, reason: String)] = [
        ("", 1, 1, "the document ends where a value should be"),
        ("[1,\n 2,\n]", 2, 3, "a comma before ']'"),
        ("{\"a\": 1,\r\n \"b\": 2,\r\n  \"a\": 3}", 3, 3, "duplicate member \"a\" (first at line 1, column 2)"),
        ("{\n \"\\u0061\": {\"a\": 0},\n\"a\": 3}", 3, 1, "duplicate member \"a\" (first at line 2, column 2)"),
        ("{\"a\\u0000\": 1, \"a\\u0000\": 1}", 1, 16, "duplicate member \"a\\u0000\" (first at line 1, column 2)"),
        ("\u{feff}[x]", 1, 2, "expected a value, found 'x'"),
        ("\u{feff}\n[nope]", 2, 2, "expected 'null'"),
        ("[NaN]", 1, 2, "expected a value, found 'NaN'"),
        ("[-Infinity]", 1, 3, "expected a digit, found 'Infinity'"),
        ("['a']", 1, 2, "expected a value, found a single quotation mark (strings take double ones)"),
        ("[1 // one\n]", 1, 4, "expected ',' or ']', found a comment (JSON has none)"),
        ("{\"a\" 1}", 1, 6, "expected ':' after the member name, found '1'"),
        ("[\"é\", \"\t\"]", 1, 9, "control character 0x09 in a string, not escaped"),
        ("[\"\\ud800\"]", 1, 3, "half a surrogate pair: a high one alone"),
        ("[01]", 1, 2, "a number with a leading zero"),
        ("{}\n\n{}", 3, 1, "expected the end of the document, found '{'"),
        ("[1,\n2", 2, 2, "the document ends where ',' or ']' should be"),
        ("[\"abc", 1, 6, "the document ends where the end of the string should be"),
    ]

    @Test("an error says where: line and column from 1, columns in bytes", arguments: places)
    func place(_ place: (text: String, line: Int, column: Int, reason: String)) throws {
        let error = try #require(refusal(place.text))
        #expect(error.line == place.line)
        #expect(error.column == place.column)
        #expect(error.reason == place.reason)
        #expect(error.description == "t.json:\(place.line):\(place.column): \(place.reason)")
    }

    @Test("the offset of an error counts the byte order mark")
    func offset() {
        #expect(refusal("\u{feff}[\n1,x]")?.offset == 7)
    }

    @Test("a name is quoted in an error without control characters, and cut where it is long")
    func quoting() {
        #expect(StrictJSON.quoted("a\u{1b}[31m\"\n") == #""a\u001b[31m\"\u000a""#)
        #expect(StrictJSON.quoted(String(repeating: "x", count: 500)).count == 83)
    }
}
