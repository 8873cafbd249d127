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
