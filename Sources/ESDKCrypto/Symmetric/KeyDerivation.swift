/// The HMAC-based extract-and-expand key derivation function (RFC 5869).
///
/// A value holds the pseudorandom key, as one context of libcrypto's that serves all steps.
package struct HKDF: ~Copyable {
    private let hash: HashAlgorithm
    /// Keyed with the pseudorandom key.
    private let context: MACContext
    /// Whether the context has given a code, and is to be restarted before the next one.
    private var isUsed = false

    /// Concentrates keying material into a pseudorandom key (RFC 5869, section 2.2).
    ///
    /// - Parameters:
    ///   - hash: the hash function.
    ///   - salt: the salt; nil or empty means as many zero bytes as a digest is long.
    ///   - keyMaterial: the input keying material.
    /// - Throws: ``CryptoError`` with code `unsupported` or `libraryFailure`.
    package init(_ hash: HashAlgorithm, salt: Span<UInt8>?, keyMaterial: Span<UInt8>) throws(CryptoError) {
        let context = try Self.extracting(hash, salt: salt, keyMaterial: keyMaterial)
        try context.withCode(of: hash) { (pseudorandomKey) throws(CryptoError) in
            try context.restart(key: pseudorandomKey)
        }
        self.hash = hash
        self.context = context
    }

    private init(_ hash: HashAlgorithm, pseudorandomKey: SecretBytes) throws(CryptoError) {
        self.hash = hash
        context = try MACContext(hash, key: pseudorandomKey.span)
    }

    private static func extracting(
        _ hash: HashAlgorithm,
        salt: Span<UInt8>?,
        keyMaterial: Span<UInt8>
    ) throws(CryptoError) -> MACContext {
        let context: MACContext
        if let salt, !salt.isEmpty {
            context = try MACContext(hash, key: salt)
        } else {
            // HMAC fills a short key up with zeros.
            let nothing: [UInt8] = []
            context = try MACContext(hash, key: nothing.span)
        }
        try context.update(keyMaterial)
        return context
    }

    /// Expands the pseudorandom key to the wanted length (RFC 5869, section 2.3).
    ///
    /// - Parameters:
    ///   - info: what binds the output to its purpose; may be empty.
    ///   - output: receives as many bytes as it has room for: 1 to 255 × the length of a digest.
    /// - Throws: ``CryptoError`` with code `invalidLength` or `libraryFailure`.
    package mutating func expand(info: Span<UInt8>, filling output: inout OutputSpan<UInt8>) throws(CryptoError) {
        guard (1...(255 * hash.outputLength)).contains(output.freeCapacity) else {
            throw CryptoError(
                .invalidLength,
                "HKDF gives 1 to \(255 * hash.outputLength) bytes with this hash, not \(output.freeCapacity)"
            )
        }
        var counter: UInt8 = 1
        if isUsed { try context.restart() }
        isUsed = true
        while true {
            try context.update(info)
            try context.update(CollectionOfOne(counter).span)
            try context.withCode(of: hash) { (block) throws(CryptoError) in
                try output.appendBytes(block.extracting(first: output.freeCapacity))
                guard output.freeCapacity > 0 else { return }
                try context.restart()
                try context.update(block)
            }
            guard output.freeCapacity > 0 else { return }
            counter += 1  // at most 255, as the length was checked
        }
    }

    /// Expands the pseudorandom key to a key.
    ///
    /// - Parameters:
    ///   - info: what binds the output to its purpose; may be empty.
    ///   - outputLength: 1 to 255 × the length of a digest.
    /// - Returns: `outputLength` bytes.
    /// - Throws: ``CryptoError`` with code `invalidLength` or `libraryFailure`.
    package mutating func expand(info: Span<UInt8>, outputLength: Int) throws(CryptoError) -> SecretBytes {
        // Memory is not asked for before the length has been checked.
        try SecretBytes(count: min(max(outputLength, 0), 255 * hash.outputLength + 1)) {
            (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try expand(info: info, filling: &output)
        }
    }
}

extension HKDF {
    /// The pseudorandom key by itself.
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
        let context = try extracting(hash, salt: salt, keyMaterial: keyMaterial)
        return try SecretBytes(count: hash.outputLength) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try context.finish(hash.outputLength, appendingTo: &output)
        }
    }

    /// Expands a pseudorandom key that is there.
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
        var derivation = try HKDF(hash, pseudorandomKey: pseudorandomKey)
        return try derivation.expand(info: info, outputLength: outputLength)
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
        var derivation = try HKDF(hash, salt: salt, keyMaterial: keyMaterial)
        return try derivation.expand(info: info, outputLength: outputLength)
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
        let context = try MACContext(hash, key: key)
        return try SecretBytes(count: outputLength) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            var counter: UInt32 = 1
            while true {
                try context.update(bigEndian(counter).span)
                try context.update(fixedData)
                try context.withCode(of: hash) { (block) throws(CryptoError) in
                    try output.appendBytes(block.extracting(first: output.freeCapacity))
                }
                guard output.freeCapacity > 0 else { return }
                counter += 1
                try context.restart()
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
