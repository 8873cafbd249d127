/// Paths in the form in which they are signed.
enum CanonicalPath {
    /// Resolves `.` and `..`, drops empty segments, and percent-encodes everything but unreserved characters.
    ///
    /// A percent sign is encoded too: services encode the path that they received once more.
    ///
    /// - Parameter path: the path as it stands in the request line.
    static func encode(_ path: String) -> String {
        var segments: [Substring] = []
        for part in path.split(separator: "/", omittingEmptySubsequences: true) {
            switch part {
            case ".": break
            case "..": _ = segments.popLast()
            default: segments.append(part)
            }
        }
        guard !segments.isEmpty else { return "/" }
        return "/" + segments.map { PercentEncoding.encode(String($0)) }.joined(separator: "/")
            + (path.hasSuffix("/") ? "/" : "")
    }
}
