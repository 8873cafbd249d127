import AWSEncryptionSDK
import AWSMaterialProviders
import MessageForge
import Synchronization
import TestSupport
import Testing

/// Reading parts of a message.
@Suite("Ranges")
struct RangeTests {
    private static let plaintext = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 167 >> 3) }

    /// A message in memory that notes what is read of it.
    private final class Source: RandomAccessSource {
        let bytes: [UInt8]
        private let count = Atomic(0)

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        /// How many bytes were read.
        var bytesRead: Int { count.load(ordering: .relaxed) }

        func length() async -> UInt64 { UInt64(bytes.count) }

        func read(_ range: Range<UInt64>) async -> [UInt8] {
            count.add(range.count, ordering: .relaxed)
            return Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)])
        }
    }

    private let client: EncryptionSDK

    init() throws { client = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt) }

    private func open(
        _ bytes: [UInt8],
        _ forge: Forge,
        _ signedMessages: SignedRangePolicy = .signatureNotVerified
    ) async throws -> SeekableMessage {
        try await client.seekableMessage(
            in: Source(bytes),
            using: StubKeyring(dataKey: forge.dataKey),
            signedMessages: signedMessages
        )
    }

    private func expectRefusal(
        _ bytes: [UInt8],
        _ forge: Forge,
        _ code: EncryptionSDKError.Code,
        _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        await #expect(throws: EncryptionSDKError(code, ""), comment, sourceLocation: sourceLocation) {
            _ = try await open(bytes, forge)
        }
    }

    @Test(
        "Every range is the same part of what decrypting everything gives",
        arguments: Forge.suites,
        [1, 7, 100, 4096]
    )
    func everyRange(suite: AlgorithmSuite, frameLength: Int) async throws {
        var generator = SeededGenerator(seed: UInt64(frameLength))
        for length in [0, 1, frameLength, 3 * frameLength, 3 * frameLength + 1, 5000] {
            let forge = try Forge(suite, plaintext: Array(Self.plaintext.prefix(length)), frameLength: frameLength)
            let whole = forge.plaintext
            let opened = try await open(try forge.sealed().bytes, forge)
            #expect(opened.plaintextLength == UInt64(whole.count))
            #expect(opened.message.algorithmSuite == suite)
            for _ in 0..<40 {
                let start = Int.random(in: 0...whole.count, using: &generator)
                let end = Int.random(in: start...whole.count + 10, using: &generator)
                let part = try await opened.plaintext(in: UInt64(start)..<UInt64(end))
                let isRight = part == Array(whole[start..<min(end, whole.count)])
                #expect(isRight, "\(start)..<\(end) of \(whole.count)")
            }
            let isWhole = try await opened.plaintext(in: 0..<UInt64.max) == whole
            #expect(isWhole)
        }
    }

    @Test("A range longer than the pieces it is read in comes in order, from a file too")
    func longRange() async throws {
        var generator = SeededGenerator(seed: 3)
        let plaintext = (0..<1_200_000 / 8).flatMap { _ in (generator.next() as UInt64).bytes }
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKey, plaintext: plaintext, frameLength: 4096)
        let folder = try TemporaryFolder()
        try folder.write("message", forge.sealed().bytes)
        let result = try await client.decryptRange(
            12_345..<1_100_001,
            of: folder.file("message"),
            using: StubKeyring(dataKey: forge.dataKey)
        )
        let isRight = result.plaintext == Array(plaintext[12_345..<1_100_001])
        #expect(isRight)
    }

    @Test("A final frame without content after full frames is allowed, as in decrypting everything")
    func emptyFinalFrame() async throws {
        var forge = try Forge(
            .aes256GCMHKDFSHA512CommitKey,
            plaintext: Array(Self.plaintext.prefix(16)),
            frameLength: 8
        )
        forge.frames = [
            .init(.regular, 1, Array(Self.plaintext.prefix(8))), .init(.regular, 2, Array(Self.plaintext[8..<16])),
            .init(.final, 3, []),
        ]
        let opened = try await open(try forge.sealed().bytes, forge)
        #expect(opened.plaintextLength == 16)
        #expect(try await opened.plaintext(in: 4..<100) == Array(Self.plaintext[4..<16]))
    }

    @Test("Only header, final frame and the frames of the range are read")
    func readsLittle() async throws {
        let forge = try Forge(
            .aes256GCMHKDFSHA512CommitKey,
            plaintext: [UInt8](repeating: 7, count: 1_000_000),
            frameLength: 100
        )
        let source = Source(try forge.sealed().bytes)
        let result = try await client.decryptRange(
            500_050..<500_150,
            of: source,
            using: StubKeyring(dataKey: forge.dataKey)
        )
        #expect(result.plaintext == [UInt8](repeating: 7, count: 100))
        #expect(source.bytesRead <= 4096 + 140 + 2 * 132)
    }

    @Test("A range that starts at the end is empty, and one that starts behind it is refused")
    func atTheEnd() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKey)
        let opened = try await open(try forge.sealed().bytes, forge)
        let length = opened.plaintextLength
        #expect(try await opened.plaintext(in: length..<length + 5).isEmpty)
        await #expect(throws: EncryptionSDKError(.rangeOutOfBounds, "")) {
            _ = try await opened.plaintext(in: length + 1..<length + 5)
        }
    }

    @Test("A message that was cut off is refused at every length, whatever the range", arguments: Forge.suites)
    func truncated(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let bytes = try forge.sealed().bytes
        for length in 0..<bytes.count {
            await #expect(throws: EncryptionSDKError.self, "\(length) bytes") {
                _ = try await open(Array(bytes.prefix(length)), forge)
            }
        }
    }

    @Test("A message cut off between frames has no final frame", arguments: Forge.unsignedSuites)
    func cutBetweenFrames(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let message = try forge.sealed()
        for offset in message.frames.dropFirst() {
            await expectRefusal(Array(message.bytes.prefix(offset)), forge, .missingFinalFrame, "\(offset) bytes")
        }
    }

    @Test("Bytes behind the end are refused, a frame or a final frame among them", arguments: Forge.suites)
    func appended(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let message = try forge.sealed()
        let first = Array(message.bytes[message.frames[0]..<message.frames[1]])
        let last = Array(message.bytes[try #require(message.frames.last)..<message.bodyEnd])
        for extra in [[0], [UInt8](repeating: 0, count: 40), first, last, first + last] {
            await expectRefusal(message.bytes + extra, forge, .missingFinalFrame, "\(extra.count) bytes")
        }
    }

    @Test("A final frame that is damaged, or that another message has, is refused before anything is read")
    func wrongFinalFrame() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKey)
        let message = try forge.sealed()
        let start = try #require(message.frames.last)
        var damaged = message.bytes
        damaged[message.bodyEnd - 1] ^= 1
        await expectRefusal(damaged, forge, .bodyTagMismatch)
        var other = forge
        other.messageID[0] ^= 1
        let foreign = try other.sealed()
        let spliced = message.bytes.prefix(start) + foreign.bytes[start...]
        await expectRefusal(Array(spliced), forge, .bodyTagMismatch)
        // What the field says must be what the length of the message says.
        var longer = message.bytes
        longer[start + 23] ^= 1
        await expectRefusal(longer, forge, .missingFinalFrame)
    }

    @Test("Frames that were swapped, damaged, or come from another message are refused, and others still open")
    func wrongFrames() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKey)
        let message = try forge.sealed()
        let (first, second, third) = (message.frames[0], message.frames[1], message.frames[2])
        var swapped = message.bytes
        swapped.replaceSubrange(first..<third, with: message.bytes[second..<third] + message.bytes[first..<second])
        var damaged = message.bytes
        damaged[second + 20] ^= 1
        // Renumbered on the wire, so that only the tag tells.
        var moved = message.bytes
        moved.replaceSubrange(second + 4..<third, with: message.bytes[first + 4..<second])
        for (bytes, code) in [
            (swapped, EncryptionSDKError.Code.sequenceNumberMismatch), (damaged, .bodyTagMismatch),
            (moved, .bodyTagMismatch),
        ] {
            let opened = try await open(bytes, forge)
            await #expect(throws: EncryptionSDKError(code, "")) { _ = try await opened.plaintext(in: 8..<16) }
            await #expect(throws: EncryptionSDKError(code, "")) { _ = try await opened.plaintext(in: 0..<UInt64.max) }
            #expect(try await opened.plaintext(in: 16..<24) == Array(forge.plaintext[16..<24]))
        }
    }

    @Test("A final frame in place of a regular one is refused, although its own tag is right")
    func earlyFinalFrame() async throws {
        var forge = try Forge(
            .aes256GCMHKDFSHA512CommitKey,
            plaintext: Array(Self.plaintext.prefix(24)),
            frameLength: 16
        )
        // A final frame is eight bytes longer than a regular one of as much content: this one is as long as the one it replaces.
        forge.frames = [
            .init(.regular, 1, Array(Self.plaintext.prefix(16))), .init(.final, 2, Array(Self.plaintext.prefix(8))),
            .init(.final, 3, Array(Self.plaintext.prefix(4))),
        ]
        let opened = try await open(try forge.sealed().bytes, forge)
        #expect(opened.plaintextLength == 36)
        await #expect(throws: EncryptionSDKError(.sequenceNumberMismatch, "")) {
            _ = try await opened.plaintext(in: 20..<24)
        }
    }

    @Test("A signed message is refused unless the caller does without its signature", arguments: Forge.signedSuites)
    func signed(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let bytes = try forge.sealed().bytes
        let keyring = StubKeyring(dataKey: forge.dataKey)
        await #expect(throws: EncryptionSDKError(.signatureCannotBeVerified, "")) {
            _ = try await client.decryptRange(0..<5, of: Source(bytes), using: keyring)
        }
        #expect(keyring.calls == 0)
        let result = try await client.decryptRange(
            0..<5,
            of: Source(bytes),
            using: keyring,
            signedMessages: .signatureNotVerified
        )
        #expect(result.plaintext == Array(forge.plaintext.prefix(5)))
    }

    @Test("A message without frames is refused before its key is opened", arguments: Forge.suites)
    func nonFramed(suite: AlgorithmSuite) async throws {
        let forge = try Forge.nonFramed(suite)
        await expectRefusal(try forge.sealed().bytes, forge, .messageNotFramed)
    }

    @Test("A header that was altered, and a suite that the policy forbids, are refused as in decrypting everything")
    func header() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKey)
        let message = try forge.sealed()
        var altered = message.bytes
        altered[message.frames[0] - 1] ^= 1
        await expectRefusal(altered, forge, .headerTagMismatch)
        let old = try Forge(.aes256GCMHKDFSHA256)
        await #expect(throws: EncryptionSDKError(.commitmentPolicyViolation, "")) {
            _ = try await EncryptionSDK().seekableMessage(
                in: Source(try old.sealed().bytes),
                using: StubKeyring(dataKey: old.dataKey)
            )
        }
    }

    @Test("Frames longer than the limit of the client are refused")
    func longFrames() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKey, frameLength: 100_000)
        let client = try EncryptionSDK(maximumBufferedBytes: 50_000)
        await #expect(throws: EncryptionSDKError(.bufferLimitExceeded, "")) {
            _ = try await client.seekableMessage(
                in: Source(try forge.sealed().bytes),
                using: StubKeyring(dataKey: forge.dataKey)
            )
        }
    }

    @Test("A source that holds less than it says is refused, one of any length without a trap")
    func wrongLength() async throws {
        struct Liar: RandomAccessSource {
            let bytes: [UInt8]
            let claimed: UInt64

            func length() async -> UInt64 { claimed }
            func read(_ range: Range<UInt64>) async -> [UInt8] {
                let start = Int(min(range.lowerBound, UInt64(bytes.count)))
                return Array(bytes[start..<Int(min(range.upperBound, UInt64(bytes.count)))])
            }
        }
        for suite in Forge.suites {
            let forge = try Forge(suite)
            let bytes = try forge.sealed().bytes
            for claimed in [UInt64(bytes.count) + 1000, 1 << 50, .max] {
                await #expect(throws: EncryptionSDKError.self) {
                    _ = try await client.seekableMessage(
                        in: Liar(bytes: bytes, claimed: claimed),
                        using: StubKeyring(dataKey: forge.dataKey),
                        signedMessages: .signatureNotVerified
                    )
                }
            }
        }
    }
}
