internal import CryptoPrimitives
internal import StrictJSON

/// Credentials as processes and endpoints give them: a JSON object.
enum CredentialsDocument {
    /// Reads such an object.
    ///
    /// - Parameters:
    ///   - bytes: the document.
    ///   - tokenName: what the session token is called.
    ///   - needsVersion: whether the object must say that it is of version 1.
    ///   - source: the source, for errors.
    /// - Returns: the credentials.
    /// - Throws: `CredentialsError`, which never holds a part of the document but a code and message of an error.
    static func read(
        _ bytes: Span<UInt8>,
        tokenName: String,
        needsVersion: Bool = false,
        source: String
    ) throws(CredentialsError) -> AWSCredentials {
        func failure(_ reason: String) -> CredentialsError { CredentialsError(.failed, source: source, reason) }
        guard let object = try? StrictJSON.parse(bytes, source: source).object else {
            throw failure("the answer is not a JSON object")
        }
        if needsVersion, object["Version"]?.integer != 1 { throw failure("the answer is not of Version 1") }
        if let code = object["Code"]?.string, code != "Success" {
            let message = object["Message"]?.string.map { ": \($0)" } ?? ""
            throw failure("\(code)\(message)")
        }
        guard let id = object["AccessKeyId"]?.string, !id.isEmpty, let secret = object["SecretAccessKey"]?.string,
            !secret.isEmpty
        else { throw failure("the answer has no AccessKeyId and SecretAccessKey") }
        var expiration: Timestamp?
        if let text = object["Expiration"]?.string {
            guard let time = Timestamp(iso8601: text) else { throw failure("the Expiration is no time in ISO 8601") }
            expiration = time
        }
        return AWSCredentials(
            accessKeyID: id,
            secretAccessKey: secret,
            sessionToken: object[tokenName]?.string.flatMap { $0.isEmpty ? nil : $0 },
            expiration: expiration
        )
    }
}
