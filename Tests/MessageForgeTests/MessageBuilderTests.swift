import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@testable import MessageForge

@Suite("Message builder")
struct MessageBuilderTests {
    static let framings: [MessageBlueprint.Framing] = [
        .framed(16, .full), .framed(8, .full), .framed(8, .empty), .framed(1, .full), .framed(4096, .full), .nonFramed,
    ]

    @Test("A message of every suite and framing opens", arguments: AlgorithmSuite.all, framings)
    func opens(suite: AlgorithmSuite, framing: MessageBlueprint.Framing) async throws {
        let blueprint = try Blueprints.make(suite, framing: framing)
        let message = try MessageBuilder.build(blueprint)
        let result = try await Blueprints.decrypt(message.bytes, blueprint)
        #expect(result.plaintext == Blueprints.plaintext)
        #expect(result.message.header.frameLength == framing.frameLength)
        #expect(message.layout.length == message.bytes.count)
    }

    @Test("An exact multiple of the frame length ends in a full or in an empty frame")
    func finalFrame() {
        #expect(MessageBlueprint.Framing.framed(8, .full).frames(plaintextLength: 16).map(\.plaintextLength) == [8, 8])
        #expect(
            MessageBlueprint.Framing.framed(8, .empty).frames(plaintextLength: 16).map(\.plaintextLength) == [8, 8, 0]
        )
        #expect(MessageBlueprint.Framing.framed(8, .full).frames(plaintextLength: 0).map(\.plaintextLength) == [0])
        #expect(MessageBlueprint.Framing.framed(8, .empty).frames(plaintextLength: 0).map(\.plaintextLength) == [0])
        #expect(MessageBlueprint.Framing.framed(8, .empty).frames(plaintextLength: 7).map(\.plaintextLength) == [7])
    }

    @Test("Messages in the conventions of other implementations open")
    func conventions() async throws {
        let suite = AlgorithmSuite.aes256GCMHKDFSHA384ECDSAP384
        var randomIVs = try Blueprints.make(suite)
        try randomIVs.randomizeIVs(from: SystemRandomSource())
        var empty = try Blueprints.make(.aes256GCMHKDFSHA256, context: [:])
        empty.emptyContextForm = .zeroCount
        var finalIV = try Blueprints.make(.aes256GCMHKDFSHA512CommitKey)
        finalIV.useCommitmentVectorFinalIV()
        let keyLast = try Blueprints.make(suite, context: ["zz": "1"], place: .last)
        for blueprint in [randomIVs, empty, finalIV, keyLast] {
            let result = try await Blueprints.decrypt(MessageBuilder.build(blueprint).bytes, blueprint)
            #expect(result.plaintext == blueprint.plaintext)
        }
        #expect(keyLast.encryptionContext.map(\.key) == ["zz", "aws-crypto-public-key"])
    }

    @Test("Pairs that are authenticated and not stored are part of the header's tag")
    func requiredContext() async throws {
        var blueprint = try Blueprints.make(.aes256GCM)
        blueprint.headerTagSuffix = [0, 1, 0, 1, 0x71, 0, 1, 0x72]
        let message = try MessageBuilder.build(blueprint)
        let result = try await Blueprints.decrypt(message.bytes, blueprint, reproducing: ["q": "r"])
        #expect(result.plaintext == blueprint.plaintext)
        await #expect(throws: EncryptionSDKError.self) { try await Blueprints.decrypt(message.bytes, blueprint) }
    }

    @Test("An override stands in the message as it is, lengths around it follow, and the tag covers it")
    func overrides() async throws {
        var blueprint = try Blueprints.make(.aes256GCMHKDFSHA256)
        let value = MessageField.encryptionContext(pair: 0, .value)
        blueprint.overrides[value] = [0x39, 0x39, 0x39]
        let message = try MessageBuilder.build(blueprint)
        let result = try await Blueprints.decrypt(message.bytes, blueprint)
        #expect(result.message.encryptionContext["a"] == "999")
        let range = try #require(message.layout.range(of: value))
        #expect(message.layout.entry(at: range.lowerBound)?.field == value)
        #expect(Array(message.bytes[range]) == [0x39, 0x39, 0x39])
    }

    @Test("Every field can be overridden, and only that field changes where it alone is written")
    func everyFieldCanBeOverridden() throws {
        for suite in [AlgorithmSuite.aes128GCMHKDFSHA256ECDSAP256, .aes256GCMHKDFSHA512CommitKeyECDSAP384] {
            let blueprint = try Blueprints.make(suite)
            let plain = try MessageBuilder.build(blueprint)
            for entry in plain.layout.entries where !entry.range.isEmpty {
                var altered = blueprint
                altered.overrides[entry.field] = plain.bytes[entry.range].map { ~$0 }
                let message = try MessageBuilder.build(altered)
                let range = try #require(message.layout.range(of: entry.field), "\(entry.field)")
                #expect(range == entry.range, "\(entry.field)")
                #expect(Array(message.bytes[range]) == plain.bytes[entry.range].map { ~$0 }, "\(entry.field)")
            }
        }
    }

    @Test("Frames that do not take the plaintext exactly, and IVs of another length, cannot be built")
    func unbuildable() throws {
        var short = try Blueprints.make(.aes128GCM)
        short.plaintext.append(0)
        var iv = try Blueprints.make(.aes128GCM)
        iv.frames[1].iv = .bytes([1])
        var headerIV = try Blueprints.make(.aes128GCM)
        headerIV.headerIV = []
        for blueprint in [short, iv, headerIV] {
            #expect(throws: BlueprintError.self) { try MessageBuilder.build(blueprint) }
        }
    }
}
