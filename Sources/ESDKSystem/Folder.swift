internal import Glibc

/// Folders, by their paths.
package enum Folder {
    /// The names in a folder, hidden ones included, sorted by their bytes.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - limit: the most names that are read.
    /// - Throws: what the system says; `EFBIG` for more names than that.
    package static func names(in path: SystemPath, limit: Int = .max) throws(SystemError) -> [SystemPath] {
        let name = try path.cString(to: "read")
        guard let folder = unsafe opendir(name) else { throw .last("read", path) }
        defer { _ = unsafe closedir(folder) }
        var names: [SystemPath] = []
        while true {
            // The end and a failure look the same but for this.
            errno = 0
            guard let entry = unsafe readdir(folder) else { break }
            let bytes = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: UInt8.self, capacity: 256) { name in
                    unsafe Array(UnsafeBufferPointer(start: name, count: 256).prefix { $0 != 0 })
                }
            }
            if bytes != [0x2E] && bytes != [0x2E, 0x2E] { names.append(SystemPath(bytes: bytes)) }
            guard names.count <= limit else {
                throw SystemError(EFBIG, "read", path, "it has more than \(limit) files")
            }
        }
        guard errno == 0 else { throw .last("read", path) }
        return names.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    /// Makes a folder; its parent must be there.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - permissions: less those that the process withholds.
    /// - Throws: what the system says.
    package static func make(_ path: SystemPath, permissions: UInt32 = 0o777) throws(SystemError) {
        let name = try path.cString(to: "create")
        guard unsafe mkdir(name, permissions) == 0 else { throw .last("create", path) }
    }

    /// Makes a folder and those above it, as far as they are missing.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - permissions: of folders that are made, less those that the process withholds.
    /// - Throws: what the system says.
    package static func makeAll(_ path: SystemPath, permissions: UInt32 = 0o777) throws(SystemError) {
        var missing: [SystemPath] = []
        var place = path
        while (try? FileStatus(of: place))?.kind != .folder {
            missing.append(place)
            guard place != place.parent else { break }
            place = place.parent
        }
        for folder in missing.reversed() {
            do { try make(folder, permissions: permissions) } catch  where error.number == EEXIST {
                // Somebody else was faster.
                guard (try? FileStatus(of: folder))?.kind == .folder else { throw error }
            }
        }
    }

    /// Removes an empty folder.
    ///
    /// - Throws: what the system says.
    package static func remove(_ path: SystemPath) throws(SystemError) {
        let name = try path.cString(to: "remove")
        guard unsafe rmdir(name) == 0 else { throw .last("remove", path) }
    }

    /// Removes a folder and all that is in it, as far as that is allowed; symbolic links are removed, not followed.
    package static func removeAll(_ path: SystemPath) {
        for name in (try? names(in: path)) ?? [] {
            let entry = path.appending(name)
            guard let status = try? FileStatus(of: entry, followingLinks: false) else { continue }
            if status.kind == .folder { removeAll(entry) } else { try? SystemFile.remove(entry) }
        }
        try? remove(path)
    }
}

/// Files, by their paths.
package enum SystemFile {
    /// The bytes of a file.
    ///
    /// - Parameters:
    ///   - path: the file; a pipe is read to its end.
    ///   - limit: the most bytes that are accepted.
    /// - Throws: what the system says; `EFBIG` for more bytes than that.
    package static func read(_ path: SystemPath, limit: Int = .max) throws(SystemError) -> [UInt8] {
        try FileDescriptor.reading(path).readAll(limit: limit)
    }

    /// Removes a file's name.
    ///
    /// - Throws: what the system says.
    package static func remove(_ path: SystemPath) throws(SystemError) {
        let name = try path.cString(to: "remove")
        guard unsafe unlink(name) == 0 else { throw .last("remove", path) }
    }

    /// Gives a file another name, in place of what bears it.
    ///
    /// - Throws: what the system says.
    package static func rename(_ path: SystemPath, to target: SystemPath) throws(SystemError) {
        let (from, to) = (try path.cString(to: "rename"), try target.cString(to: "create"))
        guard unsafe Glibc.rename(from, to) == 0 else { throw .last("create", target) }
    }

    /// The absolute path without symbolic links.
    ///
    /// - Throws: when there is no such file.
    package static func resolve(_ path: SystemPath) throws(SystemError) -> SystemPath {
        let name = try path.cString(to: "find")
        guard let text = unsafe realpath(name, nil) else { throw .last("find", path) }
        defer { unsafe free(text) }
        return unsafe SystemPath(
            bytes: UnsafeBufferPointer(start: text, count: strlen(text)).map { UInt8(bitPattern: $0) }
        )
    }

    /// Where a symbolic link leads, as it is written in the link.
    static func target(of link: SystemPath, in folder: FileDescriptor?) throws(SystemError) -> SystemPath {
        let name = try link.cString(to: "follow")
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = unsafe buffer.withUnsafeMutableBytes { buffer in
            guard let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self) else { return -1 }
            return unsafe readlinkat(folder?.number ?? AT_FDCWD, name, start, buffer.count)
        }
        guard length >= 0 else { throw .last("follow", link) }
        return SystemPath(bytes: buffer.prefix(length))
    }
}
