import AWSEncryptionSDK
import AWSMaterialProviders
import TestSupport
import Testing

/// Properties that hold for every message, tried on a set of them.
@Suite("Properties of decryption")
struct DecryptionPropertyTests {
    @Test("Every truncation is refused", .spec("decrypt/behavior.6"), arguments: try Specimen.all.get(), [1, 3])
    func truncations(specimen: Specimen, lanes: Int) async throws {
        let reader = try specimen.reader(lanes: lanes)
        for length in 0..<specimen.bytes.count {
            await expectRefusal(
                of: Array(specimen.bytes[..<length]),
                by: reader,
                .truncatedMessage,
                readings: length.isMultiple(of: 8) ? Reading.all : [.oneShot, .streamed(chunkLength: 11)],
                "\(length) bytes"
            )
        }
    }

    @Test(
        "Every way to split the message in two gives the plaintext of one-shot",
        arguments: try Specimen.all.get(),
        [1, 3]
    )
    func twoWaySplits(specimen: Specimen, lanes: Int) async throws {
        for policy in [SignedMessagePolicy.holdUntilVerified(.inMemory), .releaseFramesBeforeSignatureIsVerified] {
            var reader = try specimen.reader(lanes: lanes)
            reader.policy = policy
            #expect(try await reader.read(specimen.bytes, .oneShot).plaintext == specimen.plaintext)
            for length in 0...specimen.bytes.count {
                let chunks = [Array(specimen.bytes[..<length]), Array(specimen.bytes[length...])]
                var output: [UInt8] = []
                try await reader.stream(chunks, appendingTo: &output)
                #expect(output == specimen.plaintext, "split at \(length), \(policy)")
            }
        }
    }

    @Test(
        "Every way to chop the message up gives the plaintext of one-shot",
        .spec(
            "decrypt/parse-the-header.1",
            "decrypt/parse-the-header.2",
            "decrypt/parse-the-header.4",
            "decrypt/decrypt-the-message-body.2",
            "decrypt/verify-the-signature.3"
        ),
        arguments: try Specimen.all.get(),
        [1, 3]
    )
    func chunkings(specimen: Specimen, lanes: Int) async throws {
        for policy in [SignedMessagePolicy.holdUntilVerified(.inMemory), .releaseFramesBeforeSignatureIsVerified] {
            var reader = try specimen.reader(lanes: lanes)
            reader.policy = policy
            for length in 1...20 {
                var output: [UInt8] = []
                try await reader.stream(specimen.bytes.chunks(of: length), appendingTo: &output)
                #expect(output == specimen.plaintext, "chunks of \(length), \(policy)")
            }
            for seed in 1...50 as ClosedRange<UInt64> {
                var generator = SeededGenerator(seed: seed)
                var output: [UInt8] = []
                let chunks = specimen.bytes.randomChunks(upTo: 40, using: &generator)
                try await reader.stream(chunks, appendingTo: &output)
                #expect(output == specimen.plaintext, "seed \(seed), \(policy)")
            }
        }
    }

    @Test(
        "Every single-bit flip is refused, and what a stream released by then is whole frames",
        .spec("decrypt/authenticated-data.1", "decrypt/decrypt-the-message-body.14"),
        arguments: try Specimen.all.get(),
        [1, 3]
    )
    func bitFlips(specimen: Specimen, lanes: Int) async throws {
        var reader = try specimen.reader(lanes: lanes)
        reader.policy = .releaseFramesBeforeSignatureIsVerified
        for index in specimen.bytes.indices {
            for bit in 0..<8 {
                var altered = specimen.bytes
                altered[index] ^= 1 << bit
                await #expect(throws: EncryptionSDKError.self, "byte \(index), bit \(bit)") {
                    _ = try await reader.read(altered, .oneShot)
                }
                // One bit of each byte is enough for streams, which share everything but the chunks with one-shot.
                guard bit == index % 8 else { continue }
                var released: [UInt8] = []
                await #expect(throws: EncryptionSDKError.self, "byte \(index), bit \(bit)") {
                    try await reader.stream(altered.chunks(of: 13), appendingTo: &released)
                }
                #expect(specimen.mayRelease(released), "byte \(index), bit \(bit): \(released.count) bytes")
            }
        }
    }

    @Test(
        "What a stream has released at any time is whole frames from the beginning",
        .spec(
            "decrypt/decrypt-the-message-body.14",
            "decrypt/decrypt-the-message-body.15",
            "decrypt/decrypt-the-message-body.16"
        ),
        arguments: try Specimen.all.get(),
        [1, 3]
    )
    func prefixes(specimen: Specimen, lanes: Int) async throws {
        let reader = try specimen.reader(lanes: lanes)
        for chunkLength in [1, 5, 30] {
            let decryptor = reader.client.decryptor(
                using: reader.materialsManager,
                signedMessages: .releaseFramesBeforeSignatureIsVerified
            )
            var released: [UInt8] = []
            var consumed = 0
            for chunk in specimen.bytes.chunks(of: chunkLength) {
                try await decryptor.update(chunk, appendingTo: &released)
                consumed += chunk.count
                if consumed < specimen.bytes.count { #expect(specimen.mayRelease(released)) }
            }
            #expect(released == specimen.plaintext)
            try await decryptor.finish { Issue.record("\($0.count) bytes were held") }
        }
    }

    @Test(
        "A held stream releases nothing before it is finished",
        .spec("decrypt/behavior.5", "streaming/outputs.4"),
        arguments: try Specimen.all.get(),
        [1, 3]
    )
    func holding(specimen: Specimen, lanes: Int) async throws {
        let reader = try specimen.reader(lanes: lanes)
        for policy in [
            SignedMessagePolicy.holdUntilVerified(.inMemory), .holdInTemporaryFile,
        ] {
            let decryptor = reader.client.decryptor(
                using: reader.materialsManager,
                signedMessages: policy
            )
            var released: [UInt8] = []
            for chunk in specimen.bytes.chunks(of: 9) { try await decryptor.update(chunk, appendingTo: &released) }
            #expect(released == (specimen.suite.signature == nil ? specimen.plaintext : []))
            try await decryptor.finish(appendingTo: &released)
            #expect(released == specimen.plaintext)
        }
    }

    @Test(
        "A stream that refuses signed messages releases nothing and asks for no key",
        arguments: try Specimen.all.get(),
        [1, 3]
    )
    func refusing(specimen: Specimen, lanes: Int) async throws {
        let keyring = StubKeyring(dataKey: specimen.dataKey)
        var reader = try Reader(keyring)
        reader.policy = .refuse
        var released: [UInt8] = []
        if specimen.suite.signature == nil {
            try await reader.stream(specimen.bytes.chunks(of: 9), appendingTo: &released)
            #expect(released == specimen.plaintext)
            #expect(keyring.calls == 1)
        } else {
            await #expect(throws: EncryptionSDKError(.signedMessageRefused, "")) {
                try await reader.stream(specimen.bytes.chunks(of: 9), appendingTo: &released)
            }
            #expect(released.isEmpty)
            #expect(keyring.calls == 0)
        }
    }
}
