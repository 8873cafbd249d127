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

    /// Reserves room for `capacity` bytes and, if that is much, asks the system for large pages, of which each costs one fault
    /// for 2 MiB instead of one for 4 KiB.
    ///
    /// A request only: where it is not granted, nothing but speed is lost.
    mutating func reserveLargeCapacity(_ capacity: Int) {
        guard capacity > self.capacity else { return }
        reserveCapacity(capacity)
        guard capacity >= Self.largeCapacity else { return }
        let reserved = self.capacity
        unsafe withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            let pageSize = UInt(sysconf(Int32(_SC_PAGESIZE)))
            let firstPage = (UInt(bitPattern: start) + pageSize - 1) / pageSize * pageSize
            let end = UInt(bitPattern: start) + UInt(reserved)
            guard firstPage < end else { return }
            _ = unsafe madvise(UnsafeMutableRawPointer(bitPattern: firstPage), Int(end - firstPage), MADV_HUGEPAGE)
        }
    }
}
