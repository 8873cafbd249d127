import ESDKCrypto
import Testing

@testable import ESDKTestVectors

@Suite("Seeded random source")
struct SeededRandomSourceTests {
    @Test("The stream is the documented one")
    func stream() throws {
        // Made with Python's hmac module.
        let expected = try #require(
            Hex.decode(
                "0635298584c06bbd9ec7a9781a23bc515322458a5353df424bc7b2467dea97a3"
                    + "a8c80f7e7038b5093176486ca9e9213db121dcb705683b02f9f1d22057688798"
            )
        )
        #expect(try SeededRandomSource(seed: "seed", label: "label").bytes(64) == expected)
    }

    @Test("It does not matter in which portions bytes are taken")
    func portions() throws {
        let whole = try SeededRandomSource(seed: "s", label: "l").bytes(500)
        let source = try SeededRandomSource(seed: "s", label: "l")
        var parts: [UInt8] = []
        for count in [0, 1, 31, 32, 33, 0, 64, 100, 239] { parts += try source.bytes(count) }
        #expect(parts == whole)
    }

    @Test("Another seed and another label give other bytes")
    func others() throws {
        let streams = try [("a", "bc"), ("ab", "c"), ("a", "bd"), ("", "abc")].map {
            try SeededRandomSource(seed: $0, label: $1).bytes(32)
        }
        #expect(Set(streams).count == streams.count)
    }
}
