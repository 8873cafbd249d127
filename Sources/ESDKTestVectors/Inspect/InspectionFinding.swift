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
        _ dataKeys: [InspectedDataKey],
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
        findings += ofContext(message, dataKeys, producer)
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

    private static func ofContext(
        _ message: DissectedMessage,
        _ dataKeys: [InspectedDataKey],
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
        let binding = dataKeys.filter { [.rawAES, .hierarchical].contains($0.keyring) }
        if !binding.isEmpty, producer?.candidates.contains(.javaScript) ?? false, LocaleOrder.differs(pairs) != false {
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

/// The order of the pairs in a header.
enum ContextOrder: Sendable, Hashable {
    case ascending
    case publicKeyLast
    case utf16
    case locale
    case other

    init(_ pairs: [EncryptionContext.Entry]) {
        let keys = pairs.map(\.keyBytes)
        func isAscending(_ keys: ArraySlice<[UInt8]>) -> Bool {
            zip(keys, keys.dropFirst()).allSatisfy { !$1.lexicographicallyPrecedes($0) }
        }
        let texts = pairs.map(\.key)
        if isAscending(keys[...]) {
            self = .ascending
        } else if texts.last == EncryptionContext.publicKeyName, isAscending(keys.dropLast()) {
            self = .publicKeyLast
        } else if zip(texts, texts.dropFirst()).allSatisfy({ !$1.utf16.lexicographicallyPrecedes($0.utf16) }) {
            self = .utf16
        } else if LocaleOrder.isAscending(texts) == true {
            self = .locale
        } else {
            self = .other
        }
    }

    /// The order in words.
    var words: String {
        switch self {
        case .ascending: "by the bytes of the keys"
        case .publicKeyLast: "the public key comes last"
        case .utf16: "it is in the order of UTF-16, as JavaScript once wrote it"
        case .locale: "it is in the order of a locale, as JavaScript once wrote it"
        case .other: "it is in no order that is known here"
        }
    }
}

/// The order in which JavaScript's `localeCompare` puts ASCII text in the locale en-US.
enum LocaleOrder {
    /// Printable characters that are not letters, in their order; digits and letters follow.
    private static let marks = Array(" _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789".utf8)

    /// Whether the pairs, which are sorted by bytes, come in another order by locale; nil when that takes more than ASCII.
    static func differs(_ pairs: [EncryptionContext.Entry]) -> Bool? {
        let keys = pairs.map(\.keyBytes).sorted { $0.lexicographicallyPrecedes($1) }
        return isAscending(keys.map { String(decoding: $0, as: UTF8.self) }).map { !$0 }
    }

    /// Whether texts are in the order of the locale; nil when that takes more than printable ASCII.
    static func isAscending(_ texts: [String]) -> Bool? {
        guard texts.count > 1 else { return true }
        guard texts.allSatisfy({ $0.utf8.allSatisfy { 0x20..<0x7F ~= $0 } }) else { return nil }
        return zip(texts, texts.dropFirst()).allSatisfy { !precedes(Array($1.utf8), Array($0.utf8)) }
    }

    /// Base characters first, the shorter one before the longer; then case, small letters before capital ones.
    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let (leftBase, rightBase) = (left.map(base), right.map(base))
        if leftBase != rightBase { return leftBase.lexicographicallyPrecedes(rightBase) }
        return left.map(isCapital).lexicographicallyPrecedes(right.map(isCapital)) { !$0 && $1 }
    }

    private static func base(_ byte: UInt8) -> Int {
        if let place = marks.firstIndex(of: byte) { return place }
        return marks.count + Int(byte | 0x20)
    }

    private static func isCapital(_ byte: UInt8) -> Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte }
}
