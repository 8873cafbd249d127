extension [UInt8] {
    /// A copy of the bytes of `span`.
    package init(bytesOf span: Span<UInt8>) {
        self = unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
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
