import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import MessageForge

/// A message, decrypted at once and in chunks of random length, under each policy for signed messages.
func fuzzDecryption(_ input: [UInt8]) throws {
    compareWays(of: input, using: wrappingKeyring)
}

/// Ends the process unless all ways agree on the same plaintext, which is returned, or on no message.
@discardableResult
func compareWays(of message: [UInt8], using keyring: any Keyring) -> [UInt8]? {
    let whole = runToEnd { await decryptAtOnce(message, keyring) }
    for policy in [SignedMessagePolicy.holdUntilVerified(.inMemory), .releaseFramesBeforeSignatureIsVerified] {
        let streamed = runToEnd { await decryptInChunks(message, keyring, policy) }
        switch (whole, streamed) {
        case (.success(let left), .success(let right)):
            guard left == right else { finding("at once and in chunks give different plaintexts") }
        case (.failure, .failure): break
        case (.success, .failure(let error)): finding("opens at once, but not in chunks: \(error)")
        case (.failure(let error), .success): finding("opens in chunks, but not at once: \(error)")
        }
    }
    return try? whole.get()
}

private let sdk = Result { try EncryptionSDK(commitmentPolicy: .forbidEncryptAllowDecrypt) }

private func decryptAtOnce(_ message: [UInt8], _ keyring: any Keyring) async -> Result<[UInt8], any Error> {
    do { return .success(try await sdk.get().decrypt(message, using: keyring).plaintext) } catch {
        return .failure(error)
    }
}

private func decryptInChunks(_ message: [UInt8], _ keyring: any Keyring, _ policy: SignedMessagePolicy) async
    -> Result<[UInt8], any Error>
{
    var random = InputRandom(message)
    let longest = [1, 5, 40, 1 + message.count][Int.random(in: 0..<4, using: &random)]
    var plaintext: [UInt8] = []
    do {
        let decryptor = try sdk.get().decryptor(using: keyring, signedMessages: policy)
        var offset = 0
        while offset < message.count {
            let end = min(message.count, offset + Int.random(in: 0...longest, using: &random))
            let released = try await decryptor.update(message[offset..<end])
            if !released.isEmpty {
                guard let suite = decryptor.message?.algorithmSuite else {
                    finding("plaintext before a verified header")
                }
                if case .holdUntilVerified = policy, suite.signature != nil {
                    finding("plaintext of a signed message before its end")
                }
            }
            plaintext += released
            offset = end
        }
        try await decryptor.finish(appendingTo: &plaintext)
        return .success(plaintext)
    } catch {
        return .failure(error)
    }
}

/// The keyring of the forged vectors, from which the corpus is taken.
private let wrappingKeyring: any Keyring = {
    let key = Base64.decode("bpS7MrCTf5j7TgfW0k8xt82y7x2UWm9nUHj2G4s8tjA=") ?? []
    do {
        return try RawAESKeyring(
            keyNamespace: "forge",
            keyName: "aes-256",
            wrappingKey: SecretBytes(key),
            wrappingAlgorithm: .aes256GCM
        )
    } catch { finding("no keyring: \(error)") }
}()
