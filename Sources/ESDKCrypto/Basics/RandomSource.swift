internal import COpenSSL
internal import Synchronization

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

/// Random bytes for one message, drawn from libcrypto's generator in one request: a request for twelve bytes costs as much.
///
/// This is as safe as a request for each value. The generator's answer is indistinguishable from random as a whole (SP 800-90A allows
/// 2^16 bytes), so that a part of it becomes public, as IV and message id do, tells nothing about the part that becomes a key. Each byte
/// is handed out once, in whichever order and by however many tasks it is asked for, and all are wiped with the last reference.
package final class MessageRandomSource: RandomSource {
    private static let length = 96  // data key and message id, and salt and IV of one keyring

    private let drawn: SecretBytes
    /// How many bytes have been handed out, or more.
    private let used = Atomic(0)

    /// Draws the bytes.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package init() throws(CryptoError) { drawn = try SystemRandomSource().secretBytes(Self.length) }

    /// Appends random bytes: drawn ones while they last, then new ones.
    ///
    /// - Parameters:
    ///   - output: receives the bytes.
    ///   - count: how many; from 0 to `output.freeCapacity`.
    /// - Throws: ``CryptoError`` with code `invalidLength` when `output` has no room, `libraryFailure` when no
    ///   random bytes are to be had. `output` is then as before.
    package func fill(_ output: inout OutputSpan<UInt8>, count: Int) throws(CryptoError) {
        guard (1...Self.length).contains(count) else { return try SystemRandomSource().fill(&output, count: count) }
        let end = used.add(count, ordering: .relaxed).newValue
        guard end <= Self.length else { return try SystemRandomSource().fill(&output, count: count) }
        let drawn = drawn
        try output.appendBytes(drawn.span.extracting(end - count..<end))
    }
}
