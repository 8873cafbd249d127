internal import ESDKSystem
import StrictJSON

/// Reading whole files.
package enum RegularFile {
    /// The bytes of a file.
    ///
    /// - Parameters:
    ///   - path: the file's path.
    ///   - limit: the largest size that is accepted, in bytes; checked before anything is allocated.
    /// - Returns: the contents.
    /// - Throws: where the file is missing, is not a regular file, is too large or cannot be read.
    package static func read(_ path: String, limit: Int = .max) throws(VectorError) -> [UInt8] {
        guard !path.utf8.contains(0) else {
            throw VectorError(.notFound, path: ManifestText.quoted(path), reason: "no path holds U+0000")
        }
        let file: FileDescriptor
        let status: FileStatus
        do throws(SystemError) {
            // Opening a FIFO must not wait for a writer.
            file = try .reading(SystemPath(path), waitsForWriter: false)
            status = try file.status()
        } catch {
            throw failure(path, error)
        }
        guard status.kind == .regular else {
            let isFolder = status.kind == .folder
            throw VectorError(.notRegular, path: path, reason: isFolder ? "is a folder" : "is not a regular file")
        }
        guard status.size <= limit else {
            throw VectorError(
                .tooLarge,
                path: path,
                reason: "\(status.size) bytes are more than the \(limit) that are accepted"
            )
        }
        do throws(SystemError) { return try file.readAll() } catch { throw failure(path, error) }
    }

    /// Whether there is a file or folder of any kind at a path.
    static func exists(_ path: String) -> Bool {
        kind(path) != nil
    }

    /// Whether there is a folder at a path.
    static func isFolder(_ path: String) -> Bool {
        kind(path) == .folder
    }

    private static func kind(_ path: String) -> FileStatus.Kind? {
        (try? FileStatus(of: SystemPath(path)))?.kind
    }

    /// The names in a folder, sorted by their bytes, without hidden ones.
    ///
    /// - Parameter path: the folder's path.
    /// - Throws: where it cannot be read, or holds a folder or JSON file whose name is not UTF-8: no path could name it.
    static func names(in path: String) throws(VectorError) -> [String] {
        let entries: [SystemPath]
        do throws(SystemError) { entries = try Folder.names(in: SystemPath(path)) } catch { throw failure(path, error) }
        var names: [String] = []
        for entry in entries where entry.bytes.first != UInt8(ascii: ".") {
            guard let name = entry.string else {
                let isFolder = (try? FileStatus(of: SystemPath(path).appending(entry)))?.kind == .folder
                guard isFolder || entry.bytes.suffix(5).elementsEqual(".json".utf8) else { continue }
                let shown = ManifestText.quoted(String(decoding: entry.bytes, as: UTF8.self))
                throw VectorError(
                    .unreadable,
                    path: path,
                    reason: "the name of \(shown) in it is not UTF-8; rename the \(isFolder ? "folder" : "file")"
                )
            }
            names.append(name)
        }
        return names
    }

    /// The absolute path without symbolic links; `nil` where there is no such file.
    static func resolved(_ path: String) -> String? {
        (try? SystemFile.resolve(SystemPath(path))).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    private static func failure(_ path: String, _ error: SystemError) -> VectorError {
        if error.isMissingFile { return VectorError(.notFound, path: path, reason: "no such file") }
        return VectorError(.unreadable, path: path, reason: "cannot be read: \(error.reason)")
    }
}

/// Reading files of JSON that are not part of a set, such as reports of earlier runs.
enum JSONFile {
    /// The document in a file, which may be a pipe.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - limit: the most bytes that are accepted.
    /// - Throws: where it cannot be read, or is not JSON.
    static func read(_ path: SystemPath, limit: Int) throws(VectorError) -> JSONValue {
        do {
            return try StrictJSON.parse(SystemFile.read(path, limit: limit), source: "\(path)")
        } catch let error as JSONError {
            throw VectorError(
                .notJSON,
                path: "\(path)",
                reason: error.location.map { "line \($0.line): \(error.reason)" } ?? error.reason
            )
        } catch {
            throw VectorError(.unreadable, path: "\(path)", reason: (error as? SystemError)?.reason ?? "\(error)")
        }
    }
}
