extension [UInt8] {
    /// A copy of the bytes of `span`.
    package init(bytesOf span: Span<UInt8>) {
        self = unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Whether the bytes are well-formed UTF-8.
    package var isUTF8: Bool {
        do {
            _ = try UTF8Span(validating: span)
            return true
        } catch {
            return false
        }
    }

    /// Appends a copy of the bytes of `span`.
    package mutating func append(bytesOf span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension Span<UInt8> {
    /// The unsigned integer at `offset`, most significant byte first.
    ///
    /// The caller has checked that it is there.
    @inlinable
    package func bigEndianInteger<Value: FixedWidthInteger & UnsignedInteger>(at offset: Int) -> Value {
        var value: Value = 0
        for index in offset..<offset + Value.bitWidth / 8 { value = value << 8 | Value(self[index]) }
        return value
    }
}

extension [UInt8] {
    /// Appends an integer, most significant byte first.
    @inlinable
    package mutating func append(bigEndian value: some FixedWidthInteger) {
        var shift = value.bitWidth - 8
        while shift >= 0 {
            append(UInt8(truncatingIfNeeded: value >> shift))
            shift -= 8
        }
    }
}

extension FixedWidthInteger {
    /// The bytes, most significant first.
    package var bigEndianBytes: [UInt8] {
        stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> $0) }
    }
}

extension Span where Element == UInt8 {
    /// Lends the bytes to a C function.
    ///
    /// The pointer is never null, not even for an empty span: to libcrypto a null pointer has other meanings
    /// ("keep the key", "this is additional data").
    ///
    /// - Parameter body: receives the address and the number of bytes; must not keep the address.
    /// - Returns: what `body` returned.
    func withBytes<Result>(_ body: (UnsafePointer<UInt8>, Int) -> Result) -> Result {
        unsafe withUnsafeBufferPointer { buffer in
            if let start = buffer.baseAddress, !buffer.isEmpty {
                return unsafe body(start, buffer.count)
            }
            var nothing: UInt8 = 0
            return unsafe withUnsafePointer(to: &nothing) { unsafe body($0, 0) }
        }
    }
}

extension OutputSpan where Element == UInt8 {
    /// Appends a copy of `bytes`.
    ///
    /// - Parameter bytes: at most as many bytes as `freeCapacity`.
    /// - Throws: ``CryptoError`` with code `invalidLength` when there is no room; nothing is written then.
    package mutating func appendBytes(_ bytes: Span<UInt8>) throws(CryptoError) {
        guard bytes.count <= freeCapacity else {
            throw CryptoError(.invalidLength, "\(bytes.count) bytes do not fit into \(freeCapacity) bytes of output")
        }
        unsafe withUnsafeMutableBufferPointer { buffer, initialized in
            guard let start = buffer.baseAddress else { return }
            unsafe bytes.withBytes { source, count in
                unsafe (start + initialized).initialize(from: source, count: count)
            }
            initialized += bytes.count
        }
    }
}
