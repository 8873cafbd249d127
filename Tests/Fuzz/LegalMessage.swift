import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import MessageForge

/// What makes a message illegal, judged without the library: from the dissected fields, and from a message built anew of them.
func fault(of message: [UInt8], plaintext: [UInt8], _ dataKey: SecretBytes) -> String? {
    let parts: DissectedMessage
    do { parts = try MessageDissector.dissect(message) } catch { return "\(error)" }
    guard let suite = parts.knownSuite else { return "there is no such suite" }
    guard suite.messageFormatVersion == parts.version else { return "the suite is one of the other version" }
    guard suite.dataKeyLength == dataKey.count else { return "the suite has data keys of another length" }
    guard !parts.encryptedDataKeys.isEmpty else { return "there is no encrypted data key" }
    guard Set(parts.encryptionContext.map(\.keyBytes)).count == parts.encryptionContext.count else {
        return "a key of the encryption context stands twice"
    }
    guard parts.encryptionContext.allSatisfy({ isText($0.keyBytes) && isText($0.valueBytes) }) else {
        return "the encryption context is not UTF-8"
    }
    if let fault = faultOfBody(parts) { return fault }
    if let fault = faultOfSignature(parts, message) { return fault }
    let blueprint = parts.blueprint(
        keys: .dataKey(dataKey, .specification),
        plaintext: plaintext,
        headerTagSuffix: []
    )
    do {
        return try MessageBuilder.build(blueprint).bytes == message ? nil : "a message built of its fields is another"
    } catch { return "no message can be built of its fields: \(error)" }
}

private func isText(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

private func faultOfBody(_ parts: DissectedMessage) -> String? {
    guard parts.contentType == 2 else {
        return parts.frameLength == 0 ? nil : "a non-framed message has a frame length"
    }
    guard parts.frameLength > 0 else { return "the frame length is zero" }
    for (index, frame) in parts.frames.enumerated() {
        guard frame.sequenceNumber == UInt32(index + 1) else { return "frame \(index) is out of order" }
        guard frame.plaintextLength <= Int(parts.frameLength) else { return "the final frame is too long" }
    }
    return nil
}

private func faultOfSignature(_ parts: DissectedMessage, _ message: [UInt8]) -> String? {
    let name = Array(EncryptionContext.publicKeyName.utf8)
    let text = parts.encryptionContext.first { $0.keyBytes == name }?.valueBytes
    guard let scheme = parts.algorithmSuite.signature else {
        return text == nil ? nil : "an unsigned message holds a public key"
    }
    guard let text, let point = Base64.decode(text.span),
        let key = try? ECPublicKey(compressedPoint: point.span, curve: scheme.curve)
    else { return "there is no public key" }
    guard let signature = parts.signature else { return "there is no signature" }
    let signed = Array(message.dropLast(signature.count + 2))
    guard let digest = try? Digest.hash(scheme.hash, of: signed.span),
        (try? key.verify(signature.span, digest: digest.span, hash: scheme.hash)) == true
    else { return "the signature is not that of the message" }
    return nil
}

/// Has one data key, which it wraps in nothing and takes any encrypted data key for.
struct DataKeyring: Keyring {
    let dataKey: SecretBytes

    var description: String { "the data key itself" }

    func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
        let wrapped = EncryptedDataKey(keyProviderID: [0x61], keyProviderInfo: [0x62], ciphertext: [1])
        return try materials.settingDataKey(dataKey).adding(wrapped)
    }

    func onDecrypt(_ materials: DecryptionMaterials, encryptedDataKeys: [EncryptedDataKey]) async throws
        -> DecryptionMaterials
    {
        try materials.settingDataKey(dataKey, fromEncryptedDataKey: 0, by: description)
    }
}
