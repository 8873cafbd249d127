import AWSMaterialProviders
import ESDKCrypto
import ESDKTestVectors
import TestSupport
import Testing

@testable import MessageForge

@Suite("Message reproducer")
struct MessageReproducerTests {
    /// What decryption would say of a blueprint's message.
    static func opened(
        _ blueprint: MessageBlueprint,
        _ bytes: [UInt8],
        rules: KeyDerivationRules = .specification
    ) throws -> OpenedMessage {
        OpenedMessage(
            bytes: bytes,
            plaintext: blueprint.plaintext,
            dataKey: Blueprints.dataKey(blueprint.algorithmSuite),
            encryptionContext: try EncryptionContext(entries: blueprint.encryptionContext),
            rules: rules
        )
    }

    @Test("A message in any convention is identical, and the convention is named", arguments: AlgorithmSuite.all)
    func identical(suite: AlgorithmSuite) throws {
        let base = try Blueprints.make(suite)
        var random = base
        try random.randomizeIVs(from: SystemRandomSource())
        var finalIV = base
        finalIV.useCommitmentVectorFinalIV()
        let unsorted = try Blueprints.make(suite, context: [:])
        var reversed = base
        reversed.encryptionContext.reverse()
        let expected: [(MessageBlueprint, [MessageConvention])] = [
            (base, []),
            (try Blueprints.make(suite, framing: .nonFramed), [.nonFramed]),
            (try Blueprints.make(suite, framing: .framed(8, .empty)), [.emptyFinalFrame]),
            (try Blueprints.make(suite, plaintext: [], framing: .framed(8, .empty)), []),
            (random, suite.messageFormatVersion == 1 ? [.headerIV, .frameIVs] : [.frameIVs]),
            (finalIV, [.finalFrameIV]),
            (unsorted, []),
            (reversed, [.unsortedContext]),
        ]
        for (blueprint, conventions) in expected {
            let message = try MessageBuilder.build(blueprint)
            let reproduction = try MessageReproducer().reproduce(Self.opened(blueprint, message.bytes))
            #expect(reproduction.isIdentical)
            #expect(reproduction.reason == nil)
            #expect(reproduction.signatureVerifies == (suite.signature == nil ? nil : true))
            let found = MessageConvention.found(in: reproduction.blueprint)
                .filter { if case .signatureLength = $0 { false } else { true } }
            #expect(found == conventions)
        }
    }

    @Test("The public key after all others, and a counted empty context, are named")
    func contextConventions() throws {
        let keyLast = try Blueprints.make(.aes256GCMHKDFSHA384ECDSAP384, context: ["zz": "1"], place: .last)
        #expect(MessageConvention.found(in: keyLast).contains(.publicKeyLast))
        var counted = try Blueprints.make(.aes256GCM, context: [:])
        counted.emptyContextForm = .zeroCount
        #expect(MessageConvention.found(in: counted) == [.countedEmptyContext])
    }

    @Test("A signature of another length than usual is named")
    func signatureLength() throws {
        var blueprint = try Blueprints.make(.aes256GCMHKDFSHA384ECDSAP384)
        blueprint.footer = .signature([UInt8](repeating: 0, count: 102))
        #expect(MessageConvention.found(in: blueprint) == [.signatureLength(102)])
        blueprint.footer = .signature([UInt8](repeating: 0, count: 103))
        #expect(MessageConvention.found(in: blueprint) == [])
    }

    @Test("A signature that is not one of the message is told apart from a difference")
    func foreignSignature() throws {
        let blueprint = try Blueprints.make(.aes128GCMHKDFSHA256ECDSAP256)
        let message = try MessageBuilder.build(blueprint)
        let other = try MessageBuilder.build(Blueprints.make(.aes128GCMHKDFSHA256ECDSAP256, plaintext: [1]))
        let signature = try #require(MessageDissector.dissect(other.bytes).signature)
        var forged = blueprint
        forged.footer = .signature(signature)
        let bytes = try MessageBuilder.build(forged).bytes
        let reproduction = try MessageReproducer().reproduce(Self.opened(blueprint, bytes))
        #expect(reproduction.differences == [])
        #expect(reproduction.signatureVerifies == false)
        #expect(!reproduction.isIdentical)
        #expect(reproduction.reason?.contains("signature") == true)
        #expect(try MessageReproducer().reproduce(Self.opened(blueprint, message.bytes)).isIdentical)
    }

    @Test("Reserved bytes, type and IV length, which no input decides, differ where they are not the specification's")
    func fixedFields() throws {
        let fields: [(MessageField, [UInt8])] = [
            (.type, [0x81]), (.reserved, [0, 0, 1, 0]), (.ivLength, [13]),
        ]
        for (field, bytes) in fields {
            var blueprint = try Blueprints.make(.aes256GCMHKDFSHA256)
            blueprint.overrides[field] = bytes
            let message = try MessageBuilder.build(blueprint)
            let reproduction = try MessageReproducer().reproduce(Self.opened(blueprint, message.bytes))
            // The tag is over the bytes as written, so it differs too.
            #expect(reproduction.differences.map(\.field) == [field, .headerTag])
            #expect(reproduction.reason?.hasSuffix("; 1 more field differs") == true)
        }
    }

    @Test("A difference is explained by the rules of ESDK-NET 4.0.0 when those make it go away")
    func explanations() throws {
        func reason(_ alter: (inout MessageBlueprint) -> Void, rules: KeyDerivationRules = .specification) throws
            -> String
        {
            var blueprint = try Blueprints.make(.aes256GCMHKDFSHA256)
            alter(&blueprint)
            let message = try MessageBuilder.build(blueprint)
            let reproduction = try MessageReproducer().reproduce(Self.opened(blueprint, message.bytes, rules: rules))
            return try #require(reproduction.reason)
        }
        let dataKey = Blueprints.dataKey(.aes256GCMHKDFSHA256)
        let derivation = try reason { $0.keys = .dataKey(dataKey, .netV4_0_0) }
        #expect(derivation.contains("it would be identical with a key derivation without the message id"))
        let suffix = try reason { $0.headerTagSuffix = [0, 0] }
        #expect(suffix.contains("header.tag differs at"))
        #expect(suffix.contains("it would be identical with two zero bytes after the header"))
        let both = try reason {
            $0.keys = .dataKey(dataKey, .netV4_0_0)
            $0.headerTagSuffix = [0, 0]
        }
        #expect(
            both.contains("it would be identical with the key derivation and the additional data of ESDK-NET 4.0.0")
        )
        let other = try reason { $0.headerTagSuffix = [1] }
        #expect(!other.contains("identical"))
    }

    @Test("A message whose structure cannot be followed is an error")
    func malformed() throws {
        let blueprint = try Blueprints.make(.aes256GCM)
        let bytes = Array(try MessageBuilder.build(blueprint).bytes.dropLast())
        #expect(throws: DissectionError.self) { try MessageReproducer().reproduce(Self.opened(blueprint, bytes)) }
    }

    @Test("A plaintext of another length cannot be rebuilt")
    func otherPlaintext() throws {
        let blueprint = try Blueprints.make(.aes256GCM)
        let message = try MessageBuilder.build(blueprint)
        let opened = OpenedMessage(
            bytes: message.bytes,
            plaintext: blueprint.plaintext + [0],
            dataKey: Blueprints.dataKey(.aes256GCM),
            encryptionContext: try EncryptionContext(entries: blueprint.encryptionContext)
        )
        #expect(throws: BlueprintError.self) { try MessageReproducer().reproduce(opened) }
    }
}
