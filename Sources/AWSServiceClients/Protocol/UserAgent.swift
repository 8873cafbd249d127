internal import AWSMaterialProviders

/// What the clients say of themselves.
enum UserAgent {
    private static let longestApplicationID = 50

    /// The value of the `User-Agent` field.
    ///
    /// - Parameters:
    ///   - applicationID: a name for the calling application.
    ///   - suffix: what this client is part of.
    static func value(applicationID: String?, suffix: String?) -> String {
        // m/E: retries in the standard mode.
        var parts = ["aws-encryption-sdk-swift/\(LibraryVersion.text)", "ua/2.1", "os/linux", "lang/swift", "m/E"]
        if let applicationID, !applicationID.isEmpty {
            parts.append("app/\(token(String(applicationID.prefix(longestApplicationID))))")
        }
        if let suffix { parts.append(suffix) }
        return parts.joined(separator: " ")
    }

    /// The text with characters that are none of a token (RFC 9110, section 5.6.2) as hyphens.
    private static func token(_ text: String) -> String {
        let allowed = Set("!$%&'*+-.^_`|~".utf8)
        let bytes = text.utf8.map { byte -> UInt8 in
            let isLetterOrDigit =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            return isLetterOrDigit || allowed.contains(byte) ? byte : UInt8(ascii: "-")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
