// Top-level code, whose variables belong to the main actor: where many people try a library first.
import AWSEncryptionSDK

let keyring = try RawAESKeyring(
    keyNamespace: "consumer",
    keyName: "key",
    wrappingKey: SecretBytes([UInt8](repeating: 7, count: 32)),
    wrappingAlgorithm: .aes256GCM
)
let sdk = try EncryptionSDK(maximumEncryptedDataKeys: 5)
let encrypted = try await sdk.encrypt("hello".utf8, using: keyring, encryptionContext: ["tenant": "42"])
let decrypted = try await sdk.decrypt(encrypted.ciphertext, using: keyring)
precondition(decrypted.plaintext == Array("hello".utf8), "one-shot")
precondition(decrypted.encryptionContext["tenant"] == "42", "encryption context")

var sink: [UInt8] = []
var decryptor = sdk.decryptor(using: keyring)
for start in stride(from: 0, to: encrypted.ciphertext.count, by: 100) {
    sink += try await decryptor.update(encrypted.ciphertext[start...].prefix(100))
}
let message = try await decryptor.finish { sink += $0 }
precondition(sink == decrypted.plaintext, "pushed chunks")
precondition(message.dataKeyOrigin?.encryptedDataKey == 0, "origin")

var written: [UInt8] = []
let encryptor = sdk.encryptor(using: keyring)
written += try await encryptor.update("hello".utf8)
try await encryptor.finish { written += $0 }
try await sdk.verify(written, using: keyring)

let chunks = AsyncStream { continuation in
    continuation.yield(written)
    continuation.finish()
}
sink = []
for try await plaintext in sdk.decryptStream(chunks, using: keyring) { sink += plaintext }
precondition(sink == decrypted.plaintext, "stream")

do {
    try await sdk.verify([1, 2, 3], using: keyring)
    preconditionFailure("three bytes are not a message")
} catch let error as EncryptionSDKError {
    precondition(error.code.category == .format, "category")
}
