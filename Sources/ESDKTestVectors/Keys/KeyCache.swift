import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// Keys that have been parsed, shared by all sets of a run: to parse an RSA private key costs as much as to use it.
package final class KeyCache: Sendable {
    /// A key that has been tried: parsed, or why it could not be.
    private typealias Parsed<Key> = [KeyText: Result<Key, EncryptionSDKError>]

    private let rsaPrivateKeys = Guarded<Parsed<RSAPrivateKey>>([:])
    private let rsaPublicKeys = Guarded<Parsed<RSAPublicKey>>([:])
    private let ecPrivateKeys = Guarded<Parsed<ECPrivateKey>>([:])
    private let ecPublicKeys = Guarded<Parsed<ECPublicKey>>([:])

    /// How many keys of a type are kept; a cache that is full starts again.
    static let capacity = 1024

    private let onParse: @Sendable (KeyText) -> Void

    /// An empty cache.
    ///
    /// - Parameter onParse: called whenever a key is about to be parsed.
    package init(onParse: @escaping @Sendable (KeyText) -> Void = { _ in }) { self.onParse = onParse }

    func rsaPrivateKey(_ text: KeyText) throws(EncryptionSDKError) -> RSAPrivateKey {
        try key(text, in: rsaPrivateKeys, pem: RSAPrivateKey.init(pem:), der: RSAPrivateKey.init(der:))
    }

    func rsaPublicKey(_ text: KeyText) throws(EncryptionSDKError) -> RSAPublicKey {
        try key(text, in: rsaPublicKeys, pem: RSAPublicKey.init(pem:), der: RSAPublicKey.init(der:))
    }

    func ecPrivateKey(_ text: KeyText) throws(EncryptionSDKError) -> ECPrivateKey {
        try key(text, in: ecPrivateKeys, pem: ECPrivateKey.init(pem:), der: ECPrivateKey.init(der:))
    }

    func ecPublicKey(_ text: KeyText) throws(EncryptionSDKError) -> ECPublicKey {
        try key(text, in: ecPublicKeys, pem: ECPublicKey.init(pem:), der: ECPublicKey.init(der:))
    }

    /// Parses under the lock, so that a key is parsed once even when all workers meet it at the same time.
    private func key<Key: Sendable>(
        _ text: KeyText,
        in cache: Guarded<Parsed<Key>>,
        pem: (String) throws(EncryptionSDKError) -> Key,
        der: ([UInt8]) throws(EncryptionSDKError) -> Key
    ) throws(EncryptionSDKError) -> Key {
        let parsed = cache.withLock { keys in
            if let known = keys[text] { return known }
            onParse(text)
            if keys.count >= Self.capacity { keys.removeAll() }
            let result = Result { () throws(EncryptionSDKError) in
                switch text {
                case .pem(let string): try pem(string)
                case .der(let bytes): try der(bytes)
                }
            }
            keys[text] = result
            return result
        }
        return try parsed.get()
    }
}
