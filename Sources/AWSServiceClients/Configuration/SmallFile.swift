internal import ESDKCrypto
internal import Glibc

/// Reads files that are small by nature: settings and tokens.
enum SmallFile {
    /// Why a file was not read.
    enum Failure: Error {
        /// There is no such file.
        case missing
        /// It cannot be read, in the system's words.
        case unreadable(String)
    }

    private static let largest = 1 << 20

    /// The bytes of a file.
    ///
    /// - Parameter path: its path.
    /// - Returns: at most 1 MiB.
    /// - Throws: `Failure`.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw .missing }
            throw .unreadable(unsafe String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        defer { zeroize(&buffer) }
        while true {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(unsafe String(cString: strerror(errno))) }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= largest else { throw .unreadable("it is larger than 1 MiB") }
            bytes += buffer.prefix(count)
        }
    }
}
