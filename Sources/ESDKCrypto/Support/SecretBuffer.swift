/// Secret bytes that arrive in parts: no part of them stays behind, neither when room for more is made nor at the end.
package final class SecretBuffer {
    private var memory: WipedMemory
    private let inspection: (@Sendable (Span<UInt8>) -> Void)?
    /// The number of bytes.
    package private(set) var count = 0

    private static let smallest = 4096

    /// An empty buffer.
    ///
    /// - Parameter inspection: sees all memory that was used, when it has been overwritten; for tests.
    package init(inspection: (@Sendable (Span<UInt8>) -> Void)? = nil) {
        self.inspection = inspection
        memory = WipedMemory(capacity: 0, inspection: inspection)
    }

    /// Takes a copy of some more bytes.
    ///
    /// - Parameter bytes: the bytes.
    package func append(_ bytes: Span<UInt8>) {
        if bytes.count > memory.capacity - count {
            let larger = WipedMemory(
                capacity: max(Self.smallest, 2 * (count + bytes.count)),
                inspection: inspection
            )
            unsafe larger.start.initialize(from: memory.start, count: count)
            memory = larger
        }
        unsafe bytes.withBytes { source, count in
            unsafe (memory.start + self.count).initialize(from: source, count: count)
        }
        count += bytes.count
    }

    /// Gives the bytes away, without a copy.
    ///
    /// - Returns: all bytes; the buffer is empty afterwards.
    package func take() -> SecretBytes {
        let bytes = SecretBytes(memory, count: count)
        memory = WipedMemory(capacity: 0, inspection: inspection)
        count = 0
        return bytes
    }
}
