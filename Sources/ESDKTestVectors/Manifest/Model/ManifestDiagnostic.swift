/// An oddity in a manifest that was tolerated.
package struct ManifestDiagnostic: Hashable, Sendable {
    /// What was met, in words.
    package let text: String

    /// Where it was met first: a test id or key name; `nil` for the manifest itself.
    package let firstPlace: String?

    /// How often it was met.
    package var count: Int
}

extension ManifestDiagnostic: CustomStringConvertible {
    /// The oddity as one line.
    package var description: String {
        let place = firstPlace.map { " (\(count == 1 ? "in" : "first in") \($0))" } ?? ""
        return count == 1 ? text + place : "\(text), \(count) times\(place)"
    }
}
