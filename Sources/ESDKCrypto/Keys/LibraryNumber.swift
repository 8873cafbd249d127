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

/// Arithmetic modulo a prime.
@safe struct NumberArithmetic: ~Copyable {
    private let modulus: LibraryNumber
    private let scratch: OpaquePointer

    /// Arithmetic modulo the prime that `modulus` are the bytes of, most significant first.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    init(modulo modulus: [UInt8]) throws(CryptoError) {
        let number = try LibraryNumber(modulus.span)
        guard let scratch = unsafe BN_CTX_secure_new() else {
            throw ErrorQueue.take(.libraryFailure, "no memory for arithmetic")
        }
        self.modulus = number
        unsafe self.scratch = scratch
    }

    deinit {
        unsafe BN_CTX_free(scratch)
    }

    /// The remainder of `number`.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    borrowing func reduce(_ number: borrowing LibraryNumber) throws(CryptoError) -> LibraryNumber {
        let result = try LibraryNumber()
        try Self.check(unsafe BN_nnmod(result.pointer, number.pointer, modulus.pointer, scratch) == 1)
        return result
    }

    /// The product of two numbers.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    borrowing func multiply(
        _ left: borrowing LibraryNumber,
        _ right: borrowing LibraryNumber
    ) throws(CryptoError) -> LibraryNumber {
        let result = try LibraryNumber()
        try Self.check(
            unsafe BN_mod_mul(result.pointer, left.pointer, right.pointer, modulus.pointer, scratch) == 1
        )
        return result
    }

    /// The sum of two numbers.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    borrowing func add(
        _ left: borrowing LibraryNumber,
        _ right: borrowing LibraryNumber
    ) throws(CryptoError) -> LibraryNumber {
        let result = try LibraryNumber()
        try Self.check(
            unsafe BN_mod_add(result.pointer, left.pointer, right.pointer, modulus.pointer, scratch) == 1
        )
        return result
    }

    /// The number that gives 1 when multiplied with `number`, which is not 0.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    borrowing func invert(_ number: borrowing LibraryNumber) throws(CryptoError) -> LibraryNumber {
        let result = try LibraryNumber()
        try Self.check(unsafe BN_mod_inverse(result.pointer, number.pointer, modulus.pointer, scratch) != nil)
        return result
    }

    private static func check(_ succeeded: Bool) throws(CryptoError) {
        guard succeeded else { throw ErrorQueue.take(.libraryFailure, "arithmetic failed") }
    }
}
