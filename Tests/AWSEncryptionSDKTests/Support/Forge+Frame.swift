import ESDKCrypto

extension Forge {
    /// A frame, or a non-framed body.
    struct Frame {
        enum Kind: String, CaseIterable {
            case regular = "AWSKMSEncryptionClient Frame"
            case final = "AWSKMSEncryptionClient Final Frame"
            case singleBlock = "AWSKMSEncryptionClient Single Block"
        }

        /// How it is laid out.
        var kind: Kind
        var plaintext: [UInt8]
        /// On the wire; a non-framed body has none there.
        var sequenceNumber: UInt32
        var iv: [UInt8]
        /// On the wire, for a final frame and a non-framed body; nil for the right one.
        var contentLength: UInt64?

        // The additional data.
        var sealedAs: Kind
        var sealedSequenceNumber: UInt32
        /// Nil for the right one.
        var sealedContentLength: UInt64?
        /// Nil for the header's.
        var sealedMessageID: [UInt8]?

        init(_ kind: Kind, _ sequenceNumber: UInt32, _ plaintext: [UInt8]) {
            self.kind = kind
            self.plaintext = plaintext
            self.sequenceNumber = sequenceNumber
            iv = [0, 0, 0, 0, 0, 0, 0, 0] + sequenceNumber.bytes
            sealedAs = kind
            sealedSequenceNumber = sequenceNumber
        }

        /// The same frame with another number everywhere: wire, IV and additional data.
        func renumbered(_ number: UInt32) -> Frame {
            var frame = self
            frame.sequenceNumber = number
            frame.iv = [0, 0, 0, 0, 0, 0, 0, 0] + number.bytes
            frame.sealedSequenceNumber = number
            return frame
        }

        func sealed(_ sealer: inout AESGCM.Sealer, messageID: [UInt8]) throws -> [UInt8] {
            var bytes: [UInt8] = []
            switch kind {
            case .regular: bytes += sequenceNumber.bytes + iv
            case .final:
                let length = contentLength.map { UInt32(truncatingIfNeeded: $0) } ?? UInt32(plaintext.count)
                bytes += [0xFF, 0xFF, 0xFF, 0xFF] + sequenceNumber.bytes + iv + length.bytes
            case .singleBlock: bytes += iv + (contentLength ?? UInt64(plaintext.count)).bytes
            }
            let additionalData =
                (sealedMessageID ?? messageID) + Array(sealedAs.rawValue.utf8) + sealedSequenceNumber.bytes
                + (sealedContentLength ?? UInt64(plaintext.count)).bytes
            return bytes + (try sealer.sealed(plaintext, iv: iv, additionalData: additionalData))
        }
    }
}

extension AESGCM.Sealer {
    /// Ciphertext and tag.
    mutating func sealed(_ plaintext: [UInt8], iv: [UInt8], additionalData: [UInt8]) throws -> [UInt8] {
        try [UInt8](capacity: plaintext.count + AESGCM.tagLength) { (output: inout OutputSpan<UInt8>) throws in
            try seal(plaintext.span, iv: iv.span, authenticating: additionalData.span, appendingTo: &output)
        }
    }
}
