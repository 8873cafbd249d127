internal import COpenSSL

/// The sole owner of an `EVP_CIPHER_CTX` that was given its key.
///
/// The key schedule is computed once; each message then only sets its IV.
@safe struct CipherContext: ~Copyable, @unchecked Sendable {
    let pointer: OpaquePointer

    /// Whether a context encrypts or decrypts.
    enum Direction: Int32 {
        case open = 0
        case seal = 1
    }

    /// An `EVP_CIPHER` that was fetched once.
    ///
    /// It is immutable, counted by libcrypto, and held until the process ends.
    @safe private struct Implementation: @unchecked Sendable {
        let pointer: OpaquePointer?

        static let aes128 = Implementation(named: "AES-128-GCM")
        static let aes192 = Implementation(named: "AES-192-GCM")
        static let aes256 = Implementation(named: "AES-256-GCM")

        init(named name: String) {
            unsafe self.pointer = EVP_CIPHER_fetch(nil, name, nil)
            if unsafe pointer == nil { ErrorQueue.clear() }
        }
    }

    /// Creates a context and gives it its key.
    ///
    /// - Throws: ``CryptoError`` with code `invalidLength` when the key does not have the length,
    ///   `unsupported` or `libraryFailure`.
    init(_ keyLength: AESGCM.KeyLength, key: Span<UInt8>, direction: Direction) throws(CryptoError) {
        guard key.count == keyLength.rawValue else {
            throw CryptoError(
                .invalidLength,
                "AES-\(keyLength.rawValue * 8) takes a key of \(keyLength.rawValue) bytes, not \(key.count)"
            )
        }
        let implementation =
            switch keyLength {
            case .aes128: Implementation.aes128
            case .aes192: Implementation.aes192
            case .aes256: Implementation.aes256
            }
        guard let cipher = unsafe implementation.pointer else {
            throw CryptoError(.unsupported, "this libcrypto does not offer AES-\(keyLength.rawValue * 8)-GCM")
        }
        guard let pointer = unsafe EVP_CIPHER_CTX_new() else {
            throw ErrorQueue.take(.libraryFailure, "no memory for a cipher")
        }
        let keyed = unsafe key.withBytes { keyStart, _ in
            unsafe EVP_CipherInit_ex(pointer, cipher, nil, keyStart, nil, direction.rawValue) == 1
        }
        guard keyed else {
            unsafe EVP_CIPHER_CTX_free(pointer)
            throw ErrorQueue.take(.libraryFailure, "an AES-GCM key could not be set")
        }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(pointer)
    }

    /// Starts a message: sets the IV, forgets the previous message, takes in the additional data, and processes
    /// the input.
    ///
    /// - Parameters:
    ///   - input: the plaintext or the ciphertext.
    ///   - iv: 12 bytes.
    ///   - aad: the additional authenticated data.
    ///   - destination: room for as many bytes as `input` has.
    /// - Returns: false when libcrypto refused; what `destination` holds is then to be overwritten.
    func process(
        _ input: Span<UInt8>,
        iv: Span<UInt8>,
        authenticating aad: Span<UInt8>,
        into destination: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        let context = unsafe pointer
        let started = unsafe iv.withBytes { ivStart, _ in
            unsafe EVP_CipherInit_ex(context, nil, nil, nil, ivStart, -1) == 1
        }
        guard started else { return false }
        let authenticated = unsafe aad.withBytes { start, count in
            unsafe CipherContext.update(context, from: start, count: count, into: nil)
        }
        guard authenticated else { return false }
        return unsafe input.withBytes { start, count in
            unsafe CipherContext.update(context, from: start, count: count, into: destination)
        }
    }

    /// libcrypto counts in `Int32`: longer inputs go in pieces, each a whole number of blocks.
    private static let pieceLength = 1 << 30

    private static func update(
        _ context: OpaquePointer,
        from source: UnsafePointer<UInt8>,
        count: Int,
        into destination: UnsafeMutablePointer<UInt8>?
    ) -> Bool {
        var offset = 0
        while offset < count {
            let piece = min(count - offset, pieceLength)
            var written: Int32 = 0
            let target = unsafe destination.map { unsafe $0 + offset }
            guard
                unsafe EVP_CipherUpdate(context, target, &written, source + offset, Int32(piece)) == 1,
                Int(written) == piece
            else { return false }
            offset += piece
        }
        return true
    }
}
