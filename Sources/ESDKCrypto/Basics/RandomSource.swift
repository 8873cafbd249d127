internal import COpenSSL

/// Where random bytes come from.
package protocol RandomSource: Sendable {
    /// Appends random bytes.
    ///
    /// - Parameters:
    ///   - output: receives the bytes.
    ///   - count: how many; not more than `output.freeCapacity`.
    /// - Throws: ``CryptoError`` with code `invalidLength` when `output` has no room, `libraryFailure` when no
    ///   random bytes are to be had. `output` is then as before.
    func fill(_ output: inout OutputSpan<UInt8>, count: Int) throws(CryptoError)
}

extension RandomSource {
    /// Random bytes that are not secret, such as an IV.
    ///
    /// - Parameter count: how many; not negative.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
        try [UInt8](capacity: count) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try fill(&output, count: count)
        }
    }

    /// Random bytes for a key.
    ///
    /// - Parameter count: how many; not negative.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package func secretBytes(_ count: Int) throws(CryptoError) -> SecretBytes {
        try SecretBytes(count: count) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try fill(&output, count: count)
        }
    }
}

/// libcrypto's generator for secret values (NIST SP 800-90A), seeded by the operating system.
package struct SystemRandomSource: RandomSource {
    /// Creates a source; all values draw from the same generator of the calling thread.
    package init() {}

    /// Appends random bytes.
    ///
    /// - Parameters:
    ///   - output: receives the bytes.
    ///   - count: how many; from 0 to `output.freeCapacity`.
    /// - Throws: ``CryptoError`` with code `invalidLength` when `output` has no room, `libraryFailure` when no
    ///   random bytes are to be had. `output` is then as before.
    package func fill(_ output: inout OutputSpan<UInt8>, count: Int) throws(CryptoError) {
        guard (0...output.freeCapacity).contains(count) else {
            throw CryptoError(.invalidLength, "\(count) bytes do not fit into \(output.freeCapacity) bytes of output")
        }
        guard count > 0 else { return }
        let filled = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            guard
                let start = buffer.baseAddress,
                unsafe RAND_priv_bytes_ex(nil, start + initialized, count, 0) == 1
            else { return false }
            initialized += count
            return true
        }
        guard filled else { throw ErrorQueue.take(.libraryFailure, "no random bytes are available") }
    }
}
