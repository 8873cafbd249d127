import AWSMaterialProviders
import ESDKCrypto

// spec: encrypt/construct-the-signature, message-footer/signature
/// The running hash over header and body, and the footer (client-apis/encrypt.md, Construct the signature;
/// data-format/message-footer.md).
struct MessageSigner: ~Copyable {
    private let key: ECPrivateKey
    private let signature: AlgorithmSuite.Signature
    private var digest: Digest

    /// How often a signature of the wanted length is looked for: one attempt in two succeeds at once, and nearly all of the others
    /// by negating s.
    private static let maximumAttempts = 128

    private init(key: ECPrivateKey, signature: AlgorithmSuite.Signature, digest: consuming Digest) {
        self.key = key
        self.signature = signature
        self.digest = digest
    }

    /// A signer that has hashed the bytes of the header; nil for an unsigned suite.
    static func started(
        for materials: EncryptionMaterials,
        header: Span<UInt8>
    ) throws(EncryptionSDKError) -> MessageSigner? {
        guard let signature = materials.algorithmSuite.signature, let key = materials.signingKey else { return nil }
        do {
            var digest = try Digest(signature.hash)
            try digest.update(header)
            return MessageSigner(key: key, signature: signature, digest: digest)
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    /// The length of every footer on `curve`: the signature has the length that readers reserve room for, 71 bytes for P-256 and 103
    /// for P-384, as if exactly one of r and s had its top bit set.
    static func footerLength(_ curve: EllipticCurve) -> Int { 2 + curve.maximumSignatureLength - 1 }

    mutating func update(_ bytes: Span<UInt8>) throws(EncryptionSDKError) {
        do { try digest.update(bytes) } catch { throw EncryptionSDKError(unexpected: error) }
    }

    /// Signs everything hashed, and appends the footer.
    consuming func finish(appendingTo output: inout [UInt8]) throws(EncryptionSDKError) {
        let key = key
        let signature = signature
        do {
            let hashed = try digest.finalize()
            let encoded = try Self.sign(hashed, key: key, signature: signature)
            output.append(bigEndian: UInt16(encoded.count))
            output.append(contentsOf: encoded)
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    private static func sign(
        _ hashed: [UInt8],
        key: ECPrivateKey,
        signature: AlgorithmSuite.Signature
    ) throws(CryptoError) -> [UInt8] {
        let wantedLength = footerLength(signature.curve) - 2
        var candidate: [UInt8] = []
        for _ in 0..<maximumAttempts {
            candidate = try key.sign(digest: hashed.span, hash: signature.hash)
            if candidate.count == wantedLength { return candidate }
            candidate = try ECDSASignature.negatingS(candidate.span, curve: signature.curve)
            if candidate.count == wantedLength { return candidate }
        }
        // Not to be expected in the age of the universe; a shorter signature is as good.
        return candidate
    }
}

// spec: decrypt/verify-the-signature, algorithm-suites/asymmetric-signature-algorithm
/// The running hash over header and body, and the check of the signature in the footer (client-apis/decrypt.md, Verify the
/// signature; data-format/message-footer.md).
struct SignatureCheck: ~Copyable {
    /// How much of a message is sealed or opened before it is hashed, in bytes.
    ///
    /// Whole frames, at least one: enough to make calls rare, and little enough to be still in the cache.
    static func runLength(ofFrames frameLength: Int) -> Int { max((32 << 10) / frameLength, 1) * frameLength }

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
