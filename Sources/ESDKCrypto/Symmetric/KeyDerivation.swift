/// The HMAC-based extract-and-expand key derivation function (RFC 5869).
package enum HKDF {
    /// Concentrates keying material into a pseudorandom key (RFC 5869, section 2.2).
    ///
    /// - Parameters:
    ///   - hash: the hash function.
    ///   - salt: the salt; nil or empty means as many zero bytes as a digest is long.
    ///   - keyMaterial: the input keying material.
    /// - Returns: `hash.outputLength` bytes.
    /// - Throws: ``CryptoError`` with code `unsupported` or `libraryFailure`.
    package static func extract(
        _ hash: HashAlgorithm,
        salt: Span<UInt8>?,
        keyMaterial: Span<UInt8>
    ) throws(CryptoError) -> SecretBytes {
        if let salt, !salt.isEmpty {
            return try HMAC.authenticationCode(hash, for: keyMaterial, key: salt)
        }
        let zeros = [UInt8](repeating: 0, count: hash.outputLength)
        return try HMAC.authenticationCode(hash, for: keyMaterial, key: zeros.span)
    }

    /// Expands a pseudorandom key to the wanted length (RFC 5869, section 2.3).
    ///
    /// - Parameters:
    ///   - hash: the hash function.
    ///   - pseudorandomKey: the result of ``extract(_:salt:keyMaterial:)``.
    ///   - info: what binds the output to its purpose; may be empty.
    ///   - outputLength: 1 to 255 × `hash.outputLength` bytes.
    /// - Returns: `outputLength` bytes.
    /// - Throws: ``CryptoError`` with code `invalidLength`, `unsupported` or `libraryFailure`.
    package static func expand(
        _ hash: HashAlgorithm,
        pseudorandomKey: SecretBytes,
        info: Span<UInt8>,
        outputLength: Int
    ) throws(CryptoError) -> SecretBytes {
        guard (1...(255 * hash.outputLength)).contains(outputLength) else {
            throw CryptoError(
                .invalidLength,
                "HKDF gives 1 to \(255 * hash.outputLength) bytes with this hash, not \(outputLength)"
            )
        }
        if outputLength <= hash.outputLength {
            // One block, as nearly always: the keyed state need not be kept.
            var code = try HMAC(hash, key: pseudorandomKey.span)
            try code.update(info)
            try code.update(CollectionOfOne(1 as UInt8).span)
            let block = try code.finalize()
            return block.count == outputLength ? block : SecretBytes(copying: block.span.extracting(..<outputLength))
        }
        let keyed = try HMAC(hash, key: pseudorandomKey.span)
        return try SecretBytes(count: outputLength) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            var previous: SecretBytes?
            var counter: UInt8 = 0
            while output.freeCapacity > 0 {
                counter += 1  // at most 255, as the length was checked
                var code = try keyed.duplicate()
                if let previous { try code.update(previous.span) }
                try code.update(info)
                try code.update(CollectionOfOne(counter).span)
                let block = try code.finalize()
                try output.appendBytes(block.span.extracting(first: output.freeCapacity))
                previous = block
            }
        }
    }

    /// Extracts and expands (RFC 5869, section 2).
    ///
    /// - Parameters:
    ///   - hash: the hash function.
    ///   - salt: the salt; nil or empty means as many zero bytes as a digest is long.
    ///   - keyMaterial: the input keying material.
    ///   - info: what binds the output to its purpose; may be empty.
    ///   - outputLength: 1 to 255 × `hash.outputLength` bytes.
    /// - Returns: `outputLength` bytes.
    /// - Throws: ``CryptoError`` with code `invalidLength`, `unsupported` or `libraryFailure`.
    package static func derive(
        _ hash: HashAlgorithm,
        salt: Span<UInt8>?,
        keyMaterial: Span<UInt8>,
        info: Span<UInt8>,
        outputLength: Int
    ) throws(CryptoError) -> SecretBytes {
        let pseudorandomKey = try extract(hash, salt: salt, keyMaterial: keyMaterial)
        return try expand(hash, pseudorandomKey: pseudorandomKey, info: info, outputLength: outputLength)
    }
}

/// Key derivation in counter mode with HMAC as the pseudorandom function (NIST SP 800-108, section 4.1).
///
/// The counter has 32 bits and precedes the fixed data.
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
