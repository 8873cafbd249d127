/// The DER of one key, taken from PEM or DER and not yet interpreted.
struct EncodedKey {
    /// What the DER turned out to be.
    let encoding: KeyEncoding
    /// Exactly one DER sequence.
    let der: SecretBytes

    /// Takes DER.
    ///
    /// - Parameters:
    ///   - der: exactly one DER sequence.
    ///   - accepted: the encodings that the caller can use.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    init(der: SecretBytes, accepting accepted: [KeyEncoding]) throws(CryptoError) {
        let bytes = der.span
        guard let whole = DERElement(DERElement.sequence, bytes, in: bytes.indices) else {
            throw CryptoError(.invalidKey, "the key is not DER: it is not one complete sequence")
        }
        guard whole.content.upperBound == bytes.count else {
            throw CryptoError(
                .invalidKey,
                "the key is followed by \(bytes.count - whole.content.upperBound) bytes"
            )
        }
        guard let encoding = KeyEncoding(der: bytes) else {
            throw CryptoError(.invalidKey, "the DER is not of a known key encoding")
        }
        try EncodedKey.check(encoding, accepted)
        self.encoding = encoding
        self.der = der
    }

    /// Finds a key in PEM text (RFC 7468).
    ///
    /// Text around the key, blocks that are no keys (such as `EC PARAMETERS`) and any kind of line end are tolerated.
    ///
    /// - Parameters:
    ///   - pem: the text.
    ///   - accepted: the encodings that the caller can use.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    init(pem: String, accepting accepted: [KeyEncoding]) throws(CryptoError) {
        var otherLabel: String?
        var reader = PEMReader(pem.utf8.span)
        while let block = try reader.next() {
            guard let announced = KeyEncoding(label: block.label) else {
                otherLabel = otherLabel ?? block.label
                continue
            }
            try EncodedKey.check(announced, accepted)
            try self.init(der: try reader.decode(block), accepting: accepted)
            guard encoding == announced else {
                throw CryptoError(.invalidKey, "the PEM label says \(block.label), but it holds \(encoding.name)")
            }
            return
        }
        guard let otherLabel else {
            throw CryptoError(.invalidKey, "the text has no PEM block (\"-----BEGIN … KEY-----\")")
        }
        throw CryptoError(.invalidKey, "the PEM block is not a key but: \(otherLabel)")
    }

    private static func check(_ encoding: KeyEncoding, _ accepted: [KeyEncoding]) throws(CryptoError) {
        if encoding == .encryptedPrivateKeyInfo {
            throw CryptoError(.invalidKey, "the private key is encrypted: decrypt it first (openssl pkey -in … -out …)")
        }
        guard accepted.contains(encoding) else {
            let names = accepted.map(\.name).joined(separator: " or ")
            throw CryptoError(.invalidKey, "expected \(names), found \(encoding.name)")
        }
    }
}
