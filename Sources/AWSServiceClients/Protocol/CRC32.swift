internal import ESDKCrypto

/// The checksum of IEEE 802.3, which DynamoDB sends along with its answers.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    /// Whether the body of a response is what the service sent, as far as the response says.
    ///
    /// - Parameter response: any response; one without `x-amz-crc32` passes.
    static func matches(_ response: HTTPResponse) -> Bool {
        guard let text = response.headers.first(named: "x-amz-crc32"), let sum = UInt32(text) else { return true }
        return checksum(response.body.span) == sum
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
