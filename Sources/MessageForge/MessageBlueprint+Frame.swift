import ESDKCrypto

extension MessageBlueprint {
    /// A frame, or a non-framed body.
    package struct Frame: Sendable {
        /// How it is laid out.
        package var kind: Kind
        /// On the wire, in the IV where that follows it, and in the additional data; a non-framed body has none on the wire, and 1 in
        /// the others.
        package var sequenceNumber: UInt32
        /// The IV, on the wire and for sealing.
        package var iv: IV
        /// How many bytes of the plaintext it takes.
        package var plaintextLength: Int
        /// The length on the wire of a final frame and of a non-framed body; nil for the right one.
        package var announcedContentLength: UInt64?
        /// The additional data; nil for the right one.
        package var additionalData: [UInt8]?

        /// How a frame is laid out, and what its additional data calls it (data-format/message-body-aad.md).
        package enum Kind: String, Sendable, Hashable, CaseIterable {
            /// A frame of the frame length that another one follows.
            case regular = "AWSKMSEncryptionClient Frame"
            /// The last frame.
            case final = "AWSKMSEncryptionClient Final Frame"
            /// A non-framed body.
            case singleBlock = "AWSKMSEncryptionClient Single Block"
        }

        /// The IV of a frame.
        package enum IV: Sendable, Hashable {
            /// Eight zero bytes and the sequence number.
            case sequenceNumber
            /// These 12 bytes.
            case bytes([UInt8])
        }

        /// A frame in the form of the specification.
        package init(_ kind: Kind, sequenceNumber: UInt32, plaintextLength: Int) {
            self.kind = kind
            self.sequenceNumber = sequenceNumber
            iv = .sequenceNumber
            self.plaintextLength = plaintextLength
        }

        /// The IV as bytes.
        package var ivBytes: [UInt8] {
            switch iv {
            case .bytes(let bytes): bytes
            case .sequenceNumber:
                [UInt8](repeating: 0, count: AESGCM.ivLength - 4) + sequenceNumber.bigEndianBytes
            }
        }

        /// The additional data of a frame (data-format/message-body-aad.md).
        ///
        /// - Parameters:
        ///   - kind: what the frame is called.
        ///   - messageID: the message id.
        ///   - sequenceNumber: the sequence number; 1 for a non-framed body.
        ///   - contentLength: the length of the content in bytes.
        package static func additionalData(
            _ kind: Kind,
            messageID: [UInt8],
            sequenceNumber: UInt32,
            contentLength: UInt64
        ) -> [UInt8] {
            messageID + Array(kind.rawValue.utf8) + sequenceNumber.bigEndianBytes + contentLength.bigEndianBytes
        }
    }
}
