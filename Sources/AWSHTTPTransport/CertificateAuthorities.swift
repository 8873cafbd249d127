internal import AWSServiceClients
internal import Glibc

/// Finds the file of certificate authorities to trust.
enum CertificateAuthorities {
    /// The file that is named by the caller or else by `AWS_CA_BUNDLE`.
    ///
    /// - Parameters:
    ///   - path: the caller's choice.
    ///   - environment: the variables.
    /// - Returns: a path, or nil for the system's own authorities.
    /// - Throws: `HTTPTransportError` with code `tlsFailed` when the file cannot be read.
    static func file(named path: String?, environment: AWSEnvironment) throws(HTTPTransportError) -> String? {
        guard let file = path ?? environment["AWS_CA_BUNDLE"], !file.isEmpty else { return nil }
        guard unsafe access(file, R_OK) == 0 else {
            throw HTTPTransportError(
                .tlsFailed,
                "the certificate authorities in \(file) \(path == nil ? "(AWS_CA_BUNDLE) " : "")cannot be read"
            )
        }
        return file
    }
}
