// MARK: - AWS KMS and DynamoDB

extension EncryptionSDKError.Code {
    /// AWS refused for want of permission: the `AccessDeniedException`.
    public static let awsAccessDenied = Self("awsAccessDenied", category: .permission)
    /// AWS could not be asked, or gave no usable answer: network, time-outs, throttling, faults of the service.
    public static let awsUnavailable = Self("awsUnavailable", category: .service)
    /// No AWS credentials were found, or AWS does not accept them: expired, revoked, wrong.
    public static let awsCredentials = Self("awsCredentials", category: .credentials)
    /// The AWS client cannot be used as it is configured: no region, an endpoint that is not a URL.
    public static let awsConfiguration = Self("awsConfiguration", category: .configuration)
    /// AWS refused the request: no such key, a disabled key, another key's ciphertext, another encryption context.
    public static let awsRefusal = Self("awsRefusal", category: .noDataKey)
    /// The answer of AWS KMS is not what the keyring asked for: another key id, or a data key of another length.
    public static let unexpectedKMSResponse = Self("unexpectedKMSResponse", category: .noDataKey)
    /// The branch key exists in the key store, and its record is not as it must be.
    public static let invalidBranchKeyRecord = Self("invalidBranchKeyRecord", category: .noDataKey)
    /// Materials that another task is fetching did not come in time.
    public static let cacheTimedOut = Self("cacheTimedOut", category: .service)
    /// The keyring takes no algorithm suite with a signature.
    public static let signedSuiteNotSupported = Self("signedSuiteNotSupported", category: .policy)
    /// Another writer changed the branch key at the same time, or it exists already.
    public static let branchKeyConflict = Self("branchKeyConflict", category: .configuration)
}

extension EncryptionSDKError {
    /// What a service client threw.
    ///
    /// - Parameter subject: what the call was about, where nothing else in the error says it.
    package init(_ error: AWSServiceError, about subject: String? = nil) {
        let code: Code =
            switch error.code {
            case .accessDenied: .awsAccessDenied
            case .invalidConfiguration: .awsConfiguration
            case _ where AWSServiceError.Code.finalRefusals.contains(error.code): .awsRefusal
            case _ where AWSServiceError.Code.refusedCredentials.contains(error.code): .awsCredentials
            default: .awsUnavailable
            }
        let parts = [subject, error.description, error.advice].compactMap(\.self)
        self.init(code, parts.joined(separator: ": "), underlyingError: error)
    }

    /// The error of the AWS service that is behind this one, with AWS's own error code and request id; nil for every other cause.
    public var serviceError: AWSServiceError? { underlyingError as? AWSServiceError }

    /// Runs a call to a service and gives its error the shape of this package's errors; a cancellation stays one.
    ///
    /// - Parameter subject: what the call is about, where nothing else in the error says it.
    static func translating<Value>(
        about subject: String? = nil,
        _ call: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await call()
        } catch let error as AWSServiceError {
            throw EncryptionSDKError(error, about: subject)
        } catch let error as EncryptionSDKError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            throw EncryptionSDKError(.awsUnavailable, "the service client failed: \(error)", underlyingError: error)
        }
    }
}

extension AWSServiceError.Code {
    /// The credentials are missing, or AWS does not accept them.
    static let refusedCredentials: Set<Self> = [
        .noCredentials, Self("ExpiredTokenException"), Self("ExpiredToken"), Self("UnrecognizedClientException"),
        Self("InvalidClientTokenId"), Self("InvalidSignatureException"), Self("SignatureDoesNotMatch"),
        Self("IncompleteSignatureException"), Self("MissingAuthenticationTokenException"),
        Self("InvalidAccessKeyId"), Self("OptInRequired"),
    ]
}

extension AWSServiceError {
    /// What AWS itself does not say: what to do, or what is likely wrong.
    fileprivate var advice: String? {
        switch code {
        case .accessDenied: "give the caller the permission, or use another key"
        case .invalidCiphertext: "damaged, or encrypted with another encryption context"
        case .incorrectKey: "encrypted under another key"
        default: nil
        }
    }
}
