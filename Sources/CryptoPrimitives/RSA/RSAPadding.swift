/// How a message is padded before RSA encryption (RFC 8017, section 7).
public enum RSAPadding: Sendable, Hashable {
    /// RSAES-PKCS1-v1_5.
    case pkcs1
    /// RSAES-OAEP with an empty label, and MGF1 over the same hash function.
    case oaep(HashAlgorithm)
}
