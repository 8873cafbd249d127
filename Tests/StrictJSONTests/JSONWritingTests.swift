import StrictJSON
import Testing

@Suite("Writing JSON")
struct JSONWritingTests {
    private func written(_ value: JSONValue, pretty: Bool = false) throws -> String {
        String(decoding: try StrictJSON.serialize(value, pretty: pretty), as: UTF8.self)
    }

    static let values: [(JSONValue, String)] = [
        (.null, "null"), (true, "true"), (false, "false"), (0, "0"), (.integer(.min), "-9223372036854775808"),
        (.number(0.1), "0.1"), (.number(1), "1.0"), (.number(1e300), "1e+300"), (.number(-2.5), "-2.5"),
        ("", "\"\""), ("a/b", "\"a/b\""), ("\"\\\n\u{1}\u{0}", #""\"\\\n\u0001\u0000""#), ("é𝟁", "\"é𝟁\""),
        ([], "[]"), ([1, [], "x"], #"[1,[],"x"]"#), ([:], "{}"), (["b": 1, "a": .null], #"{"b":1,"a":null}"#),
    ]

    @Test("compact text is exactly this", arguments: values)
    func compact(value: JSONValue, text: String) throws {
        #expect(try written(value) == text)
        #expect(try StrictJSON.parse(Array(text.utf8), source: "t") == value)
    }

    @Test("pretty text reads back as the same value, members in order")
    func pretty() throws {
        let value: JSONValue = ["z": [1, ["y": "x"]], "a": ["n": .null, "t": true], "e": [:], "l": []]
        let text = try written(value, pretty: true)
        #expect(text.contains("\n  \"z\": [\n"))
        #expect(try StrictJSON.parse(Array(text.utf8), source: "t") == value)
    }

    @Test("names with U+0000 are written whole", arguments: [false, true])
    func namesWithNUL(pretty: Bool) throws {
        let value: JSONValue = [
            "a\0b": ["\0": 1, "c": ["\0\u{1}\u{2}": "space \" D"]], "a": 2, "0": [["x": ["\0y": []]]], "\"\\": 3,
        ]
        let bytes = try StrictJSON.serialize(value, pretty: pretty)
        #expect(try StrictJSON.parse(bytes, source: "t") == value)
    }

    @Test("composed and decomposed names are written as two members")
    func canonicallyEquivalentNames() throws {
        let object = JSONObject([.init(name: "\u{e9}", value: 1), .init(name: "e\u{301}", value: 2)])
        #expect(object.count == 2)
        #expect(try written(.object(object)) == "{\"\u{e9}\":1,\"e\u{301}\":2}")
    }

    @Test("what is not a JSON number is refused", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(value: Double) {
        #expect(throws: JSONError.self) { try StrictJSON.serialize([.number(value)], pretty: false) }
    }

    @Test("an object keeps one member of a name: replaced in place, removed, appended")
    func object() {
        var object: JSONObject = ["a": 1, "b": 2, "a": 3]
        #expect(object == ["a": 3, "b": 2])
        for index in 0..<20 { object["n\(index)"] = .integer(Int64(index)) }
        object["a"] = 4
        object["b"] = nil
        object["n7"] = nil
        #expect(object.count == 20)
        #expect(object.names.prefix(2) == ["a", "n0"])
        #expect(object["a"] == 4)
        #expect(object["b"] == nil)
        #expect(object["n19"] == 19)
        object["b"] = true
        #expect(object.names.last == "b")
    }
}
