import Foundation
import TestSupport

@testable import ESDKTestVectors

/// Key entries made of the keys under `Tests/Vectors/keys`, which openssl wrote.
enum KeySamples {
    static func pem(_ name: String) throws -> String { try VectorFile.text("keys/\(name).pem") }

    /// An entry whose `key-id` is not its name.
    static func entry(_ name: String, _ material: KeyMaterial, keyID: String = "the id") -> KeyEntry {
        KeyEntry(name: name, keyID: keyID, encrypt: nil, decrypt: nil, bits: nil, material: material)
    }

    static func aes(_ count: Int) -> KeyMaterial { .symmetric(aesBytes(count)) }

    static func aesBytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0) } }

    /// Both parties of an agreement on one curve, which share a key.
    static func ecc(_ curve: String) throws -> KeyMaterial {
        let (privateKey, publicKey) = (try pem("ec-\(curve)-pkcs8"), try pem("ec-\(curve)-spki"))
        return .eccPrivate(
            sender: .pem(privateKey),
            recipient: .pem(privateKey),
            senderPublicKey: .pem(publicKey),
            recipientPublicKey: .pem(publicKey)
        )
    }

    static func builder(_ entries: KeyEntry..., cache: KeyCache = KeyCache()) -> KeyringBuilder {
        KeyringBuilder(keys: KeyTable(declaredVersion: 3, entries: entries), cache: cache)
    }
}
