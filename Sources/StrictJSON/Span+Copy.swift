extension Span<UInt8> {
    /// The bytes as an array.
    var copied: [UInt8] {
        unsafe withUnsafeBufferPointer { buffer in unsafe [UInt8](buffer) }
    }

    /// The bytes as text; they are UTF-8.
    var text: String {
        unsafe withUnsafeBufferPointer { buffer in unsafe String(decoding: buffer, as: UTF8.self) }
    }
}
