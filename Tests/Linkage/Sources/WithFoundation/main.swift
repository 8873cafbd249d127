import AWSEncryptionSDKFoundation
import Foundation

let keyring = try RawAESKeyring(
    keyNamespace: "consumer",
    keyName: "key",
    wrappingKey: SecretBytes([UInt8](repeating: 7, count: 32)),
    wrappingAlgorithm: .aes256GCM
)
let sdk = try EncryptionSDK()
let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: folder) }
let message = folder.appending(path: "message")
let plaintext = folder.appending(path: "plaintext")

let encrypted = try await sdk.encrypt(Data("hello".utf8), using: keyring)
try Data(encrypted.ciphertext).write(to: message)
try await sdk.decryptFile(message, to: plaintext, using: keyring)
let opened = try Data(contentsOf: plaintext)
precondition(opened == Data("hello".utf8), "file")
do {
    _ = try await sdk.decrypt(Data(), using: keyring)
} catch {
    precondition(error.localizedDescription.contains("truncatedMessage"), error.localizedDescription)
}
