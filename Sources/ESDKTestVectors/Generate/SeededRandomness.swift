import AWSMaterialProviders
package import ESDKCrypto
import ESDKSystem

/// Bytes that look random and are a pure function of a seed and a label.
///
/// The stream is HMAC-SHA-256 of 0, 1, 2 … (eight bytes each, most significant first) under the key HMAC-SHA-256 of the label under
/// the seed. Only test vectors are made with it: anyone who knows the seed knows every key.
package final class SeededRandomSource: RandomSource {
    private struct State {
        var counter: UInt64 = 0
        /// The rest of the last block.
        var rest: [UInt8] = []
    }

    private let key: SecretBytes
    private let state = Guarded(State())

    /// A source at the start of its stream.
    ///
    /// - Parameters:
    ///   - seed: any text.
    ///   - label: what the bytes are for: two labels give unrelated streams.
    /// - Throws: `CryptoError`.
    package init(seed: String, label: String) throws(CryptoError) {
        let (seed, label) = (Array(seed.utf8), Array(label.utf8))
        key = try HMAC.authenticationCode(.sha256, for: label.span, key: seed.span)
    }

    /// Appends the next bytes of the stream.
    ///
    /// - Throws: `CryptoError` with code `invalidLength` when `output` has no room.
    package func fill(_ output: inout OutputSpan<UInt8>, count: Int) throws(CryptoError) {
        let bytes = try next(count)
        try output.appendBytes(bytes.span)
    }

    private func next(_ count: Int) throws(CryptoError) -> [UInt8] {
        let key = key
        return try state.withLock { state throws(CryptoError) in
            var bytes = state.rest
            bytes.reserveCapacity(count + 32)
            while bytes.count < count {
                let number = state.counter.bigEndianBytes
                let block = try HMAC.authenticationCode(.sha256, for: number.span, key: key.span)
                bytes.append(bytesOf: block.span)
                state.counter += 1
            }
            state.rest = Array(bytes[count...])
            bytes.removeSubrange(count...)
            return bytes
        }
    }
}

/// The default materials manager with a signing key that is given instead of generated, so that signatures can be repeated.
struct SeededMaterialsManager: CryptographicMaterialsManager {
    let keyring: any Keyring
    /// The signing key; nil for an unsigned suite.
    let signer: DeterministicSigner?

    func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
        guard let suite = request.algorithmSuite else {
            throw EncryptionSDKError(.invalidConfiguration, "a vector names its algorithm suite")
        }
        var context = request.encryptionContext
        if let signer {
            let entry = EncryptionContext.Entry(
                keyBytes: Array(EncryptionContext.publicKeyName.utf8),
                valueBytes: EncryptionContext.publicKeyValue(of: signer.key.publicKey)
            )
            context = context.adding(disjoint: EncryptionContext(unique: [entry], ascending: true))
        }
        let materials = try await keyring.onEncrypt(
            EncryptionMaterials(
                algorithmSuite: suite,
                encryptionContext: context,
                requiredKeys: request.requiredEncryptionContextKeys.map { Array($0.utf8) },
                signingKey: signer?.key,
                randomSource: request.randomSource
            )
        )
        try materials.validate(for: request)
        return materials
    }

    func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials {
        throw EncryptionSDKError(.invalidConfiguration, "a seeded materials manager only encrypts")
    }
}

/// Signs messages of test vectors, with signatures of the length that readers reserve room for: 71 bytes for P-256, 103 for P-384.
enum FooterSigner: Sendable {
    /// With secret numbers from libcrypto.
    case random(ECPrivateKey)
    /// With secret numbers that follow from key and digest.
    case deterministic(DeterministicSigner)

    /// The signature of a digest.
    func sign(_ digest: [UInt8], hash: HashAlgorithm) throws(CryptoError) -> [UInt8] {
        switch self {
        case .deterministic(let signer):
            let length = Self.length(signer.key.curve)
            return try Self.fit(
                try signer.sign(digest: digest.span, hash: hash) { signature in
                    (try? Self.fit(signature, curve: signer.key.curve))?.count == length
                },
                curve: signer.key.curve
            )
        case .random(let key):
            var signature: [UInt8] = []
            for _ in 0..<128 {
                signature = try Self.fit(try key.sign(digest: digest.span, hash: hash), curve: key.curve)
                if signature.count == Self.length(key.curve) { break }
            }
            return signature
        }
    }

    private static func length(_ curve: EllipticCurve) -> Int { curve.maximumSignatureLength - 1 }

    /// A signature of the wanted length, or with s negated.
    private static func fit(_ signature: [UInt8], curve: EllipticCurve) throws(CryptoError) -> [UInt8] {
        guard signature.count != length(curve) else { return signature }
        return try ECDSASignature.negatingS(signature.span, curve: curve)
    }
}
