import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import MessageForge
import TestSupport
import Testing

/// What a decryptor that is pushed chunks promises beyond the rules for messages.
@Suite("MessageDecryptor")
struct MessageDecryptorTests {
    @Test("P14: no success is signalled before the end of the message", arguments: Forge.suites)
    func endMatters(suite: AlgorithmSuite) async throws {
        for forge in [try Forge(suite), try Forge.nonFramed(suite)] {
            let message = try forge.sealed().bytes
            for policy in [SignedMessagePolicy.holdUntilVerified(.inMemory), .releaseFramesBeforeSignatureIsVerified] {
                var reader = try forge.reader()
                reader.policy = policy
                for length in 0..<message.count {
                    var released: [UInt8] = []
                    await #expect(throws: EncryptionSDKError(.truncatedMessage, "")) {
                        try await reader.stream([Array(message[..<length])], appendingTo: &released)
                    }
                    #expect(released.count <= forge.plaintext.count)
                    #expect(forge.plaintext.starts(with: released))
                }
            }
        }
    }

    @Test("After an error nothing more is accepted", arguments: Forge.suites)
    func nothingAfterAnError(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let message = try forge.sealed()
        let reader = try forge.reader()
        // A fault in the header, in the body, and behind the message.
        for position in [0, Int(message.offset("Authentication Tag")), message.frames[1], message.bytes.count] {
            var altered = message.bytes + [0]
            altered[position] ^= 0x80
            let decryptor = reader.client.decryptor(using: reader.materialsManager)
            do {
                _ = try await decryptor.update(altered)
                Issue.record("opened")
            } catch {}
            for next in [message.bytes, [0], altered] {
                do {
                    _ = try await decryptor.update(next)
                    Issue.record("went on")
                } catch let error as EncryptionSDKError {
                    #expect(error.code == .decryptorFinished)
                }
            }
            await expectFinished(decryptor)
        }
    }

    @Test("After a failed key call no key is asked for again")
    func noSecondKeyCall() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKey)
        let message = try forge.sealed()
        let header = Array(message.bytes[..<message.frames[0]])
        let manager = StubMaterialsManager { _ in throw EncryptionSDKError(.noDataKey, "the first time") }
        let decryptor = try EncryptionSDK().decryptor(using: manager)
        do {
            _ = try await decryptor.update(header)
            Issue.record("opened")
        } catch let error as EncryptionSDKError {
            #expect(error.code == .noDataKey)
        }
        for next in [[], Array(message.bytes[message.frames[0]...])] as [[UInt8]] {
            do {
                _ = try await decryptor.update(next)
                Issue.record("went on")
            } catch let error as EncryptionSDKError {
                #expect(error.code == .decryptorFinished)
            }
        }
        #expect(manager.calls == 1)
        await expectFinished(decryptor)
    }

    @Test("A stream that refuses signed messages stays refused", arguments: Forge.signedSuites)
    func refusalStays(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let keyring = StubKeyring(dataKey: forge.dataKey)
        let client = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
        let decryptor = client.decryptor(using: keyring, signedMessages: .refuse)
        let message = try forge.sealed().bytes
        for code in [EncryptionSDKError.Code.signedMessageRefused, .decryptorFinished, .decryptorFinished] {
            do {
                _ = try await decryptor.update(message)
                Issue.record("opened")
            } catch let error as EncryptionSDKError {
                #expect(error.code == code)
            }
        }
        #expect(keyring.calls == 0)
    }

    @Test("After the held plaintext has exceeded its limit nothing more is accepted")
    func limitOfHeldPlaintext() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKeyECDSAP384, plaintext: [UInt8](repeating: 7, count: 4096))
        let message = try forge.sealed()
        let client = try EncryptionSDK(maximumBufferedBytes: 1024)
        let decryptor = client.decryptor(
            using: StubKeyring(dataKey: forge.dataKey),
            signedMessages: .holdUntilVerified(.inMemory)
        )
        var codes: [EncryptionSDKError.Code] = []
        for chunk in message.bytes.chunks(of: 500) {
            do {
                #expect(try await decryptor.update(chunk).isEmpty)
            } catch let error as EncryptionSDKError {
                codes.append(error.code)
            }
        }
        #expect(codes.first == .bufferLimitExceeded)
        #expect(codes.count > 2)
        #expect(codes.dropFirst().allSatisfy { $0 == .decryptorFinished })
        await expectFinished(decryptor)
    }

    @Test("A decryptor that finishes gives what it held, once", arguments: Forge.signedSuites)
    func heldPlaintext(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let reader = try forge.reader()
        let decryptor = reader.client.decryptor(using: reader.materialsManager)
        for chunk in try forge.sealed().bytes.chunks(of: 3) {
            #expect(try await decryptor.update(chunk).isEmpty)
        }
        #expect(decryptor.message?.algorithmSuite == suite)
        var held: [UInt8] = []
        let message = try await decryptor.finish(appendingTo: &held)
        #expect(held == forge.plaintext)
        #expect(message.algorithmSuite == suite)
        await expectFinished(decryptor)
    }

    @Test("Empty chunks change nothing", arguments: Forge.suites)
    func emptyChunks(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let chunks = try forge.sealed().bytes.chunks(of: 9).flatMap { [[], $0, []] }
        var output: [UInt8] = []
        try await forge.reader().stream(chunks, appendingTo: &output)
        #expect(output == forge.plaintext)
    }

    @Test("A message says what it was decrypted with", arguments: Forge.suites, Reading.all)
    func verifiedMessage(suite: AlgorithmSuite, reading: Reading) async throws {
        let forge = try Forge(suite, context: ["tenant": "42"])
        let message = try await forge.reader().read(forge.sealed().bytes, reading).message
        #expect(message.algorithmSuite == suite)
        #expect(message.header.version == suite.messageFormatVersion)
        #expect(message.header.messageID == forge.messageID)
        #expect(message.header.frameLength == 8)
        #expect(message.header.contentType == .framed)
        #expect(message.header.encryptedDataKeys == [Forge.encryptedDataKey])
        #expect(message.header.commitment == (try forge.keys().commitment))
        #expect(message.encryptionContext["tenant"] == "42")
        #expect(message.dataKeyOrigin?.encryptedDataKey == 0)
        #expect(message.dataKeyOrigin?.keyring == "stub keyring")
    }

    /// Expects that a decryptor which has failed does not finish.
    private func expectFinished(_ decryptor: MessageDecryptor) async {
        do {
            try await decryptor.finish { _ in }
            Issue.record("finished")
        } catch let error as EncryptionSDKError {
            #expect(error.code == .decryptorFinished)
        } catch {
            Issue.record("\(error)")
        }
    }
}
