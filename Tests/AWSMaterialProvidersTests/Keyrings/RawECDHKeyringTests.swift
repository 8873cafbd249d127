import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@Suite("RawECDHKeyring")
struct RawECDHKeyringTests {
    /// Two parties on one curve, and data keys between them.
    private struct Parties {
        let curve: EllipticCurve
        let sender: ECPrivateKey
        let recipient: ECPrivateKey

        init(_ curve: EllipticCurve) throws {
            self.curve = curve
            sender = try ECPrivateKey.generate(curve)
            recipient = try ECPrivateKey.generate(curve)
        }

        var wrapping: ECDHWrapping { ECDHWrapping(curve: curve, sender: sender, recipient: recipient.publicKey) }

        func staticKeyring(own: ECPrivateKey, other: ECPrivateKey) throws -> RawECDHKeyring {
            try RawECDHKeyring(
                keyAgreementScheme: .rawPrivateKeyToStaticPublicKey(
                    senderStaticPrivateKey: own,
                    recipientPublicKey: other.publicKey
                ),
                curve: curve
            )
        }

        func discoveryKeyring() throws -> RawECDHKeyring {
            try RawECDHKeyring(
                keyAgreementScheme: .publicKeyDiscovery(recipientStaticPrivateKey: recipient),
                curve: curve
            )
        }

        /// Everyone who can open what the sender wrote.
        func readers() throws -> [RawECDHKeyring] {
            [
                try staticKeyring(own: recipient, other: sender), try staticKeyring(own: sender, other: recipient),
                try discoveryKeyring(),
            ]
        }
    }

    @Test(
        "Sender, recipient and discovery open a data key",
        .spec(
            "raw-ecdh-keyring/ondecrypt.4",
            "raw-ecdh-keyring/ondecrypt.12",
            "raw-ecdh-keyring/ondecrypt.14",
            "raw-ecdh-keyring/ondecrypt.16",
            "raw-ecdh-keyring/ondecrypt.18",
            "raw-ecdh-keyring/ondecrypt.20",
            "raw-ecdh-keyring/ondecrypt.21",
            "raw-ecdh-keyring/ondecrypt.22",
            "raw-ecdh-keyring/ondecrypt.23",
            "raw-ecdh-keyring/ondecrypt.24",
            "raw-ecdh-keyring/ondecrypt.26",
            "raw-ecdh-keyring/ondecrypt.28",
            "raw-ecdh-keyring/ondecrypt.29",
            "key-agreement-schemas/key-commitment",
            "raw-ecdh-keyring/data-key-unwrapping",
            "raw-ecdh-keyring/initialization.4",
            "raw-ecdh-keyring/key-provider-information",
            "key-agreement-schemas/key-derivation"
        ),
        arguments: EllipticCurve.allCases
    )
    func opens(curve: EllipticCurve) async throws {
        let parties = try Parties(curve)
        for keyring in try parties.readers() {
            await expectOpening(of: try parties.wrapping.wrapped(), by: keyring)
            var wrapping = parties.wrapping
            wrapping.context = [:]
            await expectOpening(
                of: try wrapping.wrapped(),
                by: keyring,
                materials: try Sample.materials(context: [:])
            )
        }
    }

    @Test("K11: the ephemeral sender's side opens nothing and says why", arguments: EllipticCurve.allCases)
    func k11(curve: EllipticCurve) async throws {
        let parties = try Parties(curve)
        let keyring = try RawECDHKeyring(
            keyAgreementScheme: .ephemeralPrivateKeyToStaticPublicKey(recipientPublicKey: parties.recipient.publicKey),
            curve: curve
        )
        await expectRefusal(of: try parties.wrapping.wrapped(), by: keyring, .noPrivateKey)
    }

    @Test("K12: keys on different curves, or on another than the keyring's, are refused")
    func k12() throws {
        for curve in EllipticCurve.allCases {
            for other in EllipticCurve.allCases where other != curve {
                let (own, foreign) = (try ECPrivateKey.generate(curve), try ECPrivateKey.generate(other))
                let schemes: [RawECDHKeyring.KeyAgreementScheme] = [
                    .rawPrivateKeyToStaticPublicKey(
                        senderStaticPrivateKey: own,
                        recipientPublicKey: foreign.publicKey
                    ),
                    .rawPrivateKeyToStaticPublicKey(
                        senderStaticPrivateKey: foreign,
                        recipientPublicKey: own.publicKey
                    ),
                    .rawPrivateKeyToStaticPublicKey(
                        senderStaticPrivateKey: foreign,
                        recipientPublicKey: foreign.publicKey
                    ),
                    .publicKeyDiscovery(recipientStaticPrivateKey: foreign),
                    .ephemeralPrivateKeyToStaticPublicKey(recipientPublicKey: foreign.publicKey),
                ]
                for scheme in schemes {
                    expectInvalidConfiguration { try RawECDHKeyring(keyAgreementScheme: scheme, curve: curve) }
                }
            }
        }
    }

    @Test("K12: a sender's public key that is no point of the curve is refused", arguments: EllipticCurve.allCases)
    func k12SenderPoint(curve: EllipticCurve) async throws {
        let parties = try Parties(curve)
        let good = try parties.wrapping.wrapped()
        let length = 1 + curve.fieldLength
        let start = 1 + 4 + length + 4
        let points = [
            [UInt8](repeating: 0, count: length), [4] + good.keyProviderInfo[(start + 1)...],
            [2] + [UInt8](repeating: 0xFF, count: length - 1),
        ]
        for point in points {
            let altered = good.with(keyProviderInfo: good.keyProviderInfo[..<start] + point)
            await expectRefusal(
                of: altered,
                by: try parties.discoveryKeyring(),
                .malformedEncryptedDataKey,
                goodOne: good
            )
        }
    }

    @Test("K13: another provider id is refused, and the next data key tried", arguments: EllipticCurve.allCases)
    func k13Provider(curve: EllipticCurve) async throws {
        let parties = try Parties(curve)
        let good = try parties.wrapping.wrapped()
        for provider in ["aws-kms", "raw-ecd", "raw-ecdh ", "RAW-ECDH", ""] {
            for keyring in try parties.readers() {
                let altered = good.with(keyProviderID: Array(provider.utf8))
                await expectRefusal(of: altered, by: keyring, .notForThisKeyring, goodOne: good)
            }
        }
    }

    @Test("K13: another version is refused", arguments: EllipticCurve.allCases, [0, 2, 0xFF] as [UInt8])
    func k13Version(curve: EllipticCurve, version: UInt8) async throws {
        let parties = try Parties(curve)
        var wrapping = parties.wrapping
        wrapping.version = version
        for keyring in try parties.readers() {
            await expectRefusal(
                of: try wrapping.wrapped(),
                by: keyring,
                .malformedEncryptedDataKey,
                goodOne: try parties.wrapping.wrapped()
            )
        }
    }

    @Test("K13: a data key of other parties is refused, and the next one tried", arguments: EllipticCurve.allCases)
    func k13Parties(curve: EllipticCurve) async throws {
        let parties = try Parties(curve)
        let strangers = try Parties(curve)
        let good = try parties.wrapping.wrapped()
        let fromStranger = ECDHWrapping(
            curve: curve,
            sender: strangers.sender,
            recipient: parties.recipient.publicKey
        )
        let toStranger = ECDHWrapping(
            curve: curve,
            sender: parties.sender,
            recipient: strangers.recipient.publicKey
        )
        for keyring in try parties.readers() {
            await expectRefusal(of: try toStranger.wrapped(), by: keyring, .notForThisKeyring, goodOne: good)
            await expectRefusal(
                of: try strangers.wrapping.wrapped(),
                by: keyring,
                .notForThisKeyring,
                goodOne: good
            )
        }
        for keyring in try parties.readers().prefix(2) {
            await expectRefusal(of: try fromStranger.wrapped(), by: keyring, .notForThisKeyring, goodOne: good)
        }
        // Discovery reads from anybody.
        await expectOpening(of: try fromStranger.wrapped(), by: try parties.discoveryKeyring())
    }

    @Test(
        "K13: a provider info altered in any byte, or of another length, is refused",
        arguments: EllipticCurve.allCases
    )
    func k13Info(curve: EllipticCurve) async throws {
        let parties = try Parties(curve)
        let good = try parties.wrapping.wrapped()
        let materials = try Sample.materials()
        for keyring in try parties.readers() {
            for index in good.keyProviderInfo.indices {
                var info = good.keyProviderInfo
                info[index] ^= 1
                await #expect(throws: EncryptionSDKError(.noDataKey, ""), "byte \(index)") {
                    _ = try await keyring.onDecrypt(materials, encryptedDataKeys: [good.with(keyProviderInfo: info)])
                }
            }
            for info in [[], [1], good.keyProviderInfo.dropLast(), good.keyProviderInfo + [0]] as [[UInt8]] {
                await #expect(throws: EncryptionSDKError(.noDataKey, "")) {
                    _ = try await keyring.onDecrypt(materials, encryptedDataKeys: [good.with(keyProviderInfo: info)])
                }
            }
        }
    }

    @Test("K13: a ciphertext altered in any bit is refused", arguments: EllipticCurve.allCases)
    func k13Ciphertext(curve: EllipticCurve) async throws {
        let parties = try Parties(curve)
        let good = try parties.wrapping.wrapped()
        let keyring = try parties.staticKeyring(own: parties.recipient, other: parties.sender)
        let materials = try Sample.materials()
        for (index, altered) in good.ciphertextBitFlips.enumerated() where index % 8 == (index / 8) % 8 {
            let error = await #expect(throws: EncryptionSDKError.self) {
                _ = try await keyring.onDecrypt(materials, encryptedDataKeys: [altered])
            }
            #expect(error?.refusals.map(\.error.code) == [.unwrappingFailed], "byte \(index / 8)")
        }
    }

    @Test("K13: a ciphertext of another length is refused", arguments: EllipticCurve.allCases)
    func k13Length(curve: EllipticCurve) async throws {
        let parties = try Parties(curve)
        let good = try parties.wrapping.wrapped()
        let keyring = try parties.staticKeyring(own: parties.recipient, other: parties.sender)
        for length in stride(from: 0, to: good.ciphertext.count, by: 8) {
            let code: EncryptionSDKError.Code = length <= 80 ? .malformedEncryptedDataKey : .dataKeyLengthMismatch
            let altered = good.with(ciphertext: Array(good.ciphertext[..<length]))
            await expectRefusal(of: altered, by: keyring, code, goodOne: good, "\(length) bytes")
        }
        let longer = good.with(ciphertext: good.ciphertext + [0])
        await expectRefusal(of: longer, by: keyring, .dataKeyLengthMismatch, goodOne: good)
    }

    @Test("K13: a data key bound to another context is refused", arguments: EllipticCurve.allCases)
    func k13Context(curve: EllipticCurve) async throws {
        let parties = try Parties(curve)
        let good = try parties.wrapping.wrapped()
        for context in [[:], ["purpose": "test"], ["purpose": "other", "\u{10000}": "é"]] as [EncryptionContext] {
            var wrapping = parties.wrapping
            wrapping.context = context
            for keyring in try parties.readers() {
                await expectRefusal(of: try wrapping.wrapped(), by: keyring, .unwrappingFailed, goodOne: good)
            }
        }
    }

    @Test("K14: a context that cannot be serialized is refused")
    func k14() async throws {
        let parties = try Parties(.p256)
        let materials = try Sample.materials(context: ["key": String(repeating: "v", count: 65_535)])
        let good = try parties.wrapping.wrapped()
        for keyring in try parties.readers() {
            await #expect(throws: EncryptionSDKError(.encryptionContextTooLong, "")) {
                _ = try await keyring.onDecrypt(materials, encryptedDataKeys: [good])
            }
        }
    }
}
