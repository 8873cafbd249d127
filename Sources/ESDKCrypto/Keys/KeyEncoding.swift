/// The encodings of a key that are understood.
enum KeyEncoding: Equatable {
    /// X.509 SubjectPublicKeyInfo (RFC 5280): `PUBLIC KEY`.
    case subjectPublicKeyInfo
    /// An RSA public key (RFC 8017, appendix A.1.1): `RSA PUBLIC KEY`.
    case rsaPublicKey
    /// PKCS #8 PrivateKeyInfo (RFC 5208), or its successor OneAsymmetricKey (RFC 5958): `PRIVATE KEY`.
    case privateKeyInfo
    /// An RSA private key (RFC 8017, appendix A.1.2): `RSA PRIVATE KEY`.
    case rsaPrivateKey
    /// An elliptic-curve private key (SEC 1, RFC 5915): `EC PRIVATE KEY`.
    case ecPrivateKey
    /// An encrypted PKCS #8 key: `ENCRYPTED PRIVATE KEY`. Only recognised, to be refused in clear words.
    case encryptedPrivateKeyInfo

    /// The encoding that a PEM label announces.
    ///
    /// - Parameter label: what stands between `BEGIN` and the dashes.
    init?(label: String) {
        switch label {
        case "PUBLIC KEY": self = .subjectPublicKeyInfo
        case "RSA PUBLIC KEY": self = .rsaPublicKey
        case "PRIVATE KEY": self = .privateKeyInfo
        case "RSA PRIVATE KEY": self = .rsaPrivateKey
        case "EC PRIVATE KEY": self = .ecPrivateKey
        case "ENCRYPTED PRIVATE KEY": self = .encryptedPrivateKeyInfo
        default: return nil
        }
    }

    /// Recognises an encoding by the types of its first two members.
    ///
    /// - Parameter der: exactly one DER sequence.
    init?(der: Span<UInt8>) {
        guard
            let whole = DERElement(DERElement.sequence, der, in: der.indices), whole.content.upperBound == der.count,
            let first = DERElement(der, in: whole.content),
            let second = DERElement(der, in: first.content.upperBound..<whole.content.upperBound)
        else { return nil }
        let rest = second.content.upperBound..<whole.content.upperBound
        switch (first.tag, second.tag) {
        case (DERElement.sequence, DERElement.bitString): self = .subjectPublicKeyInfo
        case (DERElement.sequence, DERElement.octetString): self = .encryptedPrivateKeyInfo
        case (DERElement.integer, DERElement.sequence): self = .privateKeyInfo
        case (DERElement.integer, DERElement.octetString): self = .ecPrivateKey
        case (DERElement.integer, DERElement.integer): self = rest.isEmpty ? .rsaPublicKey : .rsaPrivateKey
        default: return nil
        }
    }

    /// The encoding in words.
    var name: String {
        switch self {
        case .subjectPublicKeyInfo: "a public key (SubjectPublicKeyInfo)"
        case .rsaPublicKey: "an RSA public key (PKCS #1)"
        case .privateKeyInfo: "a private key (PKCS #8)"
        case .rsaPrivateKey: "an RSA private key (PKCS #1)"
        case .ecPrivateKey: "an elliptic-curve private key (SEC 1)"
        case .encryptedPrivateKeyInfo: "an encrypted private key (PKCS #8)"
        }
    }
}
