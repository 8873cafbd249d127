import AWSMaterialProviders
import ESDKCrypto
import Foundation
import TestSupport
import Testing

/// Searches everything that keyrings over KMS say for what nobody may read.
@Suite struct KMSErrorSecrecyTests {
    private static let token = "grant-token-nobody-may-read"

    /// The ways in which text could show bytes.
    private static func forms(of secret: SecretBytes) -> [String] {
        let bytes = (0..<secret.count).map { secret.span[$0] }
        let hex = bytes.map { String(format: "%02x", $0) }
        let data = Data(bytes)
        return [
            // Any eight bytes in a row would be too much.
            hex[8..<16].joined(), hex[8..<16].joined().uppercased(), hex[8..<16].joined(separator: " "),
            bytes[8..<16].map(String.init).joined(separator: ", "), String(data.base64EncodedString().prefix(20)),
            String(Data(bytes[8...]).base64EncodedString().prefix(20)),
        ]
    }

    private static func expectNothing(
        of secrets: [SecretBytes],
        in value: Any,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var dumped = ""
        dump(value, to: &dumped)
        for text in ["\(value)", String(reflecting: value), dumped] {
            #expect(!text.contains(token), sourceLocation: sourceLocation)
            for form in secrets.flatMap(forms) {
                let isThere = text.contains(form)
                #expect(!isThere, sourceLocation: sourceLocation)
            }
        }
    }

    /// What the fault makes of the keyring in both directions.
    private static func errors(
        of keyring: any Keyring,
        _ keys: [EncryptedDataKey],
        context: EncryptionContext = context
    ) async throws -> [any Error] {
        var errors: [any Error] = []
        do { _ = try await keyring.onEncrypt(encryptionMaterials()) } catch { errors.append(error) }
        let wrapped = try encryptionMaterials().generatingDataKeyIfNeeded()
        do { _ = try await keyring.onEncrypt(wrapped) } catch { errors.append(error) }
        do {
            _ = try await keyring.onDecrypt(decryptionMaterials(context), encryptedDataKeys: keys)
            Issue.record("\(keyring) opened it")
        } catch {
            errors.append(error)
        }
        return errors
    }

    @Test("no error or keyring shows a data key, a branch key, a shared secret or a grant token")
    func search() async throws {
        let kms = StandInKMS(region: "us-west-2", keys: [Keys.west])
        let (sender, recipient) = (try ECPrivateKey.generate(.p256), try ECPrivateKey.generate(.p256))
        let rsa = try RSAFixture.privateKey()
        kms.change { state in
            state.ec = [Keys.other: sender]
            state.rsa[Keys.mrkWest] = rsa
        }
        let store = try KeyStore(
            tableName: "table",
            logicalKeyStoreName: "logical",
            kmsConfiguration: .kmsKeyARN(Keys.west),
            grantTokens: [Self.token],
            dynamoDBClient: StandInDynamoDB(),
            kmsClient: kms
        )
        let id = try await store.createKey()
        let keyrings: [any Keyring] = [
            try AWSKMSKeyring(kmsKeyID: Keys.west, kmsClient: kms, grantTokens: [Self.token]),
            try AWSKMSMRKKeyring(kmsKeyID: Keys.west, kmsClient: kms, grantTokens: [Self.token]),
            AWSKMSDiscoveryKeyring(kmsClient: kms, grantTokens: [Self.token]),
            try AWSKMSMRKDiscoveryKeyring(kmsClient: kms, region: "us-west-2", grantTokens: [Self.token]),
            try AWSKMSRSAKeyring(
                kmsKeyID: Keys.mrkWest,
                encryptionAlgorithm: .rsaesOAEPSHA256,
                publicKey: rsa.publicKey,
                kmsClient: kms,
                grantTokens: [Self.token]
            ),
            try await AWSKMSECDHKeyring(
                keyAgreementScheme: .kmsPrivateKeyToStaticPublicKey(
                    senderKMSIdentifier: Keys.other,
                    senderPublicKey: nil,
                    recipientPublicKey: recipient.publicKey
                ),
                curve: .p256,
                kmsClient: kms,
                grantTokens: [Self.token]
            ),
            try HierarchicalKeyring(keyStore: store, branchKeyID: id, timeToLive: .seconds(1), cache: .no),
        ]
        var message = try encryptionMaterials().generatingDataKeyIfNeeded()
        for keyring in keyrings {
            guard let next = try? await keyring.onEncrypt(message) else { continue }
            message = next
        }
        #expect(message.encryptedDataKeys.count == 5)
        let secrets = [
            try #require(message.plaintextDataKey), try await store.activeBranchKey(id: id).branchKey,
            try await store.beaconKey(id: id).beaconKey, try sender.sharedSecret(with: recipient.publicKey),
        ]
        // The search itself finds what is there.
        #expect(Self.forms(of: SecretBytes([UInt8](0..<32))).first == "08090a0b0c0d0e0f")
        let faults: [(inout StandInKMS.State) -> Void] = [
            { $0.dropsPlaintextBytes = 1 }, { $0.answeredKeyID = Keys.mrkEast },
            { state in
                for operation in ["GenerateDataKey", "Encrypt", "Decrypt", "DeriveSharedSecret"] {
                    state.failures[operation] = .accessDenied
                }
            },
            { state in
                for operation in ["GenerateDataKey", "Encrypt", "Decrypt", "DeriveSharedSecret"] {
                    state.failures[operation] = .noResponse
                }
            },
        ]
        var found = 0
        for keyring in keyrings {
            Self.expectNothing(of: secrets, in: keyring)
            for fault in faults {
                kms.change { state in
                    state.dropsPlaintextBytes = 0
                    state.answeredKeyID = nil
                    state.failures = [:]
                    fault(&state)
                }
                for error in try await Self.errors(of: keyring, message.encryptedDataKeys) {
                    Self.expectNothing(of: secrets, in: error)
                    found += 1
                }
            }
            kms.change { state in
                state.dropsPlaintextBytes = 0
                state.answeredKeyID = nil
                state.failures = [:]
            }
            for error in try await Self.errors(of: keyring, message.encryptedDataKeys, context: ["a": "b"]) {
                Self.expectNothing(of: secrets, in: error)
                found += 1
            }
        }
        #expect(found > 60)
        Self.expectNothing(of: secrets, in: message)
        Self.expectNothing(of: secrets, in: try await store.activeBranchKey(id: id))
    }
}
