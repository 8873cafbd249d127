internal import COpenSSL

extension LibraryKey {
    /// The PrivateKeyInfo (PKCS #8) of a private key.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    func privateKeyInfo() throws(CryptoError) -> SecretBytes {
        let failure = "the private key cannot be encoded"
        guard let info = unsafe EVP_PKEY2PKCS8(pointer) else { throw ErrorQueue.take(.libraryFailure, failure) }
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
        let length = Int(unsafe i2d_PKCS8_PRIV_KEY_INFO(info, nil))
        guard length > 0 else { throw ErrorQueue.take(.libraryFailure, failure) }
        return try SecretBytes(count: length) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            let written = unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                var position = buffer.baseAddress
                initialized = Int(unsafe i2d_PKCS8_PRIV_KEY_INFO(info, &position))
                return initialized
            }
            guard written == length else { throw ErrorQueue.take(.libraryFailure, failure) }
        }
    }
}

/// Writes keys as PEM (RFC 7468), of which nothing but the result stays behind.
enum PEMWriter {
    private static let lineLength = 64

    static func privateKey(_ key: LibraryKey) throws(CryptoError) -> SecretBytes {
        // A span of the call's result itself breaks the compiler of Swift 6.3.1.
        let encoded = try key.privateKeyInfo()
        return text("PRIVATE KEY", encoded.span)
    }

    static func publicKey(_ key: LibraryKey) throws(CryptoError) -> SecretBytes {
        let encoded = try key.subjectPublicKeyInfo()
        return text("PUBLIC KEY", encoded.span)
    }

    private static func text(_ label: String, _ der: Span<UInt8>) -> SecretBytes {
        let (first, last) = (Array("-----BEGIN \(label)-----\n".utf8), Array("-----END \(label)-----\n".utf8))
        // A line of text stands for three quarters as many bytes.
        let lineBytes = lineLength / 4 * 3
        let lineCount = (der.count + lineBytes - 1) / lineBytes
        let length = first.count + Base64.encodedLength(of: der.count) + lineCount + last.count
        return SecretBytes(count: length) { output in
            for byte in first { output.append(byte) }
            for start in stride(from: 0, to: der.count, by: lineBytes) {
                let line = der.extracting(start..<min(start + lineBytes, der.count))
                Base64.encode(line, appendingTo: &output)
                output.append(UInt8(ascii: "\n"))
            }
            for byte in last { output.append(byte) }
        }
    }
}
