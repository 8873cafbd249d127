internal import ESDKSystem
import Glibc

/// A folder that comes to be whole or not at all: it is filled under another name beside its place, and put there at the end.
package final class OutputFolder: Sendable {
    /// The names that a set has at its top; a folder of these only may be replaced.
    private static let ownNames: Set<String> = [
        "ciphertexts", "plaintexts", "keys.json", "manifest.json", "decrypt-manifest.json", "unsupported.json",
    ]

    /// The place of the folder.
    private let place: String
    /// Where it is filled.
    private let draft: String

    /// Checks the place and starts the folder beside it.
    ///
    /// - Parameters:
    ///   - path: the place; the folder above it must be there.
    ///   - replaces: whether a set that lies there may be replaced. Anything else that lies there never is.
    ///   - subfolders: folders to be made in it.
    /// - Throws: `OutputError`.
    package init(_ path: String, replaces: Bool, subfolders: [String]) throws(OutputError) {
        place = try Self.checkedPlace(path, replaces: replaces)
        let (parent, name) = Self.split(place)
        var made: String?
        for attempt in 0..<100 where made == nil {
            let candidate = "\(parent)/.\(name).\(getpid())-\(attempt).partial"
            if unsafe mkdir(candidate, 0o777) == 0 {
                made = candidate
            } else if errno != EEXIST {
                throw OutputError(path, "cannot be created", errno: errno)
            }
        }
        guard let made else { throw OutputError(path, "cannot be created: too many unfinished folders lie beside it") }
        draft = made
        for subfolder in subfolders where unsafe mkdir("\(draft)/\(subfolder)", 0o777) != 0 {
            let error = OutputError(path, "cannot be created", errno: errno)
            discard()
            throw error
        }
    }

    /// Writes a file of the folder, which must not be there yet.
    ///
    /// - Parameters:
    ///   - name: its path below the folder.
    ///   - bytes: its contents.
    /// - Throws: `OutputError`.
    package func write(_ name: String, _ bytes: [UInt8]) throws(OutputError) {
        let shown = "\(place)/\(name)"
        do throws(SystemError) {
            let file = try FileDescriptor.open(SystemPath("\(draft)/\(name)"), O_WRONLY | O_CREAT | O_EXCL)
            try file.writeAll(bytes.span)
            // Some file systems tell only now that the bytes did not fit.
            try file.close()
        } catch {
            throw OutputError(shown, "cannot be written", errno: error.number)
        }
    }

    /// Takes a file of the folder away again.
    package func remove(_ name: String) { try? SystemFile.remove(SystemPath("\(draft)/\(name)")) }

    /// Puts the folder in its place.
    ///
    /// - Throws: `OutputError`; the place is then as it was, and what was written is gone.
    package func commit() throws(OutputError) {
        // Takes the place of nothing, and of an empty folder.
        if unsafe rename(draft, place) == 0 { return }
        guard errno == ENOTEMPTY || errno == EEXIST else {
            let error = OutputError(place, "cannot be put in place", errno: errno)
            discard()
            throw error
        }
        let (parent, name) = Self.split(place)
        let old = "\(parent)/.\(name).\(getpid()).old"
        guard unsafe rename(place, old) == 0 else {
            let error = OutputError(place, "cannot be replaced", errno: errno)
            discard()
            throw error
        }
        guard unsafe rename(draft, place) == 0 else {
            let error = OutputError(place, "cannot be put in place", errno: errno)
            _ = unsafe rename(old, place)
            discard()
            throw error
        }
        Folder.removeAll(SystemPath(old))
    }

    /// An error about the folder.
    func error(_ reason: String) -> OutputError { OutputError(place, reason) }

    /// Takes away what was written.
    package func discard() { Folder.removeAll(SystemPath(draft)) }

    // MARK: - The place

    private static func checkedPlace(_ path: String, replaces: Bool) throws(OutputError) -> String {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw OutputError(path, "is no name of a folder") }
        guard let resolved = RegularFile.resolved(path) else {
            guard !RegularFile.exists(path) else { throw OutputError(path, "cannot be found", errno: errno) }
            var status = stat()
            guard unsafe lstat(path, &status) != 0 else {
                throw OutputError(path, "is a symbolic link that leads nowhere")
            }
            var bytes = Array(path.utf8)
            while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
            let (parent, name) = split(String(decoding: bytes, as: UTF8.self))
            guard let folder = RegularFile.resolved(parent), RegularFile.isFolder(folder) else {
                throw OutputError(path, "there is no folder \(ManifestText.plain(parent)) to put it in")
            }
            guard name != ".", name != ".." else { throw OutputError(path, "is no name of a folder") }
            return folder == "/" ? "/" + name : "\(folder)/\(name)"
        }
        guard RegularFile.isFolder(resolved) else { throw OutputError(path, "is there already, and no folder") }
        guard resolved != "/" else { throw OutputError(path, "cannot be replaced") }
        let names = try names(in: resolved)
        guard !names.isEmpty else { return resolved }
        guard replaces else {
            throw OutputError(path, "is not empty; name another folder, or give --force to replace the set in it")
        }
        if let other = names.first(where: { !ownNames.contains($0) }) {
            throw OutputError(
                path,
                "holds \(ManifestText.quoted(other)), which is no part of a written set, and is not replaced"
            )
        }
        return resolved
    }

    /// The names in a folder, hidden ones included.
    private static func names(in path: String) throws(OutputError) -> [String] {
        do throws(SystemError) {
            return try Folder.names(in: SystemPath(path)).map { String(decoding: $0.bytes, as: UTF8.self) }
        } catch {
            throw OutputError(path, "cannot be read", errno: error.number)
        }
    }

    /// The folder above a path, and the last name of the path.
    private static func split(_ path: String) -> (parent: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let parent = slash == path.startIndex ? "/" : String(path[..<slash])
        return (parent, String(path[path.utf8.index(after: slash)...]))
    }
}

/// Why a set cannot be written; the command ends with exit code 2.
package struct OutputError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The path and what is wrong with it, in one line.
    package let description: String

    init(_ path: String, _ reason: String) {
        description = "\(ManifestText.plain(path)): \(reason)"
    }

    /// A failure of the system, by its own words.
    init(_ path: String, _ what: String, errno number: Int32) {
        self.init(path, "\(what): \(SystemError.words(for: number))")
    }
}
