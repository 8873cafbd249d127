internal import COpenSSL

/// An RSA public key.
///
/// Values are immutable and may be used by many threads at once.
public struct RSAPublicKey: Sendable, Equatable {
    /// The length of the modulus in bits.
    public let modulusBits: Int

    /// The length of the modulus, and of every ciphertext, in bytes.
    public var modulusLength: Int { (modulusBits + 7) / 8 }

    let key: LibraryKey
    /// Modulus and exponent as they are encoded, which is the one way to do it.
    private let numbers: [UInt8]

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
        else { throw RSAPublicKey.notPublic }
        guard case .rsa = try AlgorithmIdentifier(kind, in: der) else {
            throw CryptoError(.invalidKey, "expected an RSA key, found an elliptic-curve key")
        }
        guard
            let bits = DERElement(DERElement.bitString, der, in: kind.content.upperBound..<whole.content.upperBound),
            bits.content.upperBound == der.count,
            let unusedBits = bits.content.first, der[unusedBits] == 0,
            let numbers = DERElement.naturalNumbers(der, in: (unusedBits + 1)..<der.count), numbers.count == 2
        else { throw RSAPublicKey.notPublic }
        self.modulusBits = try RSAPublicKey.check(
            modulus: der.extracting(numbers[0]),
            exponent: der.extracting(numbers[1])
        )
        self.numbers = [UInt8](bytesOf: der.extracting((unusedBits + 1)...))
        self.key = try LibraryKey(subjectPublicKeyInfo: EVP_PKEY_RSA, der: der)
    }

    /// Whether both keys have the same modulus and exponent.
    public static func == (left: Self, right: Self) -> Bool { left.numbers == right.numbers }

    private static let notPublic = CryptoError(
        .invalidKey,
        "the public key is not a SubjectPublicKeyInfo with a modulus and an exponent"
    )

    /// Checks the numbers of a public key (RFC 8017, section 3.1), as far as they can be without the primes.
    ///
    /// - Parameters:
    ///   - modulus: its digits, most significant first, without leading zeros.
    ///   - exponent: its digits, likewise.
    /// - Returns: the length of the modulus in bits.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    private static func check(modulus: Span<UInt8>, exponent: Span<UInt8>) throws(CryptoError) -> Int {
        let modulusBits = bitLength(modulus)
        // Less than 512 bits, or more than 16,384, libcrypto would not use either.
        guard (512...16384).contains(modulusBits) else {
            throw CryptoError(.invalidKey, "RSA keys have 512 to 16,384 bits, not \(modulusBits)")
        }
        guard modulus[modulus.count - 1] & 1 == 1 else {
            throw CryptoError(.invalidKey, "the RSA modulus is even: it is not the product of two large primes")
        }
        let exponentBits = bitLength(exponent)
        // With 1 the ciphertext is the plaintext; with an even one it belongs to several.
        guard exponentBits >= 2, exponent[exponent.count - 1] & 1 == 1 else {
            let number = exponentBits == 0 ? "0" : exponentBits == 1 ? "1" : "even"
            throw CryptoError(.invalidKey, "the RSA public exponent is \(number): it must be odd and at least 3")
        }
        guard precedes(exponent, modulus) else {
            throw CryptoError(.invalidKey, "the RSA public exponent is not less than the modulus")
        }
        // A bound of libcrypto, against keys that take long on purpose.
        guard modulusBits <= 3072 || exponentBits <= 64 else {
            throw CryptoError(
                .invalidKey,
                "an RSA key of \(modulusBits) bits has a public exponent of at most 64 bits, not \(exponentBits)"
            )
        }
        return modulusBits
    }

    private static func bitLength(_ digits: Span<UInt8>) -> Int {
        digits.isEmpty ? 0 : 8 * digits.count - digits[0].leadingZeroBitCount
    }

    /// Whether the one number is less than the other; both are public.
    private static func precedes(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return a.count < b.count }
        for index in a.indices where a[index] != b[index] { return a[index] < b[index] }
        return false
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
        return try run(operation, on: plaintext, failure: "RSA encryption failed")
    }

    /// Has an operation that has been set up make `modulusLength` bytes of its input.
    private func run(
        _ operation: borrowing KeyOperation,
        on input: Span<UInt8>,
        failure: String
    ) throws(CryptoError) -> [UInt8] {
        let context = unsafe operation.pointer
        let length = modulusLength
        return try [UInt8](capacity: length) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            let encrypted = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                unsafe input.withBytes { start, count in
                    var written = length
                    guard
                        unsafe EVP_PKEY_encrypt(context, buffer.baseAddress, &written, start, count) == 1,
                        written == length
                    else { return false }
                    initialized = length
                    return true
                }
            }
            guard encrypted else { throw ErrorQueue.take(.libraryFailure, failure) }
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
        return try run(operation, on: encodedMessage, failure: "a raw RSA operation failed")
    }
}
