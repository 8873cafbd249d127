import ESDKCrypto
package import Foundation

/// Files of the repository, named by their path from its root.
package enum RepositoryFiles {
    /// The folder of `Package.swift`.
    package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The path of a file or folder.
    package static func path(_ path: String) -> String { root.appending(path: path).path }

    /// The bytes of a file.
    package static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: root.appending(path: path)))
    }
}

/// Files under `Tests/Vectors`, named by their path from there.
package enum VectorFile {
    /// The path of a file or folder.
    package static func path(_ path: String) -> String { RepositoryFiles.path("Tests/Vectors/\(path)") }

    /// The bytes of a file.
    package static func bytes(_ path: String) throws -> [UInt8] { try RepositoryFiles.bytes("Tests/Vectors/\(path)") }

    /// The text of a file.
    package static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

    /// What a JSON file holds.
    package static func load<Content: Decodable>(_ path: String, as type: Content.Type) throws -> Content {
        try JSONDecoder().decode(type, from: Data(bytes(path)))
    }
}

/// Bytes that a JSON file holds as Base64.
package struct Base64Bytes: Decodable, Sendable {
    package let bytes: [UInt8]

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let bytes = Base64.decode(text) else { throw notDecodable("Base64", decoder) }
        self.bytes = bytes
    }
}

/// Bytes that a JSON file holds as hexadecimal digits.
package struct HexBytes: Decodable, Sendable {
    package let bytes: [UInt8]

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let bytes = Hex.decode(text) else { throw notDecodable("hexadecimal", decoder) }
        self.bytes = bytes
    }
}

private func notDecodable(_ encoding: String, _ decoder: any Decoder) -> DecodingError {
    .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not \(encoding)"))
}

/// What a file says of a plaintext instead of repeating it.
package struct PlaintextDigest: Sendable {
    package let length: Int
    package let sha256: [UInt8]

    package init(length: Int, sha256: [UInt8]) {
        self.length = length
        self.sha256 = sha256
    }

    package func matches(_ plaintext: [UInt8]) throws -> Bool {
        try plaintext.count == length && Digest.hash(.sha256, of: plaintext.span) == sha256
    }
}
