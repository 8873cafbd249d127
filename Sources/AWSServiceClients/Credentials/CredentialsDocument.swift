internal import ESDKCrypto
internal import StrictJSON

/// Credentials as processes and endpoints give them: a JSON object, of whose secrets no text is made.
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
        let names: Set = [JSONName("SecretAccessKey"), JSONName(tokenName)]
        guard let document = try? StrictJSON.parse(bytes, source: source, withholding: names),
            let object = document.value.object
        else { throw failure("the answer is not a JSON object") }
        func secret(_ name: String) throws(CredentialsError) -> SecretBytes? {
            guard let range = document.withheld[JSONName(name)], !range.isEmpty else { return nil }
            guard let text = SecretBytes(copying: bytes).unescapedText(in: range) else {
                throw failure("the \(name) has characters that no key has")
            }
            return text
        }
        if needsVersion, object["Version"]?.integer != 1 { throw failure("the answer is not of Version 1") }
        if let code = object["Code"]?.string, code != "Success" {
            let message = object["Message"]?.string.map { ": \($0)" } ?? ""
            throw failure("\(code)\(message)")
        }
        guard let id = object["AccessKeyId"]?.string, !id.isEmpty, let key = try secret("SecretAccessKey")
        else { throw failure("the answer has no AccessKeyId and SecretAccessKey") }
        var expiration: Timestamp?
        if let text = object["Expiration"]?.string {
            guard let time = Timestamp(iso8601: text) else { throw failure("the Expiration is no time in ISO 8601") }
            expiration = time
        }
        return AWSCredentials(
            accessKeyID: id,
            secretAccessKey: key,
            sessionToken: try secret(tokenName),
            expiration: expiration
        )
    }
}
