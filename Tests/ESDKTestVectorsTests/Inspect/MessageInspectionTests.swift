import AWSMaterialProviders
import ESDKCrypto
import MessageForge
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Message inspection")
struct MessageInspectionTests {
    private static func inspect(_ blueprint: MessageBlueprint) throws -> MessageInspection {
        try MessageInspection(MessageSource(MessageBuilder.build(blueprint).bytes))
    }

    private static func texts(_ inspection: MessageInspection, _ weight: InspectionFinding.Weight) -> [String] {
        inspection.findings.filter { $0.weight == weight }.map(\.text)
    }

    @Test("A message as the specification has it is sound, and nothing is odd", arguments: AlgorithmSuite.all)
    func usual(suite: AlgorithmSuite) throws {
        let inspection = try Self.inspect(Blueprints.make(suite))
        #expect(inspection.isMessage)
        #expect(inspection.isSound)
        #expect(inspection.whatElse == nil)
        #expect(Self.texts(inspection, .fault) == [])
        #expect(Self.texts(inspection, .oddity).filter { !$0.contains("signature") } == [])
        #expect(Self.texts(inspection, .note).isEmpty == suite.isCommitting)
    }

    @Test("Unsorted contexts are told, with their order")
    func contextOrder() throws {
        func order(_ keys: [String]) -> ContextOrder {
            ContextOrder(keys.map { EncryptionContext.Entry(key: $0, value: "") })
        }
        #expect(order(["A", "a", "b"]) == .ascending)
        #expect(order(["b", "c", EncryptionContext.publicKeyName]) == .publicKeyLast)
        #expect(order(["\u{10000}", "\u{E000}"]) == .utf16)
        #expect(order(["a", "A", "b"]) == .locale)
        #expect(order(["b", "a"]) == .other)
        var blueprint = try Blueprints.make(.aes256GCM)
        blueprint.encryptionContext = ["b", "a"].map { EncryptionContext.Entry(key: $0, value: "1") }
        #expect(try Self.texts(Self.inspect(blueprint), .oddity).contains { $0.contains("not sorted") })
    }

    @Test("An empty context with a count is told, and so is who wrote that")
    func countedEmptyContext() throws {
        var blueprint = try Blueprints.make(.aes192GCM, context: [:])
        blueprint.emptyContextForm = .zeroCount
        let inspection = try Self.inspect(blueprint)
        #expect(Self.texts(inspection, .oddity).contains { $0.contains("length of 2") })
        #expect(inspection.producer?.candidates == [.earlyJavaScript])
    }

    @Test("The final frame of an exact multiple tells implementations apart")
    func finalFrame() throws {
        func producer(_ final: MessageBlueprint.Framing.FinalFrame) throws -> ProducerGuess? {
            let framing = MessageBlueprint.Framing.framed(128, final)
            var blueprint = try Blueprints.make(.aes256GCM, framing: framing)
            blueprint.plaintext = [UInt8](repeating: 0, count: 256)
            blueprint.frames = framing.frames(plaintextLength: 256)
            return try Self.inspect(blueprint).producer
        }
        #expect(try producer(.empty)?.candidates == [.java, .python, .javaScript, .c])
        #expect(try producer(.full)?.candidates == [.net, .rust, .go, .swift])
        #expect(try producer(.full)?.certainty == .narrowed)
    }

    @Test("Random IVs point to the earliest Java, a final IV of FF to the vectors of key commitment")
    func ivs() throws {
        var random = try Blueprints.make(.aes256GCM)
        try random.randomizeIVs(from: SystemRandomSource())
        #expect(try Self.inspect(random).producer?.candidates == [.earlyJava])
        var vector = try Blueprints.make(.aes256GCMHKDFSHA512CommitKey)
        vector.useCommitmentVectorFinalIV()
        let inspection = try Self.inspect(vector)
        #expect(inspection.producer?.candidates == [.testVectors])
        #expect(inspection.producer?.certainty == .likely)
    }

    @Test("What no implementation opens is a fault, with its place")
    func faults() throws {
        var blueprint = try Blueprints.make(.aes256GCM)
        blueprint.overrides[.reserved] = [0, 0, 0, 1]
        let inspection = try Self.inspect(blueprint)
        #expect(!inspection.isSound)
        #expect(inspection.isMessage)
        let fault = try #require(inspection.findings.first { $0.weight == .fault })
        #expect(fault.offset == inspection.range(of: .reserved)?.lowerBound)

        var trailing = try Blueprints.make(.aes256GCM)
        trailing.trailingBytes = [1, 2]
        #expect(try Self.inspect(trailing).damage?.field == .trailingBytes)

        var disordered = try Blueprints.make(.aes256GCM)
        disordered.frames[0].sequenceNumber = 3
        #expect(try Self.texts(Self.inspect(disordered), .fault).contains { $0.contains("frame 1 ") })
    }

    @Test("A message that ends early is shown up to its end", arguments: [1, 30, 60, 150])
    func truncation(left: Int) throws {
        let bytes = try MessageBuilder.build(Blueprints.make(.aes256GCMHKDFSHA512CommitKey)).bytes
        let inspection = try MessageInspection(MessageSource(Array(bytes.dropLast(left))))
        #expect(inspection.isMessage)
        #expect(inspection.damage != nil)
        #expect(!inspection.isSound)
    }

    @Test("What is not a message is said to be none", arguments: [[], [1], Array("hello".utf8), [2, 0xFF, 0xFF]])
    func noMessage(bytes: [UInt8]) throws {
        let inspection = try MessageInspection(MessageSource(bytes))
        #expect(!inspection.isMessage)
        #expect(inspection.whatElse != nil)
        #expect(inspection.producer == nil)
    }

    @Test("The keyring of an encrypted data key is told by its form")
    func dataKeys() throws {
        func text(_ text: String) -> [UInt8] { Array(text.utf8) }
        let arn = "arn:aws:kms:us-west-2:658956600833:key/mrk-80bd8ecdcd4342aebd84b7dc9da498a7"
        var blueprint = try Blueprints.make(.aes256GCM)
        let iv = [UInt8](repeating: 0xAB, count: 12)
        let point = [2] + [UInt8](repeating: 5, count: 32)
        let publicKeys = [1] + [0, 0, 0, 33] + point + [0, 0, 0, 33] + point
        let salted =
            [UInt8](repeating: 0, count: 28) + [UInt8](repeating: 0x11, count: 16) + [UInt8](repeating: 0, count: 48)
        blueprint.encryptedDataKeys = [
            EncryptedDataKey(
                keyProviderID: text("mine"),
                keyProviderInfo: text("k1") + [0, 0, 0, 128, 0, 0, 0, 12] + iv,
                ciphertext: [UInt8](repeating: 0, count: 48)
            ),
            EncryptedDataKey(
                keyProviderID: text("mine"),
                keyProviderInfo: text("k2"),
                ciphertext: [UInt8](repeating: 0, count: 384)
            ),
            EncryptedDataKey(keyProviderID: text("aws-kms"), keyProviderInfo: text(arn), ciphertext: [1]),
            EncryptedDataKey(keyProviderID: text("raw-ecdh"), keyProviderInfo: publicKeys, ciphertext: salted),
            EncryptedDataKey(
                keyProviderID: text("aws-kms-hierarchy"),
                keyProviderInfo: text("branch"),
                ciphertext: salted
            ),
            EncryptedDataKey(keyProviderID: text("other"), keyProviderInfo: text("x"), ciphertext: [1]),
        ]
        let inspection = try Self.inspect(blueprint)
        #expect(
            inspection.dataKeys.map(\.keyring) == [
                .rawAES, .rawRSA, .awsKMSMultiRegion, .rawECDH, .hierarchical, .unknown,
            ]
        )
        #expect(
            inspection.dataKeys.map(\.keyText) == ["mine / k1", "mine / k2", arn, "raw-ecdh", "branch", "other / x"]
        )
        #expect(inspection.dataKeys[3].details.map(\.name) == ["curve", "recipient", "sender"])
        #expect(inspection.dataKeys[4].details[0].value == "11111111-1111-1111-1111-111111111111")
        for (key, place) in zip(inspection.dataKeys, 0...) {
            #expect(
                key.range.lowerBound
                    == inspection.range(of: .encryptedDataKey(place, .keyProviderIDLength))?.lowerBound
            )
            #expect(key.range.upperBound == inspection.range(of: .encryptedDataKey(place, .ciphertext))?.upperBound)
        }
    }

    @Test("JSON says what the message says, with bytes that are not text in digits")
    func json() throws {
        var blueprint = try Blueprints.make(.aes256GCMHKDFSHA512CommitKey)
        blueprint.encryptionContext = [EncryptionContext.Entry(keyBytes: [0xFF], valueBytes: Array("v".utf8))]
        let inspection = try Self.inspect(blueprint)
        let line = try InspectionJSON.line(inspection, input: "m", authentication: .refused("no"))
        let value = try StrictJSON.parse(line, source: "line")
        #expect(value["is_message"]?.bool == true)
        #expect(value["authenticated"]?.bool == false)
        #expect(value["authentication"]?["error"]?.string == "no")
        #expect(value["header"]?["suite"]?["id"]?.string == "0478")
        #expect(value["header"]?["encryption_context"]?.array?.first?["key_hex"]?.string == "ff")
        #expect(value["body"]?["plaintext_length"]?.integer == Int64(blueprint.plaintext.count))
        #expect(value["findings"]?.array?.first?["weight"]?.string == "fault")
        #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    }
}
