internal import COpenSSL

/// Memory that is overwritten with zeros before it is given back.
///
/// Out of its reach is what others copy out of it, and what the system keeps of it in a swap file or a core dump.
@safe package final class WipedMemory: @unchecked Sendable {
    /// The first byte.
    ///
    /// Whoever shares the memory between threads must not write to it any more.
    package let start: UnsafeMutablePointer<UInt8>
    /// How many bytes there are.
    package let capacity: Int
    private let inspection: (@Sendable (Span<UInt8>) -> Void)?

    /// Memory with undefined content.
    ///
    /// - Parameters:
    ///   - capacity: how many bytes; not negative.
    ///   - inspection: sees the memory when it has been overwritten and still belongs to this: the one moment at which
    ///     a test can tell.
    package init(capacity: Int, inspection: (@Sendable (Span<UInt8>) -> Void)? = nil) {
        unsafe start = .allocate(capacity: capacity)
        self.capacity = capacity
        self.inspection = inspection
    }

    /// A copy of some bytes.
    ///
    /// - Parameter bytes: the bytes.
    package convenience init(copying bytes: Span<UInt8>) {
        self.init(capacity: bytes.count)
        unsafe bytes.withBytes { [start] source, count in
            unsafe start.initialize(from: source, count: count)
        }
    }

    deinit {
        unsafe OPENSSL_cleanse(start, capacity)
        if let inspection {
            unsafe inspection(Span(_unsafeStart: start, count: capacity))
        }
        unsafe start.deallocate()
    }
}
