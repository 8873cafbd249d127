import ESDKSystem

/// A refusal by AWS KMS or DynamoDB, or the failure to reach them.
///
/// Two errors are equal when their codes are. Nothing of a key, token or plaintext is ever in it.
public struct AWSServiceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, for programs: the service's own error code, or one that the client made.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as AWS writes it, without namespace, such as `AccessDeniedException`.
        public let name: String

        /// A code of the given name.
        public init(_ name: String) { self.name = name }

        /// The name, control characters as escapes.
        public var description: String { TerminalText.harmless(name) }
    }

    /// What went wrong, for programs.
    public let code: Code
    /// What went wrong, for people: the service's message, control characters as escapes.
    public let message: String
    /// The service, such as `KMS`.
    public let service: String
    /// The operation, such as `GenerateDataKey`.
    public let operation: String
    /// The id that AWS gave the request; nil when there was no answer.
    public let requestID: String?
    /// The status of the HTTP response; nil when there was no answer.
    public let httpStatus: Int?
    /// How many times the request was sent.
    public let attempts: Int
    /// For `transactionCanceled`: a code for each write of the transaction, in order; `None` where a write was not the cause.
    public let cancellationReasons: [String]

    /// An error of the given parts.
    public init(
        _ code: Code,
        _ message: String,
        service: String,
        operation: String,
        requestID: String? = nil,
        httpStatus: Int? = nil,
        attempts: Int = 1,
        cancellationReasons: [String] = []
    ) {
        self.code = code
        self.message = TerminalText.harmless(message)
        self.service = service
        self.operation = operation
        self.requestID = requestID.map(TerminalText.harmless)
        self.httpStatus = httpStatus
        self.attempts = attempts
        self.cancellationReasons = cancellationReasons.map(TerminalText.harmless)
    }

    /// Service, operation, code, message and request id in one text.
    public var description: String {
        var text = "\(service) \(operation): \(code)"
        if !message.isEmpty { text += ": \(message)" }
        var details: [String] = []
        if let httpStatus { details.append("status \(httpStatus)") }
        if let requestID { details.append("request \(requestID)") }
        if attempts > 1 { details.append("\(attempts) attempts") }
        if !cancellationReasons.isEmpty { details.append("reasons \(cancellationReasons.joined(separator: ", "))") }
        if !details.isEmpty { text += " (\(details.joined(separator: ", ")))" }
        return text
    }

    /// Equality of the codes.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    /// Hashes the code, in keeping with equality.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

// MARK: - Codes of AWS

extension AWSServiceError.Code {
    /// The caller may not do this.
    public static let accessDenied = Self("AccessDeniedException")
    /// The KMS key does not exist.
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
    /// The table does not exist.
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
    /// The answer violates the protocol or exceeds its size limit.
    public static let invalidResponse = Self("InvalidResponse")
    /// No credentials were found, or the source of credentials failed.
    public static let noCredentials = Self("NoCredentials")
    /// The client's configuration is contradictory or lacks something, such as the region.
    public static let invalidConfiguration = Self("InvalidConfiguration")
}
