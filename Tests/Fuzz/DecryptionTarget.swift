import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import MessageForge

/// A message, decrypted at once and in chunks of random length, under one of the policies for signed messages.
func fuzzDecryption(_ input: [UInt8]) throws {
    compareWays(of: input, using: wrappingKeyring)
}

/// Ends the process unless both ways agree on the same plaintext, which is returned, or on no message.
@discardableResult
func compareWays(of message: [UInt8], using keyring: any Keyring) -> [UInt8]? {
    let whole = runToEnd { await decryptAtOnce(message, keyring) }
    var random = InputRandom(message)
    let policies = [SignedMessagePolicy.holdUntilVerified(.inMemory), .releaseFramesBeforeSignatureIsVerified]
    let policy = policies[Int.random(in: 0..<policies.count, using: &random)]
    let longest = [1, 5, 40, 1 + message.count][Int.random(in: 0..<4, using: &random)]
    let streamed = runToEnd { await decrypt(message, inChunksOf: 0...longest, keyring, policy) }
    switch (whole, streamed) {
    case (.success(let left), .success(let right)):
        guard left == right else { finding("at once and in chunks give different plaintexts") }
    case (.failure, .failure): break
    case (.success, .failure(let error)): finding("opens at once, but not in chunks: \(error)")
    case (.failure(let error), .success): finding("opens in chunks, but not at once: \(error)")
    }
    return try? whole.get()
}

/// Whether a message opens byte by byte in a stream that may hold no more than `limit` bytes.
func opens(_ message: [UInt8], holding limit: Int, using keyring: any Keyring) -> Bool {
    let client = Result { try EncryptionSDK(commitmentPolicy: .forbidEncryptAllowDecrypt, maximumBufferedBytes: limit) }
    let result = runToEnd {
        await decrypt(message, inChunksOf: 1...1, keyring, .releaseFramesBeforeSignatureIsVerified, client)
    }
    return (try? result.get()) != nil
}

private let sdk = Result { try EncryptionSDK(commitmentPolicy: .forbidEncryptAllowDecrypt) }

private func decryptAtOnce(_ message: [UInt8], _ keyring: any Keyring) async -> Result<[UInt8], any Error> {
    do { return .success(try await sdk.get().decrypt(message, using: keyring).plaintext) } catch {
        return .failure(error)
    }
}

private func decrypt(
    _ message: [UInt8],
    inChunksOf lengths: ClosedRange<Int>,
    _ keyring: any Keyring,
    _ policy: SignedMessagePolicy,
    _ client: Result<EncryptionSDK, any Error> = sdk
) async -> Result<[UInt8], any Error> {
    var random = InputRandom(message)
    var plaintext: [UInt8] = []
    do {
        let decryptor = try client.get().decryptor(using: keyring, signedMessages: policy)
        var offset = 0
        while offset < message.count {
            let end = min(message.count, offset + Int.random(in: lengths, using: &random))
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
