import AWSMaterialProviders
import ESDKCrypto

/// Checks the header of a message once its materials are there (client-apis/decrypt.md, Verify the header).
enum HeaderVerification {
    /// What the header was verified with.
    struct Outcome: ~Copyable {
        /// Holds the content key, and opens the body too: its key schedule is computed once.
        let opener: AESGCM.Opener
        /// Whether only the rules of ESDK-NET 4.0.0 fit.
        let neededNetV4_0_0Rules: Bool
    }

    /// Derives the content key, checks the commitment, and checks the tag over the bytes received.
    static func verify(
        _ header: MessageHeader,
        bytes: Span<UInt8>,
        materials: DecryptionMaterials,
        dataKey: SecretBytes,
        retryPolicy: NetV4_0_0RetryPolicy
    ) throws(EncryptionSDKError) -> Outcome {
        let keys = try MessageKeys(suite: header.algorithmSuite, dataKey: dataKey, messageID: header.messageID)
        guard constantTimeEquals(keys.commitment.span, header.commitment.span) else {
            throw EncryptionSDKError(
                .commitmentMismatch,
                "the key commitment in the header is not the one of the data key",
                at: .init(offset: UInt64(header.bodyLength - header.commitment.count), field: "Algorithm Suite Data")
            )
        }
        let body = bytes.extracting(..<header.bodyLength)
        let required = try materials.requiredEncryptionContext.serialized()
        var opener = try self.opener(for: header, key: keys.contentKey)
        if try isAuthentic(header, body: body, suffix: required, &opener) {
            return Outcome(opener: opener, neededNetV4_0_0Rules: false)
        }
        if retryPolicy == .allowRetry {
            // Both divergences of that release at once: its key derivation, and a count of zero for no required pairs.
            let retried = try MessageKeys(
                suite: header.algorithmSuite,
                dataKey: dataKey,
                messageID: header.messageID,
                rules: .netV4_0_0
            )
            let suffix = required.isEmpty ? [0, 0] : required
            var opener = try self.opener(for: header, key: retried.contentKey)
            if try isAuthentic(header, body: body, suffix: suffix, &opener) {
                return Outcome(opener: opener, neededNetV4_0_0Rules: true)
            }
        }
        throw EncryptionSDKError(
            .headerTagMismatch,
            "the header's tag does not verify: the header is damaged, or the required encryption context or the data key is another",
            at: .init(offset: UInt64(header.length - header.tag.count), field: "Authentication Tag")
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

    /// Whether the tag is the one of the empty text with `body` and `suffix` as additional data.
    private static func isAuthentic(
        _ header: MessageHeader,
        body: Span<UInt8>,
        suffix: [UInt8],
        _ opener: inout AESGCM.Opener
    ) throws(EncryptionSDKError) -> Bool {
        var additionalData = [UInt8](bytesOf: body)
        additionalData.append(contentsOf: suffix)
        let nothing: [UInt8] = []
        // An empty array without room of its own is one that all threads share, and appending writes to its count.
        var output: [UInt8] = []
        output.reserveCapacity(1)
        do {
            try output.append(addingCapacity: 0) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
                try opener.open(
                    nothing.span,
                    tag: header.tag.span,
                    iv: header.tagIV.span,
                    authenticating: additionalData.span,
                    appendingTo: &output
                )
            }
            return true
        } catch  where error.code == .authenticationFailed {
            return false
        } catch {
            throw EncryptionSDKError(unexpected: error)
        }
    }
}
