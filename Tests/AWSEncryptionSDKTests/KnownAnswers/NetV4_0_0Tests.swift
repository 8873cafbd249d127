import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// Messages that ESDK-NET 4.0.0 wrote and published, by its own rules and by the specification's.
///
/// `net-4.0.0.json` names its source.
@Suite("Known answers: ESDK-NET 4.0.0")
struct NetV4_0_0Tests {
    struct Message: Decodable, Sendable, CustomTestStringConvertible {
        let id, suite, divergence: String
        let context: [String: String]
        let requiredKeys: [String]
        let plaintextLength: Int
        let plaintextSHA256: HexBytes
        let message: Base64Bytes

        var testDescription: String { "\(suite), divergence: \(divergence)" }
        var digest: PlaintextDigest { PlaintextDigest(length: plaintextLength, sha256: plaintextSHA256.bytes) }
    }

    struct Key: Decodable, Sendable {
        let keyID, namespace: String
        let key: Base64Bytes
    }

    struct File: Decodable, Sendable {
        let key: Key
        let messages: [Message]
    }

    static let file = Result { try VectorFile.load("messages/net-4.0.0.json", as: File.self) }

    private func reader(_ known: Message, _ retry: NetV4_0_0RetryPolicy) throws -> Reader {
        let key = try Self.file.get().key
        let keyring = try RawAESKeyring(
            keyNamespace: key.namespace,
            keyName: key.keyID,
            wrappingKey: SecretBytes(key.key.bytes),
            wrappingAlgorithm: .aes256GCM
        )
        let client = try EncryptionSDK(commitmentPolicy: .forbidEncryptAllowDecrypt, netV4_0_0RetryPolicy: retry)
        guard !known.requiredKeys.isEmpty else { return try Reader(keyring, client: client) }
        let manager = try RequiredEncryptionContextCMM(
            requiredEncryptionContextKeys: known.requiredKeys,
            underlying: keyring
        )
        return try Reader(manager, client: client, context: EncryptionContext(known.context))
    }

    private static let fewReadings: [Reading] = [.oneShot, .streamed(chunkLength: 100), .streamed(chunkLength: .max)]

    @Test("The file has messages of every divergence and a conformant one")
    func divergences() throws {
        let messages = try Self.file.get().messages
        #expect(Set(messages.map(\.divergence)) == ["key derivation", "header AAD", "both", "none"])
    }

    @Test(
        "Without the retry policy the header's tag refuses them; with it they open, and say so",
        arguments: try file.get().messages
    )
    func retry(known: Message) async throws {
        let isConformant = known.divergence == "none"
        if !isConformant {
            await expectRefusal(
                of: known.message.bytes,
                by: try reader(known, .forbidRetry),
                .headerTagMismatch,
                field: "Authentication Tag",
                readings: Self.fewReadings
            )
        }
        for policy in [NetV4_0_0RetryPolicy.forbidRetry, .allowRetry] where isConformant || policy == .allowRetry {
            for reading in Self.fewReadings {
                let result = try await reader(known, policy).read(known.message.bytes, reading)
                #expect(try known.digest.matches(result.plaintext))
                #expect(result.message.diagnostics == (isConformant ? [] : [.netV4_0_0Retry]))
            }
        }
    }

    @Test("The retry policy opens no damaged message", arguments: try file.get().messages)
    func damaged(known: Message) async throws {
        var altered = known.message.bytes
        for position in [8, altered.count / 2, altered.count - 1] {
            altered[position] ^= 1
            await #expect(throws: EncryptionSDKError.self) {
                _ = try await reader(known, .allowRetry).read(altered, .oneShot)
            }
            altered[position] ^= 1
        }
    }

    @Test("The retry policy does not excuse required context that is left out", arguments: Forge.unsignedSuites)
    func requiredContext(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        let client = try EncryptionSDK(
            commitmentPolicy: .requireEncryptAllowDecrypt,
            netV4_0_0RetryPolicy: .allowRetry
        )
        let required: EncryptionContext = ["tenant": "42"]
        await expectRefusal(
            of: try forge.sealed().bytes,
            by: try forge.reader(client: client, context: required),
            .headerTagMismatch
        )
        // The unreleased build that wrote pairs without their count.
        forge.requiredContext = Array(Forge.serialized(required.entries).dropFirst(2))
        await expectRefusal(
            of: try forge.sealed().bytes,
            by: try forge.reader(client: client, context: required),
            .headerTagMismatch
        )
    }

    @Test("A message of the specification's rules needs no retry", arguments: AlgorithmSuite.all)
    func conformant(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let client = try EncryptionSDK(
            commitmentPolicy: .requireEncryptAllowDecrypt,
            netV4_0_0RetryPolicy: .allowRetry
        )
        await expectOpening(of: try forge.sealed().bytes, by: try forge.reader(client: client), forge.plaintext)
    }
}
