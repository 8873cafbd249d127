import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import ESDKTestVectors

/// Sets in memory.
enum MadeUpSet {
    static func make(_ tests: [DecryptTest], keys: [KeyEntry]) -> VectorSet {
        VectorSet(
            path: "set",
            manifestPath: "set/manifest.json",
            header: ManifestHeader(kind: .decrypt, type: "awses-decrypt", version: 2),
            producer: Producer(name: "made-up", version: "1"),
            folder: VectorFolder("/nonexistent"),
            keys: KeyTable(declaredVersion: 3, entries: keys),
            decryptTests: tests,
            diagnostics: []
        )
    }

    static func test(
        _ id: String,
        message: [UInt8],
        keys: KeyDescription,
        context: [(String, String)] = [],
        requiresContext: Bool = false,
        mustOpen: Bool = true
    ) -> DecryptTest {
        let pairs = context.map { ContextPairs.Pair(key: Array($0.0.utf8), value: Array($0.1.utf8)) }
        return DecryptTest(
            id: id,
            description: nil,
            keys: keys,
            declaredSuite: nil,
            declaredFrameLength: nil,
            content: .success(
                DecryptInstructions(
                    ciphertext: .inline(message),
                    keys: keys,
                    cmm: requiresContext ? .requiredEncryptionContext : .unspecified,
                    encryptionContext: ContextPairs(pairs),
                    expected: mustOpen ? .plaintext(.inline([])) : .refusal(nil)
                )
            )
        )
    }

    static func entry(_ name: String, keyID: String? = nil, _ material: KeyMaterial) -> KeyEntry {
        KeyEntry(name: name, keyID: keyID ?? name, encrypt: nil, decrypt: nil, bits: nil, material: material)
    }

    static func runner(_ set: VectorSet, retry: Bool = false) -> ReproductionRunner {
        var options = RunOptions(jobs: 1, task: .reproduce)
        options.allowsNetV4_0_0Retry = retry
        return ReproductionRunner(set: set, options: options, cache: KeyCache())
    }
}
