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
    /// Data was handed to, or asked of, an encryptor that has finished or failed.
    public static let encryptorFinished = Self("encryptorFinished", category: .contract)
}
