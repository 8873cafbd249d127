import AWSEncryptionSDK
import AWSMaterialProviders
import MessageForge
import Testing

/// The rules about what the tags of frames cover, and about the end of a message.
@Suite("Body rules: authentication, end of message")
struct BodyAuthenticationRuleTests {
    /// Three regular frames of 8 bytes and a final frame of 3.
    private func framed(_ suite: AlgorithmSuite) throws -> Forge {
        try Forge(suite, plaintext: Forge.defaultPlaintext, frameLength: 8)
    }

    private func framedAndNonFramed(_ suite: AlgorithmSuite) throws -> [Forge] {
        [try framed(suite), try Forge.nonFramed(suite)]
    }

    @Test("B09: a frame sealed as another kind is refused", arguments: Forge.suites)
    func b09(suite: AlgorithmSuite) async throws {
        for forge in try framedAndNonFramed(suite) {
            for index in forge.frames.indices {
                for kind in Forge.Frame.Kind.allCases where kind != forge.frames[index].kind {
                    var altered = forge
                    altered.frames[index].sealedAs = kind
                    try await altered.expectRefusal(.bodyTagMismatch, field: "Authentication Tag", "\(kind)")
                }
            }
        }
    }

    @Test("B10: a frame sealed under another content length is refused", arguments: Forge.suites)
    func b10Length(suite: AlgorithmSuite) async throws {
        for forge in try framedAndNonFramed(suite) {
            for index in forge.frames.indices {
                let length = UInt64(forge.frames[index].plaintext.count)
                for wrong in [0, length - 1, length + 1, length + 16, length | 1 << 32] {
                    var altered = forge
                    altered.frames[index].sealedContentLength = wrong
                    try await altered.expectRefusal(.bodyTagMismatch, field: "Authentication Tag")
                }
            }
        }
    }

    @Test("B10: a frame sealed under another sequence number is refused", arguments: Forge.suites)
    func b10Number(suite: AlgorithmSuite) async throws {
        for forge in try framedAndNonFramed(suite) {
            for index in forge.frames.indices {
                for wrong in [0, UInt32(index) + 2, .max] {
                    var altered = forge
                    altered.frames[index].sealedSequenceNumber = wrong
                    try await altered.expectRefusal(.bodyTagMismatch, field: "Authentication Tag")
                }
            }
        }
    }

    @Test("B11: a frame with a wrong tag is refused, and nothing of it released", arguments: Forge.suites)
    func b11(suite: AlgorithmSuite) async throws {
        let forge = try framed(suite)
        let message = try forge.sealed()
        for index in forge.frames.indices {
            let frameEnd = index == 3 ? message.bodyEnd : message.frames[index + 1]
            var altered = message.bytes
            altered[frameEnd - 1] ^= 1
            var reader = try forge.reader()
            await expectRefusal(
                of: altered,
                by: reader,
                .bodyTagMismatch,
                offset: UInt64(frameEnd - 16),
                field: "Authentication Tag",
                frame: UInt32(index + 1)
            )
            reader.policy = .releaseFramesBeforeSignatureIsVerified
            for chunkLength in [1, 7, .max] {
                var released: [UInt8] = []
                await #expect(throws: EncryptionSDKError(.bodyTagMismatch, "")) {
                    try await reader.stream(altered.chunks(of: chunkLength), appendingTo: &released)
                }
                #expect(released == Array(forge.plaintext.prefix(8 * index)))
            }
        }
    }

    @Test("B11: a non-framed body with a wrong tag is refused, and nothing of it released", arguments: Forge.suites)
    func b11NonFramed(suite: AlgorithmSuite) async throws {
        let forge = try Forge.nonFramed(suite)
        let message = try forge.sealed()
        var altered = message.bytes
        altered[message.bodyEnd - 1] ^= 1
        var reader = try forge.reader()
        await expectRefusal(
            of: altered,
            by: reader,
            .bodyTagMismatch,
            offset: UInt64(message.bodyEnd - 16),
            field: "Authentication Tag"
        )
        reader.policy = .releaseFramesBeforeSignatureIsVerified
        var released: [UInt8] = []
        await #expect(throws: EncryptionSDKError(.bodyTagMismatch, "")) {
            try await reader.stream(altered.chunks(of: 7), appendingTo: &released)
        }
        #expect(released.isEmpty)
    }

    @Test("B12: a non-framed body longer than 2^36 - 32 bytes is refused", arguments: Forge.suites)
    func b12(suite: AlgorithmSuite) async throws {
        for length in [(1 << 36) - 31, 1 << 40, 1 << 63, .max] as [UInt64] {
            var forge = try Forge.nonFramed(suite)
            forge.frames[0].contentLength = length
            try await forge.expectRefusal(
                .contentTooLong,
                offset: { UInt64($0.frames[0] + 12) },
                field: "Encrypted Content Length"
            )
        }
    }

    @Test("B12: a non-framed body that runs past the input is refused", arguments: Forge.suites)
    func b12PastTheInput(suite: AlgorithmSuite) async throws {
        var forge = try Forge.nonFramed(suite)
        forge.frames[0].contentLength = 4096
        try await forge.expectRefusal(.truncatedMessage, offset: { UInt64($0.frames[0]) })
        // The longest possible: nothing is allocated for it, and a stream need not even wait for it.
        forge.frames[0].contentLength = (1 << 36) - 32
        let bytes = try forge.sealed().bytes
        await expectRefusal(of: bytes, by: try forge.reader(), .truncatedMessage, readings: [.oneShot, .inLanes])
        let streams = Reading.streams
        await expectRefusal(of: bytes, by: try forge.reader(), .bufferLimitExceeded, readings: streams)
    }

    @Test("B13: a frame sealed under another message id is refused", arguments: Forge.suites)
    func b13(suite: AlgorithmSuite) async throws {
        for forge in try framedAndNonFramed(suite) {
            for index in forge.frames.indices {
                var altered = forge
                altered.frames[index].sealedMessageID = forge.messageID.dropLast() + [0]
                try await altered.expectRefusal(.bodyTagMismatch, field: "Authentication Tag")
                // The length of the other version's message id.
                altered.frames[index].sealedMessageID = Array((forge.messageID + forge.messageID).prefix(16))
                if suite.messageFormatVersion == 2 { try await altered.expectRefusal(.bodyTagMismatch) }
            }
        }
    }

    @Test("B14: bytes behind the message are refused", arguments: AlgorithmSuite.all)
    func b14(suite: AlgorithmSuite) async throws {
        for forge in try framedAndNonFramed(suite) {
            let message = try forge.sealed().bytes
            for extra in [[0], [UInt8](repeating: 0xFF, count: 100), message] as [[UInt8]] {
                await expectRefusal(
                    of: message + extra,
                    by: try forge.reader(),
                    .trailingBytes,
                    offset: UInt64(message.count)
                )
            }
            await expectOpening(of: message, by: try forge.reader(), forge.plaintext)
        }
    }

    @Test("B15: an input that ends inside the body is refused, at every length", arguments: Forge.suites)
    func b15(suite: AlgorithmSuite) async throws {
        for forge in try framedAndNonFramed(suite) {
            let message = try forge.sealed()
            for length in message.frames[0]..<message.bodyEnd {
                let index = message.frames.lastIndex { $0 <= length } ?? 0
                await expectRefusal(
                    of: Array(message.bytes[..<length]),
                    by: try forge.reader(),
                    .truncatedMessage,
                    offset: UInt64(message.frames[index]),
                    frame: forge.isFramed ? UInt32(index + 1) : nil,
                    "\(length) bytes"
                )
            }
        }
    }

    @Test("B16: every legal way to lay out a plaintext opens", arguments: AlgorithmSuite.all)
    func b16(suite: AlgorithmSuite) async throws {
        let plaintext = [UInt8](0..<24)
        // Empty; shorter than a frame; an exact multiple, with a full final frame.
        try await Forge(suite, plaintext: []).expectOpening("empty")
        try await Forge.nonFramed(suite, plaintext: []).expectOpening("empty, non-framed")
        try await Forge(suite, plaintext: plaintext, frameLength: 25).expectOpening("one final frame")
        var forge = try Forge(suite, plaintext: plaintext, frameLength: 8)
        #expect(forge.frames.map(\.plaintext.count) == [8, 8, 8])
        try await forge.expectOpening("full final frame")

        forge.frames = Forge.frames(of: plaintext + [0], frameLength: 8)
        forge.frames[3].plaintext = []
        try await forge.expectOpening("empty final frame")

        for index in forge.frames.indices {
            forge.frames[index].iv = (0..<12).map { UInt8(truncatingIfNeeded: 31 * $0 + 7 * index + 3) }
        }
        try await forge.expectOpening("random IVs")
        var nonFramed = try Forge.nonFramed(suite)
        nonFramed.frames[0].iv = [UInt8](100..<112)
        try await nonFramed.expectOpening("random IV, non-framed")
    }
}
