import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import MessageForge

/// Something about a message that a reader may want to know.
package struct InspectionFinding: Sendable, Hashable {
    /// How much it matters.
    package enum Weight: String, Sendable, CaseIterable {
        /// No conforming implementation opens the message.
        case fault
        /// The message departs from what the specification's writer does; every reader takes it.
        case oddity
        /// Something to keep in mind.
        case note
    }

    /// How much it matters.
    package let weight: Weight
    /// What it is, in words.
    package let text: String
    /// Where, in bytes from the start of the message.
    package let offset: Int?

    init(_ weight: Weight, _ text: String, at offset: Int? = nil) {
        self.weight = weight
        self.text = text
        self.offset = offset
    }

    static func all(
        of message: DissectedMessage,
        _ producer: ProducerGuess?,
        refusal: EncryptionSDKError?,
        damage: DissectionError?
    ) -> [InspectionFinding] {
        guard let suite = message.knownSuite else { return [] }
        var findings: [InspectionFinding] = []
        // A truncation is the damage that is told anyway.
        if let refusal, refusal.code != .truncatedMessage {
            findings.append(Self(.fault, refusal.reason, at: refusal.place?.offset.map(Int.init(clamping:))))
        }
        if let damage { findings.append(Self(.fault, "\(damage.field): \(damage.reason)", at: damage.offset)) }
        findings += ofContext(message, producer)
        findings += ofBody(message)
        let start = { message.layout.range(of: $0)?.lowerBound }
        for convention in MessageConvention.found(in: message) {
            switch convention {
            case .headerIV: findings.append(Self(.oddity, "the IV of the header is not zero", at: start(.headerIV)))
            case .frameIVs, .finalFrameIV:
                findings.append(Self(.oddity, "\(convention)", at: message.body?.offset))
            case .signatureLength(let length):
                findings.append(
                    Self(
                        .oddity,
                        "the signature has \(length) bytes; most implementations write \(length > 80 ? 103 : 71)",
                        at: start(.signatureLength)
                    )
                )
            default: break
            }
        }
        if !suite.isCommitting {
            findings.append(
                Self(
                    .note,
                    "suite \(suite.idText) has no key commitment: a policy that requires it for decryption refuses the message"
                )
            )
        }
        return findings.sorted { ($0.offset ?? .max) < ($1.offset ?? .max) }
    }

    // MARK: - Context

    /// Whether JavaScript may have bound the data key to the pairs in another order than that of their bytes.
    static func mayBeBoundByLocale(_ message: DissectedMessage, _ producer: ProducerGuess?) -> Bool {
        (producer?.candidates.contains(.javaScript) ?? false)
            && message.encryptedDataKeys.contains(where: \.isBoundLocally)
            && ContextOrder.differsByLocale(message.encryptionContext)
    }

    private static func ofContext(
        _ message: DissectedMessage,
        _ producer: ProducerGuess?
    ) -> [InspectionFinding] {
        let pairs = message.encryptionContext
        let offset = message.layout.range(of: .encryptionContextLength)?.lowerBound
        if pairs.isEmpty {
            guard message.emptyContextForm == .zeroCount else { return [] }
            return [
                Self(
                    .oddity,
                    "the empty encryption context is written as a length of 2 and a count of 0; Java, Rust and Go refuse that",
                    at: offset
                )
            ]
        }
        var findings: [InspectionFinding] = []
        let order = ContextOrder(pairs)
        if order != .ascending {
            findings.append(Self(.oddity, "the encryption context is not sorted: \(order.words)", at: offset))
        }
        if mayBeBoundByLocale(message, producer) {
            findings.append(
                Self(
                    .note,
                    "if JavaScript wrote this without utf8Sorting, its data key is bound to the pairs in the order of the locale, "
                        + "and no other implementation opens it",
                    at: offset
                )
            )
        }
        return findings
    }

    // MARK: - Body

    private static func ofBody(_ message: DissectedMessage) -> [InspectionFinding] {
        guard let body = message.body else { return [] }
        var findings: [InspectionFinding] = []
        if let index = body.firstOutOfOrder {
            findings.append(
                Self(.fault, "frame \(index + 1) has another sequence number than its place says", at: nil)
            )
        }
        if let last = body.last, last.kind == .final, last.contentLength > Int(message.frameLength) {
            findings.append(
                Self(
                    .fault,
                    "the final frame has \(last.contentLength) bytes, more than the frame length of \(message.frameLength)",
                    at: last.offset
                )
            )
        }
        return findings
    }
}
