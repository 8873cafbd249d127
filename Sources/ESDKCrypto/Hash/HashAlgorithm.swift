/// A hash function of the SHA family (FIPS 180-4).
public enum HashAlgorithm: Sendable, Hashable {
    /// SHA-1, 20 bytes. Only for RSA-OAEP, where collisions do not matter.
    case sha1
    /// SHA-256, 32 bytes.
    case sha256
    /// SHA-384, 48 bytes.
    case sha384
    /// SHA-512, 64 bytes.
    case sha512

    /// The length of a digest in bytes.
    public var outputLength: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }
}
