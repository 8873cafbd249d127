internal import COpenSSL

extension ECPrivateKey {
    /// The key of a given number.
    ///
    /// - Parameters:
    ///   - scalar: `curve.fieldLength` bytes, from 1 to the order − 1, most significant byte first.
    ///   - curve: the curve.
    /// - Throws: ``CryptoError`` with code `invalidKey`.
    package init(scalar: SecretBytes, curve: EllipticCurve) throws(CryptoError) {
        guard scalar.count == curve.fieldLength else {
            throw CryptoError(.invalidKey, "a private key of this curve has \(curve.fieldLength) bytes")
        }
        // ECPrivateKey of RFC 5915: libcrypto computes the public half. No length reaches 128.
        let identifier = [0x06, UInt8(curve.objectIdentifier.count)] + curve.objectIdentifier
        let parameters = [0xA0, UInt8(identifier.count)] + identifier
        let prefix: [UInt8] = [0x02, 0x01, 0x01, 0x04, UInt8(scalar.count)]
        let header = [0x30, UInt8(prefix.count + scalar.count + parameters.count)] + prefix
        let encoded = try SecretBytes(count: header.count + scalar.count + parameters.count) {
            (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try output.appendBytes(header.span)
            try output.appendBytes(scalar.span)
            try output.appendBytes(parameters.span)
        }
        let key = try LibraryKey(privateKey: EVP_PKEY_EC, der: encoded.span)
        try key.checkConsistency()
        try self.init(key, curve: curve)
    }
}
