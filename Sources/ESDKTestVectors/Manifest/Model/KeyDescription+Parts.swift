extension KeyDescription {
    /// The keyring inside any materials managers.
    package var withoutManagers: KeyDescription {
        switch self {
        case .requiredEncryptionContext(let underlying, _): underlying.withoutManagers
        default: self
        }
    }

    /// The context keys that the described materials managers require, outermost first, each once.
    package var requiredContextKeys: [[UInt8]] {
        guard case .requiredEncryptionContext(let underlying, let keys) = self else { return [] }
        var required: [[UInt8]] = []
        for key in keys + underlying.requiredContextKeys where !required.contains(key) { required.append(key) }
        return required
    }

    /// The leaves: keyrings that are not multi-keyrings, in order.
    package var leaves: [KeyDescription] {
        switch self {
        case .multi(let generator, let children): (generator?.leaves ?? []) + children.flatMap(\.leaves)
        case .requiredEncryptionContext(let underlying, _), .caching(let underlying): underlying.leaves
        default: [self]
        }
    }

    /// The name of the key entry that a leaf uses, if it uses one.
    package var keyName: String? {
        switch self {
        case .raw(let key, _, _), .awsKMS(let key), .awsKMSMRK(let key), .awsKMSRSA(let key, _),
            .awsKMSHierarchy(let key), .staticMaterial(let key), .dataKey(let key):
            key
        case .rawECDH(let description), .awsKMSECDH(let description): description.key
        default: nil
        }
    }

    /// The description in short, as reports have it: `raw aes-256`, `multi(raw rsa oaep-sha256, aws-kms)`.
    ///
    /// - Parameter keys: the keys of the set, which know the length of an AES key.
    package func summary(keys: KeyTable) -> String {
        switch self {
        case .raw(let key, _, .aes):
            if case .symmetric(let bytes)? = keys[key]?.material { "raw aes-\(bytes.count * 8)" } else { "raw aes" }
        case .raw(_, _, .rsa(let padding)): "raw rsa \(padding.rawValue)"
        case .awsKMS: "aws-kms"
        case .awsKMSMRK: "aws-kms-mrk-aware"
        case .awsKMSMRKDiscovery: "aws-kms-mrk-aware-discovery"
        case .awsKMSRSA(_, let algorithm): "aws-kms-rsa \(algorithm)"
        case .awsKMSHierarchy: "aws-kms-hierarchy"
        case .rawECDH(let description): "raw-ecdh \(description.schema.rawValue) \(description.curve)"
        case .awsKMSECDH(let description): "aws-kms-ecdh \(description.schema.rawValue) \(description.curve)"
        case .staticMaterial: "static-material"
        case .dataKey: "data-key"
        case .multi(let generator, let children):
            "multi(\(([generator].compactMap(\.self) + children).map { $0.summary(keys: keys) }.joined(separator: ", ")))"
        case .requiredEncryptionContext(let underlying, _): "required-context(\(underlying.summary(keys: keys)))"
        case .caching(let underlying): "caching(\(underlying.summary(keys: keys)))"
        case .ephemeral: "ephemeral"
        case .unsupported(let type): "unsupported(\(type))"
        }
    }
}
