import AWSMaterialProviders
import ESDKCrypto
import MessageForge

/// Rebuilds messages byte for byte from what went into them.
package struct MessageReproducer: Sendable {
    /// The keys that data keys may be wrapped under.
    private let wrappingKeys: [any WrappingKey]

    /// A reproducer that knows no keys but the data key of a message.
    package init() { wrappingKeys = [] }

    /// A reproducer that knows all keys of a set.
    package init(keysOf set: VectorSet, cache: KeyCache) {
        wrappingKeys = WrappingKeyBuilder.wrappingKeys(of: set, cache: cache)
    }

    /// Rebuilds a message and its encrypted data keys.
    ///
    /// - Throws: `DissectionError`, `BlueprintError`, `CryptoError`.
    package func reproduce(_ message: OpenedMessage) throws -> MessageReproduction {
        let dissected = try MessageDissector.dissect(message.bytes)
        let blueprint = dissected.blueprint(
            keys: .dataKey(message.dataKey, message.rules),
            plaintext: message.plaintext,
            headerTagSuffix: try message.headerTagSuffix()
        )
        let rebuilt = try MessageBuilder.build(blueprint)
        let differences = MessageComparison.differences(
            message.bytes,
            layout: dissected.layout,
            expected: rebuilt.bytes
        )
        let context = WrappingContext(all: message.encryptionContext, stored: dissected.encryptionContext)
        let dataKeyReproducer = DataKeyReproducer(
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
            if let built = try? MessageBuilder.build(candidate), built.bytes == message.bytes { return name }
        }
        return nil
    }
}

extension MessageBlueprint {
    fileprivate mutating func deriveKeys(by rules: KeyDerivationRules) {
        if case .dataKey(let dataKey, _) = keys { keys = .dataKey(dataKey, rules) }
    }
}
