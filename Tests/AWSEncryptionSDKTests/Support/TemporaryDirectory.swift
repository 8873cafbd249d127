import AWSEncryptionSDK
import Foundation
import Glibc
import Testing

/// A new directory, removed with all that is in it when the value is released.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "esdk-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it.
    func file(_ name: String) -> String { path + "/" + name }

    /// The names of all files, hidden ones too, in order.
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    func write(_ bytes: [UInt8], to name: String) throws { try Data(bytes).write(to: URL(filePath: file(name))) }

    /// The content of a file.
    func read(_ name: String) throws -> [UInt8] {
        // Foundation's own way leaks a page for an empty file, which the leak sanitizer reports.
        let stream = try #require(fopen(file(name), "r"))
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
        return bytes
    }
}

extension SignedMessagePolicy {
    /// Holds signed messages in a temporary file where the system has them.
    static let holdInTemporaryFile = holdUntilVerified(.temporaryFile(directory: NSTemporaryDirectory()))
}
