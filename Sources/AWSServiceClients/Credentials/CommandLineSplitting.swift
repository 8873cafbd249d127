/// Splits a command line as a shell does, without running one: nothing is expanded.
enum CommandLineSplitting {
    /// The words of a command line.
    ///
    /// Blanks separate words, quotation marks of both kinds hold them together, and a backslash takes the next
    /// character as it is; within double quotation marks only before `"`, `\`, `$` and a backquote, within single ones never.
    ///
    /// - Parameter line: the command line.
    /// - Returns: nil when a quotation is not closed, or nothing follows a backslash.
    static func words(of line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = line[...]
        while let character = rest.popFirst() {
            switch (quote, character) {
            case (nil, " "), (nil, "\t"), (nil, "\n"):
                if let finished = word { words.append(finished) }
                word = nil
            case (nil, "'"), (nil, "\""):
                quote = character
                word = word ?? ""
            case (nil, "\\"):
                guard let next = rest.popFirst() else { return nil }
                word = (word ?? "") + String(next)
            case ("\"", "\\"):
                guard let next = rest.popFirst() else { return nil }
                let isSpecial = next == "\"" || next == "\\" || next == "$" || next == "`"
                word = (word ?? "") + (isSpecial ? "" : "\\") + String(next)
            case (let open?, _) where character == open:
                quote = nil
            default:
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { return nil }
        if let word { words.append(word) }
        return words
    }
}
