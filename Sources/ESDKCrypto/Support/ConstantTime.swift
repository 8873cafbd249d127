internal import COpenSSL

/// Compares two byte strings without revealing through timing where they differ.
///
/// The lengths are not secret: strings of different lengths are unequal at once.
///
/// - Parameters:
///   - a: the one string.
///   - b: the other string.
/// - Returns: whether both have the same length and the same bytes.
package func constantTimeEquals(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    return unsafe a.withBytes { first, count in
        unsafe b.withBytes { second, _ in
            unsafe CRYPTO_memcmp(first, second, count) == 0
        }
    }
}

/// Overwrites an array that held key bytes, then empties it.
///
/// Only the storage of this array is overwritten: copies that share it keep their bytes.
///
/// - Parameter bytes: the array; empty afterwards.
package func zeroize(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe OPENSSL_cleanse(buffer.baseAddress, buffer.count)
    }
    bytes.removeAll()
}
