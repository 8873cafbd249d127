import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@Suite("RawAESKeyring")
struct RawAESKeyringTests {
    private func keyring(
        _ wrapping: AESWrapping = AESWrapping(),
        _ algorithm: RawAESKeyring.WrappingAlgorithm = .aes256GCM
    ) throws -> RawAESKeyring {
        try RawAESKeyring(
            keyNamespace: String(decoding: wrapping.namespace, as: UTF8.self),
            keyName: String(decoding: wrapping.name, as: UTF8.self),
            wrappingKey: SecretBytes(wrapping.key),
            wrappingAlgorithm: algorithm
        )
    }

    @Test(
        "A data key wrapped under any key length opens",
        .spec(
            "keyring-interface/decrypt-data-key.2",
            "keyring-interface/decrypt-data-key.3",
            "raw-aes-keyring/ondecrypt.3",
            "raw-aes-keyring/ondecrypt.17",
            "raw-aes-keyring/ondecrypt.5"
        ),
        arguments: [
            (.aes128GCM, .aes128), (.aes192GCM, .aes192), (.aes256GCM, .aes256),
        ] as [(RawAESKeyring.WrappingAlgorithm, AESGCM.KeyLength)]
    )
    func opens(algorithm: RawAESKeyring.WrappingAlgorithm, length: AESGCM.KeyLength) async throws {
        var wrapping = AESWrapping()
        wrapping.algorithm = length
        wrapping.key = Array(wrapping.key.prefix(length.rawValue))
        await expectOpening(of: try wrapping.wrapped(), by: try keyring(wrapping, algorithm))
    }

    @Test("An empty context is no additional data", arguments: AlgorithmSuite.all.filter { $0.signature == nil })
    func emptyContext(suite: AlgorithmSuite) async throws {
        var wrapping = AESWrapping()
        wrapping.context = [:]
        wrapping.dataKey = [UInt8](1...UInt8(suite.dataKeyLength))
        await expectOpening(
            of: try wrapping.wrapped(),
            by: try keyring(),
            wrapping.dataKey,
            materials: try Sample.materials(suite, context: [:])
        )
    }

    @Test("Names may be empty, not ASCII, or end in what looks like the rest of the provider info")
    func names() async throws {
        for name in [[], Array("naïve \u{10000}".utf8), Array("name".utf8) + [0, 0, 0, 0x7E, 0, 0, 0, 0x0C]] {
            var wrapping = AESWrapping()
            wrapping.name = name
            wrapping.namespace = Array("ключ".utf8)
            await expectOpening(of: try wrapping.wrapped(), by: try keyring(wrapping))
        }
    }

    @Test("K03: a namespace that starts with aws-kms is refused", arguments: ["aws-kms", "aws-kms-mrk", "aws-kms/"])
    func k03(namespace: String) throws {
        expectInvalidConfiguration {
            try RawAESKeyring(
                keyNamespace: namespace,
                keyName: "name",
                wrappingKey: SecretBytes(AESWrapping().key),
                wrappingAlgorithm: .aes256GCM
            )
        }
        for legal in ["aws-km", "AWS-KMS", " aws-kms", "aws", ""] {
            var wrapping = AESWrapping()
            wrapping.namespace = Array(legal.utf8)
            _ = try keyring(wrapping)
        }
    }

    @Test(
        "K04: a wrapping key of another length than the algorithm's is refused",
        arguments: RawAESKeyring.WrappingAlgorithm.allCases
    )
    func k04(algorithm: RawAESKeyring.WrappingAlgorithm) throws {
        for length in [0, 15, 16, 17, 24, 31, 32, 33, 64] {
            var wrapping = AESWrapping()
            wrapping.key = [UInt8](repeating: 1, count: length)
            if length == algorithm.keyLength {
                _ = try keyring(wrapping, algorithm)
            } else {
                expectInvalidConfiguration { try keyring(wrapping, algorithm) }
            }
        }
    }

    @Test("K05: another namespace or name is refused, and the next data key tried")
    func k05Names() async throws {
        let good = try AESWrapping().wrapped()
        for namespace in ["", "namespac", "namespace ", "Namespace"] {
            var wrapping = AESWrapping()
            wrapping.namespace = Array(namespace.utf8)
            await expectRefusal(of: try wrapping.wrapped(), by: try keyring(), .notForThisKeyring, goodOne: good)
        }
        for name in ["", "nam", "name ", "Name", "namename"] {
            var wrapping = AESWrapping()
            wrapping.name = Array(name.utf8)
            await expectRefusal(of: try wrapping.wrapped(), by: try keyring(), .notForThisKeyring, goodOne: good)
        }
    }

    @Test(
        "K05: another tag length or IV length is refused",
        arguments: [(96, 12), (0, 12), (127, 12), (128, 11), (128, 13), (128, 0)]
    )
    func k05Lengths(tagLengthInBits: Int, ivLength: Int) async throws {
        var wrapping = AESWrapping()
        wrapping.tagLengthInBits = tagLengthInBits
        wrapping.ivLength = ivLength
        await expectRefusal(
            of: try wrapping.wrapped(),
            by: try keyring(),
            .malformedEncryptedDataKey,
            goodOne: try AESWrapping().wrapped()
        )
    }

    @Test("K05: a provider info that is too short or too long is refused")
    func k05Info() async throws {
        let good = try AESWrapping().wrapped()
        let info = good.keyProviderInfo
        for length in 0..<info.count {
            let altered = good.with(keyProviderInfo: Array(info[..<length]))
            await expectRefusal(of: altered, by: try keyring(), .notForThisKeyring, goodOne: good, "\(length)")
        }
        let longer = good.with(keyProviderInfo: info + [0])
        await expectRefusal(of: longer, by: try keyring(), .notForThisKeyring, goodOne: good)
    }

    @Test("K05: a ciphertext shorter than a tag, or of another data key length, is refused")
    func k05Ciphertext() async throws {
        let good = try AESWrapping().wrapped()
        for length in 0..<48 {
            let code: EncryptionSDKError.Code = length < 16 ? .malformedEncryptedDataKey : .dataKeyLengthMismatch
            let altered = good.with(ciphertext: Array(good.ciphertext[..<length]))
            await expectRefusal(of: altered, by: try keyring(), code, goodOne: good, "\(length) bytes")
        }
        let longer = good.with(ciphertext: good.ciphertext + [0])
        await expectRefusal(of: longer, by: try keyring(), .dataKeyLengthMismatch, goodOne: good)
    }

    @Test("K06: a ciphertext altered in any bit is refused, and the next data key tried")
    func k06Bits() async throws {
        let good = try AESWrapping().wrapped()
        for altered in good.ciphertextBitFlips {
            await expectRefusal(of: altered, by: try keyring(), .unwrappingFailed, goodOne: good)
        }
    }

    @Test("K06: a data key sealed under another context, IV or key is refused, and the next one tried")
    func k06Other() async throws {
        let good = try AESWrapping().wrapped()
        for context in [[:], ["purpose": "test"], ["purpose": "other", "\u{10000}": "é"]] as [EncryptionContext] {
            var wrapping = AESWrapping()
            wrapping.context = context
            await expectRefusal(of: try wrapping.wrapped(), by: try keyring(), .unwrappingFailed, goodOne: good)
        }
        var wrapping = AESWrapping()
        wrapping.key[31] ^= 1
        await expectRefusal(of: try wrapping.wrapped(), by: try keyring(), .unwrappingFailed, goodOne: good)
        var info = good.keyProviderInfo
        info[info.count - 1] ^= 1
        let altered = good.with(keyProviderInfo: info)
        await expectRefusal(of: altered, by: try keyring(), .unwrappingFailed, goodOne: good)
    }

    @Test(
        "P06: a data key of another length than the suite's is refused, and the next one tried",
        arguments: [0, 16, 24, 31, 33]
    )
    func p06(length: Int) async throws {
        var wrapping = AESWrapping()
        wrapping.dataKey = [UInt8](repeating: 9, count: length)
        await expectRefusal(
            of: try wrapping.wrapped(),
            by: try keyring(),
            .dataKeyLengthMismatch,
            goodOne: try AESWrapping().wrapped()
        )
    }

    @Test("K14: a context that cannot be serialized is refused")
    func k14() async throws {
        let context = EncryptionContext(["key": String(repeating: "v", count: 65_535)])
        let good = try AESWrapping().wrapped()
        await #expect(throws: EncryptionSDKError(.encryptionContextTooLong, "")) {
            _ = try await keyring().onDecrypt(Sample.materials(context: context), encryptedDataKeys: [good])
        }
    }
}
