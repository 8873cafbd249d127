internal import CLinux
internal import Glibc

/// An open file, closed when it is released.
///
/// Every descriptor is made close-on-exec in the call that creates it.
package final class FileDescriptor: Sendable {
    /// The number that the system knows it by.
    package let number: Int32
    /// What errors call it.
    package let path: SystemPath?
    private let closing: Guarded<Bool>

    /// Takes an open descriptor.
    ///
    /// - Parameters:
    ///   - number: the descriptor.
    ///   - path: what errors call it.
    ///   - isOwned: whether it is closed on release.
    package init(_ number: Int32, path: SystemPath?, isOwned: Bool = true) {
        self.number = number
        self.path = path
        closing = Guarded(isOwned)
    }

    deinit { if closing.withLock({ $0 }) { _ = Glibc.close(number) } }

    /// Standard input, which stays open.
    package static let standardInput = FileDescriptor(STDIN_FILENO, path: "standard input", isOwned: false)
    /// Standard output, which stays open.
    package static let standardOutput = FileDescriptor(STDOUT_FILENO, path: "standard output", isOwned: false)
    /// Standard error, which stays open.
    package static let standardError = FileDescriptor(STDERR_FILENO, path: "standard error", isOwned: false)

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - flags: those of `open`; close-on-exec is added.
    ///   - permissions: of a file that is made, less those that the process withholds.
    ///   - folder: where a relative path starts; nil for the current folder.
    ///   - shownPath: what errors call the file; nil for its path.
    /// - Throws: what the system says.
    package static func open(
        _ path: SystemPath,
        _ flags: Int32,
        permissions: UInt32 = 0o666,
        in folder: FileDescriptor? = nil,
        calling shownPath: SystemPath? = nil
    ) throws(SystemError) -> FileDescriptor {
        let name = try path.cString(to: "open")
        let start = folder?.number ?? AT_FDCWD
        let number = uninterrupted { unsafe openat(start, name, flags | O_CLOEXEC, permissions) }
        guard number >= 0 else { throw .last(flags & O_CREAT != 0 ? "create" : "open", shownPath ?? path) }
        return FileDescriptor(number, path: shownPath ?? path)
    }

    /// Opens a file for reading.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - waitsForWriter: whether opening a pipe waits until somebody opens its other end.
    /// - Throws: what the system says.
    package static func reading(_ path: SystemPath, waitsForWriter: Bool = true) throws(SystemError) -> FileDescriptor {
        try open(path, O_RDONLY | O_NOCTTY | (waitsForWriter ? 0 : O_NONBLOCK))
    }

    /// A pipe.
    ///
    /// - Parameter flags: `O_NONBLOCK` for both ends.
    package static func pipe(_ flags: Int32 = 0) throws(SystemError) -> (read: FileDescriptor, write: FileDescriptor) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe2(&ends, flags | O_CLOEXEC) == 0 else { throw .last("make a pipe") }
        return (FileDescriptor(ends[0], path: nil), FileDescriptor(ends[1], path: nil))
    }

    /// Makes a file that has no name, that only its owner could read, and that is gone when it is closed.
    ///
    /// - Parameter folder: where its contents lie; nil for `TMPDIR`, or `/tmp`.
    /// - Throws: what the system says.
    package static func unnamedTemporary(in folder: SystemPath? = nil) throws(SystemError) -> FileDescriptor {
        let folder = folder ?? temporaryFolder
        do {
            return try open(folder, unnamedFile | O_RDWR, permissions: 0o600)
        } catch  where error.isUnnamedUnsupported {
            let path = folder.appending(.random(prefix: ".esdk-"))
            let file = try open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, permissions: 0o600)
            guard unsafe unlink(try path.cString(to: "remove")) == 0 else { throw .last("remove", path) }
            return file
        }
    }

    /// The folder that `TMPDIR` names, or `/tmp`.
    package static var temporaryFolder: SystemPath {
        Environment.path("TMPDIR").flatMap { $0.bytes.isEmpty ? nil : $0 } ?? "/tmp"
    }

    /// Closes the file now, to learn of what some file systems tell only then.
    ///
    /// - Throws: what the system says; it is closed all the same.
    package func close() throws(SystemError) {
        let isOpen = closing.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        // Never again after EINTR: on Linux the descriptor is gone.
        if isOpen, Glibc.close(number) != 0, errno != EINTR { throw .last("write", path) }
    }

    /// What the system knows of the file.
    package func status() throws(SystemError) -> FileStatus {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw .last("find", path) }
        return FileStatus(status)
    }

    // MARK: - Reading

    /// Reads the next bytes, at most `count`; none at the end of the file.
    package func read(upTo count: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        try read(upTo: count, into: &bytes)
        return bytes
    }

    /// Replaces the content of `buffer` with the next bytes, at most `count`; with none at the end of the file.
    ///
    /// The storage is used again, so that a loop allocates once.
    package func read(upTo count: Int, into buffer: inout [UInt8]) throws(SystemError) {
        buffer.removeAll(keepingCapacity: true)
        try append(upTo: count, to: &buffer)
    }

    /// Appends the next bytes.
    ///
    /// - Parameters:
    ///   - count: the most bytes to read.
    ///   - buffer: takes them.
    /// - Returns: how many bytes came; 0 at the end of the file.
    @discardableResult
    package func append(upTo count: Int, to buffer: inout [UInt8]) throws(SystemError) -> Int {
        try unsafe fill(count, &buffer) { [number] in unsafe Glibc.read(number, $0, $1) }
    }

    /// Reads bytes at `offset`, at most `count`; none at the end of the file.
    package func read(upTo count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        try unsafe fill(count, &bytes) { [number] in unsafe pread(number, $0, $1, offset) }
        return bytes
    }

    /// Replaces the content of `buffer` with the bytes at `offset`: so many, or all up to the end of the file.
    ///
    /// The storage is used again, so that a loop allocates once.
    package func read(_ count: Int, at offset: Int, into buffer: inout [UInt8]) throws(SystemError) {
        buffer.removeAll(keepingCapacity: true)
        while buffer.count < count {
            let place = offset + buffer.count
            let length = try unsafe fill(count - buffer.count, &buffer) { [number] in
                unsafe pread(number, $0, $1, place)
            }
            if length == 0 { return }
        }
    }

    /// Where the next bytes are read, in bytes from the start of the file.
    package func position() throws(SystemError) -> Int {
        let position = lseek(number, 0, SEEK_CUR)
        guard position >= 0 else { throw .last("read", path) }
        return position
    }

    /// Goes on reading elsewhere.
    package func seek(to position: Int) throws(SystemError) {
        guard lseek(number, position, SEEK_SET) >= 0 else { throw .last("read", path) }
    }

    /// Tells the system that the file will be read from here to its end, so that it reads further ahead.
    package func adviseSequentialReading() { posix_fadvise(number, 0, 0, POSIX_FADV_SEQUENTIAL) }

    /// Reads to the end of the file.
    ///
    /// - Parameter limit: the most bytes that are accepted.
    /// - Throws: `EFBIG` as soon as there are more.
    package func readAll(limit: Int = .max) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        let status = try status()
        let isSized = status.kind == .regular && status.size > 0
        if isSized {
            guard status.size <= limit else { throw tooLarge(limit) }
            bytes.reserveCapacity(status.size)
        }
        while true {
            // Files in /proc say that they are empty, and a file may grow: what the size promises is read, and then more.
            let expected = isSized ? max(status.size - bytes.count, 1) : 16_384
            let count = try append(upTo: min(expected, limit == .max ? .max : limit - bytes.count + 1), to: &bytes)
            if count == 0 { return bytes }
            guard bytes.count <= limit else { throw tooLarge(limit) }
        }
    }

    private func tooLarge(_ limit: Int) -> SystemError {
        SystemError(EFBIG, "read", path, "it is larger than \(limit) bytes")
    }

    @discardableResult
    private func fill(
        _ count: Int,
        _ buffer: inout [UInt8],
        _ read: (UnsafeMutableRawPointer, Int) -> Int
    ) throws(SystemError) -> Int {
        var length = 0
        buffer.append(addingCapacity: count) { output in
            unsafe output.withUnsafeMutableBufferPointer { storage, initialized in
                guard let start = storage.baseAddress, count > 0 else { return }
                length = uninterrupted { unsafe read(start + initialized, count) }
                initialized += max(length, 0)
            }
        }
        guard length >= 0 else { throw .last("read", path) }
        return length
    }

    /// Waits until there is something to read, or the end.
    ///
    /// - Parameter milliseconds: how long to wait at most.
    /// - Returns: whether there is.
    package func hasInput(within milliseconds: Int32) throws(SystemError) -> Bool {
        var wait = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        let count = unsafe poll(&wait, 1, milliseconds)
        guard count >= 0 || errno == EINTR else { throw .last("read", path) }
        return count > 0
    }

    // MARK: - Writing

    /// Writes all of `bytes` at the current position, however often the system takes only a part.
    package func writeAll(_ bytes: Span<UInt8>) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBufferPointer { buffer in
                uninterrupted { unsafe Glibc.write(number, buffer.baseAddress, buffer.count) }
            }
            if written < 0 && errno == EAGAIN {
                // A terminal or a pipe that somebody else has made non-blocking.
                var wait = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
                _ = uninterrupted { unsafe poll(&wait, 1, -1) }
                continue
            }
            guard written > 0 else { throw written == 0 ? SystemError(EIO, "write", path) : .last("write", path) }
            rest = rest.extracting(written...)
        }
    }

    /// Writes a text in UTF-8.
    package func write(_ text: String) throws(SystemError) { try writeAll(Array(text.utf8).span) }

    /// Empties a regular file.
    package func truncate() throws(SystemError) {
        guard uninterrupted({ ftruncate(number, 0) }) == 0 else { throw .last("write", path) }
    }

    /// Tells the system to begin writing a part of a regular file to the disk, so that less is left for `synchronize()`.
    ///
    /// Does not wait, and promises nothing.
    package func beginSynchronizing(_ part: Range<Int>) {
        _ = sync_file_range(number, part.lowerBound, part.count, UInt32(LINUX_SYNC_FILE_RANGE_WRITE))
    }

    /// Waits until what was written is where a loss of power cannot reach it; a device or pipe has no such place.
    package func synchronize() throws(SystemError) {
        guard uninterrupted({ fsync(number) }) == 0 || errno == EINVAL || errno == EROFS || errno == ENOTSUP else {
            throw .last("write", path)
        }
    }
}

/// The flag of `open` that makes a file without a name in a folder.
let unnamedFile = Int32(LINUX_O_TMPFILE_BIT) | O_DIRECTORY

extension SystemError {
    /// Whether a file system or an old kernel said that it makes no files without a name.
    var isUnnamedUnsupported: Bool { [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(number) }
}

extension SystemPath {
    /// A name that no other file is likely to have.
    static func random(prefix: String) -> SystemPath {
        let digits = String(UInt64.random(in: .min ... .max), radix: 36)
        return SystemPath(prefix + String(repeating: "0", count: 13 - digits.count) + digits)
    }
}

/// Variables of the environment.
package enum Environment {
    /// A variable as the bytes that it holds; nil when it is not set.
    package static func path(_ name: String) -> SystemPath? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe SystemPath(
            bytes: UnsafeBufferPointer(start: value, count: strlen(value)).map { UInt8(bitPattern: $0) }
        )
    }

    /// A variable as text; nil when it is not set.
    package static func text(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
