internal import COpenSSL

/// A running digest (FIPS 180-4).
package struct Digest: ~Copyable, Sendable {
    /// The hash function.
    package let algorithm: HashAlgorithm
    private let context: DigestContext

    /// Starts a digest.
    ///
    /// - Parameter algorithm: the hash function.
    /// - Throws: ``CryptoError`` with code `unsupported` or `libraryFailure`.
    package init(_ algorithm: HashAlgorithm) throws(CryptoError) {
        let context = try DigestContext()
        let implementation = unsafe try algorithm.implementation()
        guard unsafe EVP_DigestInit_ex2(context.pointer, implementation, nil) == 1 else {
            throw ErrorQueue.take(.libraryFailure, "a digest could not be started")
        }
        self.algorithm = algorithm
        self.context = context
    }

    /// Adds bytes.
    ///
    /// - Parameter bytes: any number of bytes.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package mutating func update(_ bytes: Span<UInt8>) throws(CryptoError) {
        let context = unsafe self.context.pointer
        let updated = unsafe bytes.withBytes { start, count in
            unsafe EVP_DigestUpdate(context, start, count) == 1
        }
        guard updated else { throw ErrorQueue.take(.libraryFailure, "a digest could not be continued") }
    }

    /// Ends the digest.
    ///
    /// - Returns: `algorithm.outputLength` bytes.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package consuming func finalize() throws(CryptoError) -> [UInt8] {
        let context = unsafe self.context.pointer
        let length = algorithm.outputLength
        var finished = false
        let digest = [UInt8](capacity: length) { output in
            unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                var written: UInt32 = 0
                finished =
                    unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, &written) == 1 && Int(written) == length
                if finished { initialized = length }
            }
        }
        guard finished else { throw ErrorQueue.take(.libraryFailure, "a digest could not be finished") }
        return digest
    }

    /// Digests one byte string.
    ///
    /// - Parameters:
    ///   - algorithm: the hash function.
    ///   - bytes: the bytes.
    /// - Returns: `algorithm.outputLength` bytes.
    /// - Throws: ``CryptoError`` with code `unsupported` or `libraryFailure`.
    package static func hash(_ algorithm: HashAlgorithm, of bytes: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        var digest = try Digest(algorithm)
        try digest.update(bytes)
        return try digest.finalize()
    }
}

/// A hash function of the SHA family (FIPS 180-4).
public enum HashAlgorithm: Sendable, Hashable {
    /// SHA-1, 20 bytes. Only for RSA-OAEP, where collisions do not matter.
    case sha1
    /// SHA-256, 32 bytes.
    case sha256
    /// SHA-384, 48 bytes.
    case sha384
    /// SHA-512, 64 bytes.
    case sha512

    /// The length of a digest in bytes.
    public var outputLength: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }
}

extension HashAlgorithm {
    /// An `EVP_MD` that was fetched once.
    ///
    /// It is immutable, counted by libcrypto, and held until the process ends.
    @safe struct Implementation: @unchecked Sendable {
        let pointer: OpaquePointer?

        init(named name: String) {
            unsafe self.pointer = EVP_MD_fetch(nil, name, nil)
            if unsafe pointer == nil { ErrorQueue.clear() }
        }
    }

    private static let sha1Implementation = Implementation(named: "SHA1")
    private static let sha256Implementation = Implementation(named: "SHA2-256")
    private static let sha384Implementation = Implementation(named: "SHA2-384")
    private static let sha512Implementation = Implementation(named: "SHA2-512")

    /// The implementation of libcrypto's default provider.
    ///
    /// - Throws: ``CryptoError`` with code `unsupported` where the library's configuration leaves it out.
    func implementation() throws(CryptoError) -> OpaquePointer {
        let implementation =
            switch self {
            case .sha1: HashAlgorithm.sha1Implementation
            case .sha256: HashAlgorithm.sha256Implementation
            case .sha384: HashAlgorithm.sha384Implementation
            case .sha512: HashAlgorithm.sha512Implementation
            }
        guard let pointer = unsafe implementation.pointer else {
            throw CryptoError(.unsupported, "this libcrypto does not offer \(libraryName)")
        }
        return unsafe pointer
    }

    /// The name that libcrypto's parameters use.
    var libraryName: String {
        switch self {
        case .sha1: "SHA1"
        case .sha256: "SHA2-256"
        case .sha384: "SHA2-384"
        case .sha512: "SHA2-512"
        }
    }
}

/// The sole owner of an `EVP_MD_CTX`.
@safe struct DigestContext: ~Copyable, @unchecked Sendable {
    let pointer: OpaquePointer

    init() throws(CryptoError) {
        guard let pointer = unsafe EVP_MD_CTX_new() else {
            throw ErrorQueue.take(.libraryFailure, "no memory for a digest")
        }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe EVP_MD_CTX_free(pointer)
    }
}
