internal import COpenSSL

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
