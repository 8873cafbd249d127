package import AWSMaterialProviders
package import ESDKCrypto
package import MessageForge

/// A message that decryption has opened, with the inputs that its bytes do not tell.
package struct OpenedMessage: Sendable {
    /// The message.
    package let bytes: [UInt8]
    /// The plaintext.
    package let plaintext: [UInt8]
    /// The data key.
    package let dataKey: SecretBytes
    /// All pairs of the encryption context, those that are not stored among them.
    package let encryptionContext: EncryptionContext
    /// The pairs that are authenticated and not stored.
    package let requiredEncryptionContext: EncryptionContext
    /// By whose rules it was opened.
    package let rules: KeyDerivationRules

    /// An opened message.
    package init(
        bytes: [UInt8],
        plaintext: [UInt8],
        dataKey: SecretBytes,
        encryptionContext: EncryptionContext,
        requiredEncryptionContext: EncryptionContext = EncryptionContext(),
        rules: KeyDerivationRules = .specification
    ) {
        self.bytes = bytes
        self.plaintext = plaintext
        self.dataKey = dataKey
        self.encryptionContext = encryptionContext
        self.requiredEncryptionContext = requiredEncryptionContext
        self.rules = rules
    }

    /// What follows the header in the additional data of its tag: ESDK-NET 4.0.0 wrote a count of 0 for nothing.
    func headerTagSuffix() throws -> [UInt8] {
        let serialized = try requiredEncryptionContext.serialized()
        return rules == .netV4_0_0 && serialized.isEmpty ? [0, 0] : serialized
    }
}

/// Rebuilds messages byte for byte from what went into them.
package struct MessageReproducer: Sendable {
    /// The keys that data keys may be wrapped under.
    private let wrappingKeys: WrappingKeys

    /// A reproducer that knows no keys but the data key of a message.
    package init() { wrappingKeys = WrappingKeys() }

    /// A reproducer that knows all keys of a set.
    package init(keysOf set: VectorSet, cache: KeyCache) {
        wrappingKeys = KeyringBuilder(keys: set.keys, cache: cache)
            .wrappingKeys(of: set.decryptTests.compactMap(\.keys))
    }

    /// Rebuilds a message and its encrypted data keys.
    ///
    /// - Throws: `DissectionError`, `BlueprintError`, `CryptoError`.
    package func reproduce(_ message: OpenedMessage) throws -> MessageReproduction {
        let dissected = try MessageDissector.dissect(message.bytes, notesFrames: false)
        let blueprint = dissected.blueprint(
            keys: .dataKey(message.dataKey, message.rules),
            plaintext: message.plaintext,
            headerTagSuffix: try message.headerTagSuffix()
        )
        let rebuilt = try MessageBuilder.build(blueprint, notesFrames: false)
        // Where the fields of frames lie is of interest only where they differ.
        let differences =
            rebuilt.bytes == message.bytes
            ? []
            : MessageComparison.differences(
                message.bytes,
                layout: try MessageDissector.dissect(message.bytes).layout,
                expected: rebuilt.bytes
            )
        let context = WrappingContext(all: message.encryptionContext, stored: dissected.encryptionContext)
        var dataKeyReproducer = DataKeyReproducer(
            dataKey: message.dataKey,
            context: context,
            keys: wrappingKeys
        )
        var offset = dissected.layout.range(of: .encryptedDataKey(0, .keyProviderIDLength))?.lowerBound ?? 0
        var dataKeys: [DataKeyReproduction] = []
        for (index, key) in dissected.encryptedDataKeys.enumerated() {
            dataKeys.append(dataKeyReproducer.reproduce(key, at: index, offset: offset))
            offset += 6 + key.keyProviderID.count + key.keyProviderInfo.count + key.ciphertext.count
        }
        return MessageReproduction(
            blueprint: blueprint,
            rebuilt: rebuilt,
            differences: differences,
            explanation: differences.isEmpty ? nil : Self.explain(message, blueprint),
            signatureVerifies: try Self.verifies(blueprint, rebuilt, context: message.encryptionContext),
            dataKeys: dataKeys
        )
    }

    /// Whether the signature is one of the rebuilt message; nil for an unsigned one.
    private static func verifies(
        _ blueprint: MessageBlueprint,
        _ rebuilt: BuiltMessage,
        context: EncryptionContext
    ) throws -> Bool? {
        guard let scheme = blueprint.algorithmSuite.signature, case .signature(let signature) = blueprint.footer else {
            return nil
        }
        guard let text = context[EncryptionContext.publicKeyName], let point = Base64.decode(text),
            let footer = rebuilt.layout.entries.last(where: { $0.field == .signatureLength })
        else { return false }
        let key = try ECPublicKey(compressedPoint: point.span, curve: scheme.curve)
        let signed = rebuilt.bytes.span.extracting(..<footer.range.lowerBound)
        let digest = try Digest.hash(scheme.hash, of: signed)
        return try key.verify(signature.span, digest: digest.span, hash: scheme.hash)
    }

    /// The convention with which the message comes out identical, if one is known.
    private static func explain(_ message: OpenedMessage, _ blueprint: MessageBlueprint) -> String? {
        var candidates: [(String, (inout MessageBlueprint) -> Void)] = [
            ("a key derivation without the message id, as ESDK-NET 4.0.0 did", { $0.deriveKeys(by: .netV4_0_0) }),
            (
                "two zero bytes after the header in its additional data, as ESDK-NET 4.0.0 had them",
                {
                    $0.headerTagSuffix = [0, 0]
                }
            ),
            (
                "the key derivation and the additional data of ESDK-NET 4.0.0",
                {
                    $0.deriveKeys(by: .netV4_0_0)
                    if $0.headerTagSuffix.isEmpty { $0.headerTagSuffix = [0, 0] }
                }
            ),
            ("the specification's key derivation", { $0.deriveKeys(by: .specification) }),
            ("nothing after the header in its additional data", { $0.headerTagSuffix = [] }),
        ]
        if blueprint.headerTagSuffix.count > 2 {
            candidates.append(
                ("the required encryption context without its count", { $0.headerTagSuffix.removeFirst(2) })
            )
        }
        for (name, apply) in candidates {
            var candidate = blueprint
            apply(&candidate)
            if let built = try? MessageBuilder.build(candidate, notesFrames: false), built.bytes == message.bytes {
                return name
            }
        }
        return nil
    }
}

extension MessageBlueprint {
    fileprivate mutating func deriveKeys(by rules: KeyDerivationRules) {
        if case .dataKey(let dataKey, _) = keys { keys = .dataKey(dataKey, rules) }
    }
}

/// A message compared with the one that was rebuilt from its parts.
package struct MessageReproduction: Sendable {
    /// Everything that was recovered from the message.
    package let blueprint: MessageBlueprint
    /// The message that was built from it.
    package let rebuilt: BuiltMessage
    /// The fields in which the message differs from the one that was built; none when they are identical.
    package let differences: [MessageDifference]
    /// The convention that makes the differences go away, in words, if one does.
    package let explanation: String?
    /// Whether the signature, which was carried over, is one of the rebuilt message; nil for an unsigned one.
    package let signatureVerifies: Bool?
    /// The encrypted data keys that were wrapped again, in their order.
    package let dataKeys: [DataKeyReproduction]

    /// Whether the message was rebuilt byte for byte, and its signature verifies.
    package var isIdentical: Bool { differences.isEmpty && signatureVerifies != false }

    /// How the message differs, if it does.
    package var reason: String? {
        guard let first = differences.first else {
            return signatureVerifies == false
                ? "identical, but the signature is not one of the rebuilt message under its public key" : nil
        }
        let more = differences.count - 1
        let others = more == 0 ? "" : more == 1 ? "; 1 more field differs" : "; \(more) more fields differ"
        return "\(first)\(others)" + (explanation.map { "; it would be identical with \($0)" } ?? "")
    }
}
