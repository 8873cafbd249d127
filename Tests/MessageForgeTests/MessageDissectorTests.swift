import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@testable import MessageForge

@Suite("Message dissector")
struct MessageDissectorTests {
    static let framings = MessageBuilderTests.framings

    /// A blueprint in which every field differs from what the specification's writer would put there.
    static func unusual(_ suite: AlgorithmSuite, _ framing: MessageBlueprint.Framing) throws -> MessageBlueprint {
        var blueprint = try Blueprints.make(suite, context: ["zz": "1", "b": "2"], place: .last, framing: framing)
        try blueprint.randomizeIVs(from: SystemRandomSource())
        return blueprint
    }

    @Test("A message is recovered with every input, and rebuilt byte for byte", arguments: AlgorithmSuite.all, framings)
    func roundTrip(suite: AlgorithmSuite, framing: MessageBlueprint.Framing) throws {
        let blueprint = try Self.unusual(suite, framing)
        let message = try MessageBuilder.build(blueprint)
        let dissected = try MessageDissector.dissect(message.bytes)
        #expect(dissected.layout.entries == message.layout.entries)
        #expect(dissected.encryptionContext == blueprint.encryptionContext)
        #expect(dissected.encryptedDataKeys == blueprint.encryptedDataKeys)
        #expect(dissected.messageID == blueprint.messageID)
        #expect(dissected.frames.map(\.ivBytes) == blueprint.frames.map(\.ivBytes))
        let recovered = dissected.blueprint(
            keys: blueprint.keys,
            plaintext: blueprint.plaintext,
            headerTagSuffix: blueprint.headerTagSuffix
        )
        #expect(try MessageBuilder.build(recovered).bytes == message.bytes)
    }

    @Test("Both forms of an empty encryption context are recovered")
    func emptyContext() throws {
        for form in [MessageBlueprint.EmptyContextForm.zeroLength, .zeroCount] {
            var blueprint = try Blueprints.make(.aes192GCM, context: [:])
            blueprint.emptyContextForm = form
            #expect(try MessageDissector.dissect(MessageBuilder.build(blueprint).bytes).emptyContextForm == form)
        }
    }

    @Test("Every truncation is refused, as are bytes after the end")
    func truncations() throws {
        for suite in [AlgorithmSuite.aes128GCMHKDFSHA256ECDSAP256, .aes256GCMHKDFSHA512CommitKey] {
            for framing in [MessageBlueprint.Framing.framed(16, .full), .nonFramed] {
                let message = try MessageBuilder.build(Blueprints.make(suite, framing: framing)).bytes
                for length in 0..<message.count {
                    #expect(throws: DissectionError.self, "\(length)") {
                        try MessageDissector.dissect(Array(message.prefix(length)))
                    }
                }
                #expect(throws: DissectionError.self) { try MessageDissector.dissect(message + [0]) }
            }
        }
    }

    @Test("Lengths that point past the message are refused without allocating for them")
    func hugeLengths() throws {
        var blueprint = try Blueprints.make(.aes256GCM, framing: .nonFramed)
        blueprint.overrides[.body(.contentLength)] = [UInt8](repeating: 0xFF, count: 8)
        let message = try MessageBuilder.build(blueprint).bytes
        let error = #expect(throws: DissectionError.self) { try MessageDissector.dissect(message) }
        #expect(error?.field == .body(.content))
    }

    @Test("An encryption context whose length does not fit its pairs is refused")
    func contextLength() throws {
        var blueprint = try Blueprints.make(.aes256GCM)
        blueprint.overrides[.encryptionContextLength] = [0, 3]
        let message = try MessageBuilder.build(blueprint).bytes
        let error = #expect(throws: DissectionError.self) { try MessageDissector.dissect(message) }
        #expect(error?.field == .encryptionContextLength)
    }

    @Test("Paths name elements from 0")
    func paths() throws {
        #expect(
            MessageField.encryptedDataKey(1, .keyProviderInfo).description
                == "header.encryptedDataKeys[1].keyProviderInfo"
        )
        #expect(MessageField.frame(3, .iv).description == "body.frames[3].iv")
        #expect(MessageField.signature.description == "footer.signature")
        let fields = try MessageBuilder.build(Blueprints.make(.aes128GCMHKDFSHA256ECDSAP256)).layout.entries
            .map { "\($0.field)" }
        #expect(Set(fields).count == fields.count)
    }
}
