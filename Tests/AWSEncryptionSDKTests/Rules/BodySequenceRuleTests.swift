import AWSMaterialProviders
import ESDKCrypto
import MessageForge
import Testing

@testable import AWSEncryptionSDK

/// The rules about the order, the number and the lengths of frames.
///
/// Every altered message is sealed, and signed, as it stands.
@Suite("Body rules: sequence")
struct BodySequenceRuleTests {
    /// Three regular frames of 8 bytes and a final frame of 3.
    private func forge(_ suite: AlgorithmSuite) throws -> Forge {
        try Forge(suite, plaintext: Forge.defaultPlaintext, frameLength: 8)
    }

    /// What follows the final frame is trailing bytes, or is taken for a footer whose length field it begins with.
    private func codeBehindFinalFrame(_ suite: AlgorithmSuite) -> EncryptionSDKError.Code {
        suite.signature == nil ? .trailingBytes : .invalidSignatureLength
    }

    @Test("The messages of these tests open when nothing is altered", arguments: AlgorithmSuite.all)
    func twins(suite: AlgorithmSuite) async throws {
        let forge = try forge(suite)
        #expect(forge.frames.count == 4)
        try await forge.expectOpening()
    }

    @Test("B01: a first sequence number of 0 or 2 is refused", arguments: Forge.suites, [0, 2] as [UInt32])
    func b01(suite: AlgorithmSuite, first: UInt32) async throws {
        var forge = try forge(suite)
        for index in forge.frames.indices {
            forge.frames[index] = forge.frames[index].renumbered(first + UInt32(index))
        }
        try await forge.expectRefusal(
            .sequenceNumberMismatch,
            offset: { UInt64($0.frames[0]) },
            field: "Sequence Number",
            frame: 1
        )
    }

    @Test("B01: the only frame numbered 0 or 2 is refused", arguments: Forge.suites, [0, 2] as [UInt32])
    func b01Final(suite: AlgorithmSuite, number: UInt32) async throws {
        var forge = try Forge(suite, frameLength: 64)
        try #require(forge.frames.count == 1)
        try await forge.expectOpening()
        forge.frames[0] = forge.frames[0].renumbered(number)
        try await forge.expectRefusal(
            .sequenceNumberMismatch,
            offset: { UInt64($0.frames[0] + 4) },
            field: "Sequence Number",
            frame: 1
        )
    }

    @Test(
        "B02: gaps, repeats and descending sequence numbers are refused",
        arguments: Forge.suites,
        [
            ([1, 3, 4, 5], 1), ([1, 1, 2, 3], 1), ([1, 2, 2, 4], 2), ([1, 3, 2, 4], 1), ([1, 2, 1, 4], 2),
            ([4, 3, 2, 1], 0),
        ]
            as [([UInt32], Int)]
    )
    func b02(suite: AlgorithmSuite, order: ([UInt32], Int)) async throws {
        let (numbers, fault) = order
        var forge = try forge(suite)
        for (index, number) in numbers.enumerated() { forge.frames[index] = forge.frames[index].renumbered(number) }
        try await forge.expectRefusal(
            .sequenceNumberMismatch,
            offset: { UInt64($0.frames[fault]) },
            frame: UInt32(fault + 1)
        )
    }

    @Test("B03: swapped, dropped and duplicated frames are refused", arguments: Forge.suites)
    func b03(suite: AlgorithmSuite) async throws {
        let original = try forge(suite)
        var swapped = original
        swapped.frames.swapAt(0, 1)
        try await swapped.expectRefusal(.sequenceNumberMismatch, frame: 1)
        var dropped = original
        dropped.frames.remove(at: 1)
        try await dropped.expectRefusal(.sequenceNumberMismatch, frame: 2)
        var first = original
        first.frames.removeFirst()
        try await first.expectRefusal(.sequenceNumberMismatch, frame: 1)
        var duplicated = original
        duplicated.frames.insert(original.frames[2], at: 2)
        try await duplicated.expectRefusal(.sequenceNumberMismatch, frame: 4)
    }

    @Test("B03: a frame of another message under the same content key is refused")
    func b03OtherMessage() async throws {
        // Without key derivation the data key is the content key of every message under it.
        let suite = AlgorithmSuite.aes256GCM
        var forge = try forge(suite)
        for index in forge.frames.indices {
            var mixed = forge
            mixed.frames[index].sealedMessageID = [UInt8](repeating: 0xA5, count: 16)
            try await mixed.expectRefusal(.bodyTagMismatch, field: "Authentication Tag", frame: UInt32(index + 1))
        }
        forge.messageID = [UInt8](repeating: 0xA5, count: 16)
        try await forge.expectOpening()
    }

    @Test("B04: a final frame whose number is not the number of frames is refused", arguments: Forge.suites)
    func b04(suite: AlgorithmSuite) async throws {
        for number in [0, 1, 3, 5, .max] as [UInt32] {
            var forge = try forge(suite)
            forge.frames[3] = forge.frames[3].renumbered(number)
            try await forge.expectRefusal(
                .sequenceNumberMismatch,
                offset: { UInt64($0.frames[3] + 4) },
                field: "Sequence Number",
                frame: 4
            )
        }
    }

    @Test("B05: a final frame longer than the frame length is refused", arguments: Forge.suites)
    func b05(suite: AlgorithmSuite) async throws {
        var forge = try forge(suite)
        forge.frames[3].plaintext = [UInt8](repeating: 7, count: 8)
        try await forge.expectOpening()
        forge.frames[3].plaintext = [UInt8](repeating: 7, count: 9)
        try await forge.expectRefusal(
            .finalFrameTooLong,
            offset: { UInt64($0.frames[3] + 20) },
            field: "Encrypted Content Length",
            frame: 4
        )
        var alone = forge
        alone.frames = [Forge.Frame(.final, 1, [UInt8](repeating: 7, count: 9))]
        try await alone.expectRefusal(
            .finalFrameTooLong,
            offset: { UInt64($0.frames[0] + 20) },
            field: "Encrypted Content Length",
            frame: 1
        )
    }

    @Test("B06: a message without a final frame is refused", arguments: Forge.suites)
    func b06(suite: AlgorithmSuite) async throws {
        for count in 0..<4 {
            var forge = try forge(suite)
            forge.frames.removeLast(4 - count)
            forge.footer = { _, _ in [] }
            try await forge.expectRefusal(
                .truncatedMessage,
                offset: { UInt64($0.bodyEnd) },
                frame: UInt32(count + 1)
            )
        }
    }

    @Test("B06: a signature where the final frame is due is refused", arguments: Forge.signedSuites)
    func b06Signed(suite: AlgorithmSuite) async throws {
        var forge = try forge(suite)
        forge.frames.removeLast()
        try await forge.expectRefusal(.sequenceNumberMismatch, offset: { UInt64($0.bodyEnd) }, frame: 4)
    }

    @Test("B07: a second final frame is refused", arguments: Forge.suites)
    func b07Final(suite: AlgorithmSuite) async throws {
        for number in [4, 5] as [UInt32] {
            var forge = try forge(suite)
            forge.frames.append(Forge.Frame(.final, number, [1, 2, 3]))
            try await forge.expectRefusal(codeBehindFinalFrame(suite), offset: { UInt64($0.frames[4]) })
        }
    }

    @Test("B07: a regular frame behind the final frame is refused", arguments: Forge.suites)
    func b07Regular(suite: AlgorithmSuite) async throws {
        var forge = try forge(suite)
        forge.frames.append(Forge.Frame(.regular, 5, [UInt8](repeating: 7, count: 8)))
        try await forge.expectRefusal(codeBehindFinalFrame(suite), offset: { UInt64($0.frames[4]) })
    }

    /// More frames than 2^32 - 1 cannot come about: the number that would follow marks a final frame.
    @Test("B08: the sequence number FFFFFFFF makes no regular frame", arguments: Forge.suites)
    func b08(suite: AlgorithmSuite) async throws {
        for index in [0, 2] {
            var forge = try forge(suite)
            forge.frames[index] = forge.frames[index].renumbered(.max)
            // Read as a final frame, whose number is taken from the IV.
            try await forge.expectRefusal(
                .sequenceNumberMismatch,
                offset: { UInt64($0.frames[index] + 4) },
                frame: UInt32(index + 1)
            )
        }
    }

    @Test("B08: the frame after the last sequence number is not written", arguments: Forge.suites)
    func b08Writing(suite: AlgorithmSuite) throws {
        let key = SecretBytes([UInt8](repeating: 7, count: suite.dataKeyLength))
        let id = [UInt8](repeating: 0x5A, count: suite.messageIDLength)
        var sealer = try BodySealer(suite: suite, messageID: id, contentKey: key, from: .max - 1)
        let content = [UInt8](repeating: 1, count: 8)
        var output: [UInt8] = []
        try sealer.seal(content.span, isFinal: false, appendingTo: &output)
        #expect(output.starts(with: [0xFF, 0xFF, 0xFF, 0xFE]))
        let written = output
        do throws(EncryptionSDKError) {
            try sealer.seal(content.span, isFinal: false, appendingTo: &output)
            Issue.record("written")
        } catch {
            #expect(error.code == .tooManyFrames)
        }
        #expect(output == written)
        // Only a final frame may have it.
        try sealer.seal(content.span, isFinal: true, appendingTo: &output)
        #expect(output[written.count...].starts(with: [UInt8](repeating: 0xFF, count: 8)))

        // In one run: two regular frames and what follows them need one number more than there is.
        var run = try BodySealer(suite: suite, messageID: id, contentKey: key, from: .max - 1)
        output = []
        let contents = [UInt8](repeating: 1, count: 17)
        do throws(EncryptionSDKError) {
            _ = try run.sealRegularFrames(of: contents.span, frameLength: 8, appendingTo: &output)
            Issue.record("written")
        } catch {
            #expect(error.code == .tooManyFrames)
        }
        #expect(output.isEmpty)
        let fits = contents.span.extracting(..<9)
        #expect(try run.sealRegularFrames(of: fits, frameLength: 8, appendingTo: &output) == 8)
        #expect(output == written)
    }

    @Test("B08: a body may have as many frames as there are sequence numbers, and no more", arguments: Forge.suites)
    func b08Reading(suite: AlgorithmSuite) throws {
        var forge = try forge(suite)
        forge.frames = Array(forge.frames.suffix(2))
        forge.frames[0] = forge.frames[0].renumbered(.max - 1)
        forge.frames[1] = forge.frames[1].renumbered(.max)
        let message = try forge.sealed()
        let header = try MessageHeader(parsing: message.bytes)
        let keys = try forge.keys()
        func open(_ bytes: [UInt8]) throws -> [UInt8] {
            let opener = try AESGCM.Opener(suite.contentKeyLength, key: keys.contentKey.span)
            var body = BodyOpener(header: header, opener: opener, from: .max - 1)
            var output: [UInt8] = []
            // The run ends before the frame that has the last number, whatever kind it is.
            let count = try body.openRegularFrames(of: bytes.span, at: 0, appendingTo: &output)
            #expect(count == 1)
            var rest = bytes.dropFirst(count * body.regularFrameLength)
            while !rest.isEmpty {
                let unit = Array(rest)
                guard case .complete(let layout) = try body.layout(of: unit.span, at: 0) else { break }
                try body.open(layout, bytes: unit.span.extracting(..<layout.length), at: 0, appendingTo: &output)
                rest = rest.dropFirst(layout.length)
            }
            return output
        }
        let body = Array(message.bytes[message.frames[0]..<message.bodyEnd])
        #expect(try open(body) == forge.plaintext)
        // A regular frame of the last number is read as a final one, of whatever number its IV holds.
        forge.frames[1].kind = .regular
        forge.frames[1].sealedAs = .regular
        let wrong = try forge.sealed()
        #expect(throws: EncryptionSDKError(.sequenceNumberMismatch, "")) {
            try open(Array(wrong.bytes[wrong.frames[0]..<wrong.bodyEnd]))
        }
    }

    @Test("B17: a sequence number altered only on the wire is refused", arguments: Forge.suites)
    func b17(suite: AlgorithmSuite) async throws {
        for index in 0..<4 {
            var forge = try forge(suite)
            forge.frames[index].sequenceNumber += 1
            try await forge.expectRefusal(
                .sequenceNumberMismatch,
                offset: { UInt64($0.frames[index] + (index == 3 ? 4 : 0)) },
                field: "Sequence Number",
                frame: UInt32(index + 1)
            )
        }
    }
}
