extension String {
    /// The text of some UTF-8 bytes; malformed ones become U+FFFD.
    ///
    /// - Parameter bytes: the bytes.
    init(copying bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
