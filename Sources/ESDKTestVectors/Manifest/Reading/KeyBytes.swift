internal import ESDKCrypto

/// The encodings of keys in manifests.
enum KeyBytes {
    /// Decodes the bytes of an AES key or a data key.
    ///
    /// - Parameters:
    ///   - base64: Base64 text.
    ///   - bits: the stated length in bits, which must then be right.
    /// - Throws: a failure where it is not Base64, of another length than stated, or no AES key's length.
    static func decode(base64: String, bits: Int?) throws(TestProblem) -> [UInt8] {
        guard let bytes = Base64.decode(base64) else { throw .broken("the key is not Base64") }
        return try check(bytes, bits: bits)
    }

    /// Checks the length of an AES key or a data key.
    ///
    /// - Throws: a failure where it is of another length than stated, or no AES key's length.
    static func check(_ bytes: [UInt8], bits: Int?) throws(TestProblem) -> [UInt8] {
        if let bits, bytes.count * 8 != bits {
            throw .broken("the key has \(bytes.count * 8) bits, not \(bits) as stated")
        }
        guard [16, 24, 32].contains(bytes.count) else {
            throw .broken("the key has \(bytes.count) bytes, not 16, 24 or 32")
        }
        return bytes
    }

    /// An asymmetric key as it is encoded, not yet parsed.
    ///
    /// - Parameters:
    ///   - text: PEM, or Base64 of DER.
    ///   - encoding: `pem`, `base64` or `base64-der`.
    /// - Throws: a failure for another encoding, and where it is not Base64.
    static func keyText(_ text: String, encoding: String) throws(TestProblem) -> KeyText {
        switch encoding {
        case "pem": return .pem(text)
        case "base64", "base64-der":
            guard let bytes = Base64.decode(text) else { throw .broken("the key is not Base64") }
            return .der(bytes)
        default: throw .broken("the key is encoded as \(ManifestText.quoted(encoding)), not pem or base64-der")
        }
    }
}
