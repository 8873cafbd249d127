import ESDKCrypto
import ESDKSystem
import Testing

@testable import ESDKCrypto

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
        #expect(!equal(Array(reference.prefix(63)), reference))
        #expect(!equal([], reference))
        #expect(equal([], []))
    }

    @Test func zeroizeEmptiesTheArray() {
        var bytes = secret
        zeroize(&bytes)
        #expect(bytes.isEmpty)
        zeroize(&bytes)
        #expect(bytes.isEmpty)
    }

    @Test func zeroizeReachesWhatWasRemovedFromTheArray() {
        var bytes = [UInt8](repeating: 0x5A, count: 1000)
        bytes.removeAll(keepingCapacity: true)
        bytes.append(1)
        var wiped: [UInt8] = []
        zeroize(&bytes) { storage in
            for index in storage.indices { wiped.append(storage[index]) }
        }
        #expect(wiped.count >= 1000)
        #expect(wiped.allSatisfy { $0 == 0 })
    }
}

/// Memory that held secrets, seen at the moment at which it is given back.
@Suite struct WipedMemoryTests {
    /// What memory held when it was given back, one entry for each piece.
    private final class Witness: Sendable {
        private let pieces = Guarded<[[UInt8]]>([])

        var seen: [[UInt8]] { pieces.withLock { $0 } }

        @Sendable func look(_ bytes: Span<UInt8>) {
            let copy = bytes.indices.map { bytes[$0] }
            pieces.withLock { $0.append(copy) }
        }
    }

    @Test func allOfItIsOverwrittenBeforeItIsGivenBack() {
        let witness = Witness()
        var memory: WipedMemory? = WipedMemory(capacity: 1000, inspection: witness.look)
        for index in 0..<1000 { (memory?.start)?.advanced(by: index).initialize(to: 0xA5) }
        #expect(witness.seen.isEmpty)
        memory = nil
        #expect(witness.seen == [[UInt8](repeating: 0, count: 1000)])
    }

    @Test func secretBytesAreOverwrittenWithTheirLastCopy() {
        let witness = Witness()
        let buffer = SecretBuffer(inspection: witness.look)
        buffer.append([UInt8](repeating: 0xA5, count: 100).span)
        var first: SecretBytes? = buffer.take()
        var second = first
        #expect(second == SecretBytes([UInt8](repeating: 0xA5, count: 100)))
        let before = witness.seen.count
        first = nil
        #expect(witness.seen.count == before)
        _ = first
        second = nil
        #expect(witness.seen.count == before + 1)
        #expect(witness.seen.allSatisfy { $0.allSatisfy { $0 == 0 } })
        _ = second
    }

    @Test func aBufferThatGrowsLeavesNothingBehind() {
        let witness = Witness()
        var buffer: SecretBuffer? = SecretBuffer(inspection: witness.look)
        var expected: [UInt8] = []
        for part in 0..<200 {
            let bytes = [UInt8](repeating: UInt8(part % 255 + 1), count: part * 3)
            expected += bytes
            buffer?.append(bytes.span)
            #expect(buffer?.count == expected.count)
        }
        let grown = witness.seen.count
        #expect(grown > 2)
        #expect(buffer?.take() == SecretBytes(expected))
        #expect(buffer?.count == 0)
        buffer?.append(expected.span)
        buffer = nil
        _ = buffer
        // The piece that was taken, and the one that was filled again.
        #expect(witness.seen.filter { $0.count >= expected.count }.count >= 2)
        #expect(witness.seen.allSatisfy { $0.allSatisfy { $0 == 0 } })
    }
}
