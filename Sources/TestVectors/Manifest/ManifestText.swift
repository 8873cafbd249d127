internal import StrictJSON

/// Texts of manifests in messages.
enum ManifestText {
    /// A text from a manifest in quotation marks, fit for one line of a terminal.
    static func quoted(_ text: String) -> String {
        StrictJSON.quoted(text)
    }
}
