import Testing

@testable import StrictJSON

/// Strings that are found, and not copied.
@Suite struct JSONWithholdingTests {
    private static let names: Set = [JSONName("Plaintext"), JSONName("Key")]

    private func parse(_ text: String) throws -> (value: JSONValue, withheld: [String: String]) {
        let bytes = Array(text.utf8)
        let (value, withheld) = try StrictJSON.parse(bytes.span, source: "test", withholding: Self.names)
        let texts = withheld.map { ($0.key.text, String(decoding: bytes[$0.value], as: UTF8.self)) }
        return (value, Dictionary(uniqueKeysWithValues: texts))
    }

    @Test func theStringIsFoundAndTheTreeHasNoneOfIt() throws {
        let (value, withheld) = try parse(#"{"a":"x","Plaintext" : "YWJj\/w==" , "b":[1],"Key":""}"#)
        #expect(value == ["a": "x", "Plaintext": "", "b": [1], "Key": ""])
        #expect(withheld == ["Plaintext": #"YWJj\/w=="#, "Key": ""])
    }

    @Test(arguments: [
        #"{"Plaintext":7}"#, #"{"Plaintext":null}"#, #"{"Plaintext":["x"]}"#, #"{"a":{"Plaintext":"x"}}"#,
        #"[{"Plaintext":"x"}]"#, #"{"plaintext":"x"}"#, #""Plaintext""#, #"{"a":"Plaintext"}"#,
    ])
    func onlyStringsOfTheOutermostObjectAreWithheld(text: String) throws {
        let (value, withheld) = try parse(text)
        #expect(withheld.isEmpty)
        #expect(value == (try StrictJSON.parse(Array(text.utf8), source: "test")))
    }

    @Test func aNameMayBeEscaped() throws {
        #expect(try parse(#"{"\u0050laintext":"x"}"#).withheld == ["Plaintext": "x"])
    }

    @Test func whatElseIsRewrittenStaysRight() throws {
        let text = #"{"n\u0000":1,"Plaintext":"secret","big":123456789012345678901234567890,"Key":"k","z":"end"}"#
        let (value, withheld) = try parse(text)
        #expect(value["n\u{0}"] == 1)
        #expect(value["big"]?.double == 123456789012345678901234567890.0)
        #expect(value["Plaintext"] == "")
        #expect(value["z"] == "end")
        #expect(withheld == ["Plaintext": "secret", "Key": "k"])
    }

    @Test func theRulesHoldForWhatIsWithheldToo() {
        for text in [#"{"Plaintext":"a","Plaintext":"b"}"#, "{\"Plaintext\":\"\u{1}\"}", #"{"Plaintext":"\x"}"#] {
            #expect(throws: JSONError.self) { try parse(text) }
        }
    }

    @Test(arguments: [
        (#"abc"#, "abc"), (#"a\/b\\\"c"#, #"a/b\"c"#), (#"\u003d\u003D"#, "=="), (#"\b\t\n\f\r"#, "\u{8}\t\n\u{C}\r"),
        ("é", "é"), (#"\u00e9"#, nil), (#"\ud83d\ude00"#, nil),
    ])
    func escapesForASCIIAreUndone(text: String, expected: String?) {
        var isComplete = false
        var output: [UInt8] = []
        output.append(addingCapacity: text.utf8.count) { slot in
            isComplete = StrictJSON.unescapeASCII(text.utf8.span, appendingTo: &slot)
        }
        #expect(isComplete == (expected != nil))
        if let expected { #expect(output == Array(expected.utf8)) }
    }
}
