import AWSMaterialProviders
import ESDKCrypto
import MessageForge
import TestSupport
import Testing

@testable import AWSEncryptionSDK

/// The known answers that were published with key commitment: data keys, commitments, derived keys, messages.
///
/// `commitment.json` names its source.
@Suite("Known answers: key commitment")
struct CommitmentKnownAnswerTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let comment: String
        let opens: Bool
        let dataKey, commitment, messageID, message: Base64Bytes
        let contentKey: Base64Bytes?
        let context: [String: String]
        let plaintextFrames: [String]?

        var testDescription: String { comment }

        func suite() throws -> AlgorithmSuite {
            try AlgorithmSuite(id: UInt16(message.bytes[1]) << 8 | UInt16(message.bytes[2]))
        }
    }

    private struct File: Decodable { let cases: [Case] }

    static let cases = Result { try VectorFile.load("messages/commitment.json", as: File.self).cases }

    @Test(
        "The commitment and the content key are those of the data key",
        .spec(
            "transitive-requirements/hkdf-encryption-key",
            "transitive-requirements/hkdf-commit-key",
            "algorithm-suites/commit-key-derivation-algorithm"
        ),
        arguments: try cases.get()
    )
    func derivation(known: Case) throws {
        let keys = try MessageKeys(
            suite: known.suite(),
            dataKey: SecretBytes(known.dataKey.bytes),
            messageID: known.messageID.bytes
        )
        // The cases that must fail are two keys for one message: they state the other key's commitment.
        #expect([UInt8](bytesOf: keys.commitment.span) == known.commitment.bytes || !known.opens)
        let derived = try DerivedKeys(
            .dataKey(SecretBytes(known.dataKey.bytes), .specification),
            suite: known.suite(),
            messageID: known.messageID.bytes
        )
        #expect(derived.commitment == [UInt8](bytesOf: keys.commitment.span))
        if let contentKey = known.contentKey, known.opens {
            #expect([UInt8](bytesOf: keys.contentKey.span) == contentKey.bytes)
            #expect([UInt8](bytesOf: derived.contentKey.span) == contentKey.bytes)
        }
    }

    @Test("The messages open, or fail by their commitment", arguments: try cases.get())
    func messages(known: Case) async throws {
        let reader = try Reader(StubKeyring(dataKey: known.dataKey.bytes), client: EncryptionSDK())
        guard known.opens else {
            await expectRefusal(
                of: known.message.bytes,
                by: reader,
                .commitmentMismatch,
                field: "Algorithm Suite Data"
            )
            return
        }
        let plaintext = Array((known.plaintextFrames ?? []).joined().utf8)
        for reading in Reading.all {
            let result = try await reader.read(known.message.bytes, reading)
            #expect(result.plaintext == plaintext)
            #expect(result.message.header.commitment == known.commitment.bytes)
            #expect(result.message.header.messageID == known.messageID.bytes)
            for (key, value) in known.context { #expect(result.message.encryptionContext[key] == value) }
            #expect(result.message.encryptionContext.count == known.context.count)
        }
    }
}
