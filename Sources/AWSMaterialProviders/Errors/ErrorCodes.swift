extension EncryptionSDKError {
    /// The kind of failure that a code stands for: what a program decides by.
    ///
    /// Categories may be added: a `switch` over them needs a `default`.
    public struct Category: Hashable, Sendable, CustomStringConvertible {
        /// The name, unique among the categories.
        public let name: String

        /// A new category.
        public init(_ name: String) { self.name = name }

        /// The name.
        public var description: String { name }

        // What is wrong with the message

        /// The bytes are not a well-formed message.
        public static let format = Self("format")
        /// A tag over the header or the body does not verify.
        public static let tag = Self("tag")
        /// The key commitment is not the one of the data key.
        public static let commitment = Self("commitment")
        /// The signature, or the key that it is to be checked with, is not acceptable.
        public static let signature = Self("signature")
        /// The message is well-formed, and something that the caller declared forbids it.
        public static let policy = Self("policy")
        /// No encrypted data key was opened: the message is for other keys, or its data keys are damaged.
        public static let noDataKey = Self("noDataKey")

        // What is wrong around it

        /// A key service or key store could not be reached, did not answer in time, or is busy: try again later.
        public static let service = Self("service")
        /// Credentials for a service are missing, expired or not accepted.
        public static let credentials = Self("credentials")
        /// A service knows the caller and refuses the operation for want of permission.
        public static let permission = Self("permission")
        /// A file cannot be read or written.
        public static let inputOutput = Self("inputOutput")
        /// The cryptographic library failed where no input should make it fail: no memory, no random bytes.
        public static let library = Self("library")

        // What is wrong with the call

        /// The caller's arguments contradict each other, the specification or the keys that they name.
        public static let configuration = Self("configuration")
        /// A bound that the caller set, or the format has, would be exceeded.
        public static let limit = Self("limit")
        /// A custom keyring, materials manager or key store, or the order of the calls, broke a contract.
        public static let contract = Self("contract")
    }

    /// A machine-readable reason.
    ///
    /// New codes can be made by keyrings and materials managers outside this package.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name, unique among the codes.
        public let name: String
        /// The kind of failure.
        public let category: Category

        /// A new code, for a keyring or materials manager outside this package.
        public init(_ name: String, category: Category) {
            self.name = name
            self.category = category
        }

        /// The name.
        public var description: String { name }

        /// Equality of the names.
        public static func == (left: Self, right: Self) -> Bool { left.name == right.name }

        /// Hashes the name, in keeping with equality.
        public func hash(into hasher: inout Hasher) { hasher.combine(name) }
    }
}

// MARK: - Header (data-format/message-header.md)

extension EncryptionSDKError.Code {
    /// The input ends inside a field.
    public static let truncatedMessage = Self("truncatedMessage", category: .format)
    /// The version byte is neither 1 nor 2: this is not a message of the AWS Encryption SDK.
    public static let unsupportedVersion = Self("unsupportedVersion", category: .format)
    /// The input is Base64 text of a message: decode it first.
    public static let base64EncodedMessage = Self("base64EncodedMessage", category: .format)
    /// The type byte of a version 1 header is not 80.
    public static let unsupportedType = Self("unsupportedType", category: .format)
    /// No algorithm suite has this id.
    public static let unknownAlgorithmSuite = Self("unknownAlgorithmSuite", category: .format)
    /// The algorithm suite exists, but belongs to another client.
    public static let algorithmSuiteNotForMessages = Self("algorithmSuiteNotForMessages", category: .format)
    /// The algorithm suite belongs to the other version of the message format.
    public static let algorithmSuiteVersionMismatch = Self("algorithmSuiteVersionMismatch", category: .format)
    /// The encryption context has a length and no pairs.
    public static let emptyEncryptionContextWithLength = Self("emptyEncryptionContextWithLength", category: .format)
    /// The encryption context ends before the pairs that it announces.
    public static let encryptionContextTooShort = Self("encryptionContextTooShort", category: .format)
    /// Bytes follow the last pair of the encryption context.
    public static let encryptionContextTrailingBytes = Self("encryptionContextTrailingBytes", category: .format)
    /// A key occurs twice in the encryption context.
    public static let duplicateEncryptionContextKey = Self("duplicateEncryptionContextKey", category: .format)
    /// A key or value of the encryption context is not UTF-8.
    public static let invalidEncryptionContextText = Self("invalidEncryptionContextText", category: .format)
    /// The header holds no encrypted data key.
    public static let noEncryptedDataKeys = Self("noEncryptedDataKeys", category: .format)
    /// The header holds more encrypted data keys than the configured maximum.
    public static let tooManyEncryptedDataKeys = Self("tooManyEncryptedDataKeys", category: .policy)
    /// The content type is neither 1 (non-framed) nor 2 (framed).
    public static let unsupportedContentType = Self("unsupportedContentType", category: .format)
    /// The reserved field of a version 1 header is not zero.
    public static let reservedFieldNotZero = Self("reservedFieldNotZero", category: .format)
    /// The IV length of a version 1 header is not the suite's.
    public static let ivLengthMismatch = Self("ivLengthMismatch", category: .format)
    /// The header of a non-framed message names a frame length.
    public static let frameLengthInNonFramedMessage = Self("frameLengthInNonFramedMessage", category: .format)
    /// The header of a framed message names the frame length 0.
    public static let zeroFrameLength = Self("zeroFrameLength", category: .format)
    /// The header's tag does not verify: the header, the required encryption context or the data key is another.
    public static let headerTagMismatch = Self("headerTagMismatch", category: .tag)
}

// MARK: - Body and footer (data-format/message-body.md, message-footer.md)

extension EncryptionSDKError.Code {
    /// A frame does not carry the sequence number of its position.
    public static let sequenceNumberMismatch = Self("sequenceNumberMismatch", category: .format)
    /// The final frame is longer than the frame length.
    public static let finalFrameTooLong = Self("finalFrameTooLong", category: .format)
    /// A non-framed body is longer than 2^36 - 32 bytes.
    public static let contentTooLong = Self("contentTooLong", category: .format)
    /// The tag of a frame, or of a non-framed body, does not verify.
    public static let bodyTagMismatch = Self("bodyTagMismatch", category: .tag)
    /// Bytes follow the end of the message.
    public static let trailingBytes = Self("trailingBytes", category: .format)
    /// The signature's length is 0, or more than a signature of this curve can have.
    public static let invalidSignatureLength = Self("invalidSignatureLength", category: .signature)
    /// The signature is not strict DER.
    public static let malformedSignature = Self("malformedSignature", category: .signature)
    /// The signature is not one of this message under its public key.
    public static let signatureMismatch = Self("signatureMismatch", category: .signature)
    /// A signed algorithm suite, and no public key in the encryption context.
    public static let missingPublicKey = Self("missingPublicKey", category: .signature)
    /// An unsigned algorithm suite, and a public key in the encryption context.
    public static let unexpectedPublicKey = Self("unexpectedPublicKey", category: .signature)
    /// The public key in the encryption context is not Base64 of a compressed point of the suite's curve.
    public static let invalidPublicKey = Self("invalidPublicKey", category: .signature)
    /// A signed message where only unsigned ones are to be streamed.
    public static let signedMessageRefused = Self("signedMessageRefused", category: .policy)
    /// More would have to be held in memory than the caller allows.
    public static let bufferLimitExceeded = Self("bufferLimitExceeded", category: .limit)
}

// MARK: - Keys and materials (framework/)

extension EncryptionSDKError.Code {
    /// The key commitment in the header is not the one of the data key.
    public static let commitmentMismatch = Self("commitmentMismatch", category: .commitment)
    /// The commitment policy forbids the algorithm suite.
    public static let commitmentPolicyViolation = Self("commitmentPolicyViolation", category: .policy)
    /// No keyring opened any encrypted data key, and all could be tried; `refusals` says why.
    public static let noDataKey = Self("noDataKey", category: .noDataKey)
    /// The encrypted data key is not for this keyring: another provider, name or public key.
    public static let notForThisKeyring = Self("notForThisKeyring", category: .noDataKey)
    /// The encrypted data key does not have the layout of its kind.
    public static let malformedEncryptedDataKey = Self("malformedEncryptedDataKey", category: .noDataKey)
    /// The encrypted data key does not open under the wrapping key.
    public static let unwrappingFailed = Self("unwrappingFailed", category: .noDataKey)
    /// The data key does not have the length that the algorithm suite needs.
    public static let dataKeyLengthMismatch = Self("dataKeyLengthMismatch", category: .noDataKey)
    /// The keyring has no private key, so it can open nothing.
    public static let noPrivateKey = Self("noPrivateKey", category: .noDataKey)
    /// A custom keyring or key store failed with another error, which is the `underlyingError`: nothing is known of the encrypted
    /// data keys.
    public static let keyringFailure = Self("keyringFailure", category: .service)
    /// The key store does not have the branch key.
    public static let branchKeyNotFound = Self("branchKeyNotFound", category: .noDataKey)
    /// The caller's encryption context and the message's have different values for a key.
    public static let encryptionContextMismatch = Self("encryptionContextMismatch", category: .policy)
    /// A required encryption context key is missing.
    public static let missingRequiredEncryptionContext = Self(
        "missingRequiredEncryptionContext",
        category: .policy
    )
    /// A key or value, the number of pairs, or the whole encryption context exceeds 65,535.
    public static let encryptionContextTooLong = Self("encryptionContextTooLong", category: .format)
    /// A key cannot be parsed, is of another kind or curve than expected, or is not safe to use.
    public static let invalidKey = Self("invalidKey", category: .configuration)
    /// An argument that makes no sense or that the specification forbids.
    public static let invalidConfiguration = Self("invalidConfiguration", category: .configuration)
    /// A keyring was asked for a data key by materials that have one.
    public static let dataKeyAlreadyPresent = Self("dataKeyAlreadyPresent", category: .contract)
    /// A materials manager returned materials that the specification forbids.
    public static let invalidMaterials = Self("invalidMaterials", category: .contract)
    /// Data was passed to, or requested from, a decryptor that has finished or failed.
    public static let decryptorFinished = Self("decryptorFinished", category: .contract)
    /// A decryptor or encryptor was called while another of its calls was still running.
    public static let overlappingCalls = Self("overlappingCalls", category: .contract)
    /// The cryptographic library failed.
    public static let cryptographicLibrary = Self("cryptographicLibrary", category: .library)
    /// A file could not be read or written.
    public static let inputOutput = Self("inputOutput", category: .inputOutput)
}

// MARK: - Encryption (client-apis/encrypt.md, framework/)

extension EncryptionSDKError.Code {
    /// A key of the caller's encryption context starts with `aws-crypto-`, which is reserved.
    public static let reservedEncryptionContextKey = Self("reservedEncryptionContextKey", category: .configuration)
    /// The frame length is less than 1 or more than 2^32 - 1.
    public static let invalidFrameLength = Self("invalidFrameLength", category: .configuration)
    /// The plaintext is longer than the caller said it would be.
    public static let plaintextTooLong = Self("plaintextTooLong", category: .limit)
    /// The plaintext needs more than 2^32 - 1 frames.
    public static let tooManyFrames = Self("tooManyFrames", category: .limit)
    /// The keyring, as it is configured, opens data keys and does not wrap them.
    public static let keyringCannotEncrypt = Self("keyringCannotEncrypt", category: .configuration)
    /// The data key does not fit under the wrapping key: an RSA modulus that is too short for its padding.
    public static let wrappingFailed = Self("wrappingFailed", category: .configuration)
    /// Data was passed to, or requested from, an encryptor that has finished or failed.
    public static let encryptorFinished = Self("encryptorFinished", category: .contract)
}
