extension KeyDescription: Hashable {
    /// Whether two descriptions are the same, texts compared by their UTF-8 bytes.
    package static func == (left: KeyDescription, right: KeyDescription) -> Bool {
        left.identity == right.identity
    }

    /// Hashes the identity.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(identity)
    }

    /// Bytes that differ where descriptions differ.
    ///
    /// Derived equality would merge key names that are canonically equivalent.
    private var identity: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    private func append(to bytes: inout [UInt8]) {
        func add(_ tag: UInt8, _ texts: String...) {
            bytes.append(tag)
            for text in texts { add(Array(text.utf8)) }
        }
        func add(_ field: [UInt8]) {
            bytes.append(contentsOf: Self.count(field.count))
            bytes.append(contentsOf: field)
        }
        switch self {
        case .raw(let key, let providerID, .aes): add(1, key, providerID)
        case .raw(let key, let providerID, .rsa(let padding)): add(2, key, providerID, padding.rawValue)
        case .awsKMS(let key): add(3, key)
        case .awsKMSMRK(let key): add(4, key)
        case .awsKMSMRKDiscovery(let region, nil): add(5, region)
        case .awsKMSMRKDiscovery(let region, let filter?):
            add(6, region, filter.partition)
            bytes.append(contentsOf: Self.count(filter.accountIDs.count))
            for account in filter.accountIDs { add(Array(account.utf8)) }
        case .awsKMSRSA(let key, let algorithm): add(7, key, algorithm)
        case .awsKMSHierarchy(let key): add(8, key)
        case .rawECDH(let description): add(9, description.schema.rawValue, description.key, description.curve)
        case .awsKMSECDH(let description): add(10, description.schema.rawValue, description.key, description.curve)
        case .staticMaterial(let key): add(11, key)
        case .dataKey(let key): add(12, key)
        case .multi(let generator, let children):
            bytes.append(generator == nil ? 13 : 14)
            generator?.append(to: &bytes)
            bytes.append(contentsOf: Self.count(children.count))
            for child in children { child.append(to: &bytes) }
        case .requiredEncryptionContext(let underlying, let keys):
            bytes.append(15)
            underlying.append(to: &bytes)
            bytes.append(contentsOf: Self.count(keys.count))
            for key in keys { add(key) }
        case .caching(let underlying):
            bytes.append(16)
            underlying.append(to: &bytes)
        case .ephemeral(let name): add(17, name)
        case .unsupported(let type): add(18, type)
        }
    }

    private static func count(_ count: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
    }
}
