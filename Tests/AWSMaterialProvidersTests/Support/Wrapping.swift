import AWSMaterialProviders
import ESDKCrypto

/// Wraps data keys as the specification's keyrings do, with every part open to alteration.
///
/// Written for the tests from the specification; shares only the cryptographic primitives with the keyrings.
enum Wrapping {
    static func sealed(
        _ dataKey: [UInt8],
        _ length: AESGCM.KeyLength,
        key: [UInt8],
        iv: [UInt8],
        additionalData: [UInt8]
    ) throws -> [UInt8] {
        var sealer = try AESGCM.Sealer(length, key: key.span)
        return try [UInt8](capacity: dataKey.count + 16) { (output: inout OutputSpan<UInt8>) throws in
            try sealer.seal(dataKey.span, iv: iv.span, authenticating: additionalData.span, appendingTo: &output)
        }
    }

    /// Count and pairs; nothing for no pairs.
    static func serialized(_ context: EncryptionContext) -> [UInt8] {
        guard !context.isEmpty else { return [] }
        var bytes = bigEndian(context.count, 2)
        for entry in context.entries {
            bytes += bigEndian(entry.keyBytes.count, 2) + entry.keyBytes
            bytes += bigEndian(entry.valueBytes.count, 2) + entry.valueBytes
        }
        return bytes
    }

    static func bigEndian(_ value: Int, _ length: Int) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: value >> (8 * (length - 1 - $0))) }
    }
}

/// A raw AES data key (framework/raw-aes-keyring.md).
struct AESWrapping {
    var namespace = Array("namespace".utf8)
    var name = Array("name".utf8)
    var algorithm = AESGCM.KeyLength.aes256
    var key = [UInt8](100..<132)
    var iv = [UInt8](1...12)
    var tagLengthInBits = 128
    var ivLength = 12
    var context = Sample.context
    var dataKey = Sample.dataKey

    func wrapped() throws -> EncryptedDataKey {
        EncryptedDataKey(
            keyProviderID: namespace,
            keyProviderInfo: name + Wrapping.bigEndian(tagLengthInBits, 4) + Wrapping.bigEndian(ivLength, 4) + iv,
            ciphertext: try Wrapping.sealed(
                dataKey,
                algorithm,
                key: key,
                iv: iv,
                additionalData: Wrapping.serialized(context)
            )
        )
    }
}

/// A raw ECDH data key (framework/raw-ecdh-keyring.md; the label is lower case in every message that exists).
struct ECDHWrapping {
    var curve: EllipticCurve
    var sender: ECPrivateKey
    var recipient: ECPublicKey
    var providerID = Array("raw-ecdh".utf8)
    var version: UInt8 = 1
    var context = Sample.context
    var dataKey = Sample.dataKey
    var salt = [UInt8](10..<42)

    func wrapped() throws -> EncryptedDataKey {
        let length = Wrapping.bigEndian(1 + curve.fieldLength, 4)
        let (own, other) = (sender.publicKey.compressedPoint, recipient.compressedPoint)
        let names: [EllipticCurve: String] = [.p256: "p256", .p384: "p384", .p521: "p521"]
        let texts = ["ecdh-key-derivation", names[curve] ?? "", "HMAC_SHA384"]
        let fixedInfo =
            texts.flatMap { Array($0.utf8) + [0] } + own + other + [0, 1, 0] + Wrapping.serialized(context)
        let secret = try sender.sharedSecret(with: recipient)
        let keys = try CounterModeKDF.derive(
            .sha384,
            key: secret.span,
            label: fixedInfo.span,
            context: salt.span,
            outputLength: 64
        )
        let bytes = [UInt8](bytesOf: keys.span)
        return EncryptedDataKey(
            keyProviderID: providerID,
            keyProviderInfo: [version] + length + other + length + own,
            ciphertext: salt + bytes[..<32]
                + (try Wrapping.sealed(
                    dataKey,
                    .aes256,
                    key: Array(bytes[32...]),
                    iv: [UInt8](repeating: 0, count: 12),
                    additionalData: fixedInfo
                ))
        )
    }
}

/// A hierarchical data key (framework/aws-kms/aws-kms-hierarchical-keyring.md).
struct HierarchicalWrapping {
    var branchKeyID = "branch key"
    var versionBytes = [UInt8](0x20..<0x30)
    var branchKey = [UInt8](50..<82)
    var context = Sample.context
    var dataKey = Sample.dataKey
    var salt = [UInt8](1...16)
    var iv = [UInt8](31...42)

    /// The text of `versionBytes`.
    static let version = "20212223-2425-2627-2829-2a2b2c2d2e2f"

    func wrapped() throws -> EncryptedDataKey {
        let label = Array("aws-kms-hierarchy".utf8)
        let key = try CounterModeKDF.derive(
            .sha256,
            key: branchKey.span,
            label: label.span,
            context: salt.span,
            outputLength: 32
        )
        let sealed = try Wrapping.sealed(
            dataKey,
            .aes256,
            key: [UInt8](bytesOf: key.span),
            iv: iv,
            additionalData: label + Array(branchKeyID.utf8) + versionBytes + Wrapping.serialized(context)
        )
        return EncryptedDataKey(
            keyProviderID: label,
            keyProviderInfo: Array(branchKeyID.utf8),
            ciphertext: salt + iv + versionBytes + sealed
        )
    }
}

extension EncryptedDataKey {
    /// The same with parts replaced.
    func with(
        keyProviderID: [UInt8]? = nil,
        keyProviderInfo: [UInt8]? = nil,
        ciphertext: [UInt8]? = nil
    ) -> EncryptedDataKey {
        EncryptedDataKey(
            keyProviderID: keyProviderID ?? self.keyProviderID,
            keyProviderInfo: keyProviderInfo ?? self.keyProviderInfo,
            ciphertext: ciphertext ?? self.ciphertext
        )
    }

    /// Every encrypted data key that differs from this one in one bit of its ciphertext.
    var ciphertextBitFlips: [EncryptedDataKey] {
        ciphertext.indices.flatMap { index in
            (0..<8).map { bit in
                var altered = ciphertext
                altered[index] ^= 1 << bit
                return with(ciphertext: altered)
            }
        }
    }
}
