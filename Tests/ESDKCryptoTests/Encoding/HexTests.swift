import ESDKCrypto
import Testing

@Suite struct HexTests {
    // RFC 4648, section 10.
    @Test(arguments: [("", ""), ("f", "66"), ("foobar", "666f6f626172")])
    func theExamplesOfTheRFCHold(plain: String, encoded: String) {
        #expect(Hex.encode(Array(plain.utf8)) == encoded)
        #expect(Hex.decode(encoded) == Array(plain.utf8))
    }

    @Test func bothCasesAreRead() {
        #expect(Hex.decode("00fFaA9b") == [0x00, 0xFF, 0xAA, 0x9B])
    }

    @Test func everyByteSurvivesARoundTrip() {
        let all = (0...255).map { UInt8($0) }
        #expect(Hex.decode(Hex.encode(all)) == all)
    }

    @Test(arguments: ["0", "0g", "0x00", "00 ", "0\n", "é", "::", "@@", "``", "//"])
    func anythingButPairsOfDigitsIsRefused(text: String) {
        #expect(Hex.decode(text) == nil)
    }
}
