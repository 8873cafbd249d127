internal import COpenSSL

/// An RSA public key.
///
/// Values are immutable and may be used by many threads at once.
public struct RSAPublicKey: Sendable {
    /// The length of the modulus, and of every ciphertext, in bytes.
    public let modulusLength: Int

    let key: LibraryKey

    private static let accepted: [KeyEncoding] = [.subjectPublicKeyInfo, .rsaPublicKey]

    /// Reads a public key from PEM.
    ///
    /// - Parameter pem: a `PUBLIC KEY` or `RSA PUBLIC KEY` block, possibly among other text.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    package init(parsingPEM pem: String) throws(CryptoError) {
        try self.init(EncodedKey(pem: pem, accepting: RSAPublicKey.accepted))
    }

    /// Reads a public key from DER.
    ///
    /// - Parameter der: SubjectPublicKeyInfo or PKCS #1, and nothing else.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    package init(parsingDER der: [UInt8]) throws(CryptoError) {
        try self.init(EncodedKey(der: SecretBytes(der), accepting: RSAPublicKey.accepted))
    }

    private init(_ encoded: EncodedKey) throws(CryptoError) {
        if encoded.encoding == .rsaPublicKey {
            let wrapped = try RSAPublicKey.wrap(encoded.der.span)
            try self.init(subjectPublicKeyInfo: wrapped.span)
        } else {
            try self.init(subjectPublicKeyInfo: encoded.der.span)
        }
    }

    init(subjectPublicKeyInfo der: Span<UInt8>) throws(CryptoError) {
        guard
            let whole = DERElement(DERElement.sequence, der, in: der.indices),
            let kind = DERElement(der, in: whole.content)
        else { throw CryptoError(.invalidKey, "the public key is not a SubjectPublicKeyInfo") }
        guard case .rsa = try AlgorithmIdentifier(kind, in: der) else {
            throw CryptoError(.invalidKey, "expected an RSA key, found an elliptic-curve key")
        }
        let key = try LibraryKey(subjectPublicKeyInfo: EVP_PKEY_RSA, der: der)
        self.modulusLength = try key.modulusLength()
        self.key = key
    }

    /// Puts a PKCS #1 key into a SubjectPublicKeyInfo, so that there is one way into libcrypto.
    private static func wrap(_ key: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        let algorithm: [UInt8] = [
            0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
        ]
        let bitString = [DERElement.bitString] + length(key.count + 1) + [0]
        let contentLength = algorithm.count + bitString.count + key.count
        let prefix = [DERElement.sequence] + length(contentLength) + algorithm + bitString
        return try [UInt8](capacity: prefix.count + key.count) {
            (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try output.appendBytes(prefix.span)
            try output.appendBytes(key)
        }
    }

    private static func length(_ value: Int) -> [UInt8] {
        guard value >= 0x80 else { return [UInt8(value)] }
        var octets: [UInt8] = []
        var rest = value
        while rest > 0 {
            octets.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        }
        return [0x80 | UInt8(octets.count)] + octets
    }
}

extension LibraryKey {
    /// The length of an RSA key's modulus in bytes.
    ///
    /// - Throws: ``CryptoError`` with code `invalidKey` for a key of less than 512 or more than 16,384 bits, which
    ///   libcrypto would not use either.
    func modulusLength() throws(CryptoError) -> Int {
        let bits = Int(unsafe EVP_PKEY_get_bits(pointer))
        guard (512...16384).contains(bits) else {
            throw CryptoError(.invalidKey, "RSA keys have 512 to 16,384 bits, not \(bits)")
        }
        return (bits + 7) / 8
    }
}

extension RSAPublicKey {
    /// The key as SubjectPublicKeyInfo in DER, which is the same for equal keys.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package func subjectPublicKeyInfo() throws(CryptoError) -> [UInt8] {
        try key.subjectPublicKeyInfo()
    }
}

extension RSAPublicKey {
    /// The longest plaintext that fits under the padding, in bytes; negative when not even an empty one does.
    ///
    /// - Parameter padding: the padding.
    package func maximumPlaintextLength(_ padding: RSAPadding) -> Int {
        switch padding {
        case .pkcs1: modulusLength - 11
        case .oaep(let hash): modulusLength - 2 * hash.outputLength - 2
        }
    }

    /// Encrypts a short plaintext, such as a key (RFC 8017, section 7).
    ///
    /// The padding is drawn from libcrypto's own generator.
    ///
    /// - Parameters:
    ///   - plaintext: at most ``maximumPlaintextLength(_:)`` bytes.
    ///   - padding: how to pad it.
    /// - Returns: `modulusLength` bytes.
    /// - Throws: ``CryptoError`` with code `invalidLength`, `unsupported` or `libraryFailure`.
    package func encrypt(_ plaintext: Span<UInt8>, padding: RSAPadding) throws(CryptoError) -> [UInt8] {
        guard plaintext.count <= maximumPlaintextLength(padding) else {
            throw CryptoError(
                .invalidLength,
                "\(plaintext.count) bytes do not fit under an RSA modulus of \(modulusLength) bytes with this padding"
            )
        }
        let operation = try KeyOperation(key)
        let context = unsafe operation.pointer
        guard unsafe EVP_PKEY_encrypt_init(context) == 1, try operation.setPadding(padding) else {
            throw ErrorQueue.take(.libraryFailure, "an RSA encryption could not be started")
        }
        let length = modulusLength
        return try [UInt8](capacity: length) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            let encrypted = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                unsafe plaintext.withBytes { start, count in
                    var written = length
                    guard
                        unsafe EVP_PKEY_encrypt(context, buffer.baseAddress, &written, start, count) == 1,
                        written == length
                    else { return false }
                    initialized = length
                    return true
                }
            }
            guard encrypted else { throw ErrorQueue.take(.libraryFailure, "RSA encryption failed") }
        }
    }
}

extension RSAPublicKey {
    /// Raises an encoded message to the public exponent (RSAEP of RFC 8017, section 5.1.1), without any padding.
    ///
    /// For test vectors, whose padding is given. Messages of users are padded by libcrypto, see
    /// ``encrypt(_:padding:)``; nothing public leads here.
    ///
    /// - Parameter encodedMessage: `modulusLength` bytes, as a number less than the modulus.
    /// - Returns: `modulusLength` bytes.
    /// - Throws: ``CryptoError`` with code `invalidLength`, or `libraryFailure` when the number is too great.
    package func encryptRaw(_ encodedMessage: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        guard encodedMessage.count == modulusLength else {
            throw CryptoError(.invalidLength, "an encoded message has \(modulusLength) bytes")
        }
        let operation = try KeyOperation(key)
        let context = unsafe operation.pointer
        guard
            unsafe EVP_PKEY_encrypt_init(context) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1
        else { throw ErrorQueue.take(.libraryFailure, "a raw RSA operation could not be started") }
        let length = modulusLength
        return try [UInt8](capacity: length) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            let encrypted = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                unsafe encodedMessage.withBytes { start, count in
                    var written = length
                    guard
                        unsafe EVP_PKEY_encrypt(context, buffer.baseAddress, &written, start, count) == 1,
                        written == length
                    else { return false }
                    initialized = length
                    return true
                }
            }
            guard encrypted else { throw ErrorQueue.take(.libraryFailure, "a raw RSA operation failed") }
        }
    }
}
