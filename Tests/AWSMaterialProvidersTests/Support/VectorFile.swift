import Foundation

/// A file under `Tests/Vectors`.
enum VectorFile {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent()  // Support
        .deletingLastPathComponent()  // AWSMaterialProvidersTests
        .deletingLastPathComponent()  // Tests
        .appending(path: "Vectors")

    static func load<Content: Decodable>(_ path: String, as type: Content.Type) throws -> Content {
        try JSONDecoder().decode(type, from: Data(contentsOf: folder.appending(path: path)))
    }

    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appending(path: path)), as: UTF8.self)
    }
}
