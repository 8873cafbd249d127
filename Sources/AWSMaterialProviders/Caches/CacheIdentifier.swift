import ESDKCrypto

/// What an entry of a cache is found by (framework/cryptographic-materials-cache.md, Cache Identifier).
public struct CacheIdentifier: Sendable, Hashable {
    /// The bytes: a digest of everything that the materials depend on.
    public let bytes: [UInt8]

    /// An identifier of the given bytes.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }
}

extension CacheIdentifier {
    /// Whose entry it is.
    enum Resource: UInt8 {
        case cachingCMM = 1
        case hierarchicalKeyring = 2
    }

    /// What the materials are for.
    enum Scope: UInt8 {
        case encrypt = 1
        case decrypt = 2
    }

    /// The SHA-384 of the parts with a zero byte between each two (framework/caching-cmm.md, Appendix A;
    /// framework/aws-kms/aws-kms-hierarchical-keyring.md, Appendix A).
    ///
    /// - Parameters:
    ///   - resource: whose entry it is.
    ///   - scope: what the materials are for.
    ///   - partitionID: whoever has the same one shares the entry.
    ///   - suffix: what else the materials depend on.
    /// - Throws: `cryptographicLibrary`.
    init(
        _ resource: Resource,
        _ scope: Scope,
        partitionID: [UInt8],
        suffix: [[UInt8]]
    ) throws(EncryptionSDKError) {
        var bytes: [UInt8] = [resource.rawValue, 0, scope.rawValue, 0]
        bytes.append(contentsOf: partitionID)
        for part in suffix {
            bytes.append(0)
            bytes.append(contentsOf: part)
        }
        do {
            self.init(try Digest.hash(.sha384, of: bytes.span))
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }
}
