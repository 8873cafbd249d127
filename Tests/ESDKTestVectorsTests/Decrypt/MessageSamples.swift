import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto

@testable import ESDKTestVectors

/// Sets in memory, of messages that the library itself has written.
enum MessageSamples {
    /// The key that opens every message of `encrypt`.
    static let aes = KeyDescription.raw(key: "aes", providerID: "ns", .aes)

    static let keys = KeyTable(
        declaredVersion: 3,
        entries: [
            KeySamples.entry("aes", KeySamples.aes(32), keyID: "aes id"),
            KeySamples.entry("other", KeySamples.aes(16), keyID: "other id"),
            KeySamples.entry("same name", .symmetric([UInt8](repeating: 9, count: 32)), keyID: "aes id"),
            KeySamples.entry("kms", .awsKMS),
        ]
    )

    static func keyring(_ count: Int = 32, name: String = "aes id") throws -> RawAESKeyring {
        try RawAESKeyring(
            keyNamespace: "ns",
            keyName: name,
            wrappingKey: SecretBytes(KeySamples.aesBytes(count)),
            wrappingAlgorithm: count == 32 ? .aes256GCM : .aes128GCM
        )
    }

    static func encrypt(
        _ plaintext: [UInt8],
        keyring: (any Keyring)? = nil,
        suite: AlgorithmSuite = .aes256GCMHKDFSHA512CommitKey,
        context: EncryptionContext = EncryptionContext(),
        frameLength: Int = 16
    ) async throws -> [UInt8] {
        let sdk = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
        return try await sdk.encrypt(
            plaintext,
            using: keyring ?? Self.keyring(),
            encryptionContext: context,
            algorithmSuite: suite,
            frameLength: frameLength
        ).ciphertext
    }

    static func test(
        _ id: String,
        _ message: [UInt8],
        _ plaintext: [UInt8]?,
        keys: KeyDescription = aes,
        method: DecryptionMethod = .any,
        cmm: CMMSelection = .unspecified,
        context: ContextPairs = ContextPairs()
    ) -> DecryptTest {
        DecryptTest(
            id: id,
            description: nil,
            keys: keys,
            declaredSuite: 0x0014,
            declaredFrameLength: 1,
            content: .success(
                DecryptInstructions(
                    ciphertext: .inline(message),
                    keys: keys,
                    method: method,
                    cmm: cmm,
                    encryptionContext: context,
                    expected: plaintext.map { .plaintext(.inline($0)) } ?? .refusal(nil)
                )
            )
        )
    }

    static func pairs(_ pairs: (String, String)...) -> ContextPairs {
        ContextPairs(pairs.map { ContextPairs.Pair(key: Array($0.0.utf8), value: Array($0.1.utf8)) })
    }

    /// A set of tests.
    static func set(_ tests: [DecryptTest]) -> VectorSet {
        VectorSet(
            path: "set",
            manifestPath: "set/manifest.json",
            header: ManifestHeader(kind: .decrypt, type: "awses-decrypt", version: 2),
            producer: Producer(name: nil, version: nil),
            folder: VectorFolder("."),
            keys: keys,
            decryptTests: tests,
            diagnostics: []
        )
    }

    /// Runs tests as one set.
    static func run(_ tests: [DecryptTest], options: RunOptions = RunOptions(jobs: 2)) async -> [TestResult] {
        let set = set(tests)
        let run = VectorRun([set], selection: TestSelection([set], options: options), options: options)
        return await run.run { _, _ in }.sets.flatMap(\.results)
    }

    /// Runs one test.
    static func run(_ test: DecryptTest, options: RunOptions = RunOptions(jobs: 1)) async throws -> TestResult {
        let results = await run([test], options: options)
        guard let result = results.first, results.count == 1 else { throw EncryptionSDKError(.invalidMaterials, "") }
        return result
    }
}
