import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@testable import MessageForge

@Suite("Message survey")
struct MessageSurveyTests {
    /// A source that reads at most `most` bytes at once, and notes the largest read.
    final class CountingSource {
        private(set) var largest = 0
        private(set) var total = 0
        let bytes: [UInt8]

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var source: MessageSource {
            MessageSource(count: bytes.count) { offset, count in
                self.largest = max(self.largest, count)
                self.total += count
                return Array(self.bytes[offset..<min(offset + count, self.bytes.count)])
            }
        }
    }

    @Test("A survey finds what a dissection finds", arguments: AlgorithmSuite.all, MessageBuilderTests.framings)
    func sameAsDissection(suite: AlgorithmSuite, framing: MessageBlueprint.Framing) throws {
        let message = try MessageBuilder.build(MessageDissectorTests.unusual(suite, framing))
        let whole = try MessageDissector.dissect(message.bytes)
        let (surveyed, damage) = try MessageDissector.survey(MessageSource(message.bytes), detailedFrames: .max)
        #expect(damage == nil)
        #expect(surveyed.layout.entries == whole.layout.entries)
        #expect(surveyed.body == whole.body)
        #expect(surveyed.signature == whole.signature)
    }

    @Test("Frames in the middle are counted and not kept, and long contents are not read")
    func frames() throws {
        let frameLength: UInt32 = 400_000
        var blueprint = try Blueprints.make(.aes256GCM, framing: .framed(frameLength, .full))
        blueprint.plaintext = [UInt8](repeating: 7, count: 10 * Int(frameLength) + 3)
        blueprint.frames = MessageBlueprint.Framing.framed(frameLength, .full)
            .frames(plaintextLength: blueprint.plaintext.count)
        let message = try MessageBuilder.build(blueprint)
        let source = CountingSource(message.bytes)
        let (surveyed, damage) = try MessageDissector.survey(source.source, detailedFrames: 2)
        #expect(damage == nil)
        #expect(surveyed.frames.count == 3)
        #expect(surveyed.body?.frameCount == 11)
        #expect(surveyed.body?.regularFrameCount == 10)
        #expect(surveyed.body?.contentLength == blueprint.plaintext.count)
        #expect(surveyed.body?.last?.sequenceNumber == 11)
        #expect(surveyed.layout.range(of: .frame(1, .tag)) == message.layout.range(of: .frame(1, .tag)))
        #expect(surveyed.layout.range(of: .frame(5, .iv)) == nil)
        #expect(surveyed.layout.range(of: .frame(10, .iv)) == message.layout.range(of: .frame(10, .iv)))
        #expect(source.largest <= 256 << 10)
        #expect(source.total < message.bytes.count)
    }

    @Test("A truncated message is known up to the damage")
    func truncation() throws {
        let message = try MessageBuilder.build(Blueprints.make(.aes256GCMHKDFSHA512CommitKeyECDSAP384))
        let place = try #require(message.layout.range(of: .frame(0, .tag)))
        let source = MessageSource(Array(message.bytes.prefix(place.lowerBound + 1)))
        let (surveyed, damage) = try MessageDissector.survey(source, detailedFrames: 8)
        #expect(damage?.field == .frame(0, .tag))
        #expect(damage?.offset == place.lowerBound)
        #expect(surveyed.knownSuite == .aes256GCMHKDFSHA512CommitKeyECDSAP384)
        #expect(surveyed.layout.length == place.lowerBound)
        #expect(surveyed.body?.frameCount == 0)
    }

    @Test("What a source throws reaches the caller, and a source that shrinks is damage")
    func sources() throws {
        struct Unreadable: Error {}
        #expect(throws: Unreadable.self) {
            try MessageDissector.survey(MessageSource(count: 100) { _, _ in throw Unreadable() }, detailedFrames: 0)
        }
        let (message, damage) = try MessageDissector.survey(MessageSource(count: 100) { _, _ in [] }, detailedFrames: 0)
        #expect(damage?.field == .version)
        #expect(message.version == nil)
    }

    @Test("A sequence number out of order and unusual IVs are counted")
    func oddFrames() throws {
        var blueprint = try Blueprints.make(.aes128GCM, framing: .framed(4, .full))
        blueprint.plaintext = [UInt8](repeating: 1, count: 12)
        blueprint.frames = MessageBlueprint.Framing.framed(4, .full).frames(plaintextLength: 12)
        blueprint.frames[1].sequenceNumber = 7
        blueprint.frames[1].iv = .bytes([UInt8](repeating: 9, count: 12))
        let message = try MessageBuilder.build(blueprint)
        let body = try #require(MessageDissector.dissect(message.bytes).body)
        #expect(body.firstOutOfOrder == 1)
        #expect(body.otherIVCount == 1)
        #expect(body.last?.hasUsualIV == true)
    }
}
