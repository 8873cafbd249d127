import AWSEncryptionSDK
import AWSMaterialProviders
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Coverage of sets")
struct SetCoverageTests {
    private func set() async throws -> VectorSet {
        let framed = try await MessageSamples.encrypt(
            [1, 2, 3],
            context: ["k": "v", "\u{1F510}": ""],
            frameLength: 16
        )
        let signed = try await MessageSamples.encrypt(
            [1],
            suite: .aes256GCMHKDFSHA512CommitKeyECDSAP384,
            frameLength: 4096
        )
        return MessageSamples.set([
            MessageSamples.test("framed", framed, [1, 2, 3]), MessageSamples.test("signed", signed, [1]),
            MessageSamples.test("broken", [1, 2, 3], nil),
        ])
    }

    @Test("suite, framing and context are those of the messages; what is not a message is counted apart")
    func messages() async throws {
        var coverage = SetCoverage()
        coverage.add(try await set())
        #expect(coverage.tests == 3)
        #expect(coverage.unread == 1)
        #expect(coverage.suites == ["0478", "0578"])
        #expect(coverage.keyrings == ["raw aes-256"])
        #expect(coverage.count(suite: "0478", framing: .small) == 1)
        #expect(coverage.count(suite: "0578", framing: .usual) == 1)
        #expect(coverage.cells[.init(suite: "0478", shape: .beyondBMP)] == 1)
        #expect(coverage.cells[.init(suite: "0478", shape: .emptyValue)] == 1)
        // The public key of a signed message is not a pair of the user.
        #expect(coverage.cells[.init(suite: "0578", shape: .empty)] == 1)
    }

    @Test("holes are what another coverage has, in every report")
    func holes() async throws {
        var (all, some) = (SetCoverage(), SetCoverage())
        let set = try await set()
        all.add(set)
        some.add(MessageSamples.set(set.decryptTests.filter { $0.id != "signed" }))
        let report = CoverageReport(some, against: all)
        #expect(report.holes.map(\.description).contains("raw aes-256 · 0578 · frames of 4096"))
        #expect(report.text.contains("hole: raw aes-256 · 0578 · frames of 4096\n"))
        #expect(report.json["holes"]?.array?.count == report.holes.count)
        #expect(report.html.contains("<li>raw aes-256 · 0578 · frames of 4096</li>"))
        #expect(CoverageReport(all, against: all).holes == [])
        #expect(CoverageReport(all).json["holes"] == nil)
    }

    @Test(
        "shapes of a context",
        arguments: [
            (["k": "v"], [.few]), ([:], [.empty]),
            (["\u{e9}": "1", "e\u{301}": "2"], [.few, .multibyte, .equivalent]),
            (["a\0": "\u{1}"], [.few, .nul, .control]), (["__proto__": "x"], [.few, .prototype]),
            (["\u{FFFD}": "1", "\u{10000}": "2"], [.few, .multibyte, .beyondBMP, .encodingOrder]),
            (["k": String(repeating: "x", count: 65_100)], [.few, .longValue, .largest]),
        ] as [(EncryptionContext, Set<SetCoverage.ContextShape>)]
    )
    func shapes(_ context: EncryptionContext, _ shapes: Set<SetCoverage.ContextShape>) {
        let pairs = context.map { ContextPairs.Pair(key: Array($0.key.utf8), value: Array($0.value.utf8)) }
        #expect(SetCoverage.ContextShape.all(of: pairs) == shapes)
    }
}
