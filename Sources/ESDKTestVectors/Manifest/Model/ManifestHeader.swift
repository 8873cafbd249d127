/// What a manifest says about itself.
package struct ManifestHeader: Hashable, Sendable {
    /// What it is for.
    package let kind: ManifestKind

    /// The text of its `type`; `nil` for a known-answer file.
    package let type: String?

    /// Its `version`; `nil` for the format of 2018 and for a known-answer file.
    package let version: Int?

    /// A header.
    package init(kind: ManifestKind, type: String?, version: Int?) {
        self.kind = kind
        self.type = type
        self.version = version
    }
}

extension ManifestHeader: CustomStringConvertible {
    /// The type and version in short: `awses-decrypt v5`.
    package var description: String {
        switch (type, version) {
        case (let type?, let version?): "\(type) v\(version)"
        case (let type?, nil): type
        case (nil, _): "no manifest"
        }
    }
}
