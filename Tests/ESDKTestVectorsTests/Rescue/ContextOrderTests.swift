import AWSMaterialProviders
import Testing

@testable import ESDKTestVectors

@Suite("Orders of an encryption context")
struct ContextOrderTests {
    private static func pairs(_ keys: [String]) -> [EncryptionContext.Entry] {
        keys.map { EncryptionContext.Entry(key: $0, value: "") }
    }

    /// Orders that Node 20 (ICU 78) gave.
    private static let orders = [
        ["ab", "aB", "Ab", "AB"], ["a_b", "a-b", "a:b", "a.b", "a/b", "a1", "ab"],
        ["aws", "Aws", "AWS", "aws_crypto", "aws-crypto-public-key", "aws.x", "awsAccount"],
        ["_", "0", "alpha", "Alpha", "aws-crypto-public-key", "zeta", "Zeta"],
        ["\u{1F9FF}", "aws-crypto-public-key", "\u{10000}", "\u{E000}", "\u{FFFD}"],
        ["e", "é", "è", "ĕ", "ê", "ě", "ë", "ẽ", "ė", "ę", "ē", "ea"],
        ["е", "ё", "ж", "и", "й", "к"],
        ["i", "ı", "j", "n", "ŋ", "o", "ø", "z", "þ"], ["\t", " ", "_", "´", "💡", "$", "5", "a", "α", "а"],
    ]

    @Test("The order of a locale is that of Node", arguments: orders)
    func localeOrder(ascending: [String]) {
        #expect(LocaleOrder.root.isAscending(ascending))
        #expect(!LocaleOrder.root.isAscending(ascending.reversed()))
        #expect(LocaleOrder.root.sorted(ascending.reversed()).order == ascending.indices.reversed())
    }

    @Test("Keys that are canonically equal, or differ in ignored characters only, tie")
    func ties() {
        let keys = ["é", "b", "e\u{301}", "b\u{200B}", "c"]
        let (order, ties) = LocaleOrder.root.sorted(keys)
        #expect(order.map { keys[$0] } == ["b", "b\u{200B}", "c", "é", "e\u{301}"])
        #expect(ties == [0..<2, 3..<5])
    }

    @Test(
        "The candidates begin with UTF-16 and the root order with its ties, and hold every order of up to eight pairs once or more"
    )
    func candidates() {
        let orders = ContextOrderCandidates(Self.pairs(["a", "B", "\u{E000}", "\u{10000}"])).map { $0.map(\.key) }
        #expect(orders.first == ["B", "a", "\u{10000}", "\u{E000}"])
        #expect(orders.dropFirst().first == ["a", "B", "\u{10000}", "\u{E000}"])
        #expect(Set(orders).count == 24)
        let tied = ContextOrderCandidates(Self.pairs(["é", "e\u{301}"])).prefix(3).map { $0.map(\.keyBytes) }
        #expect(tied[1] == tied[2].reversed())
        let many = Array(ContextOrderCandidates(Self.pairs((0..<9).map { "k\($0)" })))
        #expect(many.count == 1 + LocaleOrder.all.count)
    }

    @Test("Whether a locale may order pairs otherwise is told")
    func differences() {
        #expect(!ContextOrder.differsByLocale(Self.pairs(["a", "b", "c"])))
        #expect(ContextOrder.differsByLocale(Self.pairs(["A", "Z", "a"])))
        #expect(ContextOrder.differsByLocale(Self.pairs(["é", "e\u{301}"])))
    }
}
