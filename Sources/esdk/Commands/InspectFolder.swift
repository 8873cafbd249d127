import AWSMaterialProviders
import ESDKSystem
import ESDKTestVectors
import MessageForge
import StrictJSON

/// The messages of a folder, in a list with totals.
struct InspectedList {
    private struct Row {
        let path: String
        let suite: String
        let commitment: String
        let keys: String
        let contextKeys: String
        let producer: String
    }

    /// How many files were looked at.
    private(set) var fileCount = 0
    /// How many of them are messages.
    private(set) var messageCount = 0
    /// How many messages are damaged, or have a header that is refused.
    private(set) var damagedCount = 0

    /// How many files are Base64 text of a message.
    private var textCount = 0
    private var rows: [Row] = []
    private var suites: [String: Int] = [:]
    private var commitments: [String: Int] = [:]
    private var keys: [String: Int] = [:]
    private var contextKeys: [String: Int] = [:]
    private var producers: [String: Int] = [:]
    private var damaged: [(path: String, reason: String)] = []

    /// The most files that are listed in text; totals count all.
    private static let mostRows = 1000

    mutating func add(_ inspection: MessageInspection, at path: SystemPath) {
        fileCount += 1
        if inspection.refusal?.code == .base64EncodedMessage { textCount += 1 }
        guard inspection.isMessage else { return }
        messageCount += 1
        let message = inspection.message
        if !inspection.isSound {
            damagedCount += 1
            let reason = inspection.damage.map { "\($0)" } ?? inspection.refusal?.reason ?? ""
            damaged.append(("\(path)", reason))
        }
        let row = Row(
            path: "\(path)",
            suite: message.algorithmSuite.idText,
            commitment: message.algorithmSuite.isCommitting ? "yes" : "no",
            keys: Self.unique(inspection.dataKeys.map(\.keyText)).joined(separator: "; "),
            contextKeys: Self.contextKeys(of: message).joined(separator: "; "),
            producer: inspection.producer?.description ?? ""
        )
        if rows.count < Self.mostRows { rows.append(row) }
        suites["\(message.algorithmSuite)", default: 0] += 1
        commitments[row.commitment, default: 0] += 1
        producers[row.producer, default: 0] += 1
        for key in Self.unique(inspection.dataKeys.map { "\($0.keyring.rawValue): \($0.keyText)" }) {
            keys[key, default: 0] += 1
        }
        for key in Self.contextKeys(of: message) where key != EncryptionContext.publicKeyName {
            contextKeys[key, default: 0] += 1
        }
    }

    /// Counts a file that is not a message.
    mutating func addOther() { fileCount += 1 }

    /// The totals as a line of JSON.
    func totalsJSON() throws -> String {
        func object(_ counts: [String: Int]) -> JSONValue {
            let sorted = counts.sorted { $0.key < $1.key }
            return .object(
                JSONObject(sorted.map { JSONObject.Member(name: $0.key, value: .integer(Int64($0.value))) })
            )
        }
        let totals: JSONValue = [
            "totals": [
                "files": .integer(Int64(fileCount)), "messages": .integer(Int64(messageCount)),
                "damaged": .integer(Int64(damagedCount)), "suites": object(suites), "commitment": object(commitments),
                "keys": object(keys), "context_keys": object(contextKeys), "producers": object(producers),
            ]
        ]
        return String(decoding: try StrictJSON.serialize(totals, pretty: false), as: UTF8.self) + "\n"
    }

    private static func contextKeys(of message: DissectedMessage) -> [String] {
        message.encryptionContext.map { InspectedText.text($0.keyBytes) }
    }

    private static func unique(_ texts: [String]) -> [String] {
        var known: Set<String> = []
        return texts.filter { known.insert($0).inserted }
    }

    // MARK: - Text

    /// The list and the totals.
    func text(columns: Int) -> String {
        table(columns) + "\n" + totals(columns)
    }

    private func table(_ columns: Int) -> String {
        let isWide = columns >= 100
        let fixed = 4 + 2 + 6 + 2
        let flexible = columns - 1 - fixed - (isWide ? 2 + 18 : 0)
        let pathWidth = min(rows.map { TerminalText.columns($0.path) }.max() ?? 4, flexible / 2)
        let keyWidth = flexible - pathWidth - 2
        func line(_ path: String, _ suite: String, _ commitment: String, _ keys: String, _ producer: String) -> String {
            var cells = [
                Self.padded(Self.endOf(path, columns: pathWidth), pathWidth), Self.padded(suite, 4),
                Self.padded(commitment, 6),
            ]
            if isWide { cells.append(Self.padded(TerminalText.fitted(producer, columns: 18), 18)) }
            cells.append(TerminalText.fitted(keys, columns: keyWidth))
            return cells.joined(separator: "  ") + "\n"
        }
        var text = FileDescriptor.standardOutput.styled(
            line("FILE", "ID", "COMMIT", "KEYS", "WRITTEN BY"),
            .bold
        )
        for row in rows { text += line(row.path, row.suite, row.commitment, row.keys, row.producer) }
        if messageCount > rows.count { text += "and \((messageCount - rows.count).grouped) more; --csv lists them\n" }
        return text
    }

    private func totals(_ columns: Int) -> String {
        let count = messageCount == 1 ? "1 message" : "\(messageCount.grouped) messages"
        var text = "\(count) in \(fileCount == 1 ? "1 file" : "\(fileCount.grouped) files")\n"
        if textCount > 0 {
            text +=
                "\(textCount.grouped) more \(textCount == 1 ? "is" : "are") Base64 text of a message; --base64 reads that\n"
        }
        let groups = [
            ("by suite", suites), ("with key commitment", commitments), ("by key", keys),
            ("by context key", contextKeys), ("written by", producers),
        ]
        for (title, counts) in groups where !counts.isEmpty {
            text += "\n\(title):\n"
            let most = 20
            let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            for (name, count) in sorted.prefix(most) {
                let number = count.grouped
                let padding = String(repeating: " ", count: max(0, 8 - number.count))
                text += "\(padding)\(number)  \(TerminalText.fitted(name, columns: columns - 11))\n"
            }
            if sorted.count > most { text += "          and \((sorted.count - most).grouped) others\n" }
        }
        if !damaged.isEmpty {
            text += "\ndamaged or refused:\n"
            for (path, reason) in damaged.prefix(20) { text += "  \(path): \(reason)\n" }
            if damaged.count > 20 { text += "  and \((damaged.count - 20).grouped) others\n" }
        }
        return text
    }

    /// The end of a path, which tells more than its beginning.
    private static func endOf(_ path: String, columns: Int) -> String {
        guard TerminalText.columns(path) > columns else { return path }
        var rest = path[...]
        while TerminalText.columns(String(rest)) >= columns, !rest.isEmpty { rest.removeFirst() }
        return "…" + rest
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - TerminalText.columns(text)))
    }

    // MARK: - CSV

    let csvHeading =
        "file,length,status,version,suite,commitment,signed,keyrings,keys,context_keys,frames,frame_length,"
        + "plaintext_length,written_by,certainty\r\n"

    /// A file as a record (RFC 4180).
    func csvLine(_ inspection: MessageInspection, at path: SystemPath) -> String {
        let message = inspection.message
        var cells = ["\(path)", "\(inspection.length)"]
        if inspection.isMessage {
            let suite = message.algorithmSuite
            cells += [
                inspection.isSound ? "message" : "damaged message", "\(suite.messageFormatVersion)", suite.idText,
                suite.isCommitting ? "yes" : "no", suite.signature == nil ? "no" : "yes",
                Self.unique(inspection.dataKeys.map(\.keyring.rawValue)).joined(separator: "; "),
                Self.unique(inspection.dataKeys.map(\.keyText)).joined(separator: "; "),
                Self.contextKeys(of: message).joined(separator: "; "), "\(message.body?.frameCount ?? 0)",
                "\(message.frameLength)", "\(inspection.plaintextLength)", inspection.producer?.description ?? "",
                inspection.producer?.certainty.rawValue ?? "",
            ]
        } else {
            cells += ["not a message"] + [String](repeating: "", count: 12)
        }
        return cells.map(Self.quoted).joined(separator: ",") + "\r\n"
    }

    private static func quoted(_ cell: String) -> String {
        guard cell.contains(where: { ",\"\r\n".contains($0) }) else { return cell }
        return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
