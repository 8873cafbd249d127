internal import COpenSSL

/// The Advanced Encryption Standard in Galois/counter mode (NIST SP 800-38D) with 12-byte IVs and 16-byte tags.
package enum AESGCM {
    /// The length of a key.
    package enum KeyLength: Int, Sendable, Hashable, CaseIterable {
        /// AES-128: 16 bytes.
        case aes128 = 16
        /// AES-192: 24 bytes.
        case aes192 = 24
        /// AES-256: 32 bytes.
        case aes256 = 32
    }

    /// The length of an initialisation vector in bytes.
    package static let ivLength = 12

    /// The length of an authentication tag in bytes.
    package static let tagLength = 16
}

extension AESGCM {
    /// Encrypts messages under one key.
    ///
    /// A value owns one cipher context, so that the key schedule is computed once. Sealing allocates nothing.
    /// An IV must never be used twice with the same key: that is the caller's duty.
    package struct Sealer: ~Copyable, Sendable {
        private let context: CipherContext

        /// Prepares a key.
        ///
        /// - Parameters:
        ///   - keyLength: the length of the key.
        ///   - key: exactly `keyLength.rawValue` bytes.
        /// - Throws: ``CryptoError`` with code `invalidLength`, `unsupported` or `libraryFailure`.
        package init(_ keyLength: KeyLength, key: Span<UInt8>) throws(CryptoError) {
            self.context = try CipherContext(keyLength, key: key, direction: .seal)
        }

        /// Encrypts one message and computes its tag.
        ///
        /// - Parameters:
        ///   - plaintext: the plaintext; may be empty.
        ///   - iv: 12 bytes, never used before with this key.
        ///   - aad: the additional authenticated data; may be empty.
        ///   - output: receives the ciphertext, as long as `plaintext`, and then the 16 bytes of the tag.
        /// - Throws: ``CryptoError`` with code `invalidLength` when `iv` has another length or `output` has no room;
        ///   `libraryFailure`. `output` is then as before.
        package mutating func seal(
            _ plaintext: Span<UInt8>,
            iv: Span<UInt8>,
            authenticating aad: Span<UInt8>,
            appendingTo output: inout OutputSpan<UInt8>
        ) throws(CryptoError) {
            let (length, overflow) = plaintext.count.addingReportingOverflow(tagLength)
            try checkLengths(iv: iv, outputLength: overflow ? .max : length, freeCapacity: output.freeCapacity)
            let failure = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized -> CryptoError? in
                guard let start = buffer.baseAddress else { return nil }
                let destination = unsafe start + initialized
                let failure = unsafe plaintext.withBytes { source, count in
                    unsafe iv.withBytes { iv, _ in
                        unsafe aad.withBytes { aad, aadLength in
                            unsafe seal(source, count, iv: iv, aad, aadLength, into: destination)
                        }
                    }
                }
                if failure == nil { initialized += length }
                return failure
            }
            if let failure { throw failure }
        }

        /// Encrypts one message in memory whose bounds the caller has checked, as for many messages in one array.
        ///
        /// - Parameters:
        ///   - source: the plaintext.
        ///   - length: its length in bytes.
        ///   - iv: 12 bytes, never used before with this key.
        ///   - aad: the additional authenticated data.
        ///   - aadLength: its length in bytes.
        ///   - destination: room for the ciphertext, and then the 16 bytes of the tag.
        /// - Returns: an error with code `libraryFailure`, if libcrypto refuses; the room is then overwritten with zeros.
        @inline(__always)
        package mutating func seal(
            _ source: UnsafePointer<UInt8>,
            _ length: Int,
            iv: UnsafePointer<UInt8>,
            _ aad: UnsafePointer<UInt8>,
            _ aadLength: Int,
            into destination: UnsafeMutablePointer<UInt8>
        ) -> CryptoError? {
            guard
                unsafe context.process(source, length, iv: iv, aad, aadLength, into: destination),
                unsafe finish(writingTagTo: destination + length)
            else {
                unsafe OPENSSL_cleanse(destination, length + tagLength)
                return ErrorQueue.take(.libraryFailure, "AES-GCM encryption could not be carried out")
            }
            return nil
        }

        private func finish(writingTagTo tag: UnsafeMutablePointer<UInt8>) -> Bool {
            let context = unsafe self.context.pointer
            var nothing: UInt8 = 0
            var written: Int32 = 0
            guard unsafe EVP_CipherFinal_ex(context, &nothing, &written) == 1 else { return false }
            return unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength), tag) == 1
        }
    }
}

extension AESGCM {
    /// Decrypts messages under one key.
    ///
    /// A value owns one cipher context, so that the key schedule is computed once. Opening allocates nothing.
    package struct Opener: ~Copyable, Sendable {
        private let context: CipherContext

        /// Prepares a key.
        ///
        /// - Parameters:
        ///   - keyLength: the length of the key.
        ///   - key: exactly `keyLength.rawValue` bytes.
        /// - Throws: ``CryptoError`` with code `invalidLength`, `unsupported` or `libraryFailure`.
        package init(_ keyLength: KeyLength, key: Span<UInt8>) throws(CryptoError) {
            self.context = try CipherContext(keyLength, key: key, direction: .open)
        }

        /// Authenticates and decrypts one message.
        ///
        /// When it throws, whatever was written is overwritten with zeros and `output` is as before.
        ///
        /// - Parameters:
        ///   - ciphertext: the ciphertext without its tag; may be empty.
        ///   - tag: 16 bytes.
        ///   - iv: 12 bytes.
        ///   - aad: the additional authenticated data; may be empty.
        ///   - output: receives as many bytes as `ciphertext` has.
        /// - Throws: ``CryptoError`` with code `authenticationFailed`; `invalidLength` when `tag` or `iv` has another
        ///   length or `output` has no room; `libraryFailure`.
        package mutating func open(
            _ ciphertext: Span<UInt8>,
            tag: Span<UInt8>,
            iv: Span<UInt8>,
            authenticating aad: Span<UInt8>,
            appendingTo output: inout OutputSpan<UInt8>
        ) throws(CryptoError) {
            try checkLengths(iv: iv, outputLength: ciphertext.count, freeCapacity: output.freeCapacity)
            guard tag.count == tagLength else {
                throw CryptoError(.invalidLength, "an AES-GCM tag has \(tagLength) bytes, not \(tag.count)")
            }
            let failure = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized -> CryptoError? in
                var nowhere: UInt8 = 0
                let failure = unsafe withUnsafeMutablePointer(to: &nowhere) { nowhere in
                    let destination = unsafe buffer.baseAddress.map { unsafe $0 + initialized } ?? nowhere
                    return unsafe ciphertext.withBytes { source, length in
                        unsafe tag.withBytes { tag, _ in
                            unsafe iv.withBytes { iv, _ in
                                unsafe aad.withBytes { aad, aadLength in
                                    unsafe open(source, length, tag: tag, iv: iv, aad, aadLength, into: destination)
                                }
                            }
                        }
                    }
                }
                if failure == nil { initialized += ciphertext.count }
                return failure
            }
            if let failure { throw failure }
        }

        /// Authenticates and decrypts one message in memory whose bounds the caller has checked, as for many messages in one array.
        ///
        /// - Parameters:
        ///   - source: the ciphertext.
        ///   - length: its length in bytes.
        ///   - tag: 16 bytes.
        ///   - iv: 12 bytes.
        ///   - aad: the additional authenticated data.
        ///   - aadLength: its length in bytes.
        ///   - destination: room for as many bytes as the ciphertext has.
        /// - Returns: an error with code `authenticationFailed` or `libraryFailure`; what was written is then overwritten with zeros.
        @inline(__always)
        package mutating func open(
            _ source: UnsafePointer<UInt8>,
            _ length: Int,
            tag: UnsafePointer<UInt8>,
            iv: UnsafePointer<UInt8>,
            _ aad: UnsafePointer<UInt8>,
            _ aadLength: Int,
            into destination: UnsafeMutablePointer<UInt8>
        ) -> CryptoError? {
            let context = unsafe self.context.pointer
            guard unsafe self.context.process(source, length, iv: iv, aad, aadLength, into: destination),
                unsafe esdk_expect_tag(context, tag, tagLength) == 1
            else {
                unsafe OPENSSL_cleanse(destination, length)
                return ErrorQueue.take(.libraryFailure, "AES-GCM decryption could not be carried out")
            }
            var nothing: UInt8 = 0
            var written: Int32 = 0
            guard unsafe EVP_CipherFinal_ex(context, &nothing, &written) == 1 else {
                unsafe OPENSSL_cleanse(destination, length)
                ErrorQueue.clear()
                return CryptoError(.authenticationFailed, "the AES-GCM tag does not match")
            }
            return nil
        }
    }

    /// Whether `prefetch` makes opening faster on this processor.
    package static let prefetchingPays = esdk_prefetching_pays() != 0

    /// Asks the processor for the memory that the next message will be opened from and into, which it cannot foresee at the end of this one.
    ///
    /// - Parameters:
    ///   - source: this message's tag, after which the next message follows.
    ///   - destination: where the next message will be opened into.
    ///   - length: the length of each message's plaintext in bytes, at least 512.
    @inline(__always)
    package static func prefetch(
        _ source: UnsafePointer<UInt8>,
        into destination: UnsafeMutablePointer<UInt8>,
        _ length: Int
    ) {
        unsafe esdk_prefetch_lines(source, 4 * cacheLineLength)
        unsafe esdk_prefetch_lines_to_write(destination, min(length, 8 * cacheLineLength))
    }

    private static let cacheLineLength = 64

    /// Checks what sealing and opening have in common.
    static func checkLengths(iv: Span<UInt8>, outputLength: Int, freeCapacity: Int) throws(CryptoError) {
        guard iv.count == ivLength else {
            throw CryptoError(.invalidLength, "an AES-GCM IV has \(ivLength) bytes, not \(iv.count)")
        }
        guard outputLength <= freeCapacity else {
            throw CryptoError(
                .invalidLength,
                "\(outputLength) bytes do not fit into \(freeCapacity) bytes of output"
            )
        }
    }
}

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
    ///   - length: its length in bytes.
    ///   - iv: 12 bytes.
    ///   - aad: the additional authenticated data.
    ///   - aadLength: its length in bytes.
    ///   - destination: room for as many bytes as `input` has.
    /// - Returns: false when libcrypto refused; what `destination` holds is then to be overwritten.
    @inline(__always)
    func process(
        _ input: UnsafePointer<UInt8>,
        _ length: Int,
        iv: UnsafePointer<UInt8>,
        _ aad: UnsafePointer<UInt8>,
        _ aadLength: Int,
        into destination: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        let context = unsafe pointer
        return unsafe EVP_CipherInit_ex(context, nil, nil, nil, iv, -1) == 1
            && CipherContext.update(context, from: aad, count: aadLength, into: nil)
            && CipherContext.update(context, from: input, count: length, into: destination)
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
