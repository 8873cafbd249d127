/// The implementation that wrote a set, from the manifest's `client`.
package struct Producer: Hashable, Sendable {
    /// Its name.
    package let name: String?

    /// Its version.
    package let version: String?

    /// A producer.
    package init(name: String?, version: String?) {
        self.name = name
        self.version = version
    }
}

extension Producer: CustomStringConvertible {
    /// Name and version; `unknown` where neither is given.
    package var description: String {
        let parts = [name, version].compactMap(\.self)
        return parts.isEmpty ? "unknown" : parts.joined(separator: " ")
    }
}
