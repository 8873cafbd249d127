/// The vector sets at the paths of a command line, each once.
package struct RequestedSets: Sendable {
    /// The sets, in the order of the paths.
    package let sets: [VectorSet]
    /// The paths of sets that were left out, because an earlier path had led to them already.
    package let repeated: [String]

    /// Loads the sets at `paths`; a slash at the end of a path does not count.
    ///
    /// - Throws: `LoadError`, for the first set that cannot be loaded.
    package init(_ paths: [String]) throws(LoadError) {
        var sets: [VectorSet] = []
        var repeated: [String] = []
        var known: Set<[UInt8]> = []
        for path in paths {
            for set in try VectorSetLoader.load(Self.withoutTrailingSlashes(path)) {
                let file = RegularFile.resolved(set.manifestPath) ?? set.manifestPath
                if known.insert(Array(file.utf8)).inserted { sets.append(set) } else { repeated.append(set.path) }
            }
        }
        self.sets = sets
        self.repeated = repeated
    }

    /// The same folder has one name in reports, however it was typed.
    private static func withoutTrailingSlashes(_ path: String) -> String {
        var bytes = Array(path.utf8)
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
