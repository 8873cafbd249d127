import AWSMaterialProviders
import ESDKCrypto

/// Checks the header of a message once its materials are there (client-apis/decrypt.md, Verify the header).
enum HeaderVerification {
    /// What the header was verified with.
    struct Outcome: ~Copyable {
        /// Holds the content key, and opens the body too: its key schedule is computed once.
        let opener: AESGCM.Opener
        /// The content key, for what opens frames beside `opener`.
        let contentKey: SecretBytes
        /// Whether only the rules of ESDK-NET 4.0.0 fit.
        let neededNetV4_0_0Rules: Bool
    }

    // spec: decrypt/verify-the-header
    /// Derives the content key, checks the commitment, and checks the tag over the bytes received.
    static func verify(
        _ header: MessageHeader,
        bytes: Span<UInt8>,
        materials: DecryptionMaterials,
        dataKey: SecretBytes,
        retryPolicy: NetV4_0_0RetryPolicy
    ) throws(EncryptionSDKError) -> Outcome {
        let required = try materials.requiredEncryptionContext.serialized()
        for rules in retryPolicy.rules {
            let keys = try MessageKeys(
                suite: header.algorithmSuite,
                dataKey: dataKey,
                messageID: header.messageID,
                rules: rules
            )
            guard constantTimeEquals(keys.commitment.span, header.commitment.span) else {
                throw EncryptionSDKError(
                    .commitmentMismatch,
                    "the key commitment in the header does not match the data key: the message was made for a different data key",
                    at: .init(
                        offset: UInt64(header.authenticatedLength - header.commitment.count),
                        field: HeaderField.commitment.rawValue
                    )
                )
            }
            var opener = try opener(for: header, key: keys.contentKey)
            let suffix = rules.headerSuffix(required)
            let fields = bytes.extracting(..<header.authenticatedLength)
            let isAuthentic =
                suffix.isEmpty
                ? try isAuthentic(header, fields, &opener)
                : try isAuthentic(header, ([UInt8](bytesOf: fields) + suffix).span, &opener)
            if isAuthentic {
                return Outcome(
                    opener: opener,
                    contentKey: keys.contentKey,
                    neededNetV4_0_0Rules: rules == .netV4_0_0
                )
            }
        }
        throw EncryptionSDKError(
            .headerTagMismatch,
            "the header's tag does not verify: the header was altered, or it was made with a different data key or a different required "
                + "encryption context",
            at: .init(offset: UInt64(header.length - header.tag.count), field: HeaderField.tag.rawValue)
        )
    }

    private static func opener(
        for header: MessageHeader,
        key: SecretBytes
    ) throws(EncryptionSDKError) -> AESGCM.Opener {
        do {
            return try AESGCM.Opener(header.algorithmSuite.contentKeyLength, key: key.span)
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }

    /// Whether the tag is the one of the empty text with this additional data.
    private static func isAuthentic(
        _ header: MessageHeader,
        _ additionalData: Span<UInt8>,
        _ opener: inout AESGCM.Opener
    ) throws(EncryptionSDKError) -> Bool {
        let nothing: [UInt8] = []
        var output = OutputSpan<UInt8>()
        do {
            try opener.open(
                nothing.span,
                tag: header.tag.span,
                iv: header.tagIV.span,
                authenticating: additionalData,
                appendingTo: &output
            )
            return true
        } catch  where error.code == .authenticationFailed {
            return false
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }
}
