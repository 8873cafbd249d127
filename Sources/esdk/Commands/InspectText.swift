import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import ESDKTestVectors
import MessageForge

/// An inspection for people: offsets on the left, then what is there.
struct InspectText {
    private let columns: Int
    private let output = FileDescriptor.standardOutput

    init(columns: Int) { self.columns = max(columns, 40) }

    /// Everything about a message.
    func all(_ inspection: MessageInspection, input: String, _ authentication: InspectionAuthentication?) -> String {
        var text = heading(inspection, input: input)
        if inspection.isMessage {
            var page = Page(inspection, columns: columns)
            page.addHeader()
            page.addContext()
            page.addDataKeys()
            page.addBody()
            text += page.text
        }
        return text + verdict(inspection, authentication)
    }

    /// The line above everything.
    func heading(_ inspection: MessageInspection, input: String) -> String {
        let length = inspection.length == 1 ? "1 byte" : "\(inspection.length.grouped) bytes"
        let name = output.styled(input, .bold)
        return TerminalText.columns(input) + length.count + 2 < columns
            ? "\(name), \(length)\n" : "\(name)\n\(length)\n"
    }

    private func rescue(
        _ inspection: MessageInspection,
        _ styled: (String, FileDescriptor.TextStyle?) -> String
    ) -> String {
        inspection.deviations.map { styled("esdk rescue --as \($0.rawValue) would \($0.remedy)", .yellow) }.joined()
    }

    /// Who wrote it, what is odd, and what of all that can be relied on.
    func verdict(_ inspection: MessageInspection, _ authentication: InspectionAuthentication?) -> String {
        let lines = Lines(columns: columns)
        func styled(_ text: String, _ style: FileDescriptor.TextStyle?) -> String {
            lines.wrapped(text, indent: 2).map { line in
                (style.map { output.styled(line, $0) } ?? line) + "\n"
            }.joined()
        }
        var text = "\n"
        if let whatElse = inspection.whatElse {
            let advice = inspection.refusal?.code == .base64EncodedMessage ? "; --base64 does that" : ""
            return styled("not a message: \(whatElse)\(advice)", .red) + rescue(inspection, styled)
        }
        if let producer = inspection.producer {
            let evidence = producer.evidence.joined(separator: ", ")
            text += styled(
                "written by \(producer.description)" + (evidence.isEmpty ? "" : ": \(evidence)"),
                nil
            )
        }
        for finding in inspection.findings {
            let place = finding.offset.map { " (at \($0.grouped))" } ?? ""
            switch finding.weight {
            case .fault: text += styled("fault: \(finding.text)\(place)", .red)
            case .oddity: text += styled("odd: \(finding.text)\(place)", .yellow)
            case .note: text += styled("note: \(finding.text)", nil)
            }
        }
        if let damage = inspection.damage {
            text += styled("reading stopped at byte \(damage.offset.grouped) of \(inspection.length.grouped)", .red)
        }
        if authentication?.isAuthenticated != true { text += rescue(inspection, styled) }
        switch authentication {
        case nil: text += styled("nothing of this is authenticated: no key was given (--key)", .yellow)
        case .refused(let reason):
            for (index, line) in TerminalText.lines(reason).enumerated() {
                text += styled((index == 0 ? "not authenticated: " : "  ") + line, index == 0 ? .red : nil)
            }
        case .authenticated(let dataKey, let keyring, let notes):
            let origin = dataKey.map { " by encrypted data key \($0 + 1)" } ?? ""
            let opener = keyring.map { " (\(TerminalText.oneLine($0)))" } ?? ""
            let isSigned = inspection.message.signature != nil
            text += styled("authenticated\(origin)\(opener)" + (isSigned ? "; the signature verifies" : ""), .green)
            for note in notes { text += styled("note: \(note)", .yellow) }
        }
        return text
    }

    // MARK: - Hex dump

    /// Hands `write` a dump of every field, long contents cut.
    func annotate(_ inspection: MessageInspection, _ source: MessageSource, _ write: (String) -> Void) throws {
        let perLine = columns < 78 ? 8 : 16
        var end = 0
        for entry in inspection.message.layout.entries {
            if entry.range.lowerBound > end {
                write("\n  … \((entry.range.lowerBound - end).grouped) bytes of frames like these …\n")
            }
            end = entry.range.upperBound
            try write(dump(entry.range, "\(entry.field)", perLine, source, isNumber: entry.field.isNumber))
        }
        guard let damage = inspection.damage, end < inspection.length else { return }
        try write(
            dump(end..<inspection.length, "not read: \(damage.field) was due", perLine, source, isNumber: false)
        )
    }

    private func dump(
        _ range: Range<Int>,
        _ name: String,
        _ perLine: Int,
        _ source: MessageSource,
        isNumber: Bool
    ) throws -> String {
        let most = perLine * 4
        let shown = try source.bytes(range.lowerBound..<min(range.upperBound, range.lowerBound + most))
        let value = isNumber ? " = \(shown.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })" : ""
        let length = range.isEmpty ? ", empty" : ""
        var text = "\n" + output.styled("\(name)\(value)\(length)", .bold) + "\n"
        for start in stride(from: 0, to: shown.count, by: perLine) {
            let bytes = shown[start..<min(start + perLine, shown.count)]
            let place = String(range.lowerBound + start, radix: 16)
            var line = String(repeating: "0", count: max(0, 8 - place.count)) + place + " "
            for byte in bytes { line += " " + Hex.encode([byte]) }
            line += String(repeating: "   ", count: perLine - bytes.count) + "  "
            line += bytes.map { 0x20..<0x7F ~= $0 ? String(UnicodeScalar($0)) : "." }.joined()
            text += "  \(line)\n"
        }
        if range.count > most { text += "  … \((range.count - most).grouped) more bytes …\n" }
        return text
    }
}

/// The lines about the parts of one message.
private struct Page {
    private let inspection: MessageInspection
    private let message: DissectedMessage
    private let lines: Lines
    private let output = FileDescriptor.standardOutput
    private let gutter: Int
    private(set) var text = ""

    private static let labelWidth = 13
    /// The most frames that have a line each.
    private static let mostFrames = 8
    /// The most encrypted data keys and pairs that are shown.
    private static let mostItems = 100

    init(_ inspection: MessageInspection, columns: Int) {
        self.inspection = inspection
        message = inspection.message
        lines = Lines(columns: columns)
        gutter = max(6, String(inspection.length).count) + 2
    }

    mutating func addHeader() {
        section("Header", message.body.map { "\($0.offset.grouped) bytes" })
        let suite = message.algorithmSuite
        row(.version, "version", message.version.map { "\($0)" } ?? "")
        row(.algorithmSuiteID, "suite", "\(suite)")
        row(.messageID, "message id", Hex.encode(message.messageID))
        row(
            .frameLength,
            "body",
            message.contentType == 1
                ? "one block, not framed" : "frames of \(Int(message.frameLength).grouped) bytes"
        )
        row(.commitment, "commitment", Hex.encode(message.commitment))
        row(.headerIV, "header IV", Hex.encode(message.headerIV))
        row(.headerTag, "header tag", "16 bytes")
    }

    mutating func addContext() {
        guard let start = inspection.range(of: .encryptionContextLength) else { return }
        let pairs = message.encryptionContext
        section(
            "Encryption context",
            pairs.isEmpty ? "empty" : pairs.count == 1 ? "1 pair" : "\(pairs.count.grouped) pairs"
        )
        for (index, pair) in pairs.prefix(Self.mostItems).enumerated() {
            let offset = inspection.range(of: .encryptionContext(pair: index, .keyLength))?.lowerBound
            line(offset ?? start.lowerBound, "\(shown(pair.keyBytes)) = \(shown(pair.valueBytes))")
        }
        others(pairs.count - Self.mostItems)
    }

    /// A text of the message, in quotation marks where its ends would not be seen.
    private func shown(_ bytes: [UInt8]) -> String {
        let text = InspectedText.text(bytes)
        return text.isEmpty || text.first == " " || text.last == " " || text.contains(" = ") ? "\"\(text)\"" : text
    }

    mutating func addDataKeys() {
        guard inspection.range(of: .encryptedDataKeyCount) != nil else { return }
        section("Encrypted data keys", inspection.dataKeys.count.grouped)
        for key in inspection.dataKeys.prefix(Self.mostItems) {
            let raw = key.encryptedDataKey
            let kind = key.keyring == .unknown ? "unknown keyring" : "\(key.keyring.rawValue) keyring"
            row(at: key.range.lowerBound, "\(key.index + 1)", "\(kind), \(key.range.count.grouped) bytes")
            switch key.keyring {
            case .rawAES, .rawRSA, .unknown:
                row(at: nil, "namespace", shown(raw.keyProviderID))
                row(at: nil, "key name", key.keyName.map(shown) ?? "")
            default:
                if let name = key.keyName { row(at: nil, "key", shown(name)) }
            }
            for detail in key.details { row(at: nil, detail.name, detail.value) }
            row(at: nil, "wrapped key", "\(raw.ciphertext.count.grouped) bytes")
        }
        others(inspection.dataKeys.count - Self.mostItems)
    }

    mutating func addBody() {
        guard let body = message.body else { return }
        let count = body.frameCount == 1 ? "1 frame" : "\(body.frameCount.grouped) frames"
        let length = body.contentLength == 1 ? "1 byte" : "\(body.contentLength.grouped) bytes"
        section("Body", (message.contentType == 1 ? "" : "\(count), ") + "\(length) of plaintext")
        let regular = body.regularFrameCount
        if regular > Self.mostFrames {
            row(
                at: body.offset,
                "frames 1–\(regular.grouped)",
                "\(Int(message.frameLength).grouped) bytes each"
            )
        } else {
            for index in 0..<regular {
                let offset = inspection.range(of: .frame(index, .sequenceNumber))?.lowerBound
                row(at: offset, "frame \(index + 1)", "\(Int(message.frameLength).grouped) bytes")
            }
        }
        if let last = body.last {
            let length = last.contentLength == 1 ? "1 byte" : "\(last.contentLength.grouped) bytes"
            let isBlock = last.kind == .singleBlock
            row(
                at: last.offset,
                isBlock ? "block" : "final frame",
                isBlock ? length : "number \(Int(last.sequenceNumber).grouped), \(length)"
            )
        }
        guard let signature = message.signature, let curve = message.algorithmSuite.signature?.curve else { return }
        section("Footer", nil)
        row(.signatureLength, "signature", "\(signature.count) bytes, ECDSA on P-\(8 * curve.fieldLength)")
    }

    // MARK: - Lines

    private mutating func section(_ title: String, _ note: String?) {
        text += "\n" + output.styled(title, .bold) + (note.map { "  \($0)" } ?? "") + "\n"
    }

    /// A row about a field, if the message has it.
    private mutating func row(_ field: MessageField, _ label: String, _ value: String) {
        guard let range = inspection.range(of: field) else { return }
        row(at: range.lowerBound, label, value)
    }

    private mutating func row(at offset: Int?, _ label: String, _ value: String) {
        let column = gutter + 2 + Self.labelWidth
        let lines = self.lines.wrapped(value, indent: column, isFirstIndented: false)
        let padding = String(repeating: " ", count: max(1, Self.labelWidth - label.count))
        text += place(offset) + label + padding + lines.joined(separator: "\n") + "\n"
    }

    private mutating func line(_ offset: Int?, _ value: String) {
        text += place(offset)
        text += lines.wrapped(value, indent: gutter + 4, isFirstIndented: false).joined(separator: "\n") + "\n"
    }

    private mutating func others(_ count: Int) {
        if count > 0 { text += place(nil) + "and \(count.grouped) more; --json shows them\n" }
    }

    private func place(_ offset: Int?) -> String {
        let digits = offset.map { String($0) } ?? ""
        return output.styled(String(repeating: " ", count: gutter - digits.count) + digits, .faint) + "  "
    }
}

/// Breaks texts into lines that fit a terminal.
private struct Lines {
    let columns: Int

    /// The lines of a text: broken at spaces where that is possible, in the middle of long words where not.
    func wrapped(_ text: String, indent: Int, isFirstIndented: Bool = true) -> [String] {
        let width = max(16, columns - 1 - indent)
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = ""
        var used = 0
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            var word = word[...]
            var wordWidth = TerminalText.columns(String(word))
            if used > 0, used + 1 + wordWidth > width, wordWidth <= width || used > width * 2 / 3 {
                lines.append(line)
                (line, used) = ("", 0)
            } else if used > 0 || !lines.isEmpty || !line.isEmpty {
                if used > 0 {
                    line += " "
                    used += 1
                }
            }
            while used + wordWidth > width {
                var part = ""
                while let character = word.first {
                    let columns = TerminalText.columns(String(character))
                    if used + columns > width { break }
                    part.append(character)
                    used += columns
                    word.removeFirst()
                }
                lines.append(line + part)
                (line, used) = ("", 0)
                wordWidth = TerminalText.columns(String(word))
            }
            line += word
            used += wordWidth
        }
        lines.append(line)
        return lines.enumerated().map { index, line in (index == 0 && !isFirstIndented ? "" : margin) + line }
    }
}

extension Int {
    /// The number with commas between thousands.
    var grouped: String {
        var digits = Array(String(magnitude))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return (self < 0 ? "-" : "") + String(digits)
    }
}
