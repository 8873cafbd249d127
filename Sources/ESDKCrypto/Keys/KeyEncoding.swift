/// The DER of one key, taken from PEM or DER and not yet interpreted.
struct EncodedKey {
    /// What the DER turned out to be.
    let encoding: KeyEncoding
    /// Exactly one DER sequence.
    let der: SecretBytes

    /// Takes DER.
    ///
    /// - Parameters:
    ///   - der: exactly one DER sequence.
    ///   - accepted: the encodings that the caller can use.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    init(der: SecretBytes, accepting accepted: [KeyEncoding]) throws(CryptoError) {
        let bytes = der.span
        guard let whole = DERElement(DERElement.sequence, bytes, in: bytes.indices) else {
            throw CryptoError(
                .invalidKey,
                PEMReader.isText(bytes)
                    ? "the key is PEM text, not DER" : "the key is not DER: it is not one complete sequence"
            )
        }
        guard whole.content.upperBound == bytes.count else {
            throw CryptoError(
                .invalidKey,
                "the key is followed by \(bytes.count - whole.content.upperBound) bytes"
            )
        }
        guard let encoding = KeyEncoding(der: bytes) else {
            throw CryptoError(.invalidKey, EncodedKey.words(on: bytes, whole))
        }
        try EncodedKey.check(encoding, accepted)
        self.encoding = encoding
        self.der = der
    }

    /// Finds a key in PEM text (RFC 7468).
    ///
    /// Text around the key, blocks that are not keys (such as `EC PARAMETERS`) and any kind of line end are tolerated.
    ///
    /// - Parameters:
    ///   - pem: the text.
    ///   - accepted: the encodings that the caller can use.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    init(pem: String, accepting accepted: [KeyEncoding]) throws(CryptoError) {
        var otherLabel: String?
        var reader = PEMReader(pem.utf8.span)
        while let block = try reader.next() {
            guard let announced = KeyEncoding(label: block.label) else {
                otherLabel = otherLabel ?? block.label
                continue
            }
            try EncodedKey.check(announced, accepted)
            try self.init(der: try reader.decode(block), accepting: accepted)
            guard encoding == announced else {
                throw CryptoError(.invalidKey, "the PEM label says \(block.label), but it holds \(encoding.name)")
            }
            return
        }
        guard let otherLabel else {
            throw CryptoError(
                .invalidKey,
                PEMReader.isEncodedText(pem.utf8.span)
                    ? "the text is the Base64 of PEM text: decode it first"
                    : "the text has no PEM block (\"-----BEGIN … KEY-----\")"
            )
        }
        let advice =
            switch otherLabel {
            case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE":
                "; take the key out of it: openssl x509 -pubkey -noout -in …"
            case "OPENSSH PRIVATE KEY": "; convert it: ssh-keygen -p -m PKCS8 -f …"
            default: ""
            }
        throw CryptoError(.invalidKey, "the PEM block is not a key but: \(otherLabel)\(advice)")
    }

    /// What DER may be that is not a key.
    private static func words(on der: Span<UInt8>, _ whole: DERElement) -> String {
        // A certificate, a request and a revocation list are three: content, algorithm and signature.
        if let content = DERElement(DERElement.sequence, der, in: whole.content),
            DERElement(DERElement.sequence, der, in: content.content.upperBound..<whole.content.upperBound) != nil
        {
            return "the DER is not a key but an X.509 certificate or request; take the key out of it: "
                + "openssl x509 -pubkey -noout -in …"
        }
        return "the DER is not of a known key encoding"
    }

    private static func check(_ encoding: KeyEncoding, _ accepted: [KeyEncoding]) throws(CryptoError) {
        if encoding == .encryptedPrivateKeyInfo {
            throw CryptoError(.invalidKey, "the private key is encrypted: decrypt it first (openssl pkey -in … -out …)")
        }
        guard accepted.contains(encoding) else {
            let names = accepted.map(\.name).joined(separator: " or ")
            throw CryptoError(.invalidKey, "expected \(names), found \(encoding.name)")
        }
    }
}

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
    /// - Parameter label: the text between `BEGIN` and the dashes.
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

/// The kind of a key as X.509 and PKCS #8 state it (RFC 5280, section 4.1.1.2).
enum AlgorithmIdentifier: Equatable {
    /// An elliptic-curve key on a named curve that is supported.
    case ellipticCurve(EllipticCurve)
    /// An RSA key for any scheme.
    case rsa

    private static let ecPublicKey: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
    private static let rsaEncryption: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]

    /// Keys that are met with and cannot be used here.
    private static let names: [(identifier: [UInt8], name: String)] = [
        ([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A], "RSA-PSS, which signs and does not encrypt"),
        (
            [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x07],
            "RSA-OAEP alone; write it with the plain RSA identifier"
        ),
        ([0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x01], "DSA"),
        ([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x03, 0x01], "Diffie-Hellman"),
        ([0x2B, 0x65, 0x6E], "X25519"), ([0x2B, 0x65, 0x6F], "X448"), ([0x2B, 0x65, 0x70], "Ed25519"),
        ([0x2B, 0x65, 0x71], "Ed448"),
    ]

    /// Reads an AlgorithmIdentifier.
    ///
    /// - Parameters:
    ///   - element: a sequence.
    ///   - der: the bytes that `element` lies in.
    /// - Throws: ``CryptoError`` with code `invalidKey` for anything but RSA and the three curves by name.
    init(_ element: DERElement, in der: Span<UInt8>) throws(CryptoError) {
        guard
            element.tag == DERElement.sequence,
            let algorithm = DERElement(DERElement.objectIdentifier, der, in: element.content)
        else { throw CryptoError(.invalidKey, "the key does not say what kind it is") }
        let identifier = der.extracting(algorithm.content)
        let rest = algorithm.content.upperBound..<element.content.upperBound
        if constantTimeEquals(identifier, AlgorithmIdentifier.rsaEncryption.span) {
            let null: [UInt8] = [0x05, 0x00]
            guard rest.isEmpty || constantTimeEquals(der.extracting(rest), null.span) else {
                throw CryptoError(.invalidKey, "the RSA key has parameters, which RSA keys do not have")
            }
            self = .rsa
        } else if constantTimeEquals(identifier, AlgorithmIdentifier.ecPublicKey.span) {
            self = .ellipticCurve(try AlgorithmIdentifier.curve(namedIn: rest, of: der))
        } else {
            let name = AlgorithmIdentifier.names.first { constantTimeEquals(identifier, $0.identifier.span) }?.name
            throw CryptoError(
                .invalidKey,
                "the key is for \(name ?? "an unknown algorithm"); expected an RSA key for encryption or an elliptic-curve key"
            )
        }
    }

    /// Reads the name of a curve (the ECParameters of RFC 5480).
    ///
    /// - Parameters:
    ///   - range: where exactly one object identifier is expected.
    ///   - der: the bytes.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    static func curve(namedIn range: Range<Int>, of der: Span<UInt8>) throws(CryptoError) -> EllipticCurve {
        guard
            let name = DERElement(DERElement.objectIdentifier, der, in: range),
            name.content.upperBound == range.upperBound
        else { throw CryptoError(.invalidKey, "the key does not name its curve (explicit parameters are refused)") }
        let identifier = der.extracting(name.content)
        for curve in EllipticCurve.allCases
        where constantTimeEquals(identifier, curve.objectIdentifier.span) {
            return curve
        }
        throw CryptoError(.invalidKey, "the curve of the key is not P-256, P-384 or P-521")
    }
}
