import ESDKCrypto
import Testing

@Suite struct SecretBytesTests {
    private let secret: [UInt8] = [0xDE, 0xAD, 0xBE, 0xEF]

    @Test func nothingThatPrintsShowsTheBytes() {
        let value = SecretBytes(secret)
        var dumped = ""
        dump(value, to: &dumped)
        let texts = [
            value.description, value.debugDescription, "\(value)", String(reflecting: value), dumped,
            String(describing: [value]), String(describing: Optional(value)),
        ]
        for text in texts {
            #expect(text.contains("4"), "the length is shown")
            for secretText in ["DE", "de", "222", "173", "AD", "BE", "EF", "190", "239"] {
                #expect(!text.replacing("SecretBytes(4 bytes)", with: "").contains(secretText), "\(text)")
            }
        }
        #expect(Mirror(reflecting: value).children.count == 1)
    }

    @Test func equalityComparesLengthAndBytes() {
        let value = SecretBytes(secret)
        #expect(value == SecretBytes(copying: secret.span))
        #expect(value != SecretBytes([0xDE, 0xAD, 0xBE]))
        #expect(value != SecretBytes([0xDE, 0xAD, 0xBE, 0xEE]))
        #expect(value != SecretBytes([]))
        #expect(SecretBytes([]) == SecretBytes([]))
    }

    @Test func theSpanHoldsTheBytes() {
        let value = SecretBytes(secret)
        let copy = value
        #expect(value.count == 4)
        let read = copy.span.indices.map { copy.span[$0] }
        #expect(read == secret)
        #expect(SecretBytes([]).count == 0)
    }

    @Test func whatTheClosureWroteBecomesTheValue() {
        let value = SecretBytes(count: 8) { output in
            output.append(1)
            output.append(2)
        }
        #expect(value == SecretBytes([1, 2]))
    }

    @Test func anErrorOfTheClosureIsPassedOn() {
        #expect(throws: CryptoError(.invalidLength, "")) {
            try SecretBytes(count: 8) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
                output.append(1)
                throw CryptoError(.invalidLength, "enough")
            }
        }
    }

    private func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        constantTimeEquals(a.span, b.span)
    }

    @Test func constantTimeComparisonFindsADifferenceAnywhere() {
        let reference = [UInt8](0..<64)
        #expect(equal(reference, reference))
        for index in reference.indices {
            var changed = reference
            changed[index] ^= 0x80
            #expect(!equal(reference, changed))
        }
        #expect(!equal(reference, Array(reference.prefix(63))))
        #expect(equal([], []))
    }

    @Test func zeroizeEmptiesTheArray() {
        var bytes = secret
        zeroize(&bytes)
        #expect(bytes.isEmpty)
        zeroize(&bytes)
        #expect(bytes.isEmpty)
    }
}
