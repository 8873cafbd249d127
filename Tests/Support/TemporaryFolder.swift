import ESDKSystem
import Foundation

/// A new folder, removed with all that is in it when the last reference is released.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "esdk-tests-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of something in the folder.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The names of all that lies directly in the folder, hidden files too, in order.
    package var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    /// Writes a file, and makes the folders above it.
    ///
    /// - Returns: its path.
    @discardableResult
    package func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let url = URL(filePath: file(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        return url.path
    }

    /// Writes a file of text, and makes the folders above it.
    ///
    /// - Returns: its path.
    @discardableResult
    package func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

    /// The content of a file.
    package func read(_ name: String) throws -> [UInt8] {
        // Foundation's own way leaks a page for an empty file, which the leak sanitizer reports.
        try FileDescriptor.reading(SystemPath(file(name))).readAll()
    }

    /// The content of a file of text.
    package func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

    /// Makes a folder, and those above it.
    package func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
    }

    /// Makes a symbolic link.
    package func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: file(name), withDestinationPath: target)
    }

    /// Removes a file, or a folder with all that is in it.
    package func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name)) }
}
