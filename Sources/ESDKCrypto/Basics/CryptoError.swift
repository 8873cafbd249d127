internal import COpenSSL
import ESDKSystem

/// A cryptographic operation that did not succeed; users see the `EncryptionSDKError` that is made of it.
///
/// Two errors are equal when their codes are: the reason is for people and may change between versions.
/// A reason never contains key material, plaintext or anything derived from them.
package struct CryptoError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it was.
    ///
    /// More codes may be added.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code, stable across versions.
        package let rawValue: String

        /// The name of the code.
        package var description: String { rawValue }

        private init(_ rawValue: String) {
            self.rawValue = rawValue
        }

        /// An AES-GCM tag does not belong to the ciphertext, the additional data, the IV and the key.
        package static let authenticationFailed = Code("authenticationFailed")
        /// A key cannot be parsed, is of an unsupported kind, or is not a point of its curve.
        package static let invalidKey = Code("invalidKey")
        /// An argument has a length that the algorithm does not allow.
        package static let invalidLength = Code("invalidLength")
        /// A signature is not the strict DER form of two positive integers.
        package static let invalidSignature = Code("invalidSignature")
        /// RSA decryption failed; why is deliberately withheld.
        package static let decryptionFailed = Code("decryptionFailed")
        /// The libcrypto of this system does not offer the algorithm.
        package static let unsupported = Code("unsupported")
        /// libcrypto reported a failure that no input should cause (out of memory, no entropy).
        package static let libraryFailure = Code("libraryFailure")
    }

    /// What kind of failure it was.
    package let code: Code

    /// The failure in words.
    package let reason: String

    /// Creates an error from its code and its reason.
    ///
    /// - Parameters:
    ///   - code: what kind of failure it is.
    ///   - reason: the failure in words, free of secrets.
    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = TerminalText.harmless(reason)
    }

    /// The reason, preceded by the code.
    package var description: String { "\(code): \(reason)" }

    /// Whether both errors have the same code; reasons are not compared.
    package static func == (lhs: CryptoError, rhs: CryptoError) -> Bool {
        lhs.code == rhs.code
    }

    /// Hashes the code only, as equality does.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }
}

/// The calling thread's queue of libcrypto errors.
enum ErrorQueue {
    /// Forgets what libcrypto queued, so that nothing is attributed to a later operation.
    static func clear() {
        ERR_clear_error()
    }

    /// Turns the queue into an error and empties it.
    ///
    /// - Parameters:
    ///   - code: the code of the error.
    ///   - operation: what was being done, in words.
    /// - Returns: an error whose reason is the operation and libcrypto's own static texts.
    static func take(_ code: CryptoError.Code, _ operation: String) -> CryptoError {
        var reasons: [String] = []
        while reasons.count < 16 {
            let packed = ERR_get_error()
            if packed == 0 { break }
            if let text = unsafe ERR_reason_error_string(packed) {
                let reason = unsafe String(cString: text)
                if !reasons.contains(reason) { reasons.append(reason) }
            } else {
                reasons.append("libcrypto error \(packed)")
            }
        }
        ERR_clear_error()
        if reasons.isEmpty { return CryptoError(code, operation) }
        return CryptoError(code, "\(operation) (libcrypto: \(reasons.joined(separator: "; ")))")
    }
}

/// The libcrypto that this process runs with.
package enum OpenSSLVersion {
    /// The version of the loaded library, for example `OpenSSL 3.0.19 27 Jan 2026`.
    ///
    /// It is asked of the library at run time, and so may differ from the headers the package was built with.
    package static var text: String {
        guard let text = unsafe OpenSSL_version(OPENSSL_VERSION) else { return "unknown" }
        return unsafe String(cString: text)
    }
}
