/// Key derivation in counter mode with HMAC as the pseudorandom function (NIST SP 800-108, section 4.1).
///
/// The counter has 32 bits and stands before the fixed data.
package enum CounterModeKDF {
    /// Derives a key from a key, a label and a context.
    ///
    /// The fixed data is label ‖ 00 ‖ context ‖ the output length in bits as a 32-bit integer.
    ///
    /// - Parameters:
    ///   - hash: the hash function of HMAC.
    ///   - key: the key-derivation key.
    ///   - label: the purpose of the derived key.
    ///   - context: what the derived key is bound to.
    ///   - outputLength: at least 1 byte; the length in bits must fit into 32 bits.
    /// - Returns: `outputLength` bytes.
    /// - Throws: ``CryptoError`` with code `invalidLength`, `unsupported` or `libraryFailure`.
    package static func derive(
        _ hash: HashAlgorithm,
        key: Span<UInt8>,
        label: Span<UInt8>,
        context: Span<UInt8>,
        outputLength: Int
    ) throws(CryptoError) -> SecretBytes {
        try checkLength(outputLength)
        let capacity = label.count + context.count + 5
        let fixedData = try [UInt8](capacity: capacity) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try output.appendBytes(label)
            output.append(0)
            try output.appendBytes(context)
            try output.appendBytes(bigEndian(UInt32(outputLength * 8)).span)
        }
        return try derive(hash, key: key, fixedData: fixedData.span, outputLength: outputLength)
    }

    /// Derives a key from a key and fixed data whose form the caller decides.
    ///
    /// - Parameters:
    ///   - hash: the hash function of HMAC.
    ///   - key: the key-derivation key.
    ///   - fixedData: what follows the counter in each block.
    ///   - outputLength: at least 1 byte; the length in bits must fit into 32 bits.
    /// - Returns: `outputLength` bytes.
    /// - Throws: ``CryptoError`` with code `invalidLength`, `unsupported` or `libraryFailure`.
    package static func derive(
        _ hash: HashAlgorithm,
        key: Span<UInt8>,
        fixedData: Span<UInt8>,
        outputLength: Int
    ) throws(CryptoError) -> SecretBytes {
        try checkLength(outputLength)
        let keyed = try HMAC(hash, key: key)
        return try SecretBytes(count: outputLength) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            var counter: UInt32 = 0
            while output.freeCapacity > 0 {
                counter += 1
                var code = try keyed.duplicate()
                try code.update(bigEndian(counter).span)
                try code.update(fixedData)
                let block = try code.finalize()
                try output.appendBytes(block.span.extracting(first: output.freeCapacity))
            }
        }
    }

    private static func checkLength(_ outputLength: Int) throws(CryptoError) {
        guard (1...(Int(UInt32.max) / 8)).contains(outputLength) else {
            throw CryptoError(.invalidLength, "a counter-mode KDF cannot give \(outputLength) bytes")
        }
    }

    private static func bigEndian(_ value: UInt32) -> InlineArray<4, UInt8> {
        [UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
    }
}
