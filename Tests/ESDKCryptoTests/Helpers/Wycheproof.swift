import ESDKCrypto
import Foundation
import TestSupport
import Testing

/// A file of test vectors in the shape of Wycheproof.
struct WycheproofFile<Group: Decodable>: Decodable {
    let groups: [Group]

    static func load(_ name: String) throws -> [Group] {
        try VectorFile.load("wycheproof/\(name).json", as: WycheproofFile.self).groups
    }
}

/// What a vector expects.
enum Verdict: String, Decodable {
    /// Must succeed, with the given answer.
    case valid
    /// Must be refused.
    case invalid
    /// May be refused.
    case acceptable
}

/// The bytes that hexadecimal digits stand for.
func bytes(_ hex: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> [UInt8] {
    try #require(Hex.decode(hex), "not hexadecimal", sourceLocation: sourceLocation)
}

/// The DER in a PEM file under `Tests/Vectors/keys`, decoded without the code under test.
func derOfPEM(_ name: String) throws -> [UInt8] {
    let lines = try VectorFile.text("keys/\(name).pem").split(separator: "\n").filter { !$0.hasPrefix("-----") }
    return [UInt8](try #require(Data(base64Encoded: lines.joined())))
}
