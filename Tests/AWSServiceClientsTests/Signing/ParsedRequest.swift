@testable import AWSServiceClients

/// A request as the published suite writes it: LF as line end, no blank after the colon, values that go on in the next
/// line after blanks.
struct ParsedRequest {
    struct Malformed: Error {}

    let method: String
    let path: String
    let fields: [HTTPField]
    let body: [UInt8]

    init(_ text: String) throws {
        let end = text.range(of: "\n\n")
        let head = end.map { text[..<$0.lowerBound] } ?? text[...]
        body = Array((end.map { text[$0.upperBound...] } ?? "").utf8)
        var lines = head.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard let first = lines.popFirst(), let blank = first.firstIndex(of: " "), first.hasSuffix(" HTTP/1.1") else {
            throw Malformed()
        }
        method = String(first[..<blank])
        path = String(first[first.index(after: blank)...].dropLast(9))
        var fields: [(String, String)] = []
        for line in lines where !line.isEmpty {
            if line.hasPrefix(" "), let last = fields.popLast() {
                fields.append((last.0, last.1 + "\n" + line))
            } else {
                guard let colon = line.firstIndex(of: ":") else { throw Malformed() }
                fields.append((String(line[..<colon]), String(line[line.index(after: colon)...])))
            }
        }
        self.fields = fields.map { HTTPField($0.0, $0.1) }
    }
}

extension String {
    fileprivate func range(of part: String) -> Range<String.Index>? {
        ranges(of: part).first
    }
}
