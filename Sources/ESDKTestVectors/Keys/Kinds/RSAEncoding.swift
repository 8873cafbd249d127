import AWSMaterialProviders
package import ESDKCrypto

/// The paddings of RSA encryption with their random part in the open (RFC 8017, sections 7.1.1 and 7.2.1): an encoded message can be
/// made with a given one, and the one of an encoded message recovered.
///
/// For test vectors only. Messages of users are padded by libcrypto.
package struct RSAEncoding: Sendable {
    /// The padding.
    package let padding: RSAPadding
    /// The length of the modulus, and of an encoded message, in bytes.
    package let modulusLength: Int

    /// An encoding.
    ///
    /// - Parameters:
    ///   - padding: the padding; OAEP has an empty label.
    ///   - modulusLength: the length of the modulus in bytes.
    package init(_ padding: RSAPadding, modulusLength: Int) {
        self.padding = padding
        self.modulusLength = modulusLength
    }

    /// How many random bytes the encoding of a message of `messageLength` bytes takes: an OAEP seed, or a PKCS #1 padding string,
    /// whose bytes must not be zero; nil when the message does not fit.
    package func randomLength(messageLength: Int) -> Int? {
        switch padding {
        case .pkcs1:
            let length = modulusLength - 3 - messageLength
            return length >= 8 ? length : nil
        case .oaep(let hash):
            return modulusLength - 2 * hash.outputLength - 2 >= messageLength ? hash.outputLength : nil
        }
    }

    /// Encodes a message with a given random part.
    ///
    /// - Parameters:
    ///   - message: the message.
    ///   - random: as many bytes as `randomLength` says.
    ///   - maskHash: the hash function of MGF1; nil for that of OAEP, which alone is right.
    /// - Returns: `modulusLength` bytes.
    /// - Throws: `CryptoError` with code `invalidLength` for a message that does not fit or a random part of another length.
    package func encode(
        _ message: SecretBytes,
        random: [UInt8],
        maskHash: HashAlgorithm? = nil
    ) throws(CryptoError) -> [UInt8] {
        guard randomLength(messageLength: message.count) == random.count else {
            throw CryptoError(.invalidLength, "the message or the random part of its padding has the wrong length")
        }
        switch padding {
        case .pkcs1:
            return [0, 2] + random + [0] + [UInt8](bytesOf: message.span)
        case .oaep(let hash):
            let nothing: [UInt8] = []
            var block = try Digest.hash(hash, of: nothing.span)
            let blockLength = modulusLength - hash.outputLength - 1
            block += [UInt8](repeating: 0, count: blockLength - block.count - 1 - message.count) + [1]
            block.append(bytesOf: message.span)
            let maskHash = maskHash ?? hash
            let maskedBlock = xor(block, try Self.mask(random, length: blockLength, hash: maskHash))
            let maskedSeed = xor(random, try Self.mask(maskedBlock, length: random.count, hash: maskHash))
            return [0] + maskedSeed + maskedBlock
        }
    }

    /// The random part that an encoded message of `messageLength` bytes was made with.
    ///
    /// Nothing else about the encoded message is checked: encoding the message again shows whether it fits.
    ///
    /// - Returns: nil when the encoded message has another length than the modulus, or a message of this length does not fit.
    /// - Throws: `CryptoError` from the hash function.
    package func random(in encoded: SecretBytes, messageLength: Int) throws(CryptoError) -> [UInt8]? {
        guard encoded.count == modulusLength, let length = randomLength(messageLength: messageLength) else {
            return nil
        }
        let bytes = [UInt8](bytesOf: encoded.span)
        switch padding {
        case .pkcs1:
            return Array(bytes[2..<2 + length])
        case .oaep(let hash):
            let maskedBlock = Array(bytes[(1 + length)...])
            return xor(Array(bytes[1..<1 + length]), try Self.mask(maskedBlock, length: length, hash: hash))
        }
    }

    /// The mask generation function MGF1 (RFC 8017, appendix B.2.1).
    private static func mask(_ seed: [UInt8], length: Int, hash: HashAlgorithm) throws(CryptoError) -> [UInt8] {
        var mask: [UInt8] = []
        var counter: UInt32 = 0
        while mask.count < length {
            let input = seed + counter.bigEndianBytes
            mask += try Digest.hash(hash, of: input.span)
            counter += 1
        }
        return Array(mask.prefix(length))
    }

    private func xor(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { zip(left, right).map { $0 ^ $1 } }
}
