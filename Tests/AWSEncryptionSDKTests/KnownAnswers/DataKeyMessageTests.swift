import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@testable import AWSEncryptionSDK

/// Messages under a given data key that the implementations in C and JavaScript publish with their sources.
///
/// `data-keys.json` names its sources.
@Suite("Known answers: messages under a data key")
struct DataKeyMessageTests {
    struct Message: Decodable, Sendable, CustomTestStringConvertible {
        let id: String
        let dataKey: HexBytes
        let contentKey: HexBytes?
        let plaintext: Base64Bytes?
        let error: String?
        let message: Base64Bytes

        var testDescription: String { id }
    }

    private struct File: Decodable { let messages: [Message] }

    static let messages = Result { try VectorFile.load("messages/data-keys.json", as: File.self).messages }

    /// What the published reasons are here.
    private static let codes: [String: EncryptionSDKError.Code] = [
        "Invalid Signature": .signatureMismatch,
        "Encrypted body sequence out of order.": .sequenceNumberMismatch,
    ]

    @Test("The messages open, or are refused for the published reason", arguments: try messages.get())
    func opens(known: Message) async throws {
        let reader = try Reader(StubKeyring(dataKey: known.dataKey.bytes))
        if let plaintext = known.plaintext {
            await expectOpening(of: known.message.bytes, by: reader, plaintext.bytes)
        } else {
            let code = try #require(Self.codes[known.error ?? ""])
            await expectRefusal(of: known.message.bytes, by: reader, code)
        }
    }

    @Test(
        "The content key is the one that was recovered from the message",
        .spec("transitive-requirements/hkdf-encryption-key", "algorithm-suites/encryption-key-derivation-algorithm"),
        arguments: try messages.get()
    )
    func contentKey(known: Message) throws {
        guard let contentKey = known.contentKey else { return }
        let bytes = known.message.bytes
        try #require(bytes[0] == 1)
        let suite = try AlgorithmSuite(id: UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
        let keys = try MessageKeys(
            suite: suite,
            dataKey: SecretBytes(known.dataKey.bytes),
            messageID: Array(bytes[4..<20])
        )
        #expect([UInt8](bytesOf: keys.contentKey.span) == contentKey.bytes)
        #expect(keys.commitment.count == 0)
    }

    @Test("Two, three and four data keys pass a maximum of that number, and no smaller one")
    func maximum() async throws {
        for (name, count) in [("node-twoEdksMessage", 2), ("node-threeEdksMessage", 3), ("node-fourEdksMessage", 4)] {
            let known = try #require(try Self.messages.get().first { $0.id == name })
            for maximum in 1...5 {
                let client = try EncryptionSDK(
                    commitmentPolicy: .forbidEncryptAllowDecrypt,
                    maximumEncryptedDataKeys: maximum
                )
                let reader = try Reader(StubKeyring(dataKey: known.dataKey.bytes), client: client)
                if count <= maximum {
                    let plaintext = try #require(known.plaintext?.bytes)
                    await expectOpening(of: known.message.bytes, by: reader, plaintext)
                } else {
                    await expectRefusal(of: known.message.bytes, by: reader, .tooManyEncryptedDataKeys)
                }
            }
        }
    }
}
