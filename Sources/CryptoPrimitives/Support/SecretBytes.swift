internal import COpenSSL

/// Key bytes: overwritten with zeros when the last copy is released, compared in constant time, never printed.
///
/// Copies share one immutable allocation.
public struct SecretBytes: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let storage: Storage

    /// Copies the bytes of a span.
    ///
    /// - Parameter bytes: the key bytes; the caller still has to dispose of its own copy.
    public init(copying bytes: Span<UInt8>) {
        self.storage = Storage(copying: bytes)
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
        self.storage = try Storage(capacity: count, initializingWith: body)
    }

    /// The number of bytes.
    public var count: Int { storage.count }

    /// The bytes, for as long as this value is borrowed.
    public var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let start = unsafe storage.start
            let count = storage.count
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

extension SecretBytes {
    /// The allocation.
    ///
    /// It is written during initialisation only, which makes sharing between threads safe.
    @safe private final class Storage: @unchecked Sendable {
        let start: UnsafeMutablePointer<UInt8>
        let capacity: Int
        let count: Int

        init(copying bytes: Span<UInt8>) {
            unsafe self.start = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
            self.capacity = bytes.count
            self.count = bytes.count
            unsafe bytes.withBytes { [start] source, count in
                unsafe start.initialize(from: source, count: count)
            }
        }

        init<E: Error>(
            capacity: Int,
            initializingWith body: (inout OutputSpan<UInt8>) throws(E) -> Void
        ) throws(E) {
            let start = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
            let buffer = unsafe UnsafeMutableBufferPointer(start: start, count: capacity)
            var output = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
            do throws(E) {
                try body(&output)
            } catch {
                unsafe OPENSSL_cleanse(start, capacity)
                unsafe start.deallocate()
                throw error
            }
            let count = unsafe output.finalize(for: buffer)
            unsafe self.start = start
            self.capacity = capacity
            self.count = count
        }

        deinit {
            unsafe OPENSSL_cleanse(start, capacity)
            unsafe start.deallocate()
        }
    }
}
