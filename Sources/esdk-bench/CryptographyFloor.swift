import ESDKCrypto

/// The calls of libcrypto that a message under a hierarchical keyring cannot do without, and nothing around them: suite 0478, one frame.
struct CryptographyFloor {
    private let random = SystemRandomSource()
    private let branchKey = SecretBytes([UInt8](repeating: 5, count: 32))
    private let label = Array("aws-kms-hierarchy".utf8)
    /// As long as a header with one pair of encryption context and one encrypted data key.
    private let header = [UInt8](repeating: 1, count: 300)
    private let context = [UInt8](repeating: 2, count: 100)
    private let nothing: [UInt8] = []
    private let plaintext: [UInt8]

    /// What encryption hands to decryption.
    struct Sealed {
        var salt: [UInt8] = []
        var iv: [UInt8] = []
        var wrappedKey: [UInt8] = []
        var messageID: [UInt8] = []
        var headerTag: [UInt8] = []
        var frame: [UInt8] = []
    }

    init(plaintext: [UInt8]) { self.plaintext = plaintext }

    func encrypt() throws -> Sealed {
        var sealed = Sealed()
        let dataKey = try random.secretBytes(32)
        sealed.messageID = try random.bytes(32)
        sealed.salt = try random.bytes(16)
        sealed.iv = try random.bytes(AESGCM.ivLength)
        let wrappingKey = try wrappingKey(salt: sealed.salt)
        var wrapper = try AESGCM.Sealer(.aes256, key: wrappingKey.span)
        try append(&sealed.wrappedKey, sealing: dataKey.span, iv: sealed.iv, context, &wrapper)
        let messageKey = try messageKey(dataKey, sealed.messageID)
        var sealer = try AESGCM.Sealer(.aes256, key: messageKey.span)
        try append(&sealed.headerTag, sealing: nothing.span, iv: sealed.iv, header, &sealer)
        try append(&sealed.frame, sealing: plaintext.span, iv: sealed.iv, context, &sealer)
        return sealed
    }

    func decrypt(_ sealed: Sealed) throws -> [UInt8] {
        let wrappingKey = try wrappingKey(salt: sealed.salt)
        var unwrapper = try AESGCM.Opener(.aes256, key: wrappingKey.span)
        let dataKey = SecretBytes(try opened(sealed.wrappedKey, iv: sealed.iv, context, &unwrapper))
        let messageKey = try messageKey(dataKey, sealed.messageID)
        var opener = try AESGCM.Opener(.aes256, key: messageKey.span)
        _ = try opened(sealed.headerTag, iv: sealed.iv, header, &opener)
        return try opened(sealed.frame, iv: sealed.iv, context, &opener)
    }

    private func wrappingKey(salt: [UInt8]) throws -> SecretBytes {
        try CounterModeKDF.derive(
            .sha256,
            key: branchKey.span,
            label: label.span,
            context: salt.span,
            outputLength: 32
        )
    }

    /// The message key; the commitment is derived beside it.
    private func messageKey(_ dataKey: SecretBytes, _ messageID: [UInt8]) throws -> SecretBytes {
        var derivation = try HKDF(.sha512, salt: messageID.span, keyMaterial: dataKey.span)
        _ = try derivation.expand(info: label.span, outputLength: 32)
        return try derivation.expand(info: label.span, outputLength: 32)
    }

    private func append(
        _ output: inout [UInt8],
        sealing plaintext: Span<UInt8>,
        iv: [UInt8],
        _ aad: [UInt8],
        _ sealer: inout AESGCM.Sealer
    ) throws(CryptoError) {
        try output.append(addingCapacity: plaintext.count + AESGCM.tagLength) {
            (slot: inout OutputSpan<UInt8>) throws(CryptoError) in
            try sealer.seal(plaintext, iv: iv.span, authenticating: aad.span, appendingTo: &slot)
        }
    }

    private func opened(
        _ sealed: [UInt8],
        iv: [UInt8],
        _ aad: [UInt8],
        _ opener: inout AESGCM.Opener
    ) throws(CryptoError) -> [UInt8] {
        let length = sealed.count - AESGCM.tagLength
        return try [UInt8](capacity: length) { (slot: inout OutputSpan<UInt8>) throws(CryptoError) in
            try opener.open(
                sealed.span.extracting(..<length),
                tag: sealed.span.extracting(length...),
                iv: iv.span,
                authenticating: aad.span,
                appendingTo: &slot
            )
        }
    }
}
