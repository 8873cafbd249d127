/// How a message is padded before RSA encryption (RFC 8017, section 7).
public enum RSAPadding: Sendable, Hashable {
    /// RSAES-PKCS1-v1_5.
    case pkcs1
    /// RSAES-OAEP with an empty label, and MGF1 over the same hash function.
    case oaep(HashAlgorithm)
}

extension RSAPadding: CustomStringConvertible {
    /// The padding in words: `PKCS #1 v1.5`, `OAEP-SHA-256`.
    public var description: String {
        switch self {
        case .pkcs1: "PKCS #1 v1.5"
        case .oaep(.sha1): "OAEP-SHA-1"
        case .oaep(.sha256): "OAEP-SHA-256"
        case .oaep(.sha384): "OAEP-SHA-384"
        case .oaep(.sha512): "OAEP-SHA-512"
        }
    }
}
