import AWSMaterialProviders
import Glibc

/// An open file, closed when it is released.
final class FileDescriptor: Sendable {
    private let number: Int32
    /// What errors call the file.
    private let name: String

    private init(number: Int32, name: String) {
        self.number = number
        self.name = name
    }

    deinit { close(number) }

    /// Opens a file for reading.
    static func reading(_ path: String) throws(EncryptionSDKError) -> FileDescriptor {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw failure("cannot open", path) }
        return FileDescriptor(number: number, name: path)
    }

    /// Makes a file in `directory` that has no name and is gone when it is closed.
    ///
    /// Only its owner may read it.
    static func unnamedTemporary(directory: String?) throws(EncryptionSDKError) -> FileDescriptor {
        let fallback = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) }
        let directory = directory ?? fallback.flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        let (file, path) = try named(inDirectory: directory)
        guard unsafe unlink(path) == 0 else { throw failure("cannot remove", path) }
        return file
    }

    /// Makes a file of a new name in `directory`.
    ///
    /// Only its owner may read it.
    static func named(inDirectory directory: String) throws(EncryptionSDKError) -> (file: FileDescriptor, path: String)
    {
        var template = Array("\(directory)/.esdk-XXXXXX".utf8CString)
        let number = unsafe template.withUnsafeMutableBufferPointer { buffer -> Int32 in
            guard let start = buffer.baseAddress else { return -1 }
            return unsafe mkstemp(start)
        }
        guard number >= 0 else { throw failure("cannot make a temporary file in", directory) }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        return (FileDescriptor(number: number, name: path), path)
    }

    /// The length of a regular file; nil for an empty one, as files in /proc are said to be.
    var regularLength: UInt64? {
        var status = stat()
        guard unsafe fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
            return nil
        }
        return UInt64(status.st_size)
    }

    /// Reads the next bytes, at most `count`; none at the end of the file.
    func read(upTo count: Int) throws(EncryptionSDKError) -> [UInt8] {
        try unsafe fill(count) { unsafe Glibc.read(number, $0, $1) }
    }

    /// Replaces the content of `buffer` with the next bytes, at most `count`; with none at the end of the file.
    ///
    /// The storage is used again, so that a loop allocates once.
    func read(upTo count: Int, into buffer: inout [UInt8]) throws(EncryptionSDKError) {
        buffer.removeAll(keepingCapacity: true)
        var length = 0
        buffer.append(addingCapacity: count) { output in
            unsafe output.withUnsafeMutableBufferPointer { storage, initialized in
                guard let start = storage.baseAddress else { return }
                repeat { length = unsafe Glibc.read(number, start, count) } while length < 0 && errno == EINTR
                initialized = max(length, 0)
            }
        }
        guard length >= 0 else { throw Self.failure("cannot read", name) }
    }

    /// Reads bytes at `offset`, at most `count`; none at the end of the file.
    func read(upTo count: Int, at offset: Int) throws(EncryptionSDKError) -> [UInt8] {
        try unsafe fill(count) { unsafe pread(number, $0, $1, offset) }
    }

    private func fill(
        _ count: Int,
        _ read: (UnsafeMutableRawPointer, Int) -> Int
    ) throws(EncryptionSDKError) -> [UInt8] {
        var length = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let start = buffer.baseAddress {
                repeat { length = unsafe read(start, count) } while length < 0 && errno == EINTR
            }
            initialized = max(length, 0)
        }
        guard length >= 0 else { throw Self.failure("cannot read", name) }
        return bytes
    }

    /// Writes all of `bytes` at the current position.
    func writeAll(_ bytes: Span<UInt8>) throws(EncryptionSDKError) {
        var rest = bytes
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBufferPointer { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw Self.failure("cannot write", name) }
            rest = rest.extracting(written...)
        }
    }

    /// Gives the file the permissions that a new file has.
    func useDefaultPermissions() {
        // The mask can only be read by setting it; the file becomes readable to no one that a plain open would have shut out.
        let mask = umask(0o077)
        umask(mask)
        fchmod(number, 0o666 & ~mask)
    }

    /// An error with the system's own word for why.
    static func failure(_ what: String, _ path: String) -> EncryptionSDKError {
        let reason = unsafe String(cString: strerror(errno))
        return EncryptionSDKError(.inputOutput, "\(what) \(path): \(reason)")
    }
}

extension FileDescriptor {
    /// Lets `write` fill a file that takes the place of `path` when it has succeeded, and is gone when it has not.
    ///
    /// Until then it is a temporary file in the same directory that only its owner may read.
    static func replacingFile<Result>(
        at path: String,
        write: (FileDescriptor) async throws -> Result
    ) async throws -> Result {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let (output, temporaryPath) = try FileDescriptor.named(inDirectory: directory)
        do {
            let result = try await write(output)
            output.useDefaultPermissions()
            guard unsafe rename(temporaryPath, path) == 0 else { throw FileDescriptor.failure("cannot write", path) }
            return result
        } catch {
            unsafe unlink(temporaryPath)
            throw error
        }
    }
}
