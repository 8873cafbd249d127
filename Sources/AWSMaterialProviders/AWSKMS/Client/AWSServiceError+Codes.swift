// MARK: - Codes of AWS

extension AWSServiceError.Code {
    /// The caller may not do this.
    public static let accessDenied = Self("AccessDeniedException")
    /// There is no such KMS key.
    public static let notFound = Self("NotFoundException")
    /// The KMS key is disabled.
    public static let disabled = Self("DisabledException")
    /// The state of the KMS key forbids the operation.
    public static let invalidState = Self("KMSInvalidStateException")
    /// The KMS key is not made for the operation.
    public static let invalidKeyUsage = Self("InvalidKeyUsageException")
    /// The ciphertext was encrypted under another KMS key.
    public static let incorrectKey = Self("IncorrectKeyException")
    /// The ciphertext is damaged, or its encryption context is another.
    public static let invalidCiphertext = Self("InvalidCiphertextException")
    /// There is no such table.
    public static let resourceNotFound = Self("ResourceNotFoundException")
    /// The table exists already, or is being made.
    public static let resourceInUse = Self("ResourceInUseException")
    /// The condition of a write does not hold.
    public static let conditionalCheckFailed = Self("ConditionalCheckFailedException")
    /// A transaction was not carried out; `cancellationReasons` says why.
    public static let transactionCanceled = Self("TransactionCanceledException")
}

extension AWSServiceError.Code {
    /// The request itself is at fault: asking again changes nothing.
    static let finalRefusals: Set<Self> = [
        .notFound, .disabled, .invalidState, .invalidKeyUsage, .incorrectKey, .invalidCiphertext, .resourceNotFound,
        .resourceInUse, .conditionalCheckFailed, .transactionCanceled, Self("ValidationException"),
        Self("InvalidArnException"),
        Self("InvalidGrantTokenException"), Self("UnsupportedOperationException"), Self("DryRunOperationException"),
    ]
}

// MARK: - Codes of the client

extension AWSServiceError.Code {
    /// No connection: a name that does not resolve, a refused connection, a failed TLS handshake.
    public static let endpointUnreachable = Self("EndpointUnreachable")
    /// No answer within the time-out, or a connection that broke off.
    public static let noResponse = Self("NoResponse")
    /// The answer is none that the protocol allows, or exceeds its bound.
    public static let invalidResponse = Self("InvalidResponse")
    /// No credentials were found, or the source of credentials failed.
    public static let noCredentials = Self("NoCredentials")
    /// The client's configuration is contradictory or lacks something, such as the region.
    public static let invalidConfiguration = Self("InvalidConfiguration")
}
