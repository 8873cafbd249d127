import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
package import MessageForge
import StrictJSON

/// A field of a message as a report shows it: where it lies, some of its bytes, and which of them differ from what was rebuilt.
package struct DissectedField: Sendable, Hashable {
    /// The most bytes of a field that are shown.
    static let mostBytes = 48
    /// The most fields that are shown.
    static let mostFields = 300
    /// The frames, from the first, that are shown though nothing is special about them.
    private static let shownFrames = 3

    /// The path of the field.
    package let name: String
    /// Where it starts, in bytes from the start of the message.
    package let offset: Int
    /// Its length in bytes.
    package let length: Int
    /// What it says, where it is a number or a text.
    package let meaning: String?
    /// Where the shown bytes start, in bytes from the start of the field.
    package let start: Int
    /// The bytes from there, at most ``mostBytes``.
    package let bytes: [UInt8]
    /// What was rebuilt in their place; empty where nothing differs.
    package let expected: [UInt8]

    /// The fields of a message, as far as its structure can be followed.
    ///
    /// - Parameters:
    ///   - message: the message.
    ///   - rebuilt: what it is compared with; nil for nothing.
    package static func all(of message: [UInt8], comparedWith rebuilt: [UInt8]? = nil) -> [DissectedField] {
        // A source in memory throws nothing.
        guard
            let (dissected, damage) = try? MessageDissector.survey(
                MessageSource(message),
                detailedFrames: rebuilt == nil ? shownFrames : .max
            )
        else { return [] }
        var fields: [DissectedField] = []
        var hasDifferent = false
        for entry in dissected.layout.entries {
            // Where the lengths differ, what follows the first difference cannot be compared.
            let isComparable = !hasDifferent || rebuilt?.count == message.count
            let difference = isComparable ? rebuilt.flatMap { firstDifference(message, $0, entry.range) } : nil
            if difference != nil { hasDifferent = true }
            guard difference != nil || isShown(entry.field, dissected), fields.count < mostFields else { continue }
            fields.append(DissectedField(entry, of: message, difference, rebuilt, dissected))
        }
        if let damage, damage.offset < message.count {
            let range = damage.offset..<message.count
            let entry = MessageLayout.Entry(field: damage.field, range: range)
            fields.append(DissectedField(entry, of: message, nil, nil, dissected, meaning: damage.reason))
        }
        return fields
    }

    private static func isShown(_ field: MessageField, _ message: DissectedMessage) -> Bool {
        guard case .frame(let index, _) = field else { return true }
        return index < shownFrames || index == message.body.map { $0.frameCount - 1 }
    }

    private static func firstDifference(_ message: [UInt8], _ rebuilt: [UInt8], _ range: Range<Int>) -> Int? {
        let (left, right) = (message[range], rebuilt[range.clamped(to: rebuilt.indices)])
        guard !left.elementsEqual(right) else { return nil }
        return range.first { $0 >= rebuilt.count || message[$0] != rebuilt[$0] }
    }

    private init(
        _ entry: MessageLayout.Entry,
        of message: [UInt8],
        _ difference: Int?,
        _ rebuilt: [UInt8]?,
        _ dissected: DissectedMessage,
        meaning: String? = nil
    ) {
        let range = entry.range.clamped(to: message.indices)
        // A difference far inside is to be seen, with some bytes before it.
        let place = difference.map { $0 - range.lowerBound } ?? 0
        let start = place < Self.mostBytes / 2 ? 0 : place - 8
        let shown = (range.lowerBound + start)..<min(range.upperBound, range.lowerBound + start + Self.mostBytes)
        name = "\(entry.field)"
        offset = range.lowerBound
        length = range.count
        self.start = start
        bytes = Array(message[shown])
        expected = difference == nil ? [] : rebuilt.map { Array($0[shown.clamped(to: $0.indices)]) } ?? []
        self.meaning = meaning ?? Self.meaning(of: entry.field, Array(message[range]), dissected)
    }

    private static func meaning(of field: MessageField, _ bytes: [UInt8], _ message: DissectedMessage) -> String? {
        if field.isNumber { return "= \(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })" }
        switch field {
        case .algorithmSuiteID: return message.knownSuite.map { "\($0)" }
        case .encryptionContext(_, .key), .encryptionContext(_, .value), .encryptedDataKey(_, .keyProviderID):
            return String(validating: bytes, as: UTF8.self).map { TerminalText.quoted($0) }
        case .encryptedDataKey(_, .keyProviderInfo):
            let isText = bytes.allSatisfy { 0x20..<0x7F ~= $0 }
            return isText ? TerminalText.quoted(String(decoding: bytes, as: UTF8.self)) : nil
        default: return nil
        }
    }

    // MARK: - In a JSON report

    /// The field as a JSON object; bytes are hexadecimal digits.
    var json: JSONValue {
        var members: [JSONObject.Member] = []
        func add(_ name: String, _ value: JSONValue) { members.append(.init(name: name, value: value)) }
        add("field", .string(name))
        add("offset", .integer(Int64(offset)))
        add("length", .integer(Int64(length)))
        if let meaning { add("meaning", .string(meaning)) }
        if start > 0 { add("start", .integer(Int64(start))) }
        add("bytes", .string(Hex.encode(bytes)))
        if !expected.isEmpty { add("rebuilt", .string(Hex.encode(expected))) }
        return .object(JSONObject(members))
    }

    /// Reads what `json` writes; nil for anything else.
    init?(_ value: JSONValue) {
        guard let name = value["field"]?.string, let offset = value["offset"]?.integer,
            let length = value["length"]?.integer, let bytes = value["bytes"]?.string.flatMap(Hex.decode)
        else { return nil }
        self.name = name
        self.offset = Int(offset)
        self.length = Int(length)
        meaning = value["meaning"]?.string
        start = Int(value["start"]?.integer ?? 0)
        self.bytes = bytes
        expected = value["rebuilt"]?.string.flatMap(Hex.decode) ?? []
    }
}

extension MessageField {
    /// Whether its bytes are a number.
    package var isNumber: Bool {
        switch self {
        case .version, .encryptionContextLength, .encryptionContextCount, .encryptedDataKeyCount, .contentType,
            .ivLength, .frameLength, .signatureLength, .encryptionContext(_, .keyLength),
            .encryptionContext(_, .valueLength), .encryptedDataKey(_, .keyProviderIDLength),
            .encryptedDataKey(_, .keyProviderInfoLength), .encryptedDataKey(_, .ciphertextLength),
            .frame(_, .sequenceNumber), .frame(_, .contentLength), .body(.contentLength):
            true
        default: false
        }
    }
}
