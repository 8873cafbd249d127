// One import is enough: the modules whose types stand in the public API are exported too. Swift has no other device for that yet.
@_exported public import AWSMaterialProviders
@_exported public import ESDKCrypto
@_exported public import ESDKSystem

// spec: client/initialization, client/commitment-policy, client/maximum-number-of-encrypted-data-keys
/// The client: encrypts and decrypts messages of the AWS Encryption SDK (client-apis/client.md, encrypt.md, decrypt.md).
///
/// A client is a value without state of its own; one may serve any number of tasks.
public struct EncryptionSDK: Sendable {
    /// How much a stream may hold in memory unless it is told otherwise: 64 MiB.
    public static let defaultMaximumBufferedBytes = 64 << 20

    /// Which algorithm suites are written and read.
    public let commitmentPolicy: CommitmentPolicy
    /// The most encrypted data keys that a message may have; nil for any number.
    public let maximumEncryptedDataKeys: Int?
    /// Whether messages of ESDK-NET 4.0.0 may be read by its own rules.
    public let netV4_0_0RetryPolicy: NetV4_0_0RetryPolicy
    /// The most bytes that a stream holds in memory for what it needs whole: a header, a frame, a non-framed body, or
    /// the plaintext of a signed message that is held in memory until its signature has been verified.
    ///
    /// One-shot decryption, which has the whole message in memory anyway, is not bounded by it.
    public let maximumBufferedBytes: Int
    /// How many threads may work on one long message at the same time.
    public var parallelism: Int { lanes.count }

    package var lanes: LaneSettings

    /// A client.
    ///
    /// - Parameters:
    ///   - commitmentPolicy: which algorithm suites are written and read.
    ///   - maximumEncryptedDataKeys: the most encrypted data keys that a message may have. Each may cost a private-key operation or a
    ///     call to a key service: set it where messages come from strangers.
    ///   - netV4_0_0RetryPolicy: whether messages of ESDK-NET 4.0.0 may be read by its own rules.
    ///   - maximumBufferedBytes: the most bytes that a stream holds in memory.
    ///   - parallelism: how many threads may work on one message at the same time. They are used for files, and for what a call gets of
    ///     a message in one piece, from some megabytes on; each call starts its own, and the caller's thread is one of them unless the
    ///     work is on files. More than 1 helps where cores are idle, and not in a server that is busy with many messages.
    /// - Throws: `invalidConfiguration` when a maximum or `parallelism` is less than 1.
    public init(
        commitmentPolicy: CommitmentPolicy = .requireEncryptRequireDecrypt,
        maximumEncryptedDataKeys: Int? = nil,
        netV4_0_0RetryPolicy: NetV4_0_0RetryPolicy = .forbidRetry,
        maximumBufferedBytes: Int = defaultMaximumBufferedBytes,
        parallelism: Int = 1
    ) throws(EncryptionSDKError) {
        guard maximumEncryptedDataKeys ?? 1 >= 1 else {
            throw EncryptionSDKError(.invalidConfiguration, "the maximum of encrypted data keys must be at least 1")
        }
        guard maximumBufferedBytes >= 1 else {
            throw EncryptionSDKError(.invalidConfiguration, "maximumBufferedBytes must be at least 1")
        }
        guard parallelism >= 1 else {
            throw EncryptionSDKError(.invalidConfiguration, "parallelism must be at least 1")
        }
        self.commitmentPolicy = commitmentPolicy
        self.maximumEncryptedDataKeys = maximumEncryptedDataKeys
        self.netV4_0_0RetryPolicy = netV4_0_0RetryPolicy
        self.maximumBufferedBytes = maximumBufferedBytes
        lanes = LaneSettings(count: parallelism)
    }

    /// Where a one-shot call does its work: on the caller's actor if that takes less time than to leave it and to come back, which is
    /// tens of microseconds, otherwise on no actor.
    ///
    /// A signature alone takes milliseconds. A keyring that takes as long leaves the actor by itself.
    ///
    /// - Parameters:
    ///   - length: the length of the plaintext or the message in bytes.
    ///   - suite: its suite, or nil if it is not known.
    ///   - caller: the caller's actor.
    static func actor(
        forLength length: Int,
        _ suite: AlgorithmSuite?,
        caller: (any Actor)? = #isolation
    ) -> (any Actor)? {
        length <= longestQuickLength && suite?.signature == nil ? caller : nil
    }

    /// 128 KiB, for which AES-GCM takes about as long as two changes of threads.
    static let longestQuickLength = 128 << 10

    func readerConfiguration(maximumUnitLength: Int) -> MessageReader.Configuration {
        MessageReader.Configuration(
            commitmentPolicy: commitmentPolicy,
            maximumEncryptedDataKeys: maximumEncryptedDataKeys,
            retryPolicy: netV4_0_0RetryPolicy,
            maximumUnitLength: maximumUnitLength,
            lanes: lanes
        )
    }
}

extension EncryptionSDK {
    /// The name of this implementation, as manifests and reports give it.
    public static let clientName = "aws-encryption-sdk-swift"
    /// The version of this implementation.
    public static let version = LibraryVersion.text
}
