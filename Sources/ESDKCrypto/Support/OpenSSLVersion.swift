internal import COpenSSL

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
