import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// The form that data-format/*.md and client-apis/encrypt.md give a message, read field by field.
@Suite("The form of a written message")
struct MessageFormTests {
    private struct Fields {
        let bytes: [UInt8]
        var offset = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        mutating func next(_ count: Int) -> [UInt8] {
            defer { offset += count }
            return Array(bytes[offset..<offset + count])
        }

        mutating func number(_ count: Int) -> Int { next(count).reduce(0) { $0 << 8 | Int($1) } }

        mutating func counted() -> [UInt8] { next(number(2)) }
    }

    private static let frameLength = 10

    private static func write(
        _ count: Int,
        _ suite: AlgorithmSuite,
        context: EncryptionContext = [:]
    ) async throws -> EncryptionResult {
        try await RoundTripTests.client(for: suite).encrypt(
            RoundTripTests.plaintext(count),
            using: EncryptionKeyrings.aes(.aes256GCM),
            encryptionContext: context,
            algorithmSuite: suite,
            frameLength: frameLength
        )
    }

    @Test(
        "every field, the IVs and the end are as specified",
        .spec(
            "encrypt/construct-the-header",
            "encrypt/construct-a-frame",
            "encrypt/construct-the-signature",
            "encrypt/behavior",
            "message-body/iv",
            "message-body/regular-frame/iv",
            "message-body/final-frame/iv",
            "message-header/structure",
            "message-header/header-body-version-1-0",
            "message-header/header-body-version-2-0",
            "message-body-aad/content-length",
            "algorithm-suites/encryption-algorithm-mode",
            "algorithm-suites/asymmetric-signature-algorithm"
        ),
        arguments: AlgorithmSuite.all,
        [0, 1, 9, 10, 11, 20, 25]
    )
    func everyField(_ suite: AlgorithmSuite, _ count: Int) async throws {
        let result = try await Self.write(count, suite)
        var fields = Fields(result.ciphertext)
        let version = suite.isCommitting ? 2 : 1
        #expect(fields.number(1) == version)
        if version == 1 { #expect(fields.number(1) == 0x80) }
        #expect(fields.number(2) == Int(suite.id))
        let messageID = fields.next(version == 1 ? 16 : 32)
        #expect(messageID == result.header.messageID)
        let context = fields.counted()
        // Unsigned and without pairs: the length 0 and nothing else. Signed: the public key.
        #expect(context.isEmpty == (suite.signature == nil))
        #expect(fields.number(2) == 1)
        #expect(fields.counted() == Array("raw".utf8))
        let info = fields.counted()
        // Key name, tag length in bits, IV length in bytes, and the IV.
        #expect(Array(info.prefix(11)) == Array("AES".utf8) + [0, 0, 0, 128, 0, 0, 0, 12])
        #expect(info.count == 23)
        #expect(fields.counted().count == suite.dataKeyLength + 16)
        #expect(fields.number(1) == 2, "framed")
        if version == 1 {
            #expect(fields.next(4) == [0, 0, 0, 0], "reserved")
            #expect(fields.number(1) == 12, "IV length")
        }
        #expect(fields.number(4) == Self.frameLength)
        if version == 1 {
            #expect(fields.next(12) == [UInt8](repeating: 0, count: 12), "the header's IV is zero")
        } else {
            #expect(fields.next(32) == result.header.commitment)
        }
        _ = fields.next(16)

        let regularFrames = count == 0 ? 0 : (count - 1) / Self.frameLength
        for number in 1..<regularFrames + 1 {
            #expect(fields.number(4) == number)
            #expect(fields.next(12) == Self.iv(number), "the IV is the sequence number")
            _ = fields.next(Self.frameLength + 16)
        }
        #expect(fields.number(4) == 0xFFFF_FFFF)
        #expect(fields.number(4) == regularFrames + 1)
        #expect(fields.next(12) == Self.iv(regularFrames + 1))
        // A plaintext that is an exact multiple of the frame length ends with a full frame.
        let rest = count - regularFrames * Self.frameLength
        #expect(fields.number(4) == rest)
        _ = fields.next(rest + 16)
        switch suite.signature?.curve {
        case .p256?: #expect(fields.counted().count == 71)
        case .p384?: #expect(fields.counted().count == 103)
        default: break
        }
        #expect(fields.offset == result.ciphertext.count)
    }

    private static func iv(_ number: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: 8) + (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }

    @Test(
        "an empty context is two zero bytes",
        .spec("message-header/key-value-pairs-length", "message-header/key-value-pairs", "structures/serialization.1")
    )
    func emptyContext() async throws {
        let message = try await Self.write(1, .aes256GCMHKDFSHA512CommitKey).ciphertext
        // Version, suite and message id take 35 bytes; the number of encrypted data keys follows.
        #expect(Array(message[35..<39]) == [0, 0, 0, 1])
    }

    @Test(
        "the context is sorted by UTF-8 bytes, not by UTF-16 and not by locale",
        .spec("structures/key-value-pair-entries.2")
    )
    func sortedContext() async throws {
        let context: EncryptionContext = ["\u{10000}": "4", "\u{E000}": "3", "a": "2", "Z": "1", "aws": "5"]
        let result = try await Self.write(1, .aes256GCMHKDFSHA512CommitKeyECDSAP384, context: context)
        var fields = Fields(result.ciphertext)
        _ = fields.next(35 + 2)
        var keys: [String] = []
        for _ in 0..<fields.number(2) {
            keys.append(String(decoding: fields.counted(), as: UTF8.self))
            _ = fields.counted()
        }
        #expect(keys == ["Z", "a", "aws", "aws-crypto-public-key", "\u{E000}", "\u{10000}"])
    }

    @Test(
        "two messages share neither message id nor data key nor signing key",
        .spec(
            "message-header/message-id",
            "encrypt/construct-the-header.6",
            "encrypt/construct-the-header.16",
            "keyring-interface/generate-data-key.5",
            "default-cmm/get-encryption-materials.6"
        )
    )
    func messagesDiffer() async throws {
        let first = try await Self.write(100, .aes256GCMHKDFSHA512CommitKeyECDSAP384)
        let second = try await Self.write(100, .aes256GCMHKDFSHA512CommitKeyECDSAP384)
        #expect(first.header.messageID != second.header.messageID)
        #expect(first.header.encryptedDataKeys != second.header.encryptedDataKeys)
        #expect(first.header.commitment != second.header.commitment)
        let publicKey = EncryptionContext.publicKeyName
        #expect(first.encryptionContext[publicKey] != second.encryptionContext[publicKey])
    }

    @Test(
        "the defaults are suite 0578, or 0378 under forbid-encrypt-allow-decrypt, and frames of 4,096 bytes",
        .spec(
            "commitment-policy/esdk-require-encrypt-allow-decrypt.1",
            "commitment-policy/esdk-require-encrypt-require-decrypt.1",
            "default-cmm/get-encryption-materials.3",
            "encrypt/frame-length.2",
            "client/initialization.2"
        )
    )
    func defaults() async throws {
        for policy in CommitmentPolicy.allCases {
            let client = try EncryptionSDK(commitmentPolicy: policy)
            let result = try await client.encrypt([1, 2, 3], using: EncryptionKeyrings.aes(.aes256GCM))
            #expect(result.algorithmSuite.idText == (policy == .forbidEncryptAllowDecrypt ? "0378" : "0578"))
            #expect(result.header.frameLength == 4096)
        }
    }

    @Test(
        "encrypted data keys stand in the order generator, children",
        .spec(
            "multi-keyring/onencrypt.3",
            "multi-keyring/onencrypt.7",
            "multi-keyring/onencrypt.9",
            "encrypt/construct-the-header.8",
            "encrypt/construct-the-header.18"
        )
    )
    func dataKeyOrder() async throws {
        let keyring = try MultiKeyring(
            generator: EncryptionKeyrings.aes(.aes128GCM, keyName: "generator"),
            childKeyrings: [
                EncryptionKeyrings.rsa(.oaep(.sha256)), EncryptionKeyrings.aes(.aes256GCM, keyName: "last"),
            ]
        )
        let result = try await EncryptionSDK().encrypt([1], using: keyring)
        let names = result.header.encryptedDataKeys.map { String(decoding: $0.keyProviderInfo, as: UTF8.self) }
        #expect(names.count == 3)
        #expect(names[0].hasPrefix("generator") && names[1] == "escrow" && names[2].hasPrefix("last"))
    }

    @Test("encrypting into an array replaces what it held")
    func intoAnArray() async throws {
        let client = try EncryptionSDK()
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        var message = [UInt8](repeating: 9, count: 10_000)
        var plaintext = [UInt8](repeating: 8, count: 10_000)
        for count in [5000, 0, 3] {
            let written = try await client.encrypt(RoundTripTests.plaintext(count), into: &message, using: keyring)
            let read = try await client.decrypt(message, into: &plaintext, using: keyring)
            #expect(plaintext == RoundTripTests.plaintext(count))
            #expect(read.header.messageID == written.header.messageID)
        }
        message[message.count - 1] ^= 1
        await #expect(throws: EncryptionSDKError(.signatureMismatch, "")) {
            _ = try await client.decrypt(message, into: &plaintext, using: keyring)
        }
        #expect(plaintext.isEmpty)
        await #expect(throws: EncryptionSDKError(.invalidFrameLength, "")) {
            _ = try await client.encrypt([1], into: &message, using: keyring, frameLength: 0)
        }
        #expect(message.isEmpty)
    }
}
