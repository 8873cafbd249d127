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
        let descriptor = unsafe open("\(draft)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw OutputError(shown, "cannot be written", errno: errno) }
        var offset = 0
        while offset < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + offset }, buffer.count - offset)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                let error = OutputError(shown, "cannot be written", errno: errno)
                close(descriptor)
                throw error
            }
            offset += written
        }
        // Some file systems tell only now that the bytes did not fit.
        guard close(descriptor) == 0 else { throw OutputError(shown, "cannot be written", errno: errno) }
    }

    /// Takes a file of the folder away again.
    package func remove(_ name: String) { _ = unsafe unlink("\(draft)/\(name)") }

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
        FolderRemoval.remove(old)
    }

    /// An error about the folder.
    func error(_ reason: String) -> OutputError { OutputError(place, reason) }

    /// Takes away what was written.
    package func discard() { FolderRemoval.remove(draft) }

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
        guard let names = FolderRemoval.names(in: path) else { throw OutputError(path, "cannot be read", errno: errno) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
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
        let text = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        self.init(path, "\(what): \(text)")
    }
}

/// Removing folders that this program has made.
enum FolderRemoval {
    /// Removes a folder and what is in it, as far as that is allowed; symbolic links are not followed.
    static func remove(_ path: String) {
        for name in names(in: path) ?? [] {
            let entry = "\(path)/\(name)"
            var status = stat()
            guard unsafe lstat(entry, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR { remove(entry) } else { _ = unsafe unlink(entry) }
        }
        _ = unsafe rmdir(path)
    }

    /// The names in a folder, hidden ones included; nil where it cannot be read.
    static func names(in path: String) -> [String]? {
        guard let folder = unsafe opendir(path) else { return nil }
        defer { _ = unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
