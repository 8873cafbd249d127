package import AWSMaterialProviders

/// A message taken apart: what stands in its fields, and where they lie.
///
/// Nothing about it has been authenticated.
package struct DissectedMessage: Sendable {
    /// Where the fields lie.
    package internal(set) var layout = MessageLayout()
    /// The algorithm suite.
    package internal(set) var algorithmSuite = AlgorithmSuite.aes128GCM
    /// The message id.
    package internal(set) var messageID: [UInt8] = []
    /// The stored pairs in the order of the header.
    package internal(set) var encryptionContext: [EncryptionContext.Entry] = []
    /// How no pairs are written.
    package internal(set) var emptyContextForm = MessageBlueprint.EmptyContextForm.zeroLength
    /// The encrypted data keys in the order of the header.
    package internal(set) var encryptedDataKeys: [EncryptedDataKey] = []
    /// The content type: 1 for a non-framed body, 2 for frames.
    package internal(set) var contentType: UInt8 = 0
    /// The frame length in the header.
    package internal(set) var frameLength: UInt32 = 0
    /// The key commitment; none in version 1.
    package internal(set) var commitment: [UInt8] = []
    /// The IV of the header's tag; zero in version 2, where it is not on the wire.
    package internal(set) var headerIV = MessageBlueprint.zeroIV
    /// The frames, or the single block of a non-framed body; lengths are those of the encrypted content.
    package internal(set) var frames: [MessageBlueprint.Frame] = []
    /// The signature; nil for an unsigned message.
    package internal(set) var signature: [UInt8]?

    /// The blueprint of this message, given what its bytes do not tell.
    ///
    /// - Parameters:
    ///   - keys: where content key and key commitment come from.
    ///   - plaintext: the plaintext of all frames.
    ///   - headerTagSuffix: what follows the header in the additional data of its tag.
    package func blueprint(
        keys: MessageBlueprint.Keys,
        plaintext: [UInt8],
        headerTagSuffix: [UInt8]
    ) -> MessageBlueprint {
        MessageBlueprint(
            algorithmSuite: algorithmSuite,
            keys: keys,
            messageID: messageID,
            encryptionContext: encryptionContext,
            emptyContextForm: emptyContextForm,
            encryptedDataKeys: encryptedDataKeys,
            contentType: contentType,
            frameLength: frameLength,
            headerIV: headerIV,
            headerTagSuffix: headerTagSuffix,
            frames: frames,
            plaintext: plaintext,
            footer: signature.map { .signature($0) } ?? .none,
            trailingBytes: [],
            overrides: [:]
        )
    }
}
