import ESDKCrypto
import ESDKSystem
import Foundation
import Glibc
import StrictJSON
import TestSupport
import Testing

/// A folder with a key and what the command makes in it.
final class FileFolder: Sendable {
    let folder: TemporaryFolder
    /// The option for a raw AES key.
    static let key = "--key=raw-aes:namespace=tests,name=one,file=key"
    static let plaintext = Array("Hello, files!\n".utf8)

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("key", (0..<32).map { UInt8($0) })
        set("key", 0o600)
        try folder.write("plain", Self.plaintext)
    }

    /// Runs the command, with the key if `words` name no other one.
    func esdk(_ words: String...) throws -> ESDK.Output { try esdk(words) }

    func esdk(_ words: [String]) throws -> ESDK.Output {
        let hasKey = words.contains { $0.hasPrefix("--key") }
        return try ESDK.run(words + (hasKey ? [] : [Self.key]), in: folder)
    }

    /// Runs a line of shell in the folder, in which `$esdk` is the command and `$key` the option for its key.
    func shell(_ line: String) throws -> ESDK.Output { try ESDK.shell("key=\(Self.key); \(line)", in: folder) }

    /// Runs the command, which must succeed without a word.
    func expectSuccess(_ words: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
        let output = try esdk(words)
        #expect(output == ESDK.Output(status: 0, standardOutput: "", standardError: ""), sourceLocation: sourceLocation)
    }

    func set(_ name: String, _ permissions: mode_t) { chmod(folder.file(name), permissions) }

    func permissions(_ name: String) throws -> String {
        String(try FileStatus(of: SystemPath(folder.file(name))).permissions, radix: 8)
    }

    /// The lines of JSON in a text.
    static func lines(_ text: String) throws -> [JSONValue] {
        try text.split(separator: "\n").map { try StrictJSON.parse(Array($0.utf8), source: "line") }
    }

    /// Writes a key of the vectors that Python wrote, from its entry; Base64 of DER as DER.
    func writeVectorKey(_ entry: String, _ member: String = "material", to name: String) throws {
        let keys = try Self.vectorFile("keys.json")
        let text = try #require(keys["keys"]?[entry]?[member]?.string)
        if text.hasPrefix("-----") || member == "material" {
            try folder.write(name, text)
        } else {
            try folder.write(name, try #require(Base64.decode(text)))
        }
        set(name, 0o600)
    }

    /// A manifest of the vectors that Python wrote.
    static func vectorFile(_ name: String) throws -> JSONValue {
        try StrictJSON.parse(RepositoryFiles.bytes("vectors/python-4.0.7/\(name)"), source: name)
    }
}
