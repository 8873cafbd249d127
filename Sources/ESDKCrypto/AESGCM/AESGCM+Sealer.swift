internal import COpenSSL

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
            let sealed = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized -> Bool in
                guard let start = buffer.baseAddress else { return false }
                let destination = unsafe start + initialized
                guard
                    unsafe context.process(plaintext, iv: iv, authenticating: aad, into: destination),
                    unsafe finish(writingTagTo: destination + plaintext.count)
                else {
                    unsafe OPENSSL_cleanse(destination, length)
                    return false
                }
                initialized += length
                return true
            }
            guard sealed else {
                throw ErrorQueue.take(.libraryFailure, "AES-GCM encryption could not be carried out")
            }
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
