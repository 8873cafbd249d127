import Glibc

extension Collection<UInt8> {
    /// The bytes as an array, if they are one already, or if they do not lie in one piece and must be copied; nil for any other
    /// collection, whose bytes `withSpan` reads in place.
    ///
    /// Arrays take the way of borrowed bytes, which no generic code makes slower.
    var array: [UInt8]? {
        // A comparison of two pointers, where a cast would take longer than a small message allows.
        if Self.self == [UInt8].self { return unsafe unsafeBitCast(self, to: [UInt8].self) }
        return withContiguousStorageIfAvailable { _ in () } == nil ? [UInt8](self) : nil
    }

    /// Hands `body` the bytes: in place where they are contiguous, otherwise a copy.
    func withSpan<Result, Failure>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let outcome = withContiguousStorageIfAvailable { buffer -> Swift.Result<Result, Failure> in
            do throws(Failure) {
                return .success(try body(unsafe Span(_unsafeElements: buffer)))
            } catch {
                return .failure(error)
            }
        }
        guard let outcome else { return try body([UInt8](self).span) }
        return try outcome.get()
    }
}

extension [UInt8] {
    /// From this length on, in bytes, a fresh array spends more time on page faults than the content on encryption.
    private static var largeCapacity: Int { 4 << 20 }
    /// What the allocator and the array keep for themselves in a mapping, in bytes, or more.
    private static var headerLength: Int { 64 }
    private static var pageSize: Int { 4 << 10 }
    private static var largePageSize: Int { 2 << 20 }

    /// Reserves room for `capacity` bytes and, if that is much, asks the system for large pages, of which each costs one fault
    /// for 2 MiB instead of one for 4 KiB.
    ///
    /// A request only: where it is not granted, nothing but speed is lost. Address space is reserved for up to two large pages more, and
    /// the last one may be resident as a whole.
    mutating func reserveLargeCapacity(_ capacity: Int) {
        guard capacity > self.capacity else { return }
        // Larger pages than these would waste memory.
        guard capacity >= Self.largeCapacity, isEmpty, sysconf(Int32(_SC_PAGESIZE)) == Self.pageSize else {
            return reserveCapacity(capacity)
        }
        // The headers are written before the request can be made, and make small pages of the 2 MiB that they lie in: 4 % of the time
        // of a message. So they are to have one small page to themselves, directly before a large one. A mapping ends where the free
        // addresses end: a longer one begins so much lower.
        var length = (capacity + Self.largePageSize - 1) / Self.largePageSize * Self.largePageSize + Self.pageSize
        self = []
        reserveCapacity(length - Self.headerLength)
        let shift = (firstPage + Self.pageSize) % Self.largePageSize
        if shift > 0 {
            length += shift
            // A mapping of whole large pages would be placed at the beginning of one.
            if length % Self.largePageSize == 0 { length += Self.pageSize }
            self = []
            reserveCapacity(length - Self.headerLength)
        }
        _ = unsafe madvise(UnsafeMutableRawPointer(bitPattern: firstPage), length, MADV_HUGEPAGE)
    }

    /// The address of the page that the array begins on.
    private var firstPage: Int {
        let start = unsafe withUnsafeBytes { Int(bitPattern: $0.baseAddress) }
        return start / Self.pageSize * Self.pageSize
    }
}
