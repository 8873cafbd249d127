internal import COpenSSL

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
            let outcome = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized -> Outcome in
                var nowhere: UInt8 = 0
                return unsafe withUnsafeMutablePointer(to: &nowhere) { nowhere in
                    let destination = unsafe buffer.baseAddress.map { unsafe $0 + initialized } ?? nowhere
                    let outcome = unsafe open(
                        ciphertext,
                        tag: tag,
                        iv: iv,
                        authenticating: aad,
                        into: destination
                    )
                    if outcome == .opened {
                        initialized += ciphertext.count
                    } else {
                        unsafe OPENSSL_cleanse(destination, ciphertext.count)
                    }
                    return outcome
                }
            }
            switch outcome {
            case .opened: return
            case .rejected:
                ErrorQueue.clear()
                throw CryptoError(.authenticationFailed, "the AES-GCM tag does not match")
            case .failed: throw ErrorQueue.take(.libraryFailure, "AES-GCM decryption could not be carried out")
            }
        }

        private enum Outcome {
            case opened, rejected, failed
        }

        private func open(
            _ ciphertext: Span<UInt8>,
            tag: Span<UInt8>,
            iv: Span<UInt8>,
            authenticating aad: Span<UInt8>,
            into destination: UnsafeMutablePointer<UInt8>
        ) -> Outcome {
            guard unsafe context.process(ciphertext, iv: iv, authenticating: aad, into: destination) else {
                return .failed
            }
            let context = unsafe self.context.pointer
            let tagIsSet = unsafe tag.withBytes { start, count in
                // The control takes a mutable pointer for every use; setting the tag only reads it.
                let tag = unsafe UnsafeMutableRawPointer(mutating: start)
                return unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(count), tag) == 1
            }
            guard tagIsSet else { return .failed }
            var nothing: UInt8 = 0
            var written: Int32 = 0
            return unsafe EVP_CipherFinal_ex(context, &nothing, &written) == 1 ? .opened : .rejected
        }
    }

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
