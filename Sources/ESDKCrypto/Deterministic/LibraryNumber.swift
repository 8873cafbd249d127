internal import COpenSSL

/// The sole owner of a `BIGNUM`: a non-negative number of any size.
@safe struct LibraryNumber: ~Copyable {
    let pointer: OpaquePointer

    /// Zero.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    init() throws(CryptoError) {
        guard let pointer = unsafe BN_secure_new() else {
            throw ErrorQueue.take(.libraryFailure, "no memory for a number")
        }
        unsafe self.pointer = pointer
    }

    /// The number that `bytes` are, most significant byte first.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    init(_ bytes: Span<UInt8>) throws(CryptoError) {
        let read = unsafe bytes.withBytes { start, count -> OpaquePointer? in
            guard let number = unsafe BN_secure_new() else { return nil }
            guard unsafe BN_bin2bn(start, Int32(count), number) != nil else {
                unsafe BN_clear_free(number)
                return nil
            }
            return unsafe number
        }
        guard let pointer = unsafe read else { throw ErrorQueue.take(.libraryFailure, "a number cannot be read") }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe BN_clear_free(pointer)
    }

    /// The number in `count` bytes, most significant byte first.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure` where it takes more.
    borrowing func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let pointer = unsafe self.pointer
        let written = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe BN_bn2binpad(pointer, buffer.baseAddress, Int32(count))
        }
        guard Int(written) == count else { throw ErrorQueue.take(.libraryFailure, "a number does not fit") }
        return bytes
    }
}
