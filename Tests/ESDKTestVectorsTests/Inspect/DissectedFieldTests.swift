import AWSMaterialProviders
import MessageForge
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Fields of a message in reports")
struct DissectedFieldTests {
    private static func message(_ suite: AlgorithmSuite = .aes256GCMHKDFSHA512CommitKey) throws -> [UInt8] {
        try MessageBuilder.build(Blueprints.make(suite)).bytes
    }

    @Test("Every field is there with its place, what it says and its bytes", arguments: AlgorithmSuite.all)
    func fields(suite: AlgorithmSuite) throws {
        let message = try Self.message(suite)
        let fields = DissectedField.all(of: message)
        var end = 0
        for field in fields where !field.name.hasPrefix("body.frames") {
            if end > 0, field.offset != end { #expect(field.name.hasPrefix("footer")) }
            end = field.offset + field.length
            #expect(field.expected.isEmpty)
            #expect(field.bytes.elementsEqual(message[field.offset...].prefix(min(field.length, 48))))
        }
        #expect(fields.first { $0.name == "header.algorithmSuiteID" }?.meaning == "\(suite)")
        #expect(fields.first { $0.name == "header.frameLength" }?.meaning?.hasPrefix("= ") == true)
    }

    @Test("Bytes that differ from what was rebuilt are shown with it, far inside a field, too")
    func differences() throws {
        let message = try Self.message()
        var rebuilt = message
        rebuilt[5] ^= 1
        rebuilt[message.count - 20] ^= 1
        let different = DissectedField.all(of: message, comparedWith: rebuilt).filter { !$0.expected.isEmpty }
        #expect(different.count == 2)
        #expect(different[0].name == "header.messageID")
        #expect(different[0].expected[5 - different[0].offset] == rebuilt[5])
        for field in different {
            #expect(zip(field.bytes, field.expected).contains { $0 != $1 })
            #expect(field.bytes.count <= DissectedField.mostBytes)
        }
        // What follows an inserted byte cannot be compared.
        rebuilt.insert(0, at: 20)
        #expect(DissectedField.all(of: message, comparedWith: rebuilt).count { !$0.expected.isEmpty } == 1)
    }

    @Test("A message is shown up to where it cannot be read, whatever its bytes are")
    func damage() throws {
        let message = try Self.message()
        for length in 0..<message.count {
            let fields = DissectedField.all(of: Array(message.prefix(length)))
            #expect(fields.reduce(0) { max($0, $1.offset + $1.length) } == length)
        }
        #expect(DissectedField.all(of: [UInt8](repeating: 0xFF, count: 500)).count == 2)
        let many = message + [UInt8](repeating: 0, count: 100)
        #expect(DissectedField.all(of: many).last?.name == "trailingBytes")
    }
}
