import ESDKCrypto
import Testing

@Suite struct SystemRandomSourceTests {
    @Test func asManyBytesAsAskedForAreAppended() throws {
        let source = SystemRandomSource()
        for count in [0, 1, 16, 1000] {
            let bytes = try [UInt8](capacity: count + 3) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
                output.append(9)
                try source.fill(&output, count: count)
            }
            #expect(bytes.count == count + 1)
            #expect(bytes[0] == 9)
        }
    }

    @Test func drawsDiffer() throws {
        let source = SystemRandomSource()
        var seen: Set<[UInt8]> = []
        for _ in 0..<100 {
            seen.insert(
                try [UInt8](capacity: 16) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
                    try source.fill(&output, count: 16)
                }
            )
        }
        #expect(seen.count == 100)
    }

    @Test(arguments: [-1, 5])
    func aCountWithoutRoomIsRefused(count: Int) {
        #expect(throws: CryptoError(.invalidLength, "")) {
            try [UInt8](capacity: 4) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
                try SystemRandomSource().fill(&output, count: count)
            }
        }
    }
}
