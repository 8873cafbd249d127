internal import Glibc

/// Reading whole files.
package enum RegularFile {
    /// The bytes of a file.
    ///
    /// - Parameters:
    ///   - path: the file's path.
    ///   - limit: the largest size that is accepted, in bytes; checked before anything is allocated.
    /// - Returns: the contents.
    /// - Throws: where the file is missing, no regular file, too large or unreadable.
    package static func read(_ path: String, limit: Int = .max) throws(VectorError) -> [UInt8] {
        guard !path.utf8.contains(0) else {
            throw VectorError(.notFound, path: ManifestText.quoted(path), reason: "no path holds U+0000")
        }
        // Without O_NONBLOCK, opening a FIFO would wait for a writer.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { _ = close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            throw VectorError(.notRegular, path: path, reason: isFolder ? "is a folder" : "is no regular file")
        }
        guard status.st_size <= limit else {
            throw VectorError(
                .tooLarge,
                path: path,
                reason: "\(status.st_size) bytes are more than the \(limit) that are accepted"
            )
        }
        let size = Int(status.st_size)
        var failed: Int32?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let length = unsafe Glibc.read(descriptor, buffer.baseAddress.map { unsafe $0 + count }, size - count)
                if length < 0 && errno == EINTR { continue }
                if length < 0 { failed = errno }
                if length <= 0 { break }
                count += length
            }
        }
        if let failed { throw failure(path, failed) }
        return bytes
    }

    /// Whether there is a file or folder of any kind at a path.
    static func exists(_ path: String) -> Bool {
        kind(path) != nil
    }

    /// Whether there is a folder at a path.
    static func isFolder(_ path: String) -> Bool {
        kind(path) == S_IFDIR
    }

    private static func kind(_ path: String) -> mode_t? {
        var status = stat()
        guard !path.utf8.contains(0), unsafe stat(path, &status) == 0 else { return nil }
        return status.st_mode & S_IFMT
    }

    /// The names in a folder, sorted by their bytes, without hidden ones.
    ///
    /// - Parameter path: the folder's path.
    /// - Throws: where it cannot be read, or holds a folder or JSON file whose name is not UTF-8: no path could name it.
    static func names(in path: String) throws(VectorError) -> [String] {
        guard let folder = unsafe opendir(path) else { throw failure(path, errno) }
        defer { _ = unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let bytes = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                    unsafe UnsafeBufferPointer(start: name, count: strlen(name)).map(UInt8.init(bitPattern:))
                }
            }
            guard bytes.first != UInt8(ascii: ".") else { continue }
            guard let name = String(validating: bytes, as: UTF8.self) else {
                var status = stat()
                let name = bytes.map { CChar(bitPattern: $0) } + [0]
                let isFolder =
                    unsafe fstatat(dirfd(folder), name, &status, 0) == 0 && status.st_mode & S_IFMT == S_IFDIR
                guard isFolder || bytes.suffix(5).elementsEqual(".json".utf8) else { continue }
                let shown = ManifestText.quoted(String(decoding: bytes, as: UTF8.self))
                throw VectorError(
                    .unreadable,
                    path: path,
                    reason: "the name of \(shown) in it is not UTF-8; rename the \(isFolder ? "folder" : "file")"
                )
            }
            names.append(name)
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The absolute path without symbolic links; `nil` where there is no such file.
    static func resolved(_ path: String) -> String? {
        guard !path.utf8.contains(0), let text = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }

    private static func failure(_ path: String, _ number: Int32) -> VectorError {
        if number == ENOENT || number == ENOTDIR {
            return VectorError(.notFound, path: path, reason: "no such file")
        }
        let text = VectorError.text(ofErrno: number)
        return VectorError(.unreadable, path: path, reason: "cannot be read: \(text)")
    }
}
