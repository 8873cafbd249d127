public import ESDKCrypto

/// What requests are signed with: an access key, temporary or not.
public struct AWSCredentials: Sendable, Equatable {
    /// The id of the access key, which is not secret.
    public let accessKeyID: String
    /// The secret access key as UTF-8.
    public let secretAccessKey: SecretBytes
    /// The session token of temporary credentials as UTF-8.
    public let sessionToken: SecretBytes?
    /// When the credentials end; nil when they do not, or when it is not known.
    public let expiration: Timestamp?

    /// Credentials.
    ///
    /// - Parameters:
    ///   - accessKeyID: the id of the access key.
    ///   - secretAccessKey: the secret access key as UTF-8.
    ///   - sessionToken: the session token of temporary credentials as UTF-8.
    ///   - expiration: when the credentials end.
    public init(
        accessKeyID: String,
        secretAccessKey: SecretBytes,
        sessionToken: SecretBytes? = nil,
        expiration: Timestamp? = nil
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
    }

    /// Credentials from texts.
    ///
    /// - Parameters:
    ///   - accessKeyID: the id of the access key.
    ///   - secretAccessKey: the secret access key.
    ///   - sessionToken: the session token of temporary credentials.
    ///   - expiration: when the credentials end.
    public init(
        accessKeyID: String,
        secretAccessKey: String,
        sessionToken: String? = nil,
        expiration: Timestamp? = nil
    ) {
        self.init(
            accessKeyID: accessKeyID,
            secretAccessKey: SecretBytes(Array(secretAccessKey.utf8)),
            sessionToken: sessionToken.map { SecretBytes(Array($0.utf8)) },
            expiration: expiration
        )
    }
}

extension AWSCredentials: CustomStringConvertible, CustomReflectable {
    /// The id of the access key and the time it ends; never a secret.
    public var description: String {
        let end = expiration.map { ", until \($0)" } ?? ""
        return "access key \(accessKeyID)\(sessionToken == nil ? "" : " (temporary)")\(end)"
    }

    /// A mirror that shows the id of the access key only.
    public var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}
