import StrictJSON

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
    package func path(of uri: VectorURI) throws(VectorError) -> String {
        let joined = path == "/" ? "/" + uri.relativePath : "\(path)/\(uri.relativePath)"
        guard let resolvedPath, let target = RegularFile.resolved(joined) else {
            throw VectorError(.notFound, path: joined, reason: "no such file")
        }
        let prefix = resolvedPath == "/" ? "/" : resolvedPath + "/"
        guard target.utf8.starts(with: prefix.utf8) else {
            throw VectorError(.leavesFolder, path: joined, reason: "a symbolic link leaves the set's folder")
        }
        return joined
    }

    /// The bytes of a file of the set.
    ///
    /// - Parameters:
    ///   - uri: the file's URI.
    ///   - limit: the largest size that is accepted, in bytes.
    /// - Returns: the contents.
    /// - Throws: where the file is missing, lies outside, is not a regular file, is too large or cannot be read.
    package func read(_ uri: VectorURI, limit: Int = .max) throws(VectorError) -> [UInt8] {
        try RegularFile.read(try path(of: uri), limit: limit)
    }

    /// The bytes that a test names.
    ///
    /// - Parameters:
    ///   - resource: a file of the set, or bytes that the manifest holds.
    ///   - limit: the largest file that is accepted, in bytes.
    /// - Returns: the contents.
    /// - Throws: as for a URI.
    package func read(_ resource: VectorResource, limit: Int = .max) throws(VectorError) -> [UInt8] {
        switch resource {
        case .file(let uri): try read(uri, limit: limit)
        case .inline(let bytes): bytes
        }
    }
}

/// A URI in a manifest that stays below the manifest's folder.
///
/// `file://relative`, `file:relative` and a bare relative path are one; `\` counts as `/`; nothing is percent-decoded.
package struct VectorURI: Sendable {
    /// The path below the folder, `/` between components, without `.` and `..`.
    package let relativePath: String

    /// Reads a URI.
    ///
    /// - Parameter text: the text in the manifest.
    /// - Throws: a problem that fails the test for an empty, absolute or escaping path, and one that skips it for a
    ///   scheme that names no file.
    package init(_ text: String) throws(VectorError) {
        relativePath = try Self.relativePath(text)
    }

    /// Works on bytes: Swift's characters would join a separator with a combining mark after it.
    private static func relativePath(_ text: String) throws(VectorError) -> String {
        let quoted = ManifestText.quoted(text)
        var rest = Array(text.utf8)[...]
        if rest.starts(with: "file://".utf8) {
            rest = rest.dropFirst("file://".utf8.count)
        } else if rest.starts(with: "file:".utf8) {
            rest = rest.dropFirst("file:".utf8.count)
        } else if let scheme = scheme(of: rest) {
            throw .unsupported("URI \(quoted): only files of the set are read, not \(scheme): URIs")
        }
        guard !rest.contains(0) else { throw .broken("URI \(quoted) holds U+0000") }
        let isDrive = rest.count > 1 && rest[rest.startIndex + 1] == colon && isLetter(rest[rest.startIndex])
        guard let first = rest.first, !isDrive, first != slash, first != backslash else {
            throw .broken("URI \(quoted) \(rest.isEmpty ? "names no file" : "is absolute: it leaves the set's folder")")
        }
        var components: [ArraySlice<UInt8>] = []
        for component in rest.split(whereSeparator: { $0 == slash || $0 == backslash }) {
            if component.elementsEqual("..".utf8) {
                guard components.popLast() != nil else { throw .broken("URI \(quoted) leaves the set's folder") }
            } else if !component.elementsEqual(".".utf8) {
                components.append(component)
            }
        }
        guard !components.isEmpty else { throw .broken("URI \(quoted) names no file") }
        return String(decoding: Array(components.joined(separator: [slash])), as: UTF8.self)
    }

    /// The scheme of RFC 3986, section 3.1, if there is one of more than one letter.
    private static func scheme(of text: ArraySlice<UInt8>) -> String? {
        guard let end = text.firstIndex(of: colon) else { return nil }
        let scheme = text[..<end]
        guard scheme.count > 1, let first = scheme.first, isLetter(first),
            scheme.allSatisfy({ isLetter($0) || 0x30...0x39 ~= $0 || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E })
        else { return nil }
        return String(decoding: scheme, as: UTF8.self)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }

    private static let slash = UInt8(ascii: "/")
    private static let backslash = UInt8(ascii: "\\")
    private static let colon = UInt8(ascii: ":")
}

extension VectorURI: Hashable {
    /// Whether both name one file: by the bytes of the path, as a file system compares them.
    package static func == (left: VectorURI, right: VectorURI) -> Bool {
        JSONName(left.relativePath) == JSONName(right.relativePath)
    }

    /// Hashes the bytes of the path.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(JSONName(relativePath))
    }
}

/// Bytes that a test names.
package enum VectorResource: Hashable, Sendable {
    /// A file of the set.
    case file(VectorURI)
    /// Bytes that the manifest itself holds.
    case inline([UInt8])
}

extension VectorResource: CustomStringConvertible {
    /// The file's path, or how many bytes there are.
    package var description: String {
        switch self {
        case .file(let uri): uri.relativePath
        case .inline(let bytes): "\(bytes.count) bytes in the manifest"
        }
    }
}
