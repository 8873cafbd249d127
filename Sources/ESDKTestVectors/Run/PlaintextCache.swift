import ESDKCrypto
import ESDKSystem

/// The expected plaintexts of a set: one file is shared by thousands of tests.
final class PlaintextCache: Sendable {
    /// Larger files are read for each test anew.
    private static let longestCached = 8 << 20
    private static let capacity = 256 << 20

    private struct State {
        var files: [VectorURI: [UInt8]] = [:]
        var size = 0
    }

    private let folder: VectorFolder
    private let state = Guarded(State())

    init(folder: VectorFolder) { self.folder = folder }

    func bytes(of resource: VectorResource) throws(VectorFileError) -> [UInt8] {
        guard case .file(let uri) = resource else {
            return try folder.read(resource, limit: TestPreparation.largestFile)
        }
        if let known = state.withLock({ $0.files[uri] }) { return known }
        let bytes = try folder.read(uri, limit: TestPreparation.largestFile)
        if bytes.count <= Self.longestCached {
            state.withLock { state in
                guard state.size + bytes.count <= Self.capacity, state.files.updateValue(bytes, forKey: uri) == nil
                else { return }
                state.size += bytes.count
            }
        }
        return bytes
    }
}
