import Foundation
import Glibc

/// A temporary folder with vector sets that a test writes; removed with the last reference.
final class VectorFixture: Sendable {
    /// Where the command runs, and what paths are relative to.
    let path: String
    /// Where output is kept.
    private let scratch: String

    init() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("esdk-\(UUID().uuidString)").path
        path = root + "/work"
        scratch = root + "/scratch"
        for folder in [path, scratch] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }

    /// A new path for what a process prints.
    func scratchPath(_ name: String) -> String { "\(scratch)/\(name)-\(UUID().uuidString)" }

    /// Writes a file, and the folders above it.
    func write(_ name: String, _ bytes: [UInt8]) throws {
        let url = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
    }

    func read(_ name: String) throws -> String {
        String(decoding: try Self.read("\(path)/\(name)"), as: UTF8.self)
    }

    static func write(_ path: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// The bytes of a file; not by way of Foundation, which leaks the buffer of an empty one.
    static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Child.Failure(what: "open \(path)", number: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw Child.Failure(what: "read \(path)", number: errno) }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: buffer.prefix(count))
        }
    }
}
