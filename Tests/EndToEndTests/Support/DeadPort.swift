import Glibc

/// A port on this machine where no service answers.
final class DeadPort {
    private let descriptor: Int32
    /// The URL of the port.
    let endpoint: String

    /// A port that takes connections and never answers, or one that refuses them.
    init(acceptsConnections: Bool) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                bind(descriptor, name, length) == 0 && getsockname(descriptor, name, &length) == 0
            }
        }
        // A bound socket that does not listen refuses, and nobody else gets its port.
        guard bound, !acceptsConnections || listen(descriptor, 16) == 0 else { throw Failure() }
        self.descriptor = descriptor
        endpoint = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    }

    deinit { close(descriptor) }

    struct Failure: Error {}
}
