import AWSMaterialProviders
import ESDKCrypto
import Foundation
import TestSupport
import Testing

/// Every kind of local keyring, as the writing and as the reading party hold it.
enum EncryptionKeyrings: String, CaseIterable, CustomTestStringConvertible {
    case rawAES128, rawAES192, rawAES256
    case rsaPKCS1, rsaOAEPSHA1, rsaOAEPSHA256, rsaOAEPSHA384, rsaOAEPSHA512, rsaPublicKeyOnly
    case ecdhStaticP256, ecdhStaticP384, ecdhStaticP521
    case ecdhEphemeralP256, ecdhEphemeralP384, ecdhEphemeralP521
    case hierarchical, multi

    var testDescription: String { rawValue }

    /// A keyring that writes, and one that reads what it has written.
    func makePair() throws -> (writing: any Keyring, reading: any Keyring) {
        switch self {
        case .rawAES128: return try same(Self.aes(.aes128GCM))
        case .rawAES192: return try same(Self.aes(.aes192GCM))
        case .rawAES256: return try same(Self.aes(.aes256GCM))
        case .rsaPKCS1: return try same(Self.rsa(.pkcs1))
        case .rsaOAEPSHA1: return try same(Self.rsa(.oaep(.sha1)))
        case .rsaOAEPSHA256: return try same(Self.rsa(.oaep(.sha256)))
        case .rsaOAEPSHA384: return try same(Self.rsa(.oaep(.sha384)))
        case .rsaOAEPSHA512: return try same(Self.rsa(.oaep(.sha512)))
        case .rsaPublicKeyOnly:
            let writing = try RawRSAKeyring(
                keyNamespace: "RSA",
                keyName: "escrow",
                paddingScheme: .oaep(.sha256),
                publicKey: RSAPublicKey(pem: Self.pem("rsa-spki"))
            )
            return (writing, try Self.rsa(.oaep(.sha256)))
        case .ecdhStaticP256: return try Self.staticECDH(.p256)
        case .ecdhStaticP384: return try Self.staticECDH(.p384)
        case .ecdhStaticP521: return try Self.staticECDH(.p521)
        case .ecdhEphemeralP256: return try Self.ephemeralECDH(.p256)
        case .ecdhEphemeralP384: return try Self.ephemeralECDH(.p384)
        case .ecdhEphemeralP521: return try Self.ephemeralECDH(.p521)
        case .hierarchical: return try same(Self.hierarchical())
        case .multi:
            let writing = try MultiKeyring(generator: Self.aes(.aes256GCM), childKeyrings: [Self.rsa(.oaep(.sha384))])
            return (writing, try Self.rsa(.oaep(.sha384)))
        }
    }

    private func same(_ keyring: some Keyring) -> (any Keyring, any Keyring) { (keyring, keyring) }

    static func aes(_ algorithm: RawAESKeyring.WrappingAlgorithm, keyName: String = "AES") throws -> RawAESKeyring {
        try RawAESKeyring(
            keyNamespace: "raw",
            keyName: keyName,
            wrappingKey: SecretBytes((0..<algorithm.keyLength).map { UInt8($0) }),
            wrappingAlgorithm: algorithm
        )
    }

    static func rsa(_ padding: RSAPadding) throws -> RawRSAKeyring {
        try RawRSAKeyring(
            keyNamespace: "RSA",
            keyName: "escrow",
            paddingScheme: padding,
            publicKey: RSAPublicKey(pem: pem("rsa-spki")),
            privateKey: RSAPrivateKey(pem: pem("rsa-pkcs8"))
        )
    }

    static func staticECDH(_ curve: EllipticCurve) throws -> (any Keyring, any Keyring) {
        let sender = try ECPrivateKey.generate(curve)
        let recipient = try ECPrivateKey.generate(curve)
        let writing = try RawECDHKeyring(
            keyAgreementScheme: .rawPrivateKeyToStaticPublicKey(
                senderStaticPrivateKey: sender,
                recipientPublicKey: recipient.publicKey
            ),
            curve: curve
        )
        let reading = try RawECDHKeyring(
            keyAgreementScheme: .rawPrivateKeyToStaticPublicKey(
                senderStaticPrivateKey: recipient,
                recipientPublicKey: sender.publicKey
            ),
            curve: curve
        )
        return (writing, reading)
    }

    static func ephemeralECDH(_ curve: EllipticCurve) throws -> (any Keyring, any Keyring) {
        let recipient = try ECPrivateKey.generate(curve)
        let writing = try RawECDHKeyring(
            keyAgreementScheme: .ephemeralPrivateKeyToStaticPublicKey(recipientPublicKey: recipient.publicKey),
            curve: curve
        )
        let reading = try RawECDHKeyring(
            keyAgreementScheme: .publicKeyDiscovery(recipientStaticPrivateKey: recipient),
            curve: curve
        )
        return (writing, reading)
    }

    static func hierarchical() throws -> HierarchicalKeyring {
        let versions = ["11111111-2222-4333-8444-555555555555", "66666666-7777-4888-8999-aaaaaaaaaaaa"]
        let keys = try versions.enumerated().map { index, version in
            try BranchKeyMaterials(
                branchKeyID: "tenant-42",
                version: version,
                branchKey: SecretBytes([UInt8](repeating: UInt8(index + 1), count: 32))
            )
        }
        return try HierarchicalKeyring(
            keyStore: FixedBranchKeyStore(keys),
            branchKeyID: "tenant-42",
            timeToLive: .seconds(60),
            cache: .no
        )
    }

    static func pem(_ name: String) throws -> String { try VectorFile.text("keys/\(name).pem") }
}
