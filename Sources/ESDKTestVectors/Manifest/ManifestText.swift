internal import StrictJSON

/// Texts from outside in messages.
enum ManifestText {
    /// A text from a manifest in quotation marks, fit for one line of a terminal.
    static func quoted(_ text: String) -> String {
        StrictJSON.quoted(text)
    }

    /// A path as it is, or quoted where it would break the line.
    static func plain(_ path: String) -> String {
        path.utf8.contains { $0 < 0x20 || $0 == 0x7F } || path.isEmpty ? quoted(path) : path
    }
}
