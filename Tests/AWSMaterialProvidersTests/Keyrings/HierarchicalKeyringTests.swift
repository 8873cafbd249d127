import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@Suite("HierarchicalKeyring")
struct HierarchicalKeyringTests {
    private func materials(_ wrapping: HierarchicalWrapping = HierarchicalWrapping()) throws -> BranchKeyMaterials {
        try BranchKeyMaterials(
            branchKeyID: wrapping.branchKeyID,
            version: HierarchicalWrapping.version,
            branchKey: SecretBytes(wrapping.branchKey)
        )
    }

    private func keyring(_ wrapping: HierarchicalWrapping = HierarchicalWrapping()) throws -> HierarchicalKeyring {
        try HierarchicalKeyring(
            keyStore: FixedBranchKeyStore([try materials(wrapping)]),
            branchKeyID: wrapping.branchKeyID,
            timeToLive: .seconds(60),
            cache: .no
        )
    }

    @Test(
        "A data key opens, whatever its suite",
        .spec(
            "aws-kms-hierarchical-keyring/ondecrypt.5",
            "aws-kms-hierarchical-keyring/ondecrypt.7",
            "aws-kms-hierarchical-keyring/ondecrypt.16",
            "aws-kms-hierarchical-keyring/ondecrypt.17",
            "aws-kms-hierarchical-keyring/branch-key-unwrapping",
            "aws-kms-hierarchical-keyring/branch-key-wrapping-and-unwrapping-aad"
        ),
        arguments: AlgorithmSuite.all.filter { $0.signature == nil }
    )
    func opens(suite: AlgorithmSuite) async throws {
        for context in [Sample.context, [:]] {
            var wrapping = HierarchicalWrapping()
            wrapping.context = context
            wrapping.dataKey = [UInt8](1...UInt8(suite.dataKeyLength))
            await expectOpening(
                of: try wrapping.wrapped(),
                by: try keyring(),
                wrapping.dataKey,
                materials: try Sample.materials(suite, context: context)
            )
        }
    }

    @Test("Branch key ids are compared by their bytes")
    func branchKeyIDs() async throws {
        var wrapping = HierarchicalWrapping()
        wrapping.branchKeyID = "e\u{301}"
        await expectOpening(of: try wrapping.wrapped(), by: try keyring(wrapping))
        var composed = wrapping
        composed.branchKeyID = "\u{E9}"
        await expectRefusal(
            of: try composed.wrapped(),
            by: try keyring(wrapping),
            .notForThisKeyring,
            goodOne: try wrapping.wrapped()
        )
        // A store that holds the one does not give it out for the other.
        let store = FixedBranchKeyStore([try materials(wrapping)])
        await #expect(throws: EncryptionSDKError(.branchKeyNotFound, "")) {
            try await store.branchKey(id: "\u{E9}", version: HierarchicalWrapping.version)
        }
    }

    @Test(
        "Another provider id or branch key id is refused, and the next data key tried",
        .spec(
            "aws-kms-hierarchical-keyring/ondecrypt.3",
            "aws-kms-hierarchical-keyring/ondecrypt.4",
            "aws-kms-hierarchical-keyring/ondecrypt.6",
            "aws-kms-hierarchical-keyring/ondecrypt.8",
            "aws-kms-hierarchical-keyring/ondecrypt.18"
        )
    )
    func others() async throws {
        let good = try HierarchicalWrapping().wrapped()
        for provider in ["aws-kms", "aws-kms-hierarchy ", "raw-ecdh", ""] {
            let altered = good.with(keyProviderID: Array(provider.utf8))
            await expectRefusal(of: altered, by: try keyring(), .notForThisKeyring, goodOne: good)
        }
        for id in ["", "branch", "branch key 2", "Branch key"] {
            var wrapping = HierarchicalWrapping()
            wrapping.branchKeyID = id
            await expectRefusal(of: try wrapping.wrapped(), by: try keyring(), .notForThisKeyring, goodOne: good)
        }
    }

    @Test("A version that the store does not have is refused, and the next data key tried")
    func version() async throws {
        var wrapping = HierarchicalWrapping()
        wrapping.versionBytes[15] ^= 1
        let refusal = await expectRefusal(
            of: try wrapping.wrapped(),
            by: try keyring(),
            .branchKeyNotFound,
            goodOne: try HierarchicalWrapping().wrapped()
        )
        #expect(refusal?.error.reason.contains("20212223-2425-2627-2829-2a2b2c2d2e2e") == true)
    }

    @Test(
        "The version of the data key decides, not the newest one",
        .spec(
            "aws-kms-hierarchical-keyring/getitem-branch-keystore-ondecrypt.1",
            "aws-kms-hierarchical-keyring/getitem-branch-keystore-ondecrypt.2"
        )
    )
    func versions() async throws {
        let old = try materials()
        let new = try BranchKeyMaterials(
            branchKeyID: old.branchKeyID,
            version: "00000000-0000-0000-0000-00000000000A",
            branchKey: SecretBytes([UInt8](repeating: 3, count: 32))
        )
        let keyring = try HierarchicalKeyring(
            keyStore: FixedBranchKeyStore([old, new]),
            branchKeyID: old.branchKeyID,
            timeToLive: .seconds(60),
            cache: .no
        )
        await expectOpening(of: try HierarchicalWrapping().wrapped(), by: keyring)
        var wrapping = HierarchicalWrapping()
        wrapping.versionBytes = [UInt8](repeating: 0, count: 15) + [10]
        wrapping.branchKey = [UInt8](repeating: 3, count: 32)
        await expectOpening(of: try wrapping.wrapped(), by: keyring)
    }

    @Test("An altered branch key, context or data key length is refused, and the next data key tried")
    func altered() async throws {
        let good = try HierarchicalWrapping().wrapped()
        var wrapping = HierarchicalWrapping()
        wrapping.branchKey[0] ^= 1
        await expectRefusal(of: try wrapping.wrapped(), by: try keyring(), .unwrappingFailed, goodOne: good)
        for context in [[:], ["purpose": "test"]] as [EncryptionContext] {
            wrapping = HierarchicalWrapping()
            wrapping.context = context
            await expectRefusal(of: try wrapping.wrapped(), by: try keyring(), .unwrappingFailed, goodOne: good)
        }
        for length in [16, 24, 31, 33] {
            wrapping = HierarchicalWrapping()
            wrapping.dataKey = [UInt8](repeating: 1, count: length)
            let encryptedDataKey = try wrapping.wrapped()
            await expectRefusal(of: encryptedDataKey, by: try keyring(), .dataKeyLengthMismatch, goodOne: good)
        }
    }

    @Test("A ciphertext altered in any bit is refused: salt, IV, version, wrapped key and tag")
    func ciphertextBits() async throws {
        let good = try HierarchicalWrapping().wrapped()
        for (index, altered) in good.ciphertextBitFlips.enumerated() {
            let isVersion = (28..<44).contains(index / 8)
            let code: EncryptionSDKError.Code = isVersion ? .branchKeyNotFound : .unwrappingFailed
            await expectRefusal(of: altered, by: try keyring(), code, goodOne: good, "bit \(index)")
        }
    }

    @Test("A ciphertext of another length is refused")
    func ciphertextLength() async throws {
        let good = try HierarchicalWrapping().wrapped()
        for length in 0..<good.ciphertext.count {
            let code: EncryptionSDKError.Code = length <= 60 ? .malformedEncryptedDataKey : .dataKeyLengthMismatch
            let altered = good.with(ciphertext: Array(good.ciphertext[..<length]))
            await expectRefusal(of: altered, by: try keyring(), code, goodOne: good, "\(length) bytes")
        }
    }

    @Test("K14: a context that cannot be serialized is refused")
    func k14() async throws {
        let materials = try Sample.materials(context: ["key": String(repeating: "v", count: 65_535)])
        let good = try HierarchicalWrapping().wrapped()
        await #expect(throws: EncryptionSDKError(.encryptionContextTooLong, "")) {
            _ = try await keyring().onDecrypt(materials, encryptedDataKeys: [good])
        }
    }

    @Test(
        "Branch keys have 32 bytes and a UUID for a version",
        .spec("structures/branch-key.2", "structures/branch-key-version.1")
    )
    func branchKeyMaterials() throws {
        for length in [0, 16, 31, 33] {
            expectInvalidConfiguration {
                try BranchKeyMaterials(
                    branchKeyID: "id",
                    version: HierarchicalWrapping.version,
                    branchKey: SecretBytes([UInt8](repeating: 1, count: length))
                )
            }
        }
        let texts = ["", "20212223-2425-2627-2829-2a2b2c2d2e2", "2021222324252627-2829-2a2b-2c2d-2e2f0000"]
        for version in texts + [
            "20212223-2425-2627-2829-2a2b2c2d2e2g", "branch:version:20212223-2425-2627-2829-2a2b2c2d2e2f",
        ] {
            expectInvalidConfiguration {
                try BranchKeyMaterials(
                    branchKeyID: "id",
                    version: version,
                    branchKey: SecretBytes([UInt8](repeating: 1, count: 32))
                )
            }
        }
        let upper = try BranchKeyMaterials(
            branchKeyID: "id",
            version: HierarchicalWrapping.version.uppercased(),
            branchKey: SecretBytes([UInt8](repeating: 1, count: 32))
        )
        #expect(upper.version == HierarchicalWrapping.version)
    }

    /// What a store throws that has errors of its own.
    private struct StoreFailure: Error {}

    /// Fails with its own error for one version, and knows the other.
    private struct FailingStore: BranchKeyStore {
        let logicalKeyStoreName = "failing"
        let good: BranchKeyMaterials
        var isCancelled = false

        func activeBranchKey(id: String) async throws -> BranchKeyMaterials { good }

        func branchKey(id: String, version: String) async throws -> BranchKeyMaterials {
            guard version == good.version else {
                if isCancelled { throw CancellationError() }
                throw StoreFailure()
            }
            return good
        }
    }

    @Test("A store that fails for one data key does not stop the next one")
    func storeFails() async throws {
        let keyring = try HierarchicalKeyring(
            keyStore: FailingStore(good: try materials()),
            branchKeyID: "branch key",
            timeToLive: .seconds(60),
            cache: .no
        )
        var wrapping = HierarchicalWrapping()
        wrapping.versionBytes[0] ^= 1
        await expectRefusal(
            of: try wrapping.wrapped(),
            by: keyring,
            .keyringFailure,
            goodOne: try HierarchicalWrapping().wrapped()
        )
    }

    @Test("A cancelled task stops the search")
    func cancellation() async throws {
        let store = FailingStore(good: try materials(), isCancelled: true)
        let keyring = try HierarchicalKeyring(
            keyStore: store,
            branchKeyID: "branch key",
            timeToLive: .seconds(60),
            cache: .no
        )
        var wrapping = HierarchicalWrapping()
        wrapping.versionBytes[0] ^= 1
        let keys = [try wrapping.wrapped(), try HierarchicalWrapping().wrapped()]
        await #expect(throws: CancellationError.self) {
            _ = try await keyring.onDecrypt(Sample.materials(), encryptedDataKeys: keys)
        }
    }
}
