import AWSMaterialProviders
import ESDKCrypto

/// The running hash over header and body, and the check of the signature in the footer (client-apis/decrypt.md, Verify the
/// signature; data-format/message-footer.md).
struct SignatureCheck: ~Copyable {
    private let key: ECPublicKey
    private let signature: AlgorithmSuite.Signature
    private var digest: Digest

    init(key: ECPublicKey, signature: AlgorithmSuite.Signature) throws(EncryptionSDKError) {
        let started: Digest
        do { started = try Digest(signature.hash) } catch { throw EncryptionSDKError(unexpected: error) }
        self.key = key
        self.signature = signature
        digest = started
    }

    mutating func update(_ bytes: Span<UInt8>) throws(EncryptionSDKError) {
        do { try digest.update(bytes) } catch { throw EncryptionSDKError(unexpected: error) }
    }

    /// Checks the length field of the footer, which lies `offset` bytes into the message.
    func checkLength(_ length: Int, at offset: UInt64) throws(EncryptionSDKError) {
        guard 1...signature.curve.maximumSignatureLength ~= length else {
            throw EncryptionSDKError(
                .invalidSignatureLength,
                "the signature length is \(length), a signature on \(signature.curve) takes up to "
                    + "\(signature.curve.maximumSignatureLength) bytes",
                at: .init(offset: offset, field: "Signature Length")
            )
        }
    }

    /// Checks the signature over everything hashed.
    consuming func verify(_ bytes: Span<UInt8>, at offset: UInt64) throws(EncryptionSDKError) {
        let place = EncryptionSDKError.Place(offset: offset, field: "Signature")
        let key = key
        let hash = signature.hash
        let isValid: Bool
        do {
            let hashed = try digest.finalize()
            isValid = try key.verify(bytes, digest: hashed.span, hash: hash)
        } catch  where error.code == .invalidSignature {
            throw EncryptionSDKError(.malformedSignature, "the signature is not strict DER: \(error.reason)", at: place)
        } catch {
            throw EncryptionSDKError(unexpected: error, at: place)
        }
        guard isValid else {
            throw EncryptionSDKError(
                .signatureMismatch,
                "the signature is not one of this message under its public key",
                at: place
            )
        }
    }
}
