/// The checksum of IEEE 802.3, which DynamoDB sends along with its answers.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    /// The checksum of some bytes.
    ///
    /// - Parameter bytes: the bytes.
    static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
        let table = table.span
        var value: UInt32 = 0xFFFF_FFFF
        for index in bytes.indices {
            value = value >> 8 ^ table[Int(UInt8(truncatingIfNeeded: value) ^ bytes[index])]
        }
        return value ^ 0xFFFF_FFFF
    }
}
