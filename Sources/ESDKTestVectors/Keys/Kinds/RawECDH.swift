import AWSMaterialProviders
import ESDKCrypto
import MessageForge
import StrictJSON

extension KeyDescription {
    /// The members of an ECDH description.
    package struct ECDH: Hashable, Sendable {
        /// Who is known beforehand.
        package enum Schema: String, Hashable, Sendable {
            /// Both sides: the entry's sender key agrees with its recipient's public key.
            case `static`
            /// Only the recipient's public key: encrypts, never decrypts.
            case ephemeral
            /// Only the recipient's private key: decrypts.
            case discovery
        }

        /// Who is known beforehand.
        package let schema: Schema

        /// The key entry whose keys are used.
        let key: JSONName

        /// The curve's name: `ecc-256`, `ecc-384` or `ecc-521` for raw keys, a key entry's name for KMS.
        let curve: JSONName

        /// A description.
        static let members: Set<String> = [
            "schema", "ecc-curve", "sender", "recipient", "sender-public-key", "recipient-public-key",
        ]

        package init(schema: Schema, key: String, curve: String) {
            self.schema = schema
            self.key = JSONName(key)
            self.curve = JSONName(curve)
        }

        /// Reads the members that raw and KMS keyrings share.
        ///
        /// - Returns: `nil` where the schema is unknown.
        init?(_ fields: ManifestFields) throws(VectorError) {
            guard let schema = Schema(rawValue: try fields.requiredString("schema")) else { return nil }
            self.init(
                schema: schema,
                key: try fields.requiredString(schema == .static ? "sender" : "recipient"),
                curve: try fields.requiredString("ecc-curve")
            )
        }

        /// The description as one that is not supported.
        static func unsupported(_ fields: ManifestFields) throws(VectorError) -> KeyDescription {
            var words: [String] = []
            for name in ["type", "schema", "ecc-curve"] { words.append(try fields.requiredString(name)) }
            return .unsupported(type: words.joined(separator: " "))
        }

        /// The description in short, after the keyring's type.
        var summary: String { "\(schema.rawValue) \(curve.text)" }

        /// The curves that have a name in manifests.
        static let curves: [String: EllipticCurve] = ["ecc-256": .p256, "ecc-384": .p384, "ecc-521": .p521]
    }

    /// A raw ECDH keyring.
    package static func rawECDH(_ parties: ECDH) -> KeyDescription { KeyDescription(RawECDH(parties: parties)) }
}

/// A raw ECDH keyring.
struct RawECDH: ReadableKeyringKind {
    static let type = "raw-ecdh"
    static let members = KeyDescription.ECDH.members.union(["provider-id"])
    static let keyTypes: [any KeyType.Type] = [ECCPrivateKeys.self]

    let parties: KeyDescription.ECDH

    static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription? {
        guard let parties = try KeyDescription.ECDH(fields), KeyDescription.ECDH.curves[parties.curve.text] != nil
        else { return try KeyDescription.ECDH.unsupported(fields) }
        return .rawECDH(parties)
    }

    var keyName: String? { parties.key.text }

    func summary(keys: KeyTable) -> String { "raw-ecdh \(parties.summary)" }

    func decrypting(_ builder: KeyringBuilder) -> KeyringUse {
        withCurve(builder) { keys, curve in
            switch parties.schema {
            case .static:
                return .usable(
                    try RawECDHKeyring(
                        keyAgreementScheme: .rawPrivateKeyToStaticPublicKey(
                            senderStaticPrivateKey: builder.cache.ecPrivateKey(keys.sender),
                            recipientPublicKey: builder.cache.ecPublicKey(keys.recipientPublicKey)
                        ),
                        curve: curve
                    )
                )
            case .discovery:
                return .usable(
                    try RawECDHKeyring(
                        keyAgreementScheme: .publicKeyDiscovery(
                            recipientStaticPrivateKey: builder.cache.ecPrivateKey(keys.recipient)
                        ),
                        curve: curve
                    )
                )
            case .ephemeral:
                return .unavailable(reason: "the ephemeral ECDH schema only encrypts")
            }
        }
    }

    func encrypting(_ builder: EncryptKeyringBuilder, isChild: Bool) throws(VectorError) -> any Keyring {
        switch parties.schema {
        case .static: return try builder.made(decrypting(builder.decrypting))
        case .discovery: throw .broken("the discovery ECDH schema does not encrypt")
        case .ephemeral: break
        }
        return try builder.made(
            withCurve(builder.decrypting) { keys, curve in
                let recipient = try builder.decrypting.cache.ecPublicKey(keys.recipientPublicKey)
                let keyring = try RawECDHKeyring(
                    keyAgreementScheme: .ephemeralPrivateKeyToStaticPublicKey(recipientPublicKey: recipient),
                    curve: curve
                )
                return .usable(builder.isSeeded ? SeededEphemeralKeyring(recipient: recipient) : keyring)
            }
        )
    }

    private func withCurve(
        _ builder: KeyringBuilder,
        _ body: (ECCPrivateKeys, EllipticCurve) throws -> KeyringUse
    ) -> KeyringUse {
        builder.withKey(of: self) { (_, keys: ECCPrivateKeys) in
            guard let curve = KeyDescription.ECDH.curves[parties.curve.text] else {
                return .unavailable(reason: "the curve \(ManifestText.quoted(parties.curve.text)) is not supported")
            }
            return try body(keys, curve)
        }
    }

    func wrappingKeys(_ builder: KeyringBuilder) throws -> [any WrappingKey] {
        guard let keys = builder.keys[parties.key.text]?.material.key(as: ECCPrivateKeys.self) else { return [] }
        return try [keys.recipient, keys.sender].map {
            RawECDHWrappingKey(privateKey: try builder.cache.ecPrivateKey($0))
        }
    }
}

extension RawECDH {
    static let spellings = [
        KeySpelling(
            kind: "raw-ecdh",
            summary:
                "elliptic-curve keys in PEM or DER. Scheme ephemeral encrypts to the recipient's public key, discovery decrypts with "
                + "the recipient's private key, static does both with the sender's private and the recipient's public key",
            members: [
                .required("scheme", "SCHEME", choices: ["ephemeral", "static", "discovery"]),
                .optional("curve", "CURVE", choices: EllipticCurve.allCases.map(\.spelling)),
                .optional("public", "PATH"), .optional("private", "PATH"),
            ]
        ) { key, resources in
            let scheme = try key.required("scheme")
            let needed =
                ["ephemeral": ["public"], "static": ["public", "private"], "discovery": ["private"]][scheme] ?? []
            for name in ["public", "private"] where needed.contains(name) != (key[name] != nil) {
                let fault = needed.contains(name) ? "needs" : "does not take"
                throw KeyArgumentError("raw-ecdh: scheme=\(scheme) \(fault) \(name)")
            }
            let recipient = try resources.ecPublicKey("public", of: key)
            let own = try resources.encodedKey("private", of: key).map { file throws(EncryptionSDKError) in
                try file.key(pem: ECPrivateKey.init(pem:), der: ECPrivateKey.init(der:))
            }
            let agreement: RawECDHKeyring.KeyAgreementScheme
            let curve: EllipticCurve
            switch (recipient, own) {
            case (let recipient?, let own?):
                agreement = .rawPrivateKeyToStaticPublicKey(senderStaticPrivateKey: own, recipientPublicKey: recipient)
                curve = recipient.curve
            case (let recipient?, nil):
                agreement = .ephemeralPrivateKeyToStaticPublicKey(recipientPublicKey: recipient)
                curve = recipient.curve
            case (nil, let own?):
                agreement = .publicKeyDiscovery(recipientStaticPrivateKey: own)
                curve = own.curve
            case (nil, nil): throw KeyArgumentError("raw-ecdh: a key is missing")
            }
            return try RawECDHKeyring(keyAgreementScheme: agreement, curve: try key.curve(of: curve))
        }
    ]
}

extension EllipticCurve {
    /// The curve as a command line has it.
    var spelling: String {
        switch self {
        case .p256: "P-256"
        case .p384: "P-384"
        case .p521: "P-521"
        }
    }
}

extension KeyArgument {
    /// The curve of a key, which must be the one that the member `curve` names, if it is there.
    func curve(of curve: EllipticCurve) throws(KeyArgumentError) -> EllipticCurve {
        guard let stated = self["curve"], stated != curve.spelling else { return curve }
        throw KeyArgumentError("\(spelling.kind): the key is on the curve \(curve.spelling), not \(stated)")
    }
}

extension KeyResources {
    /// The elliptic-curve public key in a member's file; nil without that member.
    func ecPublicKey(_ name: String, of key: KeyArgument) throws -> ECPublicKey? {
        guard let file = try encodedKey(name, of: key) else { return nil }
        guard file.isPrivate != true else {
            return try file.key(pem: ECPrivateKey.init(pem:), der: ECPrivateKey.init(der:)).publicKey
        }
        return try file.key(pem: ECPublicKey.init(pem:), der: ECPublicKey.init(der:))
    }
}

/// Two elliptic-curve key pairs, one for each side.
struct ECCPrivateKeys: KeyType {
    static let type = "ecc-private"
    static let members: Set<String> = [
        "algorithm", "encoding", "sender-material", "recipient-material", "public-key-encoding",
        "sender-material-public-key", "recipient-material-public-key",
    ]

    let sender: KeyText
    let recipient: KeyText
    let recipientPublicKey: KeyText
    let senderPublicKey: KeyText

    init(sender: KeyText, recipient: KeyText, senderPublicKey: KeyText, recipientPublicKey: KeyText) {
        self.sender = sender
        self.recipient = recipient
        self.senderPublicKey = senderPublicKey
        self.recipientPublicKey = recipientPublicKey
    }

    init(_ fields: ManifestFields, bits: Int?) throws(VectorError) {
        let encoding = "public-key-encoding"
        sender = try fields.keyText("sender-material")
        recipient = try fields.keyText("recipient-material")
        senderPublicKey = try fields.keyText("sender-material-public-key", encodedAs: encoding)
        recipientPublicKey = try fields.keyText("recipient-material-public-key", encodedAs: encoding)
    }
}

extension KeyMaterial {
    /// Two elliptic-curve key pairs, one for each side.
    package static func eccPrivate(
        sender: KeyText,
        recipient: KeyText,
        senderPublicKey: KeyText,
        recipientPublicKey: KeyText
    ) -> KeyMaterial {
        .key(
            ECCPrivateKeys(
                sender: sender,
                recipient: recipient,
                senderPublicKey: senderPublicKey,
                recipientPublicKey: recipientPublicKey
            )
        )
    }
}

// MARK: - Wrapping again, and with a given key

/// One side of a key agreement (framework/raw-ecdh-keyring.md): the salt stands before the wrapped key, and either side's private
/// key gives the shared secret.
struct RawECDHWrappingKey: WrappingKey {
    private static let saltLength = 32
    private static let derivedLength = 64
    private static let commitmentLength = 32

    let privateKey: ECPrivateKey

    var name: String { "raw ECDH key on \(privateKey.curve)" }
    let bindsContext = true
    var identifier: [UInt8] { privateKey.publicKey.compressedPoint }

    /// Either side's point.
    static func identifiers(in encryptedDataKey: EncryptedDataKey) -> [[UInt8]] {
        let info = encryptedDataKey.keyProviderInfo
        guard encryptedDataKey.keyProviderID.elementsEqual("raw-ecdh".utf8), info.count > 9, info.count % 2 == 1 else {
            return []
        }
        let length = (info.count - 9) / 2
        return [Array(info[5..<5 + length]), info.suffix(length)]
    }

    func isNamed(by encryptedDataKey: EncryptedDataKey) -> Bool {
        guard encryptedDataKey.keyProviderID.elementsEqual("raw-ecdh".utf8),
            let (recipient, sender) = points(in: encryptedDataKey.keyProviderInfo)
        else { return false }
        return [recipient, sender].contains(identifier)
    }

    func rewrap(_ dataKey: SecretBytes, like original: EncryptedDataKey, context: [UInt8]) throws -> RewrappedDataKey {
        guard let (recipient, sender) = points(in: original.keyProviderInfo) else {
            throw VectorError.broken("the provider info does not hold two compressed points")
        }
        let peerPoint = recipient == privateKey.publicKey.compressedPoint ? sender : recipient
        let peer = try ECPublicKey(compressedPoint: peerPoint.span, curve: privateKey.curve)
        let sharedSecret = try privateKey.sharedSecret(with: peer)
        guard original.ciphertext.count >= Self.saltLength else {
            throw VectorError.broken("the wrapped key is shorter than a salt")
        }
        let salt = Array(original.ciphertext.prefix(Self.saltLength))
        let label = fixedInfo(recipient: recipient, sender: sender, context: context)
        let derived = try CounterModeKDF.derive(
            .sha384,
            key: sharedSecret.span,
            label: label.span,
            context: salt.span,
            outputLength: Self.derivedLength
        )
        let wrapped = try AESGCM.wrap(
            dataKey,
            under: SecretBytes(copying: derived.span.extracting(Self.commitmentLength...)),
            iv: MessageBlueprint.zeroIV,
            additionalData: label
        )
        let commitment = [UInt8](bytesOf: derived.span.extracting(..<Self.commitmentLength))
        return RewrappedDataKey(
            encryptedDataKey: EncryptedDataKey(
                keyProviderID: Array("raw-ecdh".utf8),
                keyProviderInfo: providerInfo(recipient: recipient, sender: sender),
                ciphertext: salt + commitment + wrapped
            ),
            randomness: [RecoveredRandomness(.salt, salt)]
        )
    }

    /// Version 1, then recipient and sender, each after its four-byte length.
    private func providerInfo(recipient: [UInt8], sender: [UInt8]) -> [UInt8] {
        let length = UInt32(truncatingIfNeeded: privateKey.curve.compressedPointLength).bigEndianBytes
        return [1] + length + recipient + length + sender
    }

    private func points(in info: [UInt8]) -> (recipient: [UInt8], sender: [UInt8])? {
        let length = privateKey.curve.compressedPointLength
        guard info.count == 1 + 2 * (4 + length) else { return nil }
        return (Array(info[5..<5 + length]), Array(info.suffix(length)))
    }

    private func fixedInfo(recipient: [UInt8], sender: [UInt8], context: [UInt8]) -> [UInt8] {
        let curve =
            switch privateKey.curve {
            case .p256: "p256"
            case .p384: "p384"
            case .p521: "p521"
            }
        var bytes: [UInt8] = []
        for text in ["ecdh-key-derivation", curve, "HMAC_SHA384"] { bytes += Array(text.utf8) + [0] }
        bytes += sender + recipient
        return bytes + [0, 1, 0] + context
    }
}

/// A raw ECDH keyring for a recipient, with a sender key from the random source of the message.
struct SeededEphemeralKeyring: Keyring {
    let recipient: ECPublicKey

    var description: String { "seeded raw ECDH keyring (ephemeral, \(recipient.curve))" }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        let sender = try DeterministicSigner.generate(recipient.curve, from: materials.randomSource).key
        // On the wire, an ephemeral sender is a static one that is never used again.
        let keyring = try RawECDHKeyring(
            keyAgreementScheme: .rawPrivateKeyToStaticPublicKey(
                senderStaticPrivateKey: sender,
                recipientPublicKey: recipient
            ),
            curve: recipient.curve
        )
        return try await keyring.onEncrypt(materials)
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        throw EncryptionSDKError(.noPrivateKey, "a seeded keyring only wraps")
    }
}
