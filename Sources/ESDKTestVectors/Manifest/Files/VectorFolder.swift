/// The folder of a set, out of which nothing is read.
package struct VectorFolder: Sendable {
    /// The folder's path; URIs are relative to it.
    package let path: String

    /// The folder's path without symbolic links.
    private let resolvedPath: String?

    /// A folder.
    ///
    /// - Parameter path: its path; the empty path is the current folder.
    package init(_ path: String) {
        self.path = path.isEmpty ? "." : path
        resolvedPath = RegularFile.resolved(self.path)
    }

    /// The path of a file of the set.
    ///
    /// - Parameter uri: the file's URI.
    /// - Throws: where there is no such file, or a symbolic link on its way leaves the folder.
    package func path(of uri: VectorURI) throws(VectorFileError) -> String {
        let joined = path == "/" ? "/" + uri.relativePath : "\(path)/\(uri.relativePath)"
        guard let resolvedPath, let target = RegularFile.resolved(joined) else {
            throw VectorFileError(.missing, path: joined, reason: "no such file")
        }
        let prefix = resolvedPath == "/" ? "/" : resolvedPath + "/"
        guard target.utf8.starts(with: prefix.utf8) else {
            throw VectorFileError(.leavesFolder, path: joined, reason: "a symbolic link leaves the set's folder")
        }
        return joined
    }

    /// The bytes of a file of the set.
    ///
    /// - Parameters:
    ///   - uri: the file's URI.
    ///   - limit: the largest size that is accepted, in bytes.
    /// - Returns: the contents.
    /// - Throws: where the file is missing, lies outside, is no regular file, too large or unreadable.
    package func read(_ uri: VectorURI, limit: Int = .max) throws(VectorFileError) -> [UInt8] {
        try RegularFile.read(try path(of: uri), limit: limit)
    }

    /// The bytes that a test names.
    ///
    /// - Parameters:
    ///   - resource: a file of the set, or bytes that the manifest holds.
    ///   - limit: the largest file that is accepted, in bytes.
    /// - Returns: the contents.
    /// - Throws: as for a URI.
    package func read(_ resource: VectorResource, limit: Int = .max) throws(VectorFileError) -> [UInt8] {
        switch resource {
        case .file(let uri): try read(uri, limit: limit)
        case .inline(let bytes): bytes
        }
    }
}
