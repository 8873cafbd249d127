package import AWSMaterialProviders
import StrictJSON

/// The keyring that a key description in a file describes, over the keys in a keys manifest: the form of test vectors, which has room
/// for names that a command line has not.
package struct DescribedKeyring: Sendable {
    /// The keyring, without the materials managers around it.
    package let keyring: any Keyring
    /// The context keys that the described materials managers require.
    package let requiredContextKeys: [String]

    /// Reads both files and makes the keyring.
    ///
    /// - Parameters:
    ///   - keysPath: the keys manifest.
    ///   - descriptionPath: a key description, or a list of them of which the first makes the data key.
    ///   - encrypts: whether the keyring is to encrypt; else it decrypts.
    ///   - services: finds AWS; called for keys that are there only.
    /// - Throws: `VectorError`; what `services` throws.
    package init(
        keysPath: String,
        descriptionPath: String,
        encrypts: Bool,
        services: () async throws -> KeyServices
    ) async throws {
        let file = try ManifestFile(path: keysPath)
        let header = try file.knownHeader()
        guard header.kind == .keys else {
            throw VectorError(.keys, path: keysPath, reason: "\(header.kind), not a keys manifest (type \"keys\")")
        }
        let keys = KeyTable(
            declaredVersion: header.version,
            entries: try file.members("keys").object.members.map { KeyEntryReader.read(name: $0.name, $0.value) }
        )
        let description: KeyDescription
        do {
            let bytes = try RegularFile.read(descriptionPath, limit: 1 << 20)
            let value = try StrictJSON.parse(bytes, source: descriptionPath)
            description = try KeyringKinds.standard.read(value, "the key description")
            try description.check(keys: keys)
        } catch let error as JSONError {
            throw VectorError(.notJSON, path: descriptionPath, reason: error.description)
        } catch let error as VectorError {
            throw VectorError(error.code, path: descriptionPath, reason: error.reason)
        }
        let isInAWS = description.leaves.contains { $0.kind is any AWSKMSKind }
        let builder = EncryptKeyringBuilder(
            keys: keys,
            cache: KeyCache(),
            aws: isInAWS ? try AWSServices(kmsClients: await services().kms) : nil,
            isSeeded: false
        )
        let inner = description.withoutManagers
        do throws(VectorError) {
            keyring =
                try encrypts
                ? builder.keyring(for: inner) : builder.made(builder.decrypting.keyring(for: inner))
        } catch {
            throw VectorError(error.code, path: descriptionPath, reason: error.reason)
        }
        requiredContextKeys = description.requiredContextKeys.map { String(decoding: $0, as: UTF8.self) }
    }
}
