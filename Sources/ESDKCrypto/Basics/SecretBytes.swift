internal import COpenSSL

/// Key bytes: overwritten with zeros when the last copy is released, compared in constant time, never printed.
///
/// Copies share one immutable allocation.
public struct SecretBytes: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    // Written during initialisation only, which makes sharing between threads safe.
    private let memory: WipedMemory

    /// The number of bytes.
    public let count: Int

    /// Copies the bytes of a span.
    ///
    /// - Parameter bytes: the key bytes; disposing of the original is up to the caller.
    public init(copying bytes: Span<UInt8>) {
        memory = WipedMemory(copying: bytes)
        count = bytes.count
    }

    /// Copies the bytes of an array.
    ///
    /// - Parameter bytes: the key bytes; disposing of the original is up to the caller.
    public init(_ bytes: [UInt8]) {
        self.init(copying: bytes.span)
    }

    /// Lets a closure write the key bytes into their final place, so that there is no other copy.
    ///
    /// - Parameters:
    ///   - count: how many bytes there is room for; not negative.
    ///   - body: appends up to `count` bytes. What it wrote becomes the value.
    /// - Throws: what `body` throws; everything written until then is overwritten first.
    package init<E: Error>(
        count: Int,
        initializingWith body: (inout OutputSpan<UInt8>) throws(E) -> Void
    ) throws(E) {
        // Overwritten at its end, whether the closure throws or not.
        let memory = WipedMemory(capacity: count)
        defer { withExtendedLifetime(memory) {} }
        self.memory = memory
        let buffer = unsafe UnsafeMutableBufferPointer(start: memory.start, count: count)
        var output = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
        do throws(E) {
            try body(&output)
        } catch {
            _ = unsafe output.finalize(for: buffer)
            throw error
        }
        self.count = unsafe output.finalize(for: buffer)
    }

    /// Takes over memory that holds key bytes.
    ///
    /// - Parameters:
    ///   - memory: the memory, which must not be written to any more.
    ///   - count: how many of its bytes count.
    init(_ memory: WipedMemory, count: Int) {
        self.memory = memory
        self.count = count
    }

    /// The bytes, for as long as this value is borrowed.
    public var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // The optimiser of Swift 6.3.1 fails on a span that is made of the field itself.
            let start = unsafe memory.start
            let span = unsafe Span(_unsafeStart: start, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The number of bytes; never the bytes.
    public var description: String { "SecretBytes(\(count) bytes)" }

    /// The number of bytes; never the bytes.
    public var debugDescription: String { description }

    /// A mirror that shows the number of bytes only.
    public var customMirror: Mirror { Mirror(self, children: ["count": count]) }

    /// Compares in constant time; a different length is unequal at once.
    public static func == (lhs: SecretBytes, rhs: SecretBytes) -> Bool {
        constantTimeEquals(lhs.span, rhs.span)
    }
}

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

/// Memory that is overwritten with zeros before it is given back.
///
/// Out of its reach is what others copy out of it, and what the system keeps of it in a swap file or a core dump.
@safe package struct WipedMemory: @unchecked Sendable {
    /// Header and bytes are one allocation.
    private final class Storage: ManagedBuffer<Header, UInt8> {
        deinit {
            unsafe withUnsafeMutablePointers { header, start in
                let (capacity, inspection) = unsafe (header.pointee.capacity, header.pointee.inspection)
                unsafe OPENSSL_cleanse(start, capacity)
                if let inspection {
                    unsafe inspection(Span(_unsafeStart: start, count: capacity))
                }
            }
        }
    }

    private struct Header {
        let capacity: Int
        let inspection: (@Sendable (Span<UInt8>) -> Void)?
    }

    private let storage: ManagedBuffer<Header, UInt8>

    /// The first byte, for as long as a copy of this value is there.
    ///
    /// Once it is shared between threads, it must not be written to.
    package var start: UnsafeMutablePointer<UInt8> { unsafe storage.withUnsafeMutablePointerToElements { unsafe $0 } }
    /// How many bytes there are.
    package var capacity: Int { storage.header.capacity }

    /// Memory with undefined content.
    ///
    /// - Parameters:
    ///   - capacity: how many bytes; not negative.
    ///   - inspection: sees the memory when it has been overwritten and still belongs to this: the one moment at which
    ///     a test can tell.
    package init(capacity: Int, inspection: (@Sendable (Span<UInt8>) -> Void)? = nil) {
        storage = Storage.create(minimumCapacity: capacity) { _ in
            Header(capacity: capacity, inspection: inspection)
        }
    }

    /// A copy of some bytes.
    ///
    /// - Parameter bytes: the bytes.
    package init(copying bytes: Span<UInt8>) {
        self.init(capacity: bytes.count)
        let start = unsafe start
        unsafe bytes.withBytes { source, count in
            unsafe start.initialize(from: source, count: count)
        }
    }
}

/// Compares two byte strings without revealing through timing where they differ.
///
/// The lengths are not secret: strings of different lengths are unequal at once.
///
/// - Parameters:
///   - a: the one string.
///   - b: the other string.
/// - Returns: whether both have the same length and the same bytes.
package func constantTimeEquals(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    return unsafe a.withBytes { first, count in
        unsafe b.withBytes { second, _ in
            unsafe CRYPTO_memcmp(first, second, count) == 0
        }
    }
}

/// Overwrites an array that held key bytes or plaintext, with what was removed from it and is still in its storage, then empties it.
///
/// Only the storage of this array is overwritten: copies that share it keep their bytes.
///
/// - Parameters:
///   - bytes: the array; empty afterwards.
///   - inspection: sees the storage after it has been overwritten, for tests.
package func zeroize(_ bytes: inout [UInt8], inspection: ((Span<UInt8>) -> Void)? = nil) {
    bytes.append(contentsOf: repeatElement(0, count: bytes.capacity - bytes.count))
    unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe OPENSSL_cleanse(buffer.baseAddress, buffer.count)
    }
    inspection?(bytes.span)
    bytes.removeAll()
}

/// Overwrites the elements from `start` on with zeros and removes them.
package func zeroize(_ bytes: inout [UInt8], from start: Int) {
    unsafe bytes.withUnsafeMutableBytes { buffer in
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
        unsafe OPENSSL_cleanse(rest.baseAddress, rest.count)
    }
    bytes.removeSubrange(start...)
}
