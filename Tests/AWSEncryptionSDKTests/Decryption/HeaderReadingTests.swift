import AWSMaterialProviders
import MessageForge
import Testing

@testable import AWSEncryptionSDK

/// What can be read of a message without keys, and how it is written.
@Suite("Header and layout")
struct HeaderReadingTests {
    @Test("A header is read without keys, says its length, and is not authenticated", arguments: AlgorithmSuite.all)
    func parsing(suite: AlgorithmSuite) async throws {
        for forge in [try Forge(suite), try Forge(suite, context: [:]), try Forge.nonFramed(suite)] {
            let message = try forge.sealed()
            let header = try MessageHeader(parsing: message.bytes)
            #expect(!header.isAuthenticated)
            #expect(header.length == message.frames[0])
            #expect(header.version == suite.messageFormatVersion)
            #expect(header.algorithmSuite == suite)
            #expect(header.messageID == forge.messageID)
            #expect(header.encryptionContext.entries == forge.context)
            #expect(header.encryptedDataKeys == forge.encryptedDataKeys)
            #expect(header.contentType == (forge.isFramed ? .framed : .nonFramed))
            #expect(header.frameLength == UInt32(forge.frameLength))
            #expect(header.commitment == (try forge.keys().commitment))
            // The end of the header is enough, and one byte less is not.
            _ = try MessageHeader(parsing: Array(message.bytes[..<header.length]))
            #expect(throws: EncryptionSDKError(.truncatedMessage, "")) {
                try MessageHeader(parsing: Array(message.bytes[..<(header.length - 1)]))
            }
            let decrypted = try await forge.reader().read(message.bytes, .oneShot)
            #expect(decrypted.message.header.isAuthenticated)
        }
    }

    @Test("A header with more encrypted data keys than the limit is not read", arguments: Forge.suites)
    func limit(suite: AlgorithmSuite) throws {
        var forge = try Forge(suite)
        forge.encryptedDataKeys = [EncryptedDataKey](repeating: Forge.encryptedDataKey, count: 3)
        let message = try forge.sealed().bytes
        #expect(try MessageHeader(parsing: message, maximumEncryptedDataKeys: 3).encryptedDataKeys.count == 3)
        #expect(throws: EncryptionSDKError(.tooManyEncryptedDataKeys, "")) {
            try MessageHeader(parsing: message, maximumEncryptedDataKeys: 2)
        }
    }

    @Test("A header is written with the bytes that it was read from", arguments: AlgorithmSuite.all)
    func serializing(suite: AlgorithmSuite) throws {
        for forge in [try Forge(suite), try Forge(suite, context: [:]), try Forge.nonFramed(suite)] {
            let message = try forge.sealed().bytes
            let header = try MessageHeader(parsing: message)
            var written = try header.serializedFields()
            header.appendTag(to: &written)
            #expect(written == Array(message[..<header.length]))
        }
    }

    @Test("Frames lie where the layout says", arguments: Forge.unsignedSuites, [0, 1, 7, 8, 9, 16, 17, 64])
    func frames(suite: AlgorithmSuite, plaintextLength: Int) throws {
        let plaintext = [UInt8](repeating: 7, count: plaintextLength)
        let message = try Forge(suite, plaintext: plaintext, frameLength: 8).sealed()
        let layout = BodyLayout(frameLength: 8)
        #expect(layout.regularFrameCount(plaintextLength: plaintextLength) == message.frames.count - 1)
        for (index, start) in message.frames.enumerated() {
            #expect(layout.offset(ofFrame: index + 1) == start - message.frames[0])
        }
        #expect(layout.length(plaintextLength: plaintextLength) == message.bodyEnd - message.frames[0])
    }

    @Test("The parts of each kind of frame lie where the layout says")
    func parts() throws {
        for forge in [try Forge(.aes256GCMHKDFSHA256), try Forge.nonFramed(.aes256GCMHKDFSHA256)] {
            let built = try MessageBuilder.build(forge.blueprint)
            for (index, frame) in forge.frames.enumerated() {
                func range(_ part: MessageField.BodyPart) throws -> Range<Int> {
                    let field = forge.isFramed ? MessageField.frame(index, part) : .body(part)
                    let range = try #require(built.layout.range(of: field))
                    let start = try forge.sealed().frames[index]
                    return range.lowerBound - start..<range.upperBound - start
                }
                let kind = try #require(FrameKind(rawValue: frame.kind.rawValue))
                let layout = FrameLayout(kind: kind, contentLength: frame.plaintext.count)
                #expect(try layout.ivRange == range(.iv))
                #expect(try layout.contentRange == range(.content))
                #expect(try layout.tagOffset == range(.tag).lowerBound)
                #expect(try layout.length == range(.tag).upperBound)
                if kind != .singleBlock {
                    #expect(try kind.sequenceNumberOffset == range(.sequenceNumber).lowerBound)
                }
                if kind != .regular { #expect(try kind.contentLengthOffset == range(.contentLength).lowerBound) }
            }
        }
    }
}
