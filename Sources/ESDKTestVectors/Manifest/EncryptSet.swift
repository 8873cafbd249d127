package import AWSMaterialProviders
import StrictJSON

/// An encrypt or decrypt-generate manifest in memory, of whichever version.
package struct EncryptSet: Sendable {
    /// The path of the manifest.
    package let manifestPath: String

    /// What the manifest is.
    package let header: ManifestHeader

    /// The folder that URIs are relative to and must not leave.
    package let folder: VectorFolder

    /// The keys.
    package let keys: KeyTable

    /// The path of the keys manifest.
    package let keysPath: String

    /// The entries of the keys manifest as they stand in the file.
    let keySource: JSONObject

    /// The names of the plaintexts in the order of the file.
    package let plaintextNames: [String]

    /// The plaintexts and their sizes in bytes, or what is wrong with an entry.
    let plaintextSizes: [JSONName: Result<Int, VectorError>]

    /// The tests in the order of the file, those that cannot be run included.
    package let tests: [EncryptTest]

    /// Oddities that were tolerated, each once.
    package let diagnostics: [ManifestDiagnostic]
}

/// One test of an encrypt or decrypt-generate manifest.
///
/// A test that cannot be run stays in the list with the reason; none is dropped.
package struct EncryptTest: Sendable {
    /// The id.
    package let id: String

    /// What the manifest says about it; informational.
    package let description: String?

    /// What to do, or why it cannot be done.
    package let content: Result<EncryptInstructions, VectorError>
}

/// What a test of an encrypt or decrypt-generate manifest asks for.
package struct EncryptInstructions: Sendable {
    /// The name of the plaintext in the manifest's `plaintexts`.
    package let plaintextName: String

    /// The algorithm suite.
    package let suite: AlgorithmSuite

    /// The frame length in bytes; 0 for a message that is not framed.
    package let frameLength: Int

    /// The encryption context.
    package let encryptionContext: ContextPairs

    /// The encryption context that decryption is to be given, where the manifest states one.
    package let reproducedContext: ContextPairs?

    /// The materials manager that the test's `cmm` names.
    package let cmm: CMMSelection

    /// The keys that wrap the data key.
    package let encryptKeys: DescribedKeys

    /// The keys that the written test is decrypted with.
    package let decryptKeys: DescribedKeys

    /// What is done to the message.
    package let tampering: Tampering

    /// Which decrypting interface the written test is for.
    package let method: DecryptionMethod

    /// Why the message must be refused although it is not tampered with; nil where it must decrypt.
    package let refusal: String?

    /// The context keys, as UTF-8 bytes, that are authenticated and not stored: those that the description lists, and with `cmm`
    /// every key of the context.
    package var requiredContextKeys: [[UInt8]] {
        var required = encryptKeys.description.requiredContextKeys
        if case .requiredEncryptionContext = cmm {
            for pair in encryptionContext.pairs where !required.contains(pair.key) { required.append(pair.key) }
        }
        return required
    }
}

/// What a decrypt-generate test does to a good message before it is written.
package enum Tampering: Hashable, Sendable {
    /// Nothing.
    case none
    /// Every proper, non-empty prefix of the message becomes a test.
    case truncate
    /// The message with any one bit inverted becomes a test.
    case mutate
    /// The message is sealed without the signature that its encryption context announces.
    case halfSign
    /// The provider info of every encrypted data key is replaced by each of these texts in turn, UTF-8, before the header is sealed.
    case changeProviderInfo([[UInt8]])
}

extension EncryptSet {
    /// This set with key ARNs where it has aliases, which is what its messages are decrypted with.
    func resolving(_ aliases: KMSAliases) -> EncryptSet {
        guard !aliases.arns.isEmpty else { return self }
        let entries = keys.entries.map { entry in
            KeyEntry(
                name: entry.name,
                keyID: aliases.arns[JSONName(entry.name)] ?? entry.keyID,
                encrypt: entry.encrypt,
                decrypt: entry.decrypt,
                bits: entry.bits,
                material: entry.material
            )
        }
        let source = keySource.members.map { member in
            guard var entry = member.value.object, let arn = aliases.arns[JSONName(member.name)] else { return member }
            entry["key-id"] = .string(arn)
            return JSONObject.Member(name: member.name, value: .object(entry))
        }
        return EncryptSet(
            manifestPath: manifestPath,
            header: header,
            folder: folder,
            keys: KeyTable(declaredVersion: keys.declaredVersion, entries: entries),
            keysPath: keysPath,
            keySource: JSONObject(source),
            plaintextNames: plaintextNames,
            plaintextSizes: plaintextSizes,
            tests: tests,
            diagnostics: diagnostics
        )
    }
}
