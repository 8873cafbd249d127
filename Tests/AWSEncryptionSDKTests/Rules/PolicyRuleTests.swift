import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import MessageForge
import TestSupport
import Testing

/// The rules about commitment, policy and what materials managers return.
@Suite("Policy rules: commitment, policy, materials")
struct PolicyRuleTests {
    @Test("P01: a commitment that is not the one of the data key is refused", arguments: Forge.version2Suites)
    func p01(suite: AlgorithmSuite) async throws {
        for original in [try Forge(suite), try Forge.nonFramed(suite)] {
            var forge = original
            let right = try forge.keys().commitment
            for bit in stride(from: 0, to: 256, by: 17) {
                var wrong = right
                wrong[bit / 8] ^= 1 << (bit % 8)
                forge.overrides[.commitment] = wrong
                try await forge.expectRefusal(
                    .commitmentMismatch,
                    offset: { $0.offset("Algorithm Suite Data") },
                    field: "Algorithm Suite Data"
                )
            }
            forge.overrides[.commitment] = right
            try await forge.expectOpening()
        }
    }

    @Test("P01: a message sealed under one data key is refused with another that it does not commit to")
    func p01OtherDataKey() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKey)
        let otherKey = [UInt8](repeating: 9, count: 32)
        await expectRefusal(
            of: try forge.sealed().bytes,
            by: try Reader(StubKeyring(dataKey: otherKey)),
            .commitmentMismatch,
            field: "Algorithm Suite Data"
        )
        // Without a commitment it is the tag that tells.
        let uncommitted = try Forge(.aes256GCMHKDFSHA256)
        await expectRefusal(
            of: try uncommitted.sealed().bytes,
            by: try Reader(StubKeyring(dataKey: otherKey)),
            .headerTagMismatch,
            field: "Authentication Tag"
        )
    }

    @Test(
        "P02: require-decrypt refuses a message without commitment before any key call",
        arguments: AlgorithmSuite.all
    )
    func p02(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let message = try forge.sealed().bytes
        for policy in CommitmentPolicy.allCases {
            let keyring = StubKeyring(dataKey: forge.dataKey)
            let reader = try Reader(keyring, client: EncryptionSDK(commitmentPolicy: policy))
            if suite.isCommitting || policy != .requireEncryptRequireDecrypt {
                await expectOpening(of: message, by: reader, forge.plaintext, "\(policy)")
            } else {
                await expectRefusal(
                    of: message,
                    by: reader,
                    .commitmentPolicyViolation,
                    field: "Algorithm Suite ID",
                    "\(policy)"
                )
                #expect(keyring.calls == 0)
            }
        }
    }

    @Test("P02: require-decrypt does not rely on the materials manager", arguments: Forge.version1Suites)
    func p02CustomManager(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let (dataKey, key) = (forge.dataKey, forge.signingKey?.publicKey)
        let careless = StubMaterialsManager { request in
            try DecryptionMaterials(suite, for: request, dataKey: dataKey, verificationKey: key)
        }
        let client = try EncryptionSDK(commitmentPolicy: .requireEncryptRequireDecrypt)
        let message = try forge.sealed().bytes
        await expectRefusal(of: message, by: try Reader(careless, client: client), .commitmentPolicyViolation)
        #expect(careless.calls == 0)
        await expectOpening(of: message, by: try Reader(careless), forge.plaintext)
    }

    @Test("P02: a client requires commitment unless it is told otherwise")
    func p02Default() async throws {
        let client = try EncryptionSDK()
        #expect(client.commitmentPolicy == .requireEncryptRequireDecrypt)
        let forge = try Forge(.aes256GCMHKDFSHA256)
        let reader = try forge.reader(client: client)
        await expectRefusal(of: try forge.sealed().bytes, by: reader, .commitmentPolicyViolation)
    }

    @Test("P02: the default materials manager checks the policy itself")
    func p02DefaultCMM() async throws {
        let keyring = StubKeyring(dataKey: [UInt8](repeating: 0, count: 32))
        let request = DecryptMaterialsRequest(
            algorithmSuite: .aes256GCMHKDFSHA256,
            commitmentPolicy: .requireEncryptRequireDecrypt,
            encryptedDataKeys: [Forge.encryptedDataKey],
            encryptionContext: [:]
        )
        await #expect(throws: EncryptionSDKError(.commitmentPolicyViolation, "")) {
            try await DefaultCMM(keyring: keyring).decryptMaterials(for: request)
        }
        #expect(keyring.calls == 0)
    }

    @Test("P04: materials of another algorithm suite are refused", arguments: AlgorithmSuite.all)
    func p04(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let message = try forge.sealed().bytes
        for other in AlgorithmSuite.all where other != suite {
            let key = try Self.verificationKey(for: other)
            let manager = StubMaterialsManager { request in
                try DecryptionMaterials(
                    other,
                    for: request,
                    dataKey: [UInt8](1...UInt8(other.dataKeyLength)),
                    verificationKey: key
                )
            }
            await expectRefusal(of: message, by: try Reader(manager), .invalidMaterials, readings: [.oneShot])
            await expectRefusal(
                of: message,
                by: try Reader(manager),
                .invalidMaterials,
                readings: [.streamed(chunkLength: 7)]
            )
        }
    }

    @Test("P06: a data key of another length than the suite's is refused", arguments: AlgorithmSuite.all)
    func p06(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let message = try forge.sealed().bytes
        for length in [0, 1, 16, 24, 31, 32, 33, 64] where length != suite.dataKeyLength {
            let reader = try Reader(StubKeyring(dataKey: [UInt8](repeating: 1, count: length)))
            await expectRefusal(of: message, by: reader, .dataKeyLengthMismatch, "\(length) bytes")
        }
        await expectOpening(of: message, by: try forge.reader(), forge.plaintext)
    }

    @Test("P12: a maximum of less than one encrypted data key, or buffered byte, is refused", arguments: [0, -1, .min])
    func p12(maximum: Int) throws {
        #expect(throws: EncryptionSDKError(.invalidConfiguration, "")) {
            try EncryptionSDK(maximumEncryptedDataKeys: maximum)
        }
        #expect(throws: EncryptionSDKError(.invalidConfiguration, "")) {
            try EncryptionSDK(maximumBufferedBytes: maximum)
        }
        #expect(try EncryptionSDK(maximumEncryptedDataKeys: 1, maximumBufferedBytes: 1).maximumEncryptedDataKeys == 1)
    }

    @Test("P16: materials without a data key are refused", arguments: Forge.suites)
    func p16NoDataKey(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let key = forge.signingKey?.publicKey
        let message = try forge.sealed().bytes
        let manager = StubMaterialsManager { request in
            try DecryptionMaterials(suite, for: request, dataKey: nil, verificationKey: key)
        }
        await expectRefusal(of: message, by: try Reader(manager), .invalidMaterials)
        #expect(manager.calls == Reading.all.count)

        let dataKey = forge.dataKey
        let complete = StubMaterialsManager { request in
            try DecryptionMaterials(suite, for: request, dataKey: dataKey, verificationKey: key)
        }
        await expectOpening(of: message, by: try Reader(complete), forge.plaintext)
    }

    @Test("P16: materials whose verification key does not fit the suite cannot be made", arguments: AlgorithmSuite.all)
    func p16VerificationKey(suite: AlgorithmSuite) throws {
        let keys: [ECPublicKey?] = [nil, try Forge.p256Key.get().publicKey, try Forge.p384Key.get().publicKey]
        for key in keys {
            if key?.curve == suite.signature?.curve {
                _ = try DecryptionMaterials(algorithmSuite: suite, encryptionContext: [:], verificationKey: key)
            } else {
                #expect(throws: EncryptionSDKError(.invalidMaterials, "")) {
                    try DecryptionMaterials(algorithmSuite: suite, encryptionContext: [:], verificationKey: key)
                }
            }
        }
    }

    @Test("P16: materials whose required keys are not in their context cannot be made")
    func p16RequiredKeys() throws {
        #expect(throws: EncryptionSDKError(.invalidMaterials, "")) {
            try DecryptionMaterials(
                algorithmSuite: .aes256GCMHKDFSHA512CommitKey,
                encryptionContext: ["a": "1"],
                requiredEncryptionContextKeys: ["a", "b"]
            )
        }
        let materials = try DecryptionMaterials(
            algorithmSuite: .aes256GCMHKDFSHA512CommitKey,
            encryptionContext: ["a": "1", "b": "2", "c": "3"],
            requiredEncryptionContextKeys: ["a", "b", "a"]
        )
        #expect(materials.requiredEncryptionContext == ["a": "1", "b": "2"])
    }

    private static func verificationKey(for suite: AlgorithmSuite) throws -> ECPublicKey? {
        switch suite.signature?.curve {
        case .p256: try Forge.p256Key.get().publicKey
        case .p384: try Forge.p384Key.get().publicKey
        default: nil
        }
    }
}
