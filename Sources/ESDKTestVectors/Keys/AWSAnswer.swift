import AWSMaterialProviders

/// What an error of AWS says about the service as such.
enum AWSAnswer {
    /// Whether KMS or DynamoDB answered, if with a refusal.
    ///
    /// It did not when nobody is there, when somebody else is, and when it takes no request of these credentials.
    static func isOne(_ error: AWSServiceError) -> Bool {
        switch EncryptionSDKError(error).code {
        case .awsAccessDenied, .awsRefusal: true
        default: temporaryFaults.contains(error.code.name)
        }
    }

    /// Too many requests, or a fault inside: another request may fare better.
    private static let temporaryFaults: Set<String> = [
        "ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded",
        "LimitExceededException",
        "ProvisionedThroughputExceededException", "KMSInternalException", "DependencyTimeoutException",
        "KeyUnavailableException", "InternalServerError", "CloudHsmClusterInvalidConfigurationException",
    ]
}
