// One import brings both.
@_exported public import AWSEncryptionSDK
public import Foundation

extension URL: FileLocation {
    /// The path of a file URL.
    ///
    /// - Throws: `invalidConfiguration` for a URL that does not name a file.
    public func systemPath() throws(EncryptionSDKError) -> SystemPath {
        guard isFileURL else {
            throw EncryptionSDKError(.invalidConfiguration, "\(scheme ?? "this") URL: only file URLs name a file")
        }
        // Not `path`, which loses what is not UTF-8.
        let bytes = unsafe withUnsafeFileSystemRepresentation { path in
            unsafe path.map { unsafe UnsafeBufferPointer(start: $0, count: strlen($0)).map(UInt8.init(bitPattern:)) }
        }
        guard let bytes else { throw EncryptionSDKError(.invalidConfiguration, "the URL names no file: \(self)") }
        return SystemPath(bytes: bytes)
    }
}

extension EncryptionSDKError: LocalizedError {
    /// What went wrong, for people: what `localizedDescription` returns.
    public var errorDescription: String? { description }

    /// What went wrong, without its code and place.
    public var failureReason: String? { reason }
}

extension FileHandle {
    /// The bytes from the current position to the end, in chunks: a source for `encryptStream` and `decryptStream`.
    ///
    /// The handle is read off the caller's actor. It must not be used for anything else meanwhile, and is not closed.
    ///
    /// - Parameter length: the most bytes in a chunk, at least 1.
    public func chunks(ofLength length: Int = 256 << 10) -> FileHandleChunks {
        FileHandleChunks(handle: self, length: Swift.max(length, 1))
    }
}

/// The bytes of a file handle, in chunks.
public struct FileHandleChunks: AsyncSequence, Sendable {
    let handle: FileHandle
    let length: Int

    /// Starts to read at the current position.
    public func makeAsyncIterator() -> Iterator { Iterator(handle: handle, length: length) }

    /// Reads one chunk after the other.
    public struct Iterator: AsyncIteratorProtocol {
        let handle: FileHandle
        let length: Int

        /// The next chunk, or nil at the end of the file.
        ///
        /// - Throws: whatever the file handle throws.
        public mutating func next() async throws -> Data? { try await Self.read(handle, length) }

        @concurrent
        private static func read(_ handle: FileHandle, _ length: Int) async throws -> Data? {
            guard let data = try handle.read(upToCount: length), !data.isEmpty else { return nil }
            return data
        }
    }
}

extension AsyncSequence where Element == UInt8 {
    /// The bytes in chunks, for `encryptStream` and `decryptStream`: those of `FileHandle.AsyncBytes`, `URLSession.AsyncBytes`, or any other
    /// sequence of single bytes.
    ///
    /// Bytes that come one at a time are slow, whatever is done with them: prefer a source of chunks where there is one.
    ///
    /// - Parameter length: the number of bytes in a chunk, at least 1; the last one may be shorter.
    public func chunks(ofLength length: Int = 64 << 10) -> AsyncByteChunks<Self> {
        AsyncByteChunks(bytes: self, length: Swift.max(length, 1))
    }
}

/// The bytes of another sequence, in chunks.
public struct AsyncByteChunks<Bytes: AsyncSequence>: AsyncSequence where Bytes.Element == UInt8 {
    let bytes: Bytes
    let length: Int

    /// Starts to read.
    public func makeAsyncIterator() -> Iterator { Iterator(bytes: bytes.makeAsyncIterator(), length: length) }

    /// Gathers one chunk after the other.
    public struct Iterator: AsyncIteratorProtocol {
        var bytes: Bytes.AsyncIterator
        let length: Int

        /// The next chunk, or nil at the end.
        ///
        /// - Throws: whatever the sequence of bytes throws.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async throws -> [UInt8]? {
            var chunk: [UInt8] = []
            chunk.reserveCapacity(length)
            while chunk.count < length, let byte = try await bytes.next(isolation: actor) { chunk.append(byte) }
            return chunk.isEmpty ? nil : chunk
        }

        /// The next chunk, or nil at the end.
        ///
        /// - Throws: whatever the sequence of bytes throws.
        public mutating func next() async throws -> [UInt8]? { try await next(isolation: #isolation) }
    }
}

extension AsyncByteChunks: Sendable where Bytes: Sendable {}
