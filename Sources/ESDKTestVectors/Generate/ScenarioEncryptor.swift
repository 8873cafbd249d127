import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import MessageForge

/// Encrypts the scenarios of one set.
///
/// What the library itself can write, it writes: framed messages in the form of the specification, with a seed or without. The rest,
/// and messages that are wrong on purpose, are built field by field.
struct ScenarioEncryptor: Sendable {
    let keyrings: EncryptKeyringBuilder
    /// The seed; nil for the system's randomness.
    let seed: String?
    let conventions: Set<WireConvention>

    /// The message of a scenario.
    ///
    /// - Parameters:
    ///   - instructions: the scenario.
    ///   - plaintext: its plaintext.
    ///   - id: the id of the test, which a seeded run derives all randomness from.
    /// - Throws: a skip or a failure of the test.
    func message(
        _ instructions: EncryptInstructions,
        plaintext: [UInt8],
        id: String
    ) async throws(VectorError) -> [UInt8] {
        try await Self.convertingErrors {
            guard instructions.frameLength > 0, conventions.isEmpty else {
                let draft = try await draft(instructions, suite: instructions.suite, id: id)
                return try build(draft, instructions, suite: instructions.suite, plaintext: plaintext)
            }
            let context = try context(of: instructions)
            let source = try randomSource(id)
            let (manager, signer) = try materialsManager(instructions, suite: instructions.suite, source: source)
            let client = try EncryptionSDK(commitmentPolicy: Self.policy(for: instructions.suite))
            let result = try await client.encrypt(
                plaintext,
                using: manager,
                encryptionContext: context,
                algorithmSuite: instructions.suite,
                frameLength: instructions.frameLength,
                randomSource: source
            )
            guard let signer else { return result.ciphertext }
            return try Self.signAgain(result.ciphertext, signer: signer)
        }
    }

    /// A message that announces a signature in its encryption context and has none.
    ///
    /// - Throws: a skip or a failure of the test.
    func halfSignedMessage(
        _ instructions: EncryptInstructions,
        plaintext: [UInt8],
        id: String
    ) async throws(VectorError) -> [UInt8] {
        let unsigned = AlgorithmSuite.aes256GCMHKDFSHA512CommitKey
        guard instructions.suite == unsigned else {
            throw .unsupported("half-sign is defined for suite \(unsigned) and not for \(instructions.suite.idText)")
        }
        return try await Self.convertingErrors {
            let signed = AlgorithmSuite.aes256GCMHKDFSHA512CommitKeyECDSAP384
            let draft = try await draft(instructions, suite: signed, id: id)
            return try build(draft, instructions, suite: unsigned, plaintext: plaintext)
        }
    }

    /// For each text a message whose encrypted data keys all have that text as provider info; all have one data key.
    ///
    /// - Throws: a skip or a failure of the test.
    func messages(
        _ instructions: EncryptInstructions,
        withProviderInfo texts: [[UInt8]],
        plaintext: [UInt8],
        id: String
    ) async throws(VectorError) -> [[UInt8]] {
        try await Self.convertingErrors {
            let draft = try await draft(instructions, suite: instructions.suite, id: id)
            return try texts.map { text in
                var altered = draft
                altered.encryptedDataKeys = draft.encryptedDataKeys.map {
                    EncryptedDataKey(
                        keyProviderID: $0.keyProviderID,
                        keyProviderInfo: text,
                        ciphertext: $0.ciphertext
                    )
                }
                return try build(altered, instructions, suite: instructions.suite, plaintext: plaintext)
            }
        }
    }

    // MARK: - Materials

    private func randomSource(_ id: String) throws(CryptoError) -> any RandomSource {
        guard let seed else { return SystemRandomSource() }
        return try SeededRandomSource(seed: seed, label: "test " + id)
    }

    private static func policy(for suite: AlgorithmSuite) -> CommitmentPolicy {
        suite.isCommitting ? .requireEncryptRequireDecrypt : .forbidEncryptAllowDecrypt
    }

    /// The encryption context, held to the rules for a caller of the library.
    private func context(of instructions: EncryptInstructions) throws(VectorError) -> EncryptionContext {
        let entries = instructions.encryptionContext.pairs.map {
            EncryptionContext.Entry(keyBytes: $0.key, valueBytes: $0.value)
        }
        for entry in entries where entry.keyBytes.starts(with: "aws-crypto-".utf8) {
            throw .broken("the encryption context key \(ManifestText.quoted(entry.key)) is reserved for the library")
        }
        do {
            let context = try EncryptionContext(entries: entries)
            _ = try context.serializedLength()
            return context
        } catch {
            throw .broken("encryption context: \(error)")
        }
    }

    private func materialsManager(
        _ instructions: EncryptInstructions,
        suite: AlgorithmSuite,
        source: any RandomSource
    ) throws -> (manager: any CryptographicMaterialsManager, signer: DeterministicSigner?) {
        let keyring = try keyrings.keyring(for: instructions.encryptKeys.description)
        var manager: any CryptographicMaterialsManager = DefaultCMM(keyring: keyring)
        var signer: DeterministicSigner?
        if seed != nil {
            if let signature = suite.signature {
                signer = try DeterministicSigner.generate(signature.curve, from: source)
            }
            manager = SeededMaterialsManager(keyring: keyring, signer: signer)
        }
        let required = instructions.requiredContextKeys.map { String(decoding: $0, as: UTF8.self) }
        if !required.isEmpty {
            manager = try RequiredEncryptionContextCMM(requiredEncryptionContextKeys: required, underlying: manager)
        }
        return (manager, signer)
    }

    // MARK: - Messages that are built

    /// What a message is built from, drawn beforehand.
    private struct Draft {
        let materials: EncryptionMaterials
        let dataKey: SecretBytes
        let signer: FooterSigner?
        let source: any RandomSource
        var encryptedDataKeys: [EncryptedDataKey]
    }

    private func draft(_ instructions: EncryptInstructions, suite: AlgorithmSuite, id: String) async throws -> Draft {
        let context = try context(of: instructions)
        let source = try randomSource(id)
        let (manager, signer) = try materialsManager(instructions, suite: suite, source: source)
        var request = EncryptionMaterialsRequest(
            encryptionContext: context,
            commitmentPolicy: Self.policy(for: suite),
            algorithmSuite: suite
        )
        request.randomSource = source
        let materials = try await manager.encryptionMaterials(for: request)
        guard let dataKey = materials.plaintextDataKey else { throw VectorError.broken("no keyring made a data key") }
        let keys = materials.encryptedDataKeys
        return Draft(
            materials: materials,
            dataKey: dataKey,
            signer: signer.map { .deterministic($0) } ?? materials.signingKey.map { .random($0) },
            source: source,
            encryptedDataKeys: conventions.contains(.reversedDataKeys) ? keys.reversed() : keys
        )
    }

    /// Builds a message; `suite` is the unsigned one of a message that only announces its signature.
    private func build(
        _ draft: Draft,
        _ instructions: EncryptInstructions,
        suite: AlgorithmSuite,
        plaintext: [UInt8]
    ) throws -> [UInt8] {
        let stored = draft.materials.storedEncryptionContext
        _ = try stored.serializedLength()
        var pairs = stored.entries
        if conventions.contains(.publicKeyLast),
            let place = pairs.firstIndex(where: { $0.keyBytes.elementsEqual(EncryptionContext.publicKeyName.utf8) })
        {
            pairs.append(pairs.remove(at: place))
        }
        let finalFrame: MessageBlueprint.Framing.FinalFrame =
            conventions.contains(.emptyFinalFrame) ? .empty : .full
        guard let frameLength = UInt32(exactly: instructions.frameLength) else {
            throw VectorError.broken("a frame length of \(instructions.frameLength) bytes does not fit its field")
        }
        var footer = MessageBlueprint.Footer.none
        if let signature = suite.signature, let signer = draft.signer {
            footer = .signer { digest in try signer.sign(digest, hash: signature.hash) }
        }
        var blueprint = MessageBlueprint(
            algorithmSuite: suite,
            dataKey: draft.dataKey,
            messageID: try draft.source.bytes(suite.messageIDLength),
            encryptionContext: pairs,
            encryptedDataKeys: draft.encryptedDataKeys,
            plaintext: plaintext,
            framing: frameLength == 0 ? .nonFramed : .framed(frameLength, finalFrame),
            footer: footer
        )
        blueprint.headerTagSuffix = try draft.materials.requiredEncryptionContext.serialized()
        if conventions.contains(.emptyContextCount) { blueprint.emptyContextForm = .zeroCount }
        if conventions.contains(.randomIVs) { try blueprint.randomizeIVs(from: draft.source) }
        return try MessageBuilder.build(blueprint).bytes
    }

    // MARK: - Signatures

    /// Replaces the signature of a message, which has random secret numbers, by one that can be repeated.
    private static func signAgain(_ message: [UInt8], signer: DeterministicSigner) throws -> [UInt8] {
        let dissected = try MessageDissector.dissect(message)
        guard let end = dissected.layout.range(of: .signatureLength)?.lowerBound,
            let hash = dissected.algorithmSuite.signature?.hash
        else { throw VectorError.broken("the message has no signature") }
        let digest = try Digest.hash(hash, of: message.span.extracting(..<end))
        let signature = try FooterSigner.deterministic(signer).sign(digest, hash: hash)
        return message[..<end] + UInt16(signature.count).bigEndianBytes + signature
    }

    // MARK: - Errors

    private static func convertingErrors<Result>(
        _ body: () async throws -> Result
    ) async throws(VectorError) -> Result {
        do {
            return try await body()
        } catch let problem as VectorError {
            throw problem
        } catch {
            throw .broken("cannot be encrypted: \(error)")
        }
    }
}

/// What some implementation writes and the library does not: all can read it.
package enum WireConvention: String, Sendable, Hashable, CaseIterable {
    /// An empty final frame after a plaintext that is an exact multiple of the frame length (Python, Java, JavaScript, C).
    case emptyFinalFrame = "empty-final-frame"
    /// Random IVs of header (version 1) and frames (early Java).
    case randomIVs = "random-ivs"
    /// The encrypted data keys from the last keyring to the first (Python, whose order varies).
    case reversedDataKeys = "reversed-data-keys"
    /// The public key of a signed message after all other pairs (some of the commitment known answers).
    case publicKeyLast = "public-key-last"
    /// An empty encryption context as a count of zero (early browser JavaScript).
    case emptyContextCount = "empty-context-count"
}
