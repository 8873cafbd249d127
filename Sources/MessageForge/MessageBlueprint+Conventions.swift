package import AWSMaterialProviders
package import ESDKCrypto

/// What implementations do differently while all can read each other.
extension MessageBlueprint {
    /// How a plaintext is divided.
    package enum Framing: Sendable, Hashable {
        /// Frames of this length, at least 1.
        case framed(UInt32, FinalFrame)
        /// One block.
        case nonFramed

        /// What the final frame holds when the plaintext is an exact multiple of the frame length.
        package enum FinalFrame: String, Sendable, Hashable, CaseIterable {
            /// A full frame.
            case full
            /// Nothing: all plaintext is in regular frames.
            case empty
        }

        /// The content type in the header.
        package var contentType: UInt8 {
            switch self {
            case .framed: 2
            case .nonFramed: 1
            }
        }

        /// The frame length in the header.
        package var frameLength: UInt32 {
            switch self {
            case .framed(let length, _): length
            case .nonFramed: 0
            }
        }

        /// The frames of a plaintext of `plaintextLength` bytes, in the form of the specification otherwise.
        ///
        /// Sequence numbers wrap around where 32 bits do not suffice.
        package func frames(plaintextLength: Int) -> [Frame] {
            guard case .framed(let frameLength, let finalFrame) = self else {
                return [Frame(.singleBlock, sequenceNumber: 1, plaintextLength: plaintextLength)]
            }
            let length = max(Int(frameLength), 1)
            let held = finalFrame == .full ? max(plaintextLength - 1, 0) : plaintextLength
            var frames: [Frame] = []
            frames.reserveCapacity(held / length + 1)
            var number: UInt32 = 1
            for _ in 0..<held / length {
                frames.append(Frame(.regular, sequenceNumber: number, plaintextLength: length))
                number &+= 1
            }
            let rest = plaintextLength - frames.count * length
            frames.append(Frame(.final, sequenceNumber: number, plaintextLength: rest))
            return frames
        }
    }

    /// Where the public key of a signed message stands among the pairs of the header.
    package enum PublicKeyPlace: String, Sendable, Hashable, CaseIterable {
        /// Where the order of the keys' UTF-8 bytes puts it.
        case sorted
        /// After all others.
        case last
    }

    /// The pairs of a context as a header holds them: ascending by the bytes of the key.
    ///
    /// - Parameters:
    ///   - context: the pairs to be stored, without that of the public key.
    ///   - publicKey: the public key of a signed message.
    ///   - place: where its pair stands.
    package static func wireOrder(
        _ context: EncryptionContext,
        publicKey: ECPublicKey? = nil,
        place: PublicKeyPlace = .sorted
    ) -> [EncryptionContext.Entry] {
        guard let publicKey else { return context.entries }
        let pair = EncryptionContext.Entry(
            keyBytes: Array(EncryptionContext.publicKeyName.utf8),
            valueBytes: Array(Base64.encode(publicKey.compressedPoint).utf8)
        )
        var pairs = context.entries
        let index =
            place == .last
            ? nil : pairs.firstIndex { pair.keyBytes.lexicographicallyPrecedes($0.keyBytes) }
        pairs.insert(pair, at: index ?? pairs.endIndex)
        return pairs
    }

    /// Draws the IVs of the header (version 1) and of all frames, as the earliest Java client did.
    ///
    /// - Throws: `CryptoError` from the source.
    package mutating func randomizeIVs(from source: some RandomSource) throws(CryptoError) {
        if algorithmSuite.messageFormatVersion == 1 { headerIV = try source.bytes(AESGCM.ivLength) }
        for index in frames.indices { frames[index].iv = .bytes(try source.bytes(AESGCM.ivLength)) }
    }

    /// Gives the final frame the IV that the key commitment vectors 6 to 21 have: eight bytes FF and the number 1.
    package mutating func useCommitmentVectorFinalIV() {
        guard let last = frames.indices.last else { return }
        frames[last].iv = .bytes([UInt8](repeating: 0xFF, count: AESGCM.ivLength - 4) + [0, 0, 0, 1])
    }
}
