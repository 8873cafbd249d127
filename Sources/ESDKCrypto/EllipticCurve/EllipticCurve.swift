/// A prime-order curve of NIST SP 800-186.
public enum EllipticCurve: Sendable, Hashable, CaseIterable {
    /// P-256, also secp256r1 and prime256v1.
    case p256
    /// P-384, also secp384r1.
    case p384
    /// P-521, also secp521r1.
    case p521

    /// The length of a coordinate, and of a number modulo the order, in bytes: 32, 48 or 66.
    package var fieldLength: Int {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        }
    }

    /// The length of a compressed point (SEC 1, section 2.3.3) in bytes: 33, 49 or 67.
    package var compressedPointLength: Int { 1 + fieldLength }

    /// The longest DER form of an ECDSA signature in bytes, as implementations announce it: 72, 104 or 141.
    package var maximumSignatureLength: Int {
        switch self {
        case .p256: 72
        case .p384: 104
        case .p521: 141
        }
    }

    /// The name that libcrypto uses.
    var libraryName: String {
        switch self {
        case .p256: "prime256v1"
        case .p384: "secp384r1"
        case .p521: "secp521r1"
        }
    }

    /// The content octets of the curve's object identifier (RFC 5480, section 2.1.1.1).
    var objectIdentifier: [UInt8] {
        switch self {
        case .p256: [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
        case .p384: [0x2B, 0x81, 0x04, 0x00, 0x22]
        case .p521: [0x2B, 0x81, 0x04, 0x00, 0x23]
        }
    }
}
