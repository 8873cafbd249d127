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
    /// - Parameter bytes: the key bytes; the caller still has to dispose of its own copy.
    public init(copying bytes: Span<UInt8>) {
        memory = WipedMemory(copying: bytes)
        count = bytes.count
    }

    /// Copies the bytes of an array.
    ///
    /// - Parameter bytes: the key bytes; the caller still has to dispose of its own copy.
    public init(_ bytes: [UInt8]) {
        self.init(copying: bytes.span)
    }

    /// Lets a closure write the key bytes into their final place, so that no other copy comes to be.
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
    ///   - memory: the memory, which nobody writes to any more.
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
