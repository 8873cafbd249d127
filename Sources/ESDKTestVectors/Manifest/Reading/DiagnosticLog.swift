internal import StrictJSON

/// Collects the oddities of one set, each once.
struct DiagnosticLog {
    /// What was met, in the order of first meeting.
    private(set) var diagnostics: [ManifestDiagnostic] = []

    private var places: [JSONName: Int] = [:]

    /// Notes an oddity.
    ///
    /// - Parameters:
    ///   - text: what was met, without the place.
    ///   - place: a test id or key name; `nil` for the manifest itself.
    mutating func note(_ text: String, at place: String? = nil) {
        if let index = places[JSONName(text)] {
            diagnostics[index].count += 1
        } else {
            places[JSONName(text)] = diagnostics.count
            diagnostics.append(ManifestDiagnostic(text: text, firstPlace: place, count: 1))
        }
    }

    /// Notes the members of an object that are not among those known.
    ///
    /// - Parameters:
    ///   - fields: the object.
    ///   - known: the names that have a meaning there.
    ///   - place: a test id or key name; `nil` for the manifest itself.
    mutating func noteUnknownMembers(of fields: ManifestFields, known: Set<String>, at place: String? = nil) {
        for member in fields.object.members where !known.contains(member.name) {
            note("member \(ManifestText.quoted(member.name)) of \(fields.what) is not known and ignored", at: place)
        }
    }
}
