import AWSMaterialProviders
import ESDKCrypto
import StrictJSON

/// The keys that forged messages are for.
package struct ForgeKeys: Sendable {
    /// What all randomness follows from.
    package let seed: String
    /// The entries of the keys manifest.
    let entries: JSONObject
    let aes: Named<SecretBytes>
    let rsa: Named<RSAPublicKey>?
    let ecdh: Named<ECPublicKey>?

    /// The key namespace of the raw keyrings.
    static let namespace = "forge"

    /// A key with its names.
    struct Named<Key: Sendable>: Sendable {
        /// In key descriptions.
        let name: String
        /// On the wire.
        let keyID: String
        let key: Key
    }

    /// Takes the first AES key of 256 bits, the first private RSA key and the first pair of keys on P-256 from a keys manifest.
    ///
    /// - Parameters:
    ///   - path: the keys manifest; nil for an AES key that follows from the seed, and no others.
    ///   - seed: what all randomness follows from.
    /// - Throws: `VectorError`; `CryptoError`.
    package init(_ path: String?, seed: String) throws {
        self.seed = seed
        guard let path else {
            let bytes = try SeededRandomSource(seed: seed, label: "forge key").bytes(32)
            let entry: JSONObject = [
                "encrypt": true, "decrypt": true, "type": "symmetric", "algorithm": "aes", "bits": 256,
                "encoding": "base64", "material": .string(Base64.encode(bytes)), "key-id": "aes-256",
            ]
            entries = ["aes-256": .object(entry)]
            aes = Named(name: "aes-256", keyID: "aes-256", key: SecretBytes(bytes))
            rsa = nil
            ecdh = nil
            return
        }
        let manifest = try StrictJSON.parse(RegularFile.read(path, limit: StrictJSON.maximumLength), source: path)
        guard let all = manifest["keys"]?.object else {
            throw VectorError(.malformed, path: path, reason: "is not a keys manifest: there is no object \"keys\"")
        }
        func first(_ type: String, bits: Int64?) -> JSONObject.Member? {
            all.members.first { member in
                member.value["type"]?.string == type && (bits == nil || member.value["bits"]?.integer == bits)
            }
        }
        guard let symmetric = first(SymmetricKey.type, bits: 256) else {
            throw VectorError(.keys, path: path, reason: "has no AES key of 256 bits")
        }
        var entries: JSONObject = [symmetric.name: symmetric.value]
        func named<Key>(
            _ member: JSONObject.Member,
            _ key: (ManifestFields) throws -> Key
        ) throws -> Named<Key> {
            let fields = try ManifestFields(member.value, "the key \(member.name)")
            return Named(name: member.name, keyID: try fields.string("key-id") ?? member.name, key: try key(fields))
        }
        aes = try named(symmetric) { SecretBytes(try $0.keyBytes(bits: 256)) }
        let cache = KeyCache()
        rsa = try first("private", bits: nil).map { member in
            entries[member.name] = member.value
            return try named(member) { try cache.rsaPrivateKey($0.keyText("material")).publicKey }
        }
        ecdh = try first(ECCPrivateKeys.type, bits: 256).map { member in
            entries[member.name] = member.value
            return try named(member) { try cache.ecPublicKey(ECCPrivateKeys($0, bits: 256).recipientPublicKey) }
        }
        self.entries = entries
    }

    /// Random bytes for one purpose.
    func source(_ label: String) throws(CryptoError) -> SeededRandomSource {
        try SeededRandomSource(seed: seed, label: "forge " + label)
    }
}

/// An encrypted data key to be made: by what, and with which faults.
struct ForgedDataKey: Sendable {
    /// What wraps it.
    enum Key: Sendable, Hashable {
        case aes
        case rsa(RSAPadding)
        case ecdh
    }

    var key = Key.aes
    /// What is wrapped; nil for the data key of the message.
    var dataKey: [UInt8]?
    var namespace = ForgeKeys.namespace
    /// The key name; nil for the key's own.
    var name: String?
    /// The serialized encryption context that is bound; nil for that of the message.
    var context: [UInt8]?
    /// The length of the tag in the key information, in bits.
    var tagBits: UInt32 = 128
    /// The length of the IV in the key information, in bytes.
    var ivLength: UInt32 = 12
    /// The hash function of MGF1, for OAEP; nil for that of the padding.
    var maskHash: HashAlgorithm?
    /// What is done to it in the end.
    var change: (@Sendable (EncryptedDataKey) -> EncryptedDataKey)?

    /// Wraps a data key.
    func wrap(
        _ messageKey: [UInt8],
        suite: AlgorithmSuite,
        context messageContext: [UInt8],
        keys: ForgeKeys,
        source: SeededRandomSource
    ) async throws -> EncryptedDataKey {
        let (dataKey, context) = (dataKey ?? messageKey, context ?? messageContext)
        let wrapped: EncryptedDataKey
        switch key {
        case .aes: wrapped = try wrapAES(dataKey, context: context, keys.aes, source)
        case .rsa(let padding):
            guard let key = keys.rsa else { throw VectorError.unsupported("there is no RSA key") }
            wrapped = try wrapRSA(dataKey, padding, key, source)
        case .ecdh:
            guard let key = keys.ecdh else { throw VectorError.unsupported("there is no key pair on P-256") }
            wrapped = try await wrapECDH(dataKey, suite, key.key, source)
        }
        return change?(wrapped) ?? wrapped
    }

    /// As a raw AES keyring does (framework/raw-aes-keyring.md, OnEncrypt).
    private func wrapAES(
        _ dataKey: [UInt8],
        context: [UInt8],
        _ key: ForgeKeys.Named<SecretBytes>,
        _ source: SeededRandomSource
    ) throws -> EncryptedDataKey {
        let iv = try source.bytes(AESGCM.ivLength)
        var sealer = try AESGCM.Sealer(.aes256, key: key.key.span)
        let count = dataKey.count + AESGCM.tagLength
        let ciphertext = try [UInt8](capacity: count) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try sealer.seal(dataKey.span, iv: iv.span, authenticating: context.span, appendingTo: &output)
        }
        let name = Array((name ?? key.keyID).utf8)
        return EncryptedDataKey(
            keyProviderID: Array(namespace.utf8),
            keyProviderInfo: name + tagBits.bigEndianBytes + ivLength.bigEndianBytes + iv,
            ciphertext: ciphertext
        )
    }

    /// As a raw RSA keyring does (framework/raw-rsa-keyring.md, OnEncrypt).
    private func wrapRSA(
        _ dataKey: [UInt8],
        _ padding: RSAPadding,
        _ key: ForgeKeys.Named<RSAPublicKey>,
        _ source: SeededRandomSource
    ) throws -> EncryptedDataKey {
        let encoding = RSAEncoding(padding, modulusLength: key.key.modulusLength)
        guard let length = encoding.randomLength(messageLength: dataKey.count) else {
            throw VectorError.unsupported("the RSA modulus is too short")
        }
        var random: [UInt8] = []
        while random.count < length { random += try source.bytes(length).filter { $0 != 0 } }
        random.removeLast(random.count - length)
        let encoded = try encoding.encode(SecretBytes(dataKey), random: random, maskHash: maskHash)
        return EncryptedDataKey(
            keyProviderID: Array(namespace.utf8),
            keyProviderInfo: Array((name ?? key.keyID).utf8),
            ciphertext: try key.key.encryptRaw(encoded.span)
        )
    }

    /// As a raw ECDH keyring with an ephemeral sender does; its own code wraps.
    private func wrapECDH(
        _ dataKey: [UInt8],
        _ suite: AlgorithmSuite,
        _ recipient: ECPublicKey,
        _ source: SeededRandomSource
    ) async throws -> EncryptedDataKey {
        let materials = try EncryptionMaterials(
            algorithmSuite: suite,
            encryptionContext: ["stage": "test"],
            requiredKeys: [],
            signingKey: nil,
            randomSource: source
        ).settingDataKey(SecretBytes(dataKey))
        let wrapped = try await SeededEphemeralKeyring(recipient: recipient).onEncrypt(materials)
        guard let encryptedDataKey = wrapped.encryptedDataKeys.last else {
            throw VectorError.broken("the keyring has made no encrypted data key")
        }
        return encryptedDataKey
    }
}

extension EncryptedDataKey {
    /// The same with other parts.
    func with(provider: [UInt8]? = nil, info: [UInt8]? = nil, ciphertext: [UInt8]? = nil) -> EncryptedDataKey {
        EncryptedDataKey(
            keyProviderID: provider ?? keyProviderID,
            keyProviderInfo: info ?? keyProviderInfo,
            ciphertext: ciphertext ?? self.ciphertext
        )
    }
}

extension [UInt8] {
    /// The same with the lowest bit of one byte flipped.
    func flipped(at index: Int) -> [UInt8] {
        var bytes = self
        bytes[index] ^= 1
        return bytes
    }
}
