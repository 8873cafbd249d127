import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import TestSupport
import Testing

@Suite("MultiKeyring, and what all keyrings share")
struct MultiKeyringTests {
    private static func aes(_ name: String, key: UInt8 = 1) throws -> RawAESKeyring {
        try RawAESKeyring(
            keyNamespace: "namespace",
            keyName: name,
            wrappingKey: SecretBytes([UInt8](repeating: key, count: 32)),
            wrappingAlgorithm: .aes256GCM
        )
    }

    private static func wrapped(_ name: String, key: UInt8 = 1) throws -> EncryptedDataKey {
        var wrapping = AESWrapping()
        wrapping.name = Array(name.utf8)
        wrapping.key = [UInt8](repeating: key, count: 32)
        return try wrapping.wrapped()
    }

    /// A keyring whose answer is a closure's.
    private struct Stub: Keyring {
        let description = "stub"
        let answer: @Sendable (DecryptionMaterials) throws -> DecryptionMaterials

        func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials { materials }

        func onDecrypt(
            _ materials: DecryptionMaterials,
            encryptedDataKeys: [EncryptedDataKey]
        ) async throws -> DecryptionMaterials { try answer(materials) }
    }

    /// Notes where in memory the list of encrypted data keys lies, and adds to it.
    private final class Witness: Keyring {
        let description = "witness"
        private let places = Guarded<[UInt]>([])

        /// How often the list was somewhere else than the time before.
        var moves: Int {
            places.withLock { places in zip(places, places.dropFirst()).count(where: { $0 != $1 }) }
        }

        func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
            let place = materials.encryptedDataKeys.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
            places.withLock { $0.append(place) }
            return try await wrapDataKey(of: materials) { _ in
                EncryptedDataKey(keyProviderID: [], keyProviderInfo: [], ciphertext: [])
            }
        }

        func onDecrypt(
            _ materials: DecryptionMaterials,
            encryptedDataKeys: [EncryptedDataKey]
        ) async throws -> DecryptionMaterials { materials }
    }

    @Test("the list of encrypted data keys is handed from child to child, and not copied for each")
    func listIsHandedOver() async throws {
        let witness = Witness()
        let keyring = try MultiKeyring(
            generator: Self.aes("generator"),
            childKeyrings: [any Keyring](repeating: witness, count: 1000)
        )
        let materials = try EncryptionMaterials(
            algorithmSuite: .aes256GCMHKDFSHA512CommitKey,
            encryptionContext: EncryptionContext()
        )
        let result = try await keyring.onEncrypt(materials)
        #expect(result.encryptedDataKeys.count == 1001)
        // It moves when it has outgrown its place, which doubles each time.
        #expect(witness.moves <= 20)
    }

    private struct OwnError: Error, CustomStringConvertible { let description = "an error of its own" }

    @Test("K01: no keyring takes materials that have a data key")
    func k01() async throws {
        let key = try ECPrivateKey.generate(.p256)
        let rsa = try RSAPrivateKey(pem: VectorFile.text("keys/rsa-pkcs8.pem"))
        let keyrings: [any Keyring] = [
            try Self.aes("a"),
            try RawRSAKeyring(keyNamespace: "n", keyName: "k", paddingScheme: .pkcs1, privateKey: rsa),
            try RawRSAKeyring(keyNamespace: "n", keyName: "k", paddingScheme: .pkcs1, publicKey: rsa.publicKey),
            try RawECDHKeyring(
                keyAgreementScheme: .publicKeyDiscovery(recipientStaticPrivateKey: key),
                curve: .p256
            ),
            try RawECDHKeyring(
                keyAgreementScheme: .rawPrivateKeyToStaticPublicKey(
                    senderStaticPrivateKey: key,
                    recipientPublicKey: key.publicKey
                ),
                curve: .p256
            ),
            try HierarchicalKeyring(
                keyStore: FixedBranchKeyStore([]),
                branchKeyID: "id",
                timeToLive: .seconds(60),
                cache: .no
            ),
            try MultiKeyring(generator: Self.aes("a"), childKeyrings: [Self.aes("b")]),
            try MultiKeyring(generator: nil, childKeyrings: [Self.aes("a")]),
        ]
        let materials = try Sample.materials().settingDataKey(
            SecretBytes(Sample.dataKey),
            fromEncryptedDataKey: 7,
            by: "somebody"
        )
        for keyring in keyrings {
            for keys in [[], [try Self.wrapped("a")]] {
                await #expect(throws: EncryptionSDKError(.dataKeyAlreadyPresent, ""), "\(keyring)") {
                    _ = try await keyring.onDecrypt(materials, encryptedDataKeys: keys)
                }
            }
        }
        #expect(materials.dataKeyOrigin?.encryptedDataKey == 7)
        #expect(throws: EncryptionSDKError(.dataKeyAlreadyPresent, "")) {
            try materials.settingDataKey(SecretBytes(Sample.dataKey), fromEncryptedDataKey: 0, by: "another")
        }
    }

    @Test("K02: when nothing opens, one error carries every refusal, those of keys that were tried first")
    func k02() async throws {
        let keyring = try MultiKeyring(
            generator: Self.aes("a"),
            childKeyrings: [Self.aes("b", key: 9), MultiKeyring(generator: Self.aes("c"))]
        )
        let good = try Self.wrapped("a")
        let keys = [try Self.wrapped("b"), good.with(ciphertext: [1]), try Self.wrapped("other")]
        let error = await #expect(throws: EncryptionSDKError.self) {
            _ = try await keyring.onDecrypt(Sample.materials(), encryptedDataKeys: keys)
        }
        #expect(error?.code == .noDataKey)
        #expect(error?.refusals.map(\.encryptedDataKey) == [1, 0, 0, 2, 1, 2, 0, 1, 2])
        let foreign = EncryptionSDKError.Code.notForThisKeyring
        #expect(
            error?.refusals.map(\.error.code) == [
                .malformedEncryptedDataKey, .unwrappingFailed, foreign, foreign, foreign, foreign, foreign, foreign,
                foreign,
            ]
        )
        let names = error?.refusals.map(\.keyring) ?? []
        #expect(Set(names).count == 3)
        let text = error?.description ?? ""
        for refusal in error?.refusals ?? [] {
            #expect(text.contains(refusal.description))
            #expect(refusal.description.contains(refusal.keyring))
            #expect(refusal.description.contains("encrypted data key \(refusal.encryptedDataKey ?? -1)"))
        }
    }

    @Test("K02: no encrypted data key at all is an error too")
    func k02Nothing() async throws {
        for keyring in [try Self.aes("a"), try MultiKeyring(generator: Self.aes("a"))] as [any Keyring] {
            await #expect(throws: EncryptionSDKError(.noDataKey, "")) {
                _ = try await keyring.onDecrypt(Sample.materials(), encryptedDataKeys: [])
            }
        }
    }

    @Test("K10: a multi-keyring of nothing is refused")
    func k10() throws {
        expectInvalidConfiguration { try MultiKeyring(generator: nil, childKeyrings: []) }
        expectInvalidConfiguration { try MultiKeyring(generator: nil) }
    }

    @Test(
        "Generator and children open their data keys, nested ones too",
        .spec(
            "multi-keyring/ondecrypt.2",
            "multi-keyring/ondecrypt.3",
            "multi-keyring/ondecrypt.4",
            "multi-keyring/ondecrypt.5"
        )
    )
    func opens() async throws {
        let keyring = try MultiKeyring(
            generator: Self.aes("a"),
            childKeyrings: [Self.aes("b"), MultiKeyring(generator: nil, childKeyrings: [Self.aes("c")])]
        )
        for (name, position) in [("a", 0), ("b", 1), ("c", 2)] {
            var keys = [Sample.foreign, Sample.foreign, Sample.foreign]
            keys[position] = try Self.wrapped(name)
            let result = try await keyring.onDecrypt(Sample.materials(), encryptedDataKeys: keys)
            let isRight = result.plaintextDataKey == SecretBytes(Sample.dataKey)
            #expect(isRight)
            #expect(result.dataKeyOrigin?.encryptedDataKey == position)
            #expect(result.dataKeyOrigin?.keyring == (try Self.aes(name).description))
        }
    }

    @Test(
        "A keyring that fails does not stop the others, and what it said is kept",
        .spec("multi-keyring/ondecrypt.6", "multi-keyring/ondecrypt.4")
    )
    func failingKeyring() async throws {
        let failing: [(any Error, EncryptionSDKError.Code)] = [
            (OwnError(), .keyringFailure), (EncryptionSDKError(.inputOutput, "no network"), .inputOutput),
        ]
        for (error, code) in failing {
            let stub = Stub { _ in throw error }
            let keyring = try MultiKeyring(generator: stub, childKeyrings: [Self.aes("a")])
            let good = try Self.wrapped("a")
            let result = try await keyring.onDecrypt(Sample.materials(), encryptedDataKeys: [good])
            #expect(result.dataKeyOrigin?.encryptedDataKey == 0)
            let refused = await #expect(throws: EncryptionSDKError.self) {
                _ = try await keyring.onDecrypt(Sample.materials(), encryptedDataKeys: [Sample.foreign])
            }
            #expect(refused?.refusals.map(\.error.code) == [code, .notForThisKeyring])
            #expect(refused?.refusals.first?.keyring == "stub")
        }
    }

    @Test("A keyring that returns no data key does not stop the others", .spec("multi-keyring/ondecrypt.3"))
    func emptyAnswer() async throws {
        let keyring = try MultiKeyring(generator: Stub { $0 }, childKeyrings: [Self.aes("a")])
        let good = try Self.wrapped("a")
        let result = try await keyring.onDecrypt(Sample.materials(), encryptedDataKeys: [good])
        #expect(result.dataKeyOrigin?.keyring == (try Self.aes("a").description))
    }

    @Test("A cancelled task stops the search")
    func cancellation() async throws {
        let keyring = try MultiKeyring(
            generator: Stub { _ in throw CancellationError() },
            childKeyrings: [Self.aes("a")]
        )
        let good = try Self.wrapped("a")
        await #expect(throws: CancellationError.self) {
            _ = try await keyring.onDecrypt(Sample.materials(), encryptedDataKeys: [good])
        }
    }

    @Test(
        "A cancellation is noticed between two encrypted data keys and between two keyrings, which need not notice it"
    )
    func cancellationBetweenAttempts() async throws {
        struct Cancelling: Keyring {
            let asked: Guarded<Int>
            var description: String { "cancelling keyring" }
            func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials { materials }
            func onDecrypt(
                _ materials: DecryptionMaterials,
                encryptedDataKeys: [EncryptedDataKey]
            ) async throws -> DecryptionMaterials {
                try await openFirst(of: encryptedDataKeys, for: materials) { _ in
                    asked.withLock { $0 += 1 }
                    withUnsafeCurrentTask { unsafe $0?.cancel() }
                    throw EncryptionSDKError(.unwrappingFailed, "no")
                }
            }
        }
        struct Counting: Keyring {
            let asked: Guarded<Int>
            var description: String { "counting keyring" }
            func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials { materials }
            func onDecrypt(
                _ materials: DecryptionMaterials,
                encryptedDataKeys: [EncryptedDataKey]
            ) async throws -> DecryptionMaterials {
                asked.withLock { $0 += 1 }
                return materials
            }
        }
        for keys in 1...2 {
            let asked = Guarded(0)
            let cancelling = Cancelling(asked: asked)
            let keyring: any Keyring =
                keys == 2
                ? cancelling : try MultiKeyring(generator: cancelling, childKeyrings: [Counting(asked: asked)])
            let task = Task {
                try await keyring.onDecrypt(
                    Sample.materials(),
                    encryptedDataKeys: Array(repeating: Sample.foreign, count: keys)
                )
            }
            await #expect(throws: CancellationError.self) { _ = try await task.value }
            #expect(asked.withLock(\.self) == 1)
        }
    }

    @Test("No description of a keyring or an error shows key bytes")
    func descriptions() async throws {
        let secret = [UInt8](repeating: 0x53, count: 32)
        let keyring = try RawAESKeyring(
            keyNamespace: "namespace",
            keyName: "name",
            wrappingKey: SecretBytes(secret),
            wrappingAlgorithm: .aes256GCM
        )
        #expect(keyring.description == "raw AES-256 keyring namespace/name")
        let materials = try Sample.materials().settingDataKey(
            SecretBytes(secret),
            fromEncryptedDataKey: 0,
            by: "keyring"
        )
        for value in [keyring, materials] as [Any] {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                // In decimal, hexadecimal and ASCII; a single 83 can be a part of an address.
                for form in ["83, 83", "- 83\n", "53535353", "U1NTU1NT", "SSSS"] {
                    #expect(!text.contains(form))
                }
            }
        }
    }
}
