package import AWSMaterialProviders
package import ESDKCrypto

/// Everything that decides the bytes of a message: the same blueprint always gives the same bytes (see `MessageBuilder`).
///
/// Nothing is checked and nothing is put right: a blueprint may describe a message that no implementation writes and that every one
/// must refuse. Tags, and a signature that is made, are computed over the bytes as they are written, so such a message is wrong in
/// nothing but what was asked for. `init` fills in what the specification asks for; the conventions of other implementations are
/// the other values of the properties.
///
/// Lengths are those of what is written behind them. What the properties cannot say, `overrides` can: bytes for any one field.
package struct MessageBlueprint: Sendable {
    /// The suite whose cryptography seals the message; what stands in the header may be overridden.
    package var algorithmSuite: AlgorithmSuite
    /// Where content key and key commitment come from.
    package var keys: Keys
    /// 16 bytes in version 1, 32 in version 2; also part of the additional data of each frame.
    package var messageID: [UInt8]
    /// The stored pairs in the order of the header, the public key of a signed message among them.
    package var encryptionContext: [EncryptionContext.Entry]
    /// How no pairs are written.
    package var emptyContextForm: EmptyContextForm
    /// The encrypted data keys in the order of the header.
    package var encryptedDataKeys: [EncryptedDataKey]
    /// The content type: 1 for a non-framed body, 2 for frames.
    package var contentType: UInt8
    /// The frame length in the header; frames have the lengths of `frames`, whatever this says.
    package var frameLength: UInt32
    /// The IV of the header's tag: 12 bytes, which only version 1 writes.
    package var headerIV: [UInt8]
    /// What follows the header in the additional data of its tag: the serialized pairs that are authenticated and not stored.
    package var headerTagSuffix: [UInt8]
    /// The frames in the order of the body, or the single block of a non-framed body.
    package var frames: [Frame]
    /// The plaintext of all frames, one after the other.
    package var plaintext: [UInt8]
    /// The end of the message.
    package var footer: Footer
    /// Bytes that follow the end of the message.
    package var trailingBytes: [UInt8]
    /// Bytes to be written instead of those of a field; none to leave it out, or for a field that the message would not have to put it
    /// in.
    ///
    /// A length or count around an overridden field is that of the bytes written; what it says of itself is overridden by its own
    /// entry.
    package var overrides: [MessageField: [UInt8]]

    /// Where content key and key commitment come from.
    package enum Keys: Sendable {
        /// Both are derived from a data key.
        case dataKey(SecretBytes, KeyDerivationRules)
        /// Both are given; the commitment is empty where the suite has none.
        case given(contentKey: SecretBytes, commitment: [UInt8])
    }

    /// How no pairs are written.
    package enum EmptyContextForm: Sendable, Hashable {
        /// The length 0: two zero bytes in all.
        case zeroLength
        /// The length 2 and the count 0, as the earliest browser client did.
        case zeroCount
    }

    /// The end of the message.
    package enum Footer: Sendable {
        /// There is none: an unsigned message.
        case none
        /// A signature as it is, after its length.
        case signature([UInt8])
        /// A signature that is made from the digest, by the suite's hash, of everything before the footer.
        case signer(@Sendable (_ digest: [UInt8]) throws -> [UInt8])
    }

    /// A framed message in the form of the specification: sequence numbers as IVs, header IV zero, a full final frame on an exact
    /// multiple of the frame length.
    ///
    /// - Parameters:
    ///   - algorithmSuite: the suite.
    ///   - dataKey: as many bytes as the suite says.
    ///   - messageID: as many bytes as the suite says.
    ///   - encryptionContext: the stored pairs in the order of the header; see `wireOrder`.
    ///   - encryptedDataKeys: the encrypted data keys.
    ///   - plaintext: the plaintext.
    ///   - framing: how the plaintext is divided.
    ///   - footer: must fit the suite for a message that is to be read.
    package init(
        algorithmSuite: AlgorithmSuite,
        dataKey: SecretBytes,
        messageID: [UInt8],
        encryptionContext: [EncryptionContext.Entry],
        encryptedDataKeys: [EncryptedDataKey],
        plaintext: [UInt8],
        framing: Framing,
        footer: Footer = .none
    ) {
        self.algorithmSuite = algorithmSuite
        keys = .dataKey(dataKey, .specification)
        self.messageID = messageID
        self.encryptionContext = encryptionContext
        emptyContextForm = .zeroLength
        self.encryptedDataKeys = encryptedDataKeys
        contentType = framing.contentType
        frameLength = framing.frameLength
        headerIV = Self.zeroIV
        headerTagSuffix = []
        frames = framing.frames(plaintextLength: plaintext.count)
        self.plaintext = plaintext
        self.footer = footer
        trailingBytes = []
        overrides = [:]
    }

    /// A blueprint of all its parts.
    init(
        algorithmSuite: AlgorithmSuite,
        keys: Keys,
        messageID: [UInt8],
        encryptionContext: [EncryptionContext.Entry],
        emptyContextForm: EmptyContextForm,
        encryptedDataKeys: [EncryptedDataKey],
        contentType: UInt8,
        frameLength: UInt32,
        headerIV: [UInt8],
        headerTagSuffix: [UInt8],
        frames: [Frame],
        plaintext: [UInt8],
        footer: Footer,
        trailingBytes: [UInt8],
        overrides: [MessageField: [UInt8]]
    ) {
        self.algorithmSuite = algorithmSuite
        self.keys = keys
        self.messageID = messageID
        self.encryptionContext = encryptionContext
        self.emptyContextForm = emptyContextForm
        self.encryptedDataKeys = encryptedDataKeys
        self.contentType = contentType
        self.frameLength = frameLength
        self.headerIV = headerIV
        self.headerTagSuffix = headerTagSuffix
        self.frames = frames
        self.plaintext = plaintext
        self.footer = footer
        self.trailingBytes = trailingBytes
        self.overrides = overrides
    }

    /// Twelve zero bytes.
    package static let zeroIV = [UInt8](repeating: 0, count: AESGCM.ivLength)
}

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
