package import AWSMaterialProviders
import ESDKCrypto

/// What a key description comes to when a message is to be decrypted.
package enum KeyringUse: Sendable {
    /// A keyring that may open a message, and why others that were described with it are left out.
    ///
    /// What is left out might have opened the message: that no data key was found then says little.
    case usable(any Keyring, leftOut: [String] = [])
    /// A keyring that can be made and opens nothing, such as one with a public key only.
    ///
    /// It takes part, but a test needs another one.
    case opensNothing(any Keyring, reason: String)
    /// No keyring: something is missing here that the test does not define, such as AWS KMS.
    case unavailable(reason: String)
    /// No keyring: the test itself makes a key identifier invalid.
    case invalid(EncryptionSDKError)
    /// No keyring: the set is broken, such as by a key that it lacks.
    case broken(reason: String)

    /// A keyring whose identifier or region the test may have made invalid, which shows when the keyring is made.
    ///
    /// - Throws: what else is wrong.
    static func identified(_ make: () throws -> KeyringUse) throws -> KeyringUse {
        do {
            return try make()
        } catch let error as EncryptionSDKError where error.code == .invalidConfiguration {
            return .invalid(error)
        } catch let error as AWSServiceError where error.code == .invalidConfiguration {
            return .invalid(EncryptionSDKError(.invalidConfiguration, error.message))
        }
    }
}

/// Makes keyrings from the key descriptions of one set.
struct KeyringBuilder: Sendable {
    let keys: KeyTable
    let cache: KeyCache
    /// What key descriptions of AWS KMS run against; `nil` to do without it.
    var aws: AWSServices?

    /// The keyring of a description, without the materials managers around it.
    func keyring(for description: KeyDescription) -> KeyringUse { description.kind.decrypting(self) }

    /// Looks up the key that a description names and makes something of it.
    ///
    /// - Parameters:
    ///   - kind: the description.
    ///   - body: makes a keyring of the entry and its key; what it throws breaks the set.
    /// - Returns: what `body` returns, or why there is no such key.
    func withKey<Kind: KeyringKind, Key>(of kind: Kind, _ body: (KeyEntry, Key) throws -> KeyringUse) -> KeyringUse {
        let name = kind.keyName ?? ""
        let quoted = ManifestText.quoted(name)
        guard let entry = keys[name] else { return .broken(reason: "the keys manifest has no key \(quoted)") }
        switch entry.material {
        case .unsupported(let type):
            return .unavailable(reason: "keys of type \(ManifestText.quoted(type)) are not supported")
        case .malformed(let reason): return .broken(reason: "key \(quoted): \(reason)")
        case .key: break
        }
        guard let key = entry.material.key(as: Key.self) else {
            let needed = Kind.keyTypes.map { $0.type }.joined(separator: " or ")
            return .broken(reason: "key \(quoted) is of type \(entry.material.kind), \(needed) is needed")
        }
        do {
            return try body(entry, key)
        } catch {
            return .broken(reason: "key \(quoted) cannot be used: \(error)")
        }
    }
}

/// Makes keyrings that encrypt from the key descriptions of one set.
struct EncryptKeyringBuilder: Sendable {
    /// Makes the keyrings of the same set that decrypt; most do both.
    let decrypting: KeyringBuilder
    /// Whether all randomness of the keyrings comes from the random source of the message.
    let isSeeded: Bool

    /// A builder.
    ///
    /// - Parameters:
    ///   - keys: the keys of the set.
    ///   - cache: keys that have been parsed.
    ///   - aws: what key descriptions of AWS KMS run against; `nil` to do without it.
    ///   - isSeeded: whether all randomness of the keyrings comes from the random source of the message.
    init(keys: KeyTable, cache: KeyCache, aws: AWSServices? = nil, isSeeded: Bool) {
        decrypting = KeyringBuilder(keys: keys, cache: cache, aws: aws)
        self.isSeeded = isSeeded
    }

    /// The keyring of a description, without the materials managers around it.
    ///
    /// - Parameters:
    ///   - description: the description.
    ///   - isChild: whether another keyring makes the data key.
    /// - Throws: `unsupported` where something is missing here that the set does not define, such as AWS KMS; `broken` for what
    ///   cannot encrypt.
    func keyring(for description: KeyDescription, isChild: Bool = false) throws(VectorError) -> any Keyring {
        try description.kind.encrypting(self, isChild: isChild)
    }

    /// The keyring, or why there is none.
    func made(_ use: KeyringUse) throws(VectorError) -> any Keyring {
        switch use {
        case .usable(let keyring, _), .opensNothing(let keyring, _): return keyring
        case .unavailable(let reason): throw .unsupported(reason)
        case .invalid(let error): throw .broken("no keyring can be made: \(error)")
        case .broken(let reason): throw .broken(reason)
        }
    }
}
