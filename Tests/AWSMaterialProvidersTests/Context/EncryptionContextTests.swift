import AWSMaterialProviders
import TestSupport
import Testing

@Suite("EncryptionContext")
struct EncryptionContextTests {
    private typealias Entry = EncryptionContext.Entry

    @Test(
        "Keys ascend by their UTF-8 bytes, not by UTF-16 units or a locale",
        .spec("structures/key-value-pair-entries.2")
    )
    func order() {
        // U+E000 is below U+10000 in UTF-8 and above its surrogates in UTF-16; Z is below a.
        let context: EncryptionContext = ["\u{10000}": "4", "a": "2", "\u{E000}": "3", "Z": "1", "é": "e", "": "0"]
        #expect(context.entries.map(\.key) == ["", "Z", "a", "é", "\u{E000}", "\u{10000}"])
        #expect(EncryptionContext(["a": "2", "Z": "1"]).entries.map(\.key) == ["Z", "a"])
    }

    @Test("Texts that are equal only canonically are different keys")
    func canonicalEquivalence() throws {
        let entries = [Entry(key: "e\u{301}", value: "decomposed"), Entry(key: "\u{E9}", value: "composed")]
        let context = try EncryptionContext(entries: entries)
        #expect(context.count == 2)
        #expect(context["\u{E9}"] == "composed")
        #expect(context["e\u{301}"] == "decomposed")
        let one = try EncryptionContext(entries: [entries[0]])
        let other = try EncryptionContext(entries: [Entry(key: "\u{E9}", value: "decomposed")])
        #expect(one != other)
        #expect(one["\u{E9}"] == nil)
        let literal: EncryptionContext = ["e\u{301}": "1", "\u{E9}": "2"]
        #expect(literal.count == 2)
    }

    @Test("A key given twice is refused", .spec("structures/key-value-pair-entries.1"))
    func duplicates() {
        #expect(throws: EncryptionSDKError(.duplicateEncryptionContextKey, "")) {
            try EncryptionContext(entries: [
                Entry(key: "b", value: "1"), Entry(key: "a", value: "1"), Entry(key: "b", value: "1"),
            ])
        }
    }

    @Test("Pairs in any order make a context, unless two keys have the same bytes")
    func pairs() throws {
        let context = try EncryptionContext(uniqueKeysWithValues: [("b", "2"), ("a", "1")])
        #expect(context == ["a": "1", "b": "2"])
        #expect(try EncryptionContext(uniqueKeysWithValues: ["a": "1"].map { ($0, $1) }) == ["a": "1"])
        #expect(throws: EncryptionSDKError(.duplicateEncryptionContextKey, "")) {
            try EncryptionContext(uniqueKeysWithValues: [("a", "1"), ("b", "2"), ("a", "3")])
        }
        let canonical = try EncryptionContext(uniqueKeysWithValues: [("e\u{301}", "1"), ("\u{E9}", "2")])
        #expect(canonical.count == 2)
        // Of two equal keys of a literal the last one counts.
        #expect((["a": "1", "b": "2", "a": "3"] as EncryptionContext) == ["a": "3", "b": "2"])
    }

    @Test("It reads and writes like a dictionary, in the order of the keys' bytes")
    func dictionary() {
        var context: EncryptionContext = ["b": "2"]
        context["c"] = "3"
        context["a"] = "1"
        context["b"] = "two"
        #expect(context.map { "\($0.key)=\($0.value)" } == ["a=1", "b=two", "c=3"])
        #expect(context.keys == ["a", "b", "c"])
        #expect(context.values == ["1", "two", "3"])
        context["b"] = nil
        context["missing"] = nil
        #expect(context.dictionary == ["a": "1", "c": "3"])
        #expect(context.count == 2)
        context["\u{E9}"] = "composed"
        context["e\u{301}"] = "decomposed"
        #expect(context["\u{E9}"] == "composed")
        #expect(context["e\u{301}"] == "decomposed")
        // Equal as strings: the later of them in the order of bytes.
        #expect(context.dictionary["\u{E9}"] == "composed")
        #expect(context.dictionary.count == 3)
    }

    @Test("It prints its pairs, with what could disturb a terminal escaped")
    func printing() {
        #expect(EncryptionContext().description == "[:]")
        let context: EncryptionContext = ["b": "zwölf", "a\n": "\u{1B}[31m\"\u{9B}"]
        #expect(context.description == #"["a\u{A}": "\u{1B}[31m\"\u{9B}", "b": "zwölf"]"#)
        #expect("\(context)" == String(reflecting: context))
        var dumped = ""
        dump(context, to: &dumped)
        #expect(dumped.contains("zwölf"))
        #expect(!dumped.unicodeScalars.contains("\u{1B}"))
    }

    @Test("Bytes that are not UTF-8 are refused", arguments: [[0xED, 0xA0, 0x80], [0xC0, 0x80], [0xFF]] as [[UInt8]])
    func invalidText(bytes: [UInt8]) {
        for entry in [Entry(keyBytes: bytes, valueBytes: []), Entry(keyBytes: [0x6B], valueBytes: bytes)] {
            #expect(throws: EncryptionSDKError(.invalidEncryptionContextText, "")) {
                try EncryptionContext(entries: [entry])
            }
        }
    }

    @Test("Empty keys and values are legal, and NUL is a character like others")
    func unusualTexts() throws {
        let context = try EncryptionContext(entries: [
            Entry(key: "", value: ""), Entry(key: "a\0b", value: "\0"), Entry(key: "a", value: "x"),
        ])
        #expect(context[""] == "")
        #expect(context["a\0b"] == "\0")
        #expect(context["a"] == "x")
        #expect(context["missing"] == nil)
    }

    @Test(
        "Serialized are count and pairs, and nothing for an empty context",
        .spec("structures/serialization", "structures/key-value-pair-count.1")
    )
    func serialization() throws {
        let empty = try EncryptionContext().serialized()
        #expect(empty.isEmpty)
        let context: EncryptionContext = ["b": "", "a": "é"]
        let expected: [UInt8] = [0, 2, 0, 1, 0x61, 0, 2, 0xC3, 0xA9, 0, 1, 0x62, 0, 0]
        #expect(try context.serialized() == expected)
    }

    @Test("K14: 65,535 bytes can be serialized, one more cannot")
    func longest() throws {
        let fits = EncryptionContext(["key": String(repeating: "v", count: 65_535 - 2 - 2 - 3 - 2)])
        #expect(try fits.serialized().count == 65_535)
        let tooLong = EncryptionContext(["key": String(repeating: "v", count: 65_535 - 2 - 2 - 3 - 2 + 1)])
        #expect(throws: EncryptionSDKError(.encryptionContextTooLong, "")) { try tooLong.serialized() }
        let tooMany = EncryptionContext(
            Dictionary(uniqueKeysWithValues: (0..<20_000).map { ("\($0)", "") })
        )
        #expect(throws: EncryptionSDKError(.encryptionContextTooLong, "")) { try tooMany.serialized() }
    }
}
