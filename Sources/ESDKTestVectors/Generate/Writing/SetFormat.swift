/// The version of the decrypt manifest that is written.
package enum SetFormat: String, Sendable, Hashable, CaseIterable {
    /// What the handlers of Python, Java, JavaScript and C++ read: raw and KMS keys in flat lists.
    case v2
    /// What the handlers of .NET and Python read: version 2 with materials managers and encryption contexts.
    case v4
    /// What the Dafny family and C read: every keyring.
    case v5

    /// The manifest's version.
    package var version: Int {
        switch self {
        case .v2: 2
        case .v4: 4
        case .v5: 5
        }
    }

    /// The manifest's name; that of versions 2 and 4 is built into readers.
    package var manifestName: String { self == .v5 ? "decrypt-manifest.json" : "manifest.json" }

    /// The format that a manifest is answered in when none is asked for.
    ///
    /// An encrypt manifest is answered in the one that can express every keyring. Tests that must fail are at home in version 2, and
    /// a decrypt-generate manifest of version 4 has materials managers, which version 4 can express.
    package init(answering header: ManifestHeader) {
        switch (header.kind, header.version) {
        case (.encrypt, _): self = .v5
        case (_, 4): self = .v4
        default: self = .v2
        }
    }
}
