import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import MessageForge

/// Edits of a legal unsigned message, after which it is sealed again: they get behind the tags.
///
/// What the library opens must be legal by the forge's reading, and what is legal must open.
func fuzzResealing(_ input: [UInt8]) throws {
    try fuzzResealing(input, isSigned: false)
}

/// The same of a signed message, which is also signed again.
///
/// A target of its own: a signature takes ten times as long as the rest of the work together.
func fuzzSigning(_ input: [UInt8]) throws {
    try fuzzResealing(input, isSigned: true)
}

private func fuzzResealing(_ input: [UInt8], isSigned: Bool) throws {
    var choices = Choices(input)
    var blueprint = legalBlueprint(isSigned: isSigned, &choices)
    let suite = blueprint.algorithmSuite
    let dataKey = SecretBytes([UInt8](1...UInt8(suite.dataKeyLength)))
    blueprint.keys = .dataKey(dataKey, .specification)
    // Of this message only the layout counts, which does not ask what the signature is.
    var legal = blueprint
    if isSigned { legal.footer = .signature([UInt8](repeating: 0, count: 70)) }
    guard let fields = try? MessageBuilder.build(legal).layout.entries else {
        finding("a legal blueprint cannot be built")
    }
    var editCount = 0
    while !choices.isEmpty && editCount < 6 {
        edit(&blueprint, fields: fields, &choices)
        editCount += 1
    }
    // Some edits make what cannot be sealed, such as an IV of another length.
    guard let message = (try? MessageBuilder.build(blueprint))?.bytes else { return }

    let keyring = DataKeyring(dataKey: dataKey)
    let opened = compareWays(of: message, using: keyring)
    if let opened {
        if let fault = fault(of: message, plaintext: opened, dataKey) { finding("opens, although \(fault)") }
        guard editCount > 0 || opened == blueprint.plaintext else { finding("another plaintext") }
        // Half of them: byte by byte is slow.
        if message.last.map({ $0 & 1 == 0 }) ?? false, let longest = longestUnit(of: message) {
            let limit = [110, 140, 180, longest - 1, longest][choices.index(below: 5)]
            guard opens(message, holding: limit, using: keyring) == (longest <= limit) else {
                finding("holds up to \(longest) bytes where \(limit) are allowed, or refuses to")
            }
        }
    } else {
        let fault = fault(of: message, plaintext: blueprint.plaintext, dataKey)
        guard fault != nil else { finding("a legal message does not open") }
    }
}

/// The longest part of a legal message that must be there before it can be read: its header or one of its frames.
private func longestUnit(of message: [UInt8]) -> Int? {
    guard let parts = try? MessageDissector.dissect(message), let body = parts.body else { return nil }
    let frames = parts.frames.map { frame in
        let head =
            switch frame.kind {
            case .regular: 4 + AESGCM.ivLength
            case .final: 8 + AESGCM.ivLength + 4
            case .singleBlock: AESGCM.ivLength + 8
            }
        return head + frame.plaintextLength + AESGCM.tagLength
    }
    return max(body.offset, frames.max() ?? 0)
}

// MARK: - The legal message

private let signers = Result {
    // The same in each process, or an input that was stored would be another message.
    (
        p256: try ECPrivateKey(scalar: SecretBytes([UInt8](1...32)), curve: .p256),
        p384: try ECPrivateKey(scalar: SecretBytes([UInt8](1...48)), curve: .p384)
    )
}

private let unsignedSuites = AlgorithmSuite.all.filter { $0.signature == nil }
private let signedSuites = AlgorithmSuite.all.filter { $0.signature != nil }
private let quicklySignedSuites = signedSuites.filter { $0.signature?.curve == .p256 }

private func legalBlueprint(isSigned: Bool, _ choices: inout Choices) -> MessageBlueprint {
    // Few take the larger curve, which is ten times as slow.
    let first = choices.byte()
    let suites = !isSigned ? unsignedSuites : first == 0xFF ? signedSuites : quicklySignedSuites
    let suite = suites[choices.index(below: suites.count)]
    let plaintext = choices.index(below: choices.bool() ? 20 : 200)
    // At most ten frames.
    let frameLength = max(1 + choices.index(below: 32), plaintext / 10)
    let framing: MessageBlueprint.Framing =
        choices.index(below: 4) == 0 ? .nonFramed : .framed(UInt32(frameLength), choices.bool() ? .full : .empty)
    let pairs: [EncryptionContext] = [[:], ["a": "1"], ["b": "1", "a": "é"], ["aws": "", "": "x", "ab": "y"]]
    var footer = MessageBlueprint.Footer.none
    var publicKey: ECPublicKey?
    if let signature = suite.signature, let keys = try? signers.get() {
        let key = signature.curve == .p256 ? keys.p256 : keys.p384
        publicKey = key.publicKey
        footer = .signer { try key.sign(digest: $0.span, hash: signature.hash) }
    }
    return MessageBlueprint(
        algorithmSuite: suite,
        dataKey: SecretBytes([UInt8](1...UInt8(suite.dataKeyLength))),
        messageID: [UInt8](repeating: 0x5A, count: suite.messageIDLength),
        encryptionContext: MessageBlueprint.wireOrder(
            pairs[choices.index(below: pairs.count)],
            publicKey: publicKey,
            place: choices.bool() ? .sorted : .last
        ),
        encryptedDataKeys: (0...choices.index(below: 3)).map {
            EncryptedDataKey(keyProviderID: [0x61], keyProviderInfo: [UInt8($0)], ciphertext: [1, 2, 3])
        },
        plaintext: (0..<plaintext).map { UInt8($0) },
        framing: framing,
        footer: footer
    )
}

// MARK: - Edits

private func edit(_ blueprint: inout MessageBlueprint, fields: [MessageLayout.Entry], _ choices: inout Choices) {
    let frame = choices.index(below: blueprint.frames.count)
    switch choices.index(below: 24) {
    case 0, 1, 2, 3:
        // A field of the message as it was, with other bytes.
        guard !fields.isEmpty else { return }
        let entry = fields[choices.index(below: fields.count)]
        blueprint.overrides[entry.field] = choices.bytes(choices.bool() ? entry.range.count : choices.index(below: 6))
    case 4:
        let entry = fields[choices.index(below: fields.count)]
        blueprint.overrides[entry.field] = [UInt8](repeating: choices.byte(), count: entry.range.count)
    case 5: blueprint.frames[frame].sequenceNumber = UInt32(choices.index(below: blueprint.frames.count + 2))
    case 6: blueprint.frames[frame].sequenceNumber = .max - UInt32(choices.byte() & 1)
    case 7: blueprint.frames[frame].iv = .bytes(choices.bytes(12))
    case 8:
        let removed = blueprint.frames.remove(at: frame)
        blueprint.plaintext.removeLast(removed.plaintextLength)
        if blueprint.frames.isEmpty {
            blueprint.frames = [removed]; blueprint.plaintext += [UInt8](repeating: 1, count: removed.plaintextLength)
        }
    case 9:
        let copy = blueprint.frames[frame]
        blueprint.frames.insert(copy, at: choices.index(below: blueprint.frames.count + 1))
        blueprint.plaintext += [UInt8](repeating: 2, count: copy.plaintextLength)
    case 10: blueprint.frames.swapAt(frame, choices.index(below: blueprint.frames.count))
    case 11: blueprint.frames[frame].kind = [.regular, .final, .singleBlock][choices.index(below: 3)]
    case 12: blueprint.frames[frame].announcedContentLength = UInt64(choices.byte())
    case 13:
        // The right additional data but for one byte, or that of another frame.
        let other = blueprint.frames[choices.index(below: blueprint.frames.count)]
        var data = MessageBlueprint.Frame.additionalData(
            other.kind,
            messageID: blueprint.messageID,
            sequenceNumber: other.sequenceNumber,
            contentLength: UInt64(other.plaintextLength)
        )
        data[choices.index(below: data.count)] ^= choices.byte()
        blueprint.frames[frame].additionalData = data
    case 14:
        let more = choices.index(below: 40)
        blueprint.frames[frame].plaintextLength += more
        blueprint.plaintext += [UInt8](repeating: 3, count: more)
    case 15: blueprint.frameLength = UInt32(choices.byte()) << (choices.bool() ? 24 : 0)
    case 16:
        let pair = EncryptionContext.Entry(
            keyBytes: choices.bytes(choices.index(below: 4)),
            valueBytes: choices.bytes(choices.index(below: 4))
        )
        let pairs = blueprint.encryptionContext
        blueprint.encryptionContext.insert(
            choices.bool() ? pair : pairs.first ?? pair,
            at: choices.index(below: pairs.count + 1)
        )
    case 17:
        switch choices.index(below: 6) {
        case 0: blueprint.headerTagSuffix = choices.bytes(2)
        case 1: blueprint.trailingBytes = choices.bytes(1 + choices.index(below: 4))
        case 2: blueprint.emptyContextForm = .zeroCount
        case 3: blueprint.contentType = choices.byte() & 3
        case 4: blueprint.headerIV = choices.bytes(12)
        default: blueprint.encryptedDataKeys.removeLast(choices.index(below: blueprint.encryptedDataKeys.count + 1))
        }
    case 18:
        guard !blueprint.encryptionContext.isEmpty else { return }
        blueprint.encryptionContext.remove(at: choices.index(below: blueprint.encryptionContext.count))
    case 19: editEncryptionContextSizes(&blueprint, &choices)
    case 20: editSuite(&blueprint, &choices)
    case 21: editLayout(&blueprint, &choices)
    default: editSignature(&blueprint, &choices)
    }
}

/// Count or length of the encryption context, a little off.
private func editEncryptionContextSizes(_ blueprint: inout MessageBlueprint, _ choices: inout Choices) {
    let count = blueprint.encryptionContext.count
    let length = blueprint.encryptionContext.reduce(2) { $0 + 4 + $1.keyBytes.count + $1.valueBytes.count }
    let (field, right): (MessageField, Int) =
        choices.bool() ? (.encryptionContextCount, count) : (.encryptionContextLength, length)
    let value = choices.bool() ? 0 : right + choices.index(below: 5) - 2
    blueprint.overrides[field] = UInt16(truncatingIfNeeded: value).bigEndianBytes
}

/// Another suite than the one whose layout the message has, with that suite's keys; or keys of no derivation.
private func editSuite(_ blueprint: inout MessageBlueprint, _ choices: inout Choices) {
    let suite = AlgorithmSuite.all[choices.index(below: AlgorithmSuite.all.count)]
    if choices.bool() {
        blueprint.overrides[.algorithmSuiteID] = suite.id.bigEndianBytes
        let keys = try? DerivedKeys(blueprint.keys, suite: suite, messageID: blueprint.messageID)
        if let keys { blueprint.keys = .given(contentKey: keys.contentKey, commitment: keys.commitment) }
    } else {
        blueprint.keys = .given(
            contentKey: SecretBytes([UInt8](1...UInt8(blueprint.algorithmSuite.contentKeyLength.rawValue))),
            commitment: choices.bytes(blueprint.algorithmSuite.commitmentLength)
        )
    }
}

/// The header of the other version around the suite's own fields, which the reader would take if it did not look at the suite.
private func editLayout(_ blueprint: inout MessageBlueprint, _ choices: inout Choices) {
    if blueprint.algorithmSuite.messageFormatVersion == 1 {
        blueprint.overrides[.version] = [2]
        for field in [MessageField.type, .reserved, .ivLength] { blueprint.overrides[field] = [] }
        if choices.bool() { blueprint.overrides[.headerIV] = [] }
    } else {
        blueprint.overrides[.version] = [1]
        blueprint.overrides[.type] = [0x80]
        blueprint.overrides[.reserved] = [0, 0, 0, 0]
        blueprint.overrides[.ivLength] = [UInt8(AESGCM.ivLength)]
        if choices.bool() { blueprint.overrides[.headerIV] = blueprint.headerIV }
    }
    if choices.bool() { blueprint.messageID = choices.bytes(choices.bool() ? 16 : 32) }
}

/// A signature, or a public key, that belongs to something else.
private func editSignature(_ blueprint: inout MessageBlueprint, _ choices: inout Choices) {
    guard let keys = try? signers.get() else { return }
    let key = choices.bool() ? keys.p256 : keys.p384
    let flipped = choices.byte()
    switch choices.index(below: 5) {
    case 0: blueprint.footer = .none
    case 1: blueprint.footer = .signature(choices.bytes(choices.index(below: 80)))
    case 2:
        // Of another digest unless `flipped` is zero, or under another key.
        guard let hash = blueprint.algorithmSuite.signature?.hash else { return }
        blueprint.footer = .signer { digest in
            var digest = digest
            digest[0] ^= flipped
            return try key.sign(digest: digest.span, hash: hash)
        }
    case 3:
        let name = Array(EncryptionContext.publicKeyName.utf8)
        blueprint.encryptionContext.removeAll { $0.keyBytes == name }
        let others = (try? EncryptionContext(entries: blueprint.encryptionContext)) ?? [:]
        blueprint.encryptionContext = MessageBlueprint.wireOrder(others, publicKey: key.publicKey)
        guard choices.bool(), let hash = blueprint.algorithmSuite.signature?.hash else { return }
        blueprint.footer = .signer { try key.sign(digest: $0.span, hash: hash) }
    default: blueprint.overrides[.signatureLength] = UInt16(choices.byte()).bigEndianBytes
    }
}
