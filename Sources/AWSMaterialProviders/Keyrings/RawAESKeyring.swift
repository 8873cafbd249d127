public import ESDKCrypto

/// A keyring over an AES key that the caller holds: data keys are wrapped by AES-GCM (framework/raw-aes-keyring.md).
///
/// The counterpart of a raw master key (`RawMasterKey`, `JceMasterKey` with `AES/GCM/NoPadding`): its provider id is the key
/// namespace here, its key id the key name.
public struct RawAESKeyring: Keyring {
    /// The algorithm that wraps: the length of the wrapping key decides the security of everything under it.
    public enum WrappingAlgorithm: Sendable, Hashable, CaseIterable {
        /// AES-128-GCM, 12-byte IV, 16-byte tag.
        case aes128GCM
        /// AES-192-GCM, 12-byte IV, 16-byte tag.
        case aes192GCM
        /// AES-256-GCM, 12-byte IV, 16-byte tag.
        case aes256GCM

        /// The length of the wrapping key in bytes.
        public var keyLength: Int { cipher.rawValue }

        var cipher: AESGCM.KeyLength {
            switch self {
            case .aes128GCM: .aes128
            case .aes192GCM: .aes192
            case .aes256GCM: .aes256
            }
        }
    }

    /// What the keyring consists of, behind one reference: it is passed on as `any Keyring` and copied for each message.
    private final class Parts: Sendable {
        let identity: RawKeyIdentity
        let wrappingKey: SecretBytes
        let algorithm: WrappingAlgorithm
        let description: String

        init(_ identity: RawKeyIdentity, _ wrappingKey: SecretBytes, _ algorithm: WrappingAlgorithm) {
            self.identity = identity
            self.wrappingKey = wrappingKey
            self.algorithm = algorithm
            description = "raw AES-\(algorithm.keyLength * 8) keyring \(identity)"
        }
    }

    private let parts: Parts

    /// The keyring's name in errors.
    public var description: String { parts.description }

    // spec: raw-aes-keyring/wrapping-key, raw-aes-keyring/wrapping-algorithm
    /// A keyring over one AES key.
    ///
    /// - Parameters:
    ///   - keyNamespace: who manages the key; stored in the message.
    ///   - keyName: which key it is; stored in the message.
    ///   - wrappingKey: 16, 24 or 32 bytes, as the algorithm says.
    ///   - wrappingAlgorithm: the algorithm that wraps.
    /// - Throws: `invalidConfiguration` for a key of another length or a namespace that starts with `aws-kms`.
    public init(
        keyNamespace: String,
        keyName: String,
        wrappingKey: SecretBytes,
        wrappingAlgorithm: WrappingAlgorithm
    ) throws(EncryptionSDKError) {
        guard wrappingKey.count == wrappingAlgorithm.keyLength else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "the wrapping key has \(wrappingKey.count) bytes, the wrapping algorithm needs \(wrappingAlgorithm.keyLength)"
            )
        }
        let identity = try RawKeyIdentity(keyNamespace: keyNamespace, keyName: keyName)
        parts = Parts(identity, wrappingKey, wrappingAlgorithm)
    }

    // spec: raw-aes-keyring/onencrypt
    /// Wraps the data key under this keyring's key.
    public func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
        let context = try materials.encryptionContext.serialized()
        return try await wrapDataKey(of: materials) { dataKey, randomSource in
            try wrap(dataKey, context: context, randomSource: randomSource)
        }
    }

    private func wrap(
        _ dataKey: SecretBytes,
        context: [UInt8],
        randomSource: any RandomSource
    ) throws(EncryptionSDKError) -> EncryptedDataKey {
        let info = try providerInfo(randomSource)
        var ciphertext: [UInt8] = []
        try dataKey.wrap(
            iv: info.span.extracting(last: AESGCM.ivLength),
            context: context.span,
            under: parts.wrappingKey,
            cipher: parts.algorithm.cipher,
            appendingTo: &ciphertext
        )
        return EncryptedDataKey(
            keyProviderID: parts.identity.namespace,
            keyProviderInfo: info,
            ciphertext: ciphertext
        )
    }

    /// The key name, the fixed part, and a new IV.
    private func providerInfo(_ randomSource: any RandomSource) throws(EncryptionSDKError) -> [UInt8] {
        let name = parts.identity.name
        let length = name.count + Self.fixedInfo.count + AESGCM.ivLength
        do {
            return try [UInt8](capacity: length) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
                try output.appendBytes(name.span)
                try output.appendBytes(Self.fixedInfo.span)
                try randomSource.fill(&output, count: AESGCM.ivLength)
            }
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    // spec: raw-aes-keyring/ondecrypt, raw-aes-keyring/iv-length, raw-aes-keyring/authentication-tag-length
    /// Opens the first encrypted data key that bears this keyring's namespace and name and verifies under its key.
    public func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        let context = try materials.encryptionContext.serialized()
        let suite = materials.algorithmSuite
        return try await openFirst(of: encryptedDataKeys, for: materials) { encryptedDataKey in
            try unwrap(encryptedDataKey, context: context, suite: suite)
        }
    }

    /// What follows the key name in the provider info: tag length in bits and IV length in bytes, four bytes each, and the IV.
    private static let fixedInfo: [UInt8] = [0, 0, 0, UInt8(AESGCM.tagLength * 8), 0, 0, 0, UInt8(AESGCM.ivLength)]

    private func unwrap(
        _ encryptedDataKey: EncryptedDataKey,
        context: [UInt8],
        suite: AlgorithmSuite
    ) throws(EncryptionSDKError) -> SecretBytes {
        guard encryptedDataKey.keyProviderID == parts.identity.namespace else { throw .otherKeyProvider }
        let info = encryptedDataKey.keyProviderInfo
        let name = parts.identity.name
        guard info.starts(with: name) else { throw .otherKeyName }
        let ivOffset = name.count + Self.fixedInfo.count
        guard info.count == ivOffset + AESGCM.ivLength else { throw .otherKeyName }
        guard info[name.count..<ivOffset].elementsEqual(Self.fixedInfo) else {
            throw EncryptionSDKError(
                .malformedEncryptedDataKey,
                "the tag length is not 128 bits or the IV length is not 12 bytes"
            )
        }
        let ciphertext = encryptedDataKey.ciphertext
        guard ciphertext.count >= AESGCM.tagLength else {
            throw EncryptionSDKError(.malformedEncryptedDataKey, "the wrapped key is shorter than a tag")
        }
        let keyLength = ciphertext.count - AESGCM.tagLength
        try suite.checkDataKeyLength(keyLength)
        return try SecretBytes.unwrapped(
            from: ciphertext.span.extracting(..<keyLength),
            tag: ciphertext.span.extracting(keyLength...),
            iv: info.span.extracting(ivOffset...),
            context: context.span,
            under: parts.wrappingKey,
            cipher: parts.algorithm.cipher
        )
    }
}
