import AWSMaterialProviders
import TestSupport
import Testing

@testable import MessageForge

@Suite("Message comparison")
struct MessageComparisonTests {
    @Test("Equal messages do not differ")
    func equal() throws {
        let message = try MessageBuilder.build(Blueprints.make(.aes256GCMHKDFSHA256))
        #expect(MessageComparison.differences(message.bytes, layout: message.layout, expected: message.bytes) == [])
    }

    @Test(
        "A flipped bit of any byte shows up as exactly the field that the byte belongs to",
        arguments: AlgorithmSuite.all,
        MessageBuilderTests.framings
    )
    func flips(suite: AlgorithmSuite, framing: MessageBlueprint.Framing) throws {
        let message = try MessageBuilder.build(Blueprints.make(suite, framing: framing))
        var altered = message.bytes
        for entry in message.layout.entries {
            for offset in entry.range {
                altered[offset] ^= UInt8(1 << (offset % 8))
                defer { altered[offset] = message.bytes[offset] }
                let differences = MessageComparison.differences(
                    altered,
                    layout: message.layout,
                    expected: message.bytes
                )
                #expect(differences.map(\.field) == [entry.field])
                #expect(differences.first?.offset == offset)
                #expect(differences.first?.expected.first == message.bytes[offset])
                #expect(differences.first?.found.first == altered[offset])
            }
        }
    }

    @Test("A field of another length is the one that is named")
    func otherLength() throws {
        var blueprint = try Blueprints.make(.aes256GCMHKDFSHA256, context: [:])
        let expected = try MessageBuilder.build(blueprint)
        blueprint.emptyContextForm = .zeroCount
        let found = try MessageBuilder.build(blueprint)
        let differences = MessageComparison.differences(found.bytes, layout: found.layout, expected: expected.bytes)
        #expect(differences.map(\.field) == [.encryptionContextLength])
        #expect("\(try #require(differences.first))".contains("expected 00, found 02"))
    }

    @Test("A message that goes on where another ends differs there")
    func prefix() throws {
        let message = try MessageBuilder.build(Blueprints.make(.aes256GCMHKDFSHA256))
        let longer = MessageComparison.differences(message.bytes + [7], layout: message.layout, expected: message.bytes)
        #expect(longer.map(\.field) == [.trailingBytes])
        let shorter = MessageComparison.differences(
            Array(message.bytes.dropLast()),
            layout: message.layout,
            expected: message.bytes
        )
        #expect(shorter.first?.offset == message.bytes.count - 1)
        #expect(shorter.first?.found == [])
    }

    @Test("Long fields are shortened")
    func shortened() {
        let difference = MessageDifference(
            field: .messageID,
            offset: 4,
            expected: [UInt8](repeating: 0xAB, count: 17),
            found: []
        )
        #expect(
            "\(difference)"
                == "header.messageID differs at 4: expected \(String(repeating: "ab", count: 16))…, found nothing"
        )
    }
}
