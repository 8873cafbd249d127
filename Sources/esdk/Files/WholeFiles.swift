import AWSEncryptionSDK
import ESDKSystem
import MessageForge

/// An input that can be read more than once, at any place.
struct RereadableInput: Sendable {
    /// What it is called.
    let name: String
    private let file: FileDescriptor
    /// How many bytes there are.
    let length: Int
    /// What the system says of the input itself.
    let status: FileStatus

    /// Opens an input; what is not a regular file, or is text, is copied into a temporary file without a name.
    ///
    /// - Parameters:
    ///   - place: where it is.
    ///   - isBase64: whether it is Base64 text.
    /// - Throws: `SystemError`; `UsageError` when it is a folder, or not Base64.
    init(_ place: FileJob.Place, isBase64: Bool = false) throws {
        name = place.shown("standard input")
        let opened = try place.path.map { try FileDescriptor.reading($0) } ?? FileDescriptor.standardInput
        status = try opened.status()
        if status.kind == .folder { throw UsageError("\(name) is a folder; --recursive takes the files in it") }
        if status.kind == .regular, !isBase64, place != .standard {
            (file, length) = (opened, status.size)
            return
        }
        let copy = try FileDescriptor.unnamedTemporary()
        var count = 0
        var decoder = isBase64 ? Base64Decoder() : nil
        do {
            while true {
                var bytes = try opened.read(upTo: Self.chunkLength)
                if bytes.isEmpty { break }
                try decoder?.decode(&bytes)
                try copy.writeAll(bytes.span)
                count += bytes.count
            }
            try decoder?.finish()
        } catch is EncryptionSDKError {
            throw UsageError("\(name) is not Base64 text")
        }
        (file, length) = (copy, count)
    }

    /// Bytes that are in memory, in place of another input.
    init(_ bytes: [UInt8], of other: RereadableInput) throws(SystemError) {
        (name, status, length) = (other.name, other.status, bytes.count)
        file = try .unnamedTemporary()
        try file.writeAll(bytes.span)
    }

    /// The length of the pieces in which inputs are read, in bytes.
    static let chunkLength = 256 << 10

    /// The bytes from an offset, at most ``chunkLength`` and none from `end` on.
    func chunk(at offset: Int, before end: Int) throws(SystemError) -> [UInt8] {
        guard offset < end else { return [] }
        return try file.read(upTo: min(Self.chunkLength, end - offset), at: offset)
    }

    /// The bytes of the input.
    var source: MessageSource {
        MessageSource(count: length) { [file] offset, count in
            var bytes = try file.read(upTo: count, at: offset)
            while !bytes.isEmpty, bytes.count < count {
                let more = try file.read(upTo: count - bytes.count, at: offset + bytes.count)
                if more.isEmpty { break }
                bytes += more
            }
            return bytes
        }
    }
}

/// An output that gets nothing before `commit`, not even a pipe or device.
struct HeldOutput {
    private let output: FileOutput
    /// Where everything waits.
    private let draft: FileDescriptor

    init(_ output: FileOutput) throws(SystemError) {
        self.output = output
        draft = output.isWrittenThrough ? try .unnamedTemporary() : output.file
    }

    func write(_ bytes: Span<UInt8>) throws(SystemError) { try draft.writeAll(bytes) }

    /// Puts everything in its place.
    @discardableResult
    func commit() throws(SystemError) -> FileOutput.Placement {
        if output.isWrittenThrough {
            var offset = 0
            while true {
                let bytes = try draft.read(upTo: 256 << 10, at: offset)
                if bytes.isEmpty { break }
                try output.file.writeAll(bytes.span)
                offset += bytes.count
            }
        }
        return try output.commit()
    }
}
