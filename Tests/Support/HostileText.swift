package import Testing

/// A text as an attacker would put it into a name: it clears a terminal, starts another line and turns the direction of
/// writing.
package enum HostileText {
    package static let text = "x\u{1B}[2J\u{7}\r\n\u{202E}y\u{9B}z"

    /// Expects that nothing of it can act on a terminal in any text of a value, and that its letters are there.
    package static func expectHarmless(
        _ value: Any?,
        _ comment: Comment? = nil,
        linesAllowed: Bool = false,
        isShown: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard let value else {
            Issue.record("nothing to look at, \(comment ?? "")", sourceLocation: sourceLocation)
            return
        }
        let text = "\(value)"
        let acting = text.unicodeScalars.filter { scalar in
            if linesAllowed, scalar == "\n" { return false }
            return scalar.value < 0x20 || 0x7F..<0xA0 ~= scalar.value || 0x202A...0x202E ~= scalar.value
        }
        #expect(acting.isEmpty, "\(comment ?? ""): \(text.debugDescription)", sourceLocation: sourceLocation)
        #expect(
            text.contains("[2J") || !isShown,
            "\(comment ?? ""): \(text.debugDescription)",
            sourceLocation: sourceLocation
        )
    }
}
