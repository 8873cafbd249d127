import AWSEncryptionSDK
import AWSMaterialProviders
import TestSupport
import Testing

/// One-shot decryption into an array that is used again.
@Suite("Decrypting into an array")
struct ReusedPlaintextTests {
    @Test("The content of the array is replaced by the plaintext", arguments: try Specimen.all.get())
    func replaces(specimen: Specimen) async throws {
        let client = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
        let keyring = StubKeyring(dataKey: specimen.dataKey)
        var plaintext = Array("what was there before, longer than any of the plaintexts".utf8)
        for _ in 0..<2 {
            let message = try await client.decrypt(specimen.bytes, into: &plaintext, using: keyring)
            #expect(plaintext == specimen.plaintext)
            #expect(message.algorithmSuite == specimen.suite)
        }
    }

    @Test("P14: the array is empty when the message is refused", arguments: try Specimen.all.get())
    func emptyAfterError(specimen: Specimen) async throws {
        let client = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
        let keyring = StubKeyring(dataKey: specimen.dataKey)
        var refused = specimen.bytes.indices.map { Array(specimen.bytes[..<$0]) }
        refused.append(specimen.bytes + [0])
        for index in stride(from: 0, to: specimen.bytes.count, by: 3) {
            var altered = specimen.bytes
            altered[index] ^= 0x04
            refused.append(altered)
        }
        for message in refused {
            var plaintext = Array("what was there before".utf8)
            do {
                _ = try await client.decrypt(message, into: &plaintext, using: keyring)
                Issue.record("opened")
            } catch {
                #expect(plaintext.isEmpty)
            }
        }
    }
}
