import ESDKCrypto
import Foundation
import Testing

/// A file under `Tests/Vectors/messages`: messages of other implementations, with their keys.
enum MessageFile {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent()  // Support
        .deletingLastPathComponent()  // AWSEncryptionSDKTests
        .deletingLastPathComponent()  // Tests
        .appending(path: "Vectors/messages")

    static func load<Content: Decodable>(_ name: String, as type: Content.Type) throws -> Content {
        try JSONDecoder().decode(type, from: Data(contentsOf: folder.appending(path: name)))
    }
}

/// Bytes that a file holds as Base64.
struct Base64Bytes: Decodable, Sendable {
    let bytes: [UInt8]

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        bytes = try #require(Base64.decode(text))
    }
}

/// Bytes that a file holds as hexadecimal digits.
struct HexBytes: Decodable, Sendable {
    let bytes: [UInt8]

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        bytes = try #require(Hex.decode(text))
    }
}

/// What a file says of a plaintext instead of repeating it.
struct PlaintextDigest: Sendable {
    let length: Int
    let sha256: [UInt8]

    func matches(_ plaintext: [UInt8]) throws -> Bool {
        try plaintext.count == length && Digest.hash(.sha256, of: plaintext.span) == sha256
    }
}
