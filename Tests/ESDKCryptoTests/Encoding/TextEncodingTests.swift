import ESDKCrypto
import Testing

@Suite struct Base64Tests {
    // RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func theExamplesOfTheRFCHold(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test func everyCharacterOfTheAlphabetHasItsValue() {
        let text = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        // The values 0, 1 … 63, six bits each.
        let packed = (0..<16).flatMap { group -> [UInt8] in
            let bits = (0..<4).reduce(0) { $0 << 6 | (group * 4 + $1) }
            return [UInt8(bits >> 16), UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)]
        }
        #expect(Base64.decode(text) == packed)
        #expect(Base64.encode(packed) == text)
    }

    @Test(arguments: [
        "Zg", "Zg=", "Z===", "====", "=", "Zg==Zg==", "Zm9v=", "Zm9vYg", "Zm=v", "Z=9v", "=m9v", "Zm9v\n", " Zm9v",
        "Zm 9v", "Zm9-", "Zm9_", "Zh==", "Zm9=", "Zg==\n", "Zm9vé==", "\u{0}m9v",
    ])
    func anythingButTheOnePaddedFormIsRefused(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func everyLengthSurvivesARoundTrip() {
        for count in 0..<100 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }
}

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
