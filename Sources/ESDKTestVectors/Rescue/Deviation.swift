import AWSEncryptionSDK
import AWSMaterialProviders
package import MessageForge

/// A known way in which messages in the wild depart from the specification, and which a rescue undoes.
///
/// None of them is undone unless it is asked for, and none of them weakens a check: whatever a rescue releases was authenticated under
/// the data key.
package enum Deviation: String, Sendable, Hashable, CaseIterable {
    /// The message is text.
    case text
    /// Bytes follow the message.
    case trailingBytes = "trailing-bytes"
    /// The end of an unsigned message is missing.
    case truncated
    /// The data key is bound to the pairs of the encryption context in the order of a locale.
    case javaScriptLocaleOrder = "javascript-locale-order"
    /// Key derivation and header tag are those of ESDK-NET 4.0.0.
    case netV4_0_0 = "net-4.0.0"
    /// The encryption context is written as JavaScript for browsers once wrote it.
    case earlyJavaScript = "early-javascript"

    /// What is wrong with such a message.
    package var fault: String {
        switch self {
        case .text: "the message is text, not bytes"
        case .trailingBytes: "bytes follow the end of the message"
        case .truncated: "the end of the message is missing"
        case .javaScriptLocaleOrder:
            "the data key is bound to the encryption context in the order of a locale, not of its bytes"
        case .netV4_0_0: "the header's tag covers two stray bytes, or the key derivation leaves the message id out"
        case .earlyJavaScript: "the encryption context is not written as the specification says"
        }
    }

    /// Who writes such messages.
    package var writer: String {
        switch self {
        case .text: "programs that store or print a message as text"
        case .trailingBytes: "programs that append a line feed or padding, or keep the end of a longer file"
        case .truncated: "interrupted transfers, full disks, writers that were killed"
        case .javaScriptLocaleOrder: "raw AES and hierarchical keyrings of JavaScript that are not told utf8Sorting"
        case .netV4_0_0: "ESDK-NET 4.0.0"
        case .earlyJavaScript: "early releases for JavaScript, in browsers above all"
        }
    }

    /// What a rescue does about it.
    package var remedy: String {
        switch self {
        case .text: "decode it"
        case .trailingBytes: "leave them out"
        case .truncated: "keep the frames that are whole, each of which is authenticated; unsigned messages only"
        case .javaScriptLocaleOrder: "try other orders of the pairs until the data key opens"
        case .netV4_0_0: "verify the header, and derive the key, by the rules of that release"
        case .earlyJavaScript: "read it as it is; with --rewrap, write it as every implementation reads it"
        }
    }
}

/// A deviation that a rescue found in a message and undid.
package struct UndoneDeviation: Sendable, Hashable {
    /// The deviation.
    package let deviation: Deviation
    /// What was wrong with this message.
    package let fault: String
    /// What was done about it.
    package let remedy: String

    init(_ deviation: Deviation, fault: String? = nil, remedy: String) {
        self.deviation = deviation
        self.fault = fault ?? deviation.fault
        self.remedy = remedy
    }

    /// A message that only the rules of ESDK-NET 4.0.0 fit.
    package static let netV4_0_0 = UndoneDeviation(
        .netV4_0_0,
        remedy: "header and content key were verified by the rules of that release"
    )

    /// A message whose end is missing.
    ///
    /// - Parameters:
    ///   - length: how many bytes of it there are.
    ///   - plaintextLength: how many bytes of plaintext its whole frames have.
    package static func truncated(after length: Int, keeping plaintextLength: Int) -> UndoneDeviation {
        UndoneDeviation(
            .truncated,
            fault: "the message ends after \(length) bytes, before its last frame",
            remedy: "the \(plaintextLength) bytes of plaintext in its whole frames were kept; the rest is missing"
        )
    }
}

/// What stands between an input and a message that a reader takes, as far as that shows without a key.
package struct RescueSurvey: Sendable {
    /// The longest text that is decoded, in bytes; it is held in memory.
    package static let longestText = 256 << 20

    /// The message that the input is the text of; nil where the input is bytes.
    package let decoded: [UInt8]?
    /// How many bytes of the input, or of `decoded`, are the message.
    package let length: Int
    /// Whether the message ends inside its body, so that only whole frames can be had.
    package let isTruncated: Bool
    /// What is undone already.
    package private(set) var undone: [UndoneDeviation] = []

    /// Looks at an input.
    ///
    /// - Parameters:
    ///   - source: the input.
    ///   - deviations: what may be undone.
    /// - Throws: what the source throws.
    package init(_ source: MessageSource, undoing deviations: Set<Deviation>) throws {
        var source = source
        let start = try source.bytes(0..<min(source.count, 4096))
        if deviations.contains(.text), source.count <= Self.longestText, TextMessage.mayBe(start),
            let text = TextMessage(try source.bytes(0..<source.count))
        {
            decoded = text.message
            source = MessageSource(text.message)
            undone.append(
                UndoneDeviation(.text, fault: "the message is \(text.form)", remedy: "it was decoded")
            )
        } else {
            decoded = nil
        }
        let (message, damage) = try MessageDissector.survey(source, detailedFrames: 0)
        if deviations.contains(.trailingBytes), let damage, damage.field == .trailingBytes {
            length = damage.offset
            undone.append(
                UndoneDeviation(.trailingBytes, fault: damage.reason, remedy: "they were left out")
            )
        } else {
            length = source.count
        }
        let bodyEnds = message.body?.last == nil && damage != nil && message.body != nil
        isTruncated = deviations.contains(.truncated) && bodyEnds && message.isRescuableWhenTruncated
        if deviations.contains(.earlyJavaScript), let form = message.earlyJavaScriptForm {
            undone.append(UndoneDeviation(.earlyJavaScript, fault: form, remedy: "it was read as it is"))
        }
    }
}

extension DissectedMessage {
    /// Whether the frames before a cut are worth something: those of a signed message are only authentic with its signature.
    var isRescuableWhenTruncated: Bool {
        contentType == 2 && knownSuite?.signature == nil && (body?.regularFrameCount ?? 0) > 0
    }

    /// How an encryption context departs from the specification as JavaScript's once did; nil where it does not.
    var earlyJavaScriptForm: String? {
        if encryptionContext.isEmpty {
            return emptyContextForm == .zeroCount
                ? "the empty encryption context is written with a count of 0, which Java, Rust and Go refuse" : nil
        }
        switch ContextOrder(encryptionContext) {
        case .utf16: return "the encryption context is in the order of UTF-16"
        case .locale: return "the encryption context is in the order of a locale"
        case .ascending, .publicKeyLast, .other: return nil
        }
    }
}
