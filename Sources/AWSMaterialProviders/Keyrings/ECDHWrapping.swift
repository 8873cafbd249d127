import ESDKCrypto

/// How ECDH keyrings lay out an encrypted data key and derive its wrapping key (framework/raw-ecdh-keyring.md, key wrapping).
enum ECDHWrapping {
    /// The provider id of raw ECDH keyrings.
    static let rawKeyProviderID = Array("raw-ecdh".utf8)
    /// The provider id of AWS KMS ECDH keyrings.
    static let kmsKeyProviderID = Array("aws-kms-ecdh".utf8)
    /// Each kind of keyring opens what the other wrapped.
    static let keyProviderIDs = [rawKeyProviderID, kmsKeyProviderID]

    /// The refusal of an encrypted data key between others.
    static let otherParties = EncryptionSDKError(
        .notForThisKeyring,
        "the public keys are not those of this keyring's parties"
    )

    static let saltLength = 32
    static let commitmentLength = 32

    // spec: raw-ecdh-keyring/key-provider-information
    /// The two public keys in the provider info: version 1, then recipient and sender, each compressed and after its four-byte length.
    struct ProviderInfo {
        let recipient: [UInt8]
        let sender: [UInt8]

        init(recipient: ECPublicKey, sender: ECPublicKey) {
            self.recipient = recipient.compressedPoint
            self.sender = sender.compressedPoint
        }

        var serialized: [UInt8] {
            var bytes: [UInt8] = [1]
            for key in [recipient, sender] {
                bytes.append(bigEndian: UInt32(key.count))
                bytes.append(contentsOf: key)
            }
            return bytes
        }

        init(parsing info: [UInt8], curve: EllipticCurve) throws(EncryptionSDKError) {
            let length = curve.compressedPointLength
            guard info.first == 1 else {
                throw EncryptionSDKError(.malformedEncryptedDataKey, "the version of the provider info is not 1")
            }
            guard info.count == 1 + 2 * (4 + length) else {
                throw EncryptionSDKError(
                    .notForThisKeyring,
                    "the provider info does not hold two public keys of this keyring's curve"
                )
            }
            var lengthField: [UInt8] = []
            lengthField.append(bigEndian: UInt32(length))
            let senderOffset = 1 + 4 + length
            guard info[1..<5].elementsEqual(lengthField),
                info[senderOffset..<senderOffset + 4].elementsEqual(lengthField)
            else {
                throw EncryptionSDKError(
                    .malformedEncryptedDataKey,
                    "the length of a public key is not that of a compressed point"
                )
            }
            recipient = Array(info[5..<senderOffset])
            sender = Array(info[(senderOffset + 4)...])
        }
    }

    // spec: raw-ecdh-keyring/data-key-wrapping
    /// Wraps `dataKey` with the shared secret of the two keys in `info`: salt, commitment, wrapped key, tag.
    static func wrap(
        _ dataKey: SecretBytes,
        sharedSecret: SecretBytes,
        info: ProviderInfo,
        curve: EllipticCurve,
        context: [UInt8],
        keyProviderID: [UInt8],
        randomSource: any RandomSource
    ) throws(EncryptionSDKError) -> EncryptedDataKey {
        let fixedInfo = fixedInfo(for: info, curve: curve, context: context)
        var ciphertext = try randomSource.randomBytes(saltLength)
        let derived = try derive(from: sharedSecret, fixedInfo: fixedInfo, salt: ciphertext.span)
        ciphertext.append(bytesOf: derived.span.extracting(..<commitmentLength))
        let zeroIV = [UInt8](repeating: 0, count: AESGCM.ivLength)
        try dataKey.wrap(
            iv: zeroIV.span,
            context: fixedInfo.span,
            under: SecretBytes(copying: derived.span.extracting(commitmentLength...)),
            cipher: .aes256,
            appendingTo: &ciphertext
        )
        return EncryptedDataKey(
            keyProviderID: keyProviderID,
            keyProviderInfo: info.serialized,
            ciphertext: ciphertext
        )
    }

    // spec: key-agreement-schemas/key-derivation
    /// Key commitment and wrapping key, 32 bytes each.
    private static func derive(
        from sharedSecret: SecretBytes,
        fixedInfo: [UInt8],
        salt: Span<UInt8>
    ) throws(EncryptionSDKError) -> SecretBytes {
        do {
            return try CounterModeKDF.derive(
                .sha384,
                key: sharedSecret.span,
                label: fixedInfo.span,
                context: salt,
                outputLength: commitmentLength + 32
            )
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    /// Checks that `ciphertext` has the layout, before anything is spent on it.
    ///
    /// - Throws: `malformedEncryptedDataKey`, `dataKeyLengthMismatch`.
    static func checkLayout(_ ciphertext: [UInt8], suite: AlgorithmSuite) throws(EncryptionSDKError) {
        let overhead = saltLength + commitmentLength + AESGCM.tagLength
        guard ciphertext.count > overhead else {
            throw EncryptionSDKError(.malformedEncryptedDataKey, "shorter than salt, commitment and tag")
        }
        try suite.checkDataKeyLength(ciphertext.count - overhead)
    }

    // spec: raw-ecdh-keyring/data-key-unwrapping, key-agreement-schemas/key-commitment
    /// Unwraps `ciphertext` (salt, commitment, wrapped key, tag) with the shared secret of the two keys in `info`.
    static func unwrap(
        _ ciphertext: [UInt8],
        sharedSecret: SecretBytes,
        info: ProviderInfo,
        curve: EllipticCurve,
        context: [UInt8],
        suite: AlgorithmSuite
    ) throws(EncryptionSDKError) -> SecretBytes {
        try checkLayout(ciphertext, suite: suite)
        let fixedInfo = fixedInfo(for: info, curve: curve, context: context)
        let derived = try derive(
            from: sharedSecret,
            fixedInfo: fixedInfo,
            salt: ciphertext.span.extracting(..<saltLength)
        )
        let commitment = ciphertext.span.extracting(saltLength..<saltLength + commitmentLength)
        guard constantTimeEquals(derived.span.extracting(..<32), commitment) else {
            throw EncryptionSDKError(
                .unwrappingFailed,
                "the commitment of the wrapping key differs: another key pair, another context, or damage"
            )
        }
        let wrappedStart = saltLength + commitmentLength
        let tagStart = ciphertext.count - AESGCM.tagLength
        let zeroIV = [UInt8](repeating: 0, count: AESGCM.ivLength)
        return try SecretBytes.unwrapped(
            from: ciphertext.span.extracting(wrappedStart..<tagStart),
            tag: ciphertext.span.extracting(tagStart...),
            iv: zeroIV.span,
            context: fixedInfo.span,
            under: SecretBytes(copying: derived.span.extracting(32...)),
            cipher: .aes256
        )
    }

    /// The label of the key derivation, and the additional data of the wrapping.
    private static func fixedInfo(for info: ProviderInfo, curve: EllipticCurve, context: [UInt8]) -> [UInt8] {
        let curveName =
            switch curve {
            case .p256: "p256"
            case .p384: "p384"
            case .p521: "p521"
            }
        var bytes: [UInt8] = []
        for text in ["ecdh-key-derivation", curveName, "HMAC_SHA384"] {
            bytes.append(contentsOf: text.utf8)
            bytes.append(0)
        }
        bytes.append(contentsOf: info.sender)
        bytes.append(contentsOf: info.recipient)
        bytes.append(contentsOf: [0, 1, 0])
        bytes.append(contentsOf: context)
        return bytes
    }
}
