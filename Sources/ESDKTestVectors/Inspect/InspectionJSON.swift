import AWSMaterialProviders
import ESDKCrypto
import MessageForge
import StrictJSON

/// An inspection for programs.
package enum InspectionJSON {
    /// An inspection as one line of JSON, ending in a line feed.
    ///
    /// Texts of the message that are not UTF-8 are escaped, and are given in hexadecimal digits as well.
    ///
    /// - Parameters:
    ///   - inspection: the inspection.
    ///   - input: what the input is called.
    ///   - authentication: what opening the message with a key said; nil when there was no key.
    package static func line(
        _ inspection: MessageInspection,
        input: String,
        authentication: InspectionAuthentication?
    ) throws -> [UInt8] {
        let message = inspection.message
        var members: [(String, JSONValue)] = [
            ("input", .string(input)), ("length", number(inspection.length)),
            ("is_message", .bool(inspection.isMessage)),
        ]
        if let whatElse = inspection.whatElse { members.append(("reason", .string(whatElse))) }
        members.append(("rescue", .array(inspection.deviations.map { .string($0.rawValue) })))
        if inspection.isMessage {
            members += [
                ("authenticated", .bool(authentication?.isAuthenticated ?? false)),
                ("complete", .bool(inspection.damage == nil)),
                ("header", header(inspection)), ("body", message.body.map { body($0, message) } ?? .null),
                ("footer", footer(inspection)),
            ]
            if let damage = inspection.damage {
                members.append(
                    (
                        "damage",
                        object([
                            ("field", .string("\(damage.field)")), ("offset", number(damage.offset)),
                            ("reason", .string(damage.reason)),
                        ])
                    )
                )
            }
            members.append(("findings", .array(inspection.findings.map(finding))))
            if let producer = inspection.producer { members.append(("producer", guess(producer))) }
            if let authentication { members.append(("authentication", object(authentication.members))) }
        }
        return try StrictJSON.serialize(object(members), pretty: false) + [UInt8(ascii: "\n")]
    }

    // MARK: - Parts

    private static func header(_ inspection: MessageInspection) -> JSONValue {
        let message = inspection.message
        let suite = message.algorithmSuite
        var members: [(String, JSONValue)] = [
            ("length", message.body.map { number($0.offset) } ?? .null),
            ("version", message.version.map { number(Int($0)) } ?? .null),
            (
                "suite",
                object([
                    ("id", .string(suite.idText)), ("name", .string("\(suite)")),
                    ("commitment", .bool(suite.isCommitting)), ("signature", .bool(suite.signature != nil)),
                ])
            ),
            ("message_id", .string(Hex.encode(message.messageID))),
            ("encryption_context", .array(message.encryptionContext.indices.map { pair($0, of: message) })),
            ("encrypted_data_keys", .array(inspection.dataKeys.map(dataKey))),
        ]
        if inspection.range(of: .frameLength) != nil {
            members += [
                ("content_type", .string(message.contentType == 1 ? "non-framed" : "framed")),
                ("frame_length", number(Int(message.frameLength))),
            ]
        }
        if inspection.range(of: .commitment) != nil {
            members.append(("commitment", .string(Hex.encode(message.commitment))))
        }
        if inspection.range(of: .headerIV) != nil { members.append(("iv", .string(Hex.encode(message.headerIV)))) }
        if let tag = inspection.range(of: .headerTag) { members.append(("tag_offset", number(tag.lowerBound))) }
        return object(members)
    }

    private static func pair(_ index: Int, of message: DissectedMessage) -> JSONValue {
        let pair = message.encryptionContext[index]
        return object(text("key", pair.keyBytes) + text("value", pair.valueBytes))
    }

    private static func dataKey(_ key: InspectedDataKey) -> JSONValue {
        let raw = key.encryptedDataKey
        return object(
            [("offset", number(key.range.lowerBound)), ("length", number(key.range.count))]
                + text("provider_id", raw.keyProviderID)
                + [("keyring", .string(key.keyring.rawValue))]
                + (key.keyName.map { text("key", $0) } ?? [])
                + key.details.map { ($0.name.lowercased(), .string($0.value)) }
                + [
                    ("provider_info_length", number(raw.keyProviderInfo.count)),
                    ("ciphertext_length", number(raw.ciphertext.count)),
                ]
        )
    }

    private static func body(_ body: DissectedBody, _ message: DissectedMessage) -> JSONValue {
        object([
            ("offset", number(body.offset)), ("length", number(body.end - body.offset)),
            ("frames", number(body.frameCount)), ("regular_frames", number(body.regularFrameCount)),
            ("plaintext_length", number(body.contentLength)),
            (
                "last",
                body.last.map { last in
                    object([
                        ("kind", .string(last.kind == .final ? "final frame" : "single block")),
                        ("offset", number(last.offset)), ("sequence_number", number(Int(last.sequenceNumber))),
                        ("content_length", number(last.contentLength)), ("iv", .string(Hex.encode(last.iv))),
                    ])
                } ?? .null
            ),
            ("frames_with_other_iv", number(body.otherIVCount)),
        ])
    }

    private static func footer(_ inspection: MessageInspection) -> JSONValue {
        guard let start = inspection.range(of: .signatureLength)?.lowerBound else { return .null }
        return object([
            ("offset", number(start)),
            ("signature", inspection.message.signature.map { .string(Hex.encode($0)) } ?? .null),
        ])
    }

    private static func finding(_ finding: InspectionFinding) -> JSONValue {
        object([
            ("weight", .string(finding.weight.rawValue)), ("text", .string(finding.text)),
            ("offset", finding.offset.map(number) ?? .null),
        ])
    }

    private static func guess(_ guess: ProducerGuess) -> JSONValue {
        object([
            ("candidates", .array(guess.candidates.map { .string($0.rawValue) })),
            ("certainty", .string(guess.certainty.rawValue)),
            ("evidence", .array(guess.evidence.map(JSONValue.string))),
        ])
    }

    // MARK: - Values

    static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(JSONObject(members.map { JSONObject.Member(name: $0.0, value: $0.1) }))
    }

    static func number(_ value: Int) -> JSONValue { .integer(Int64(value)) }

    /// A text, and its bytes in hexadecimal digits where it is not UTF-8.
    private static func text(_ name: String, _ bytes: [UInt8]) -> [(String, JSONValue)] {
        if let text = String(validating: bytes, as: UTF8.self) { return [(name, .string(text))] }
        return [(name, .string(InspectedText.text(bytes))), ("\(name)_hex", .string(Hex.encode(bytes)))]
    }
}

/// What opening an inspected message with a key said.
package enum InspectionAuthentication: Sendable {
    /// Everything in the message is authentic.
    case authenticated(dataKey: Int?, keyring: String?, notes: [String])
    /// It does not open.
    case refused(String)

    /// Whether everything is authentic.
    package var isAuthenticated: Bool {
        if case .authenticated = self { true } else { false }
    }

    fileprivate var members: [(String, JSONValue)] {
        switch self {
        case .authenticated(let dataKey, let keyring, let notes):
            [
                ("encrypted_data_key", dataKey.map(InspectionJSON.number) ?? .null),
                ("keyring", keyring.map(JSONValue.string) ?? .null), ("notes", .array(notes.map(JSONValue.string))),
            ]
        case .refused(let reason): [("error", .string(reason))]
        }
    }
}
