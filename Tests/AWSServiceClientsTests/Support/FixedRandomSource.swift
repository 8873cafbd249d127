import ESDKCrypto

/// Bytes that are all the same: 0xFF makes every random fraction 1.
struct FixedRandomSource: RandomSource {
    let byte: UInt8

    func fill(_ output: inout OutputSpan<UInt8>, count: Int) throws(CryptoError) {
        for _ in 0..<count { output.append(byte) }
    }
}
