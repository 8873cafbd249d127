import Foundation
import Glibc
import TestSupport
import Testing

@testable import ESDKSystem

struct FileDescriptorTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func everyDescriptorIsClosedOnExec() throws {
        let pipe = try FileDescriptor.pipe()
        let file = try FileDescriptor.open(SystemPath(folder.file("file")), O_WRONLY | O_CREAT)
        let temporary = try FileDescriptor.unnamedTemporary(in: SystemPath(folder.path))
        let output = try FileOutput(SystemPath(folder.file("output")))
        let through = try FileOutput(SystemPath("/dev/fd/\(file.number)"))
        for descriptor in [pipe.read, pipe.write, file, temporary, output.file, through.file] {
            #expect(fcntl(descriptor.number, F_GETFD) == FD_CLOEXEC)
        }
        #expect(folder.names == ["file"])
    }

    @Test func aDescriptorIsClosedOnRelease() throws {
        var pipe: (read: FileDescriptor, write: FileDescriptor?) = try FileDescriptor.pipe()
        try pipe.write?.write("end")
        pipe.write = nil
        // Would wait for ever if the other end were open.
        #expect(try pipe.read.readAll() == Array("end".utf8))
    }

    @Test(arguments: [0, 1, 16_383, 16_384, 16_385, 100_000])
    func wholeFilesAreRead(length: Int) throws {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        try folder.write("file", bytes)
        let path = SystemPath(folder.file("file"))
        #expect(try SystemFile.read(path) == bytes)
        #expect(try SystemFile.read(path, limit: length) == bytes)
        if length > 0 {
            #expect(throws: SystemError(EFBIG, "read")) { try SystemFile.read(path, limit: length - 1) }
        }
    }

    @Test func aFileWithoutASizeIsReadToItsEnd() throws {
        #expect(try SystemFile.read("/proc/self/status").count > 500)
        #expect(throws: SystemError(EFBIG, "read")) { try SystemFile.read("/dev/zero", limit: 100_000) }
        #expect(throws: SystemError(EISDIR, "read")) { try SystemFile.read(SystemPath(folder.path)) }
    }

    @Test func bytesAreReadFromAnyOffset() throws {
        try folder.write("file", "0123456789")
        let file = try FileDescriptor.reading(SystemPath(folder.file("file")))
        #expect(try file.read(upTo: 3, at: 4) == Array("456".utf8))
        #expect(try file.read(upTo: 30, at: 8) == Array("89".utf8))
        #expect(try file.read(upTo: 1, at: 10) == [])
        #expect(try file.read(upTo: 2) == Array("01".utf8))
    }

    @Test func aPipeThatDoesNotBlockIsWrittenWhole() throws {
        let pipe = try FileDescriptor.pipe(O_NONBLOCK)
        let bytes = [UInt8](repeating: 7, count: 1 << 20)
        let reader = SeparateThread {
            _ = fcntl(pipe.read.number, F_SETFL, 0)
            return try pipe.read.readAll()
        }
        try pipe.write.writeAll(bytes.span)
        try pipe.write.close()
        #expect(try reader.value() == bytes)
    }

    @Test func aFullDeviceIsAnError() throws {
        let file = try FileDescriptor.open("/dev/full", O_WRONLY)
        let error = #expect(throws: SystemError(ENOSPC, "write")) { try file.write("x") }
        #expect(error?.description == "cannot write /dev/full: No space left on device")
    }

    @Test func foldersAreMadeListedAndRemoved() throws {
        let root = SystemPath(folder.path).appending("root")
        try Folder.makeAll(root.appending("a/b/c"))
        try Folder.makeAll(root.appending("a/b/c"))
        try folder.write("root/file", "")
        try folder.write("kept", "")
        try folder.link("root/a/link", to: folder.file("kept"))
        try folder.link("root/a/up", to: folder.path)
        #expect(try Folder.names(in: root) == ["a", "file"])
        #expect(throws: SystemError(EEXIST, "create")) { try Folder.makeAll(root.appending("file/x")) }
        Folder.removeAll(root)
        #expect(folder.names == ["kept"])
    }
}

struct SystemPathTests {
    @Test(arguments: [
        ("a", ".", "a"), ("a/b", "a", "b"), ("/a", "/", "a"), ("/", "/", "/"), ("a//b//", "a", "b"), ("//a", "/", "a"),
        ("/a/b/c", "/a/b", "c"), ("./a", ".", "a"), ("../a", "..", "a"),
    ])
    func pathsComeApart(text: String, parent: String, last: String) {
        #expect(SystemPath(text).parent == SystemPath(parent))
        #expect(SystemPath(text).lastComponent == SystemPath(last))
    }

    @Test func pathsAreJoined() {
        #expect(SystemPath("a").appending("b/c") == "a/b/c")
        #expect(SystemPath("a/").appending("b") == "a/b")
        #expect(SystemPath("/").appending("b") == "/b")
        #expect(SystemPath("a").appending("/b") == "/b")
    }

    @Test func aDescriptionIsFitForATerminal() {
        #expect(SystemPath("plain/näme").description == "plain/näme")
        #expect(SystemPath("a\nb\u{1B}[31m").description == #"a\u{A}b\u{1B}[31m"#)
        #expect(SystemPath(bytes: [0xC3, 0xA9, 0xC3, 0x28, 0xFF, 0x0A]).description == #"é\xc3(\xff\u{A}"#)
    }

    @Test func anErrorSaysWhatWasRefusedAndWhy() {
        let error = #expect(throws: SystemError.self) { try SystemFile.read("/nonexistent\n") }
        #expect(error?.description == #"cannot open /nonexistent\u{A}: No such file or directory"#)
        #expect(error?.isMissingFile == true)
        #expect(error == SystemError(ENOENT, "something else"))
    }
}

struct TerminalTextTests {
    @Test func whatDrivesATerminalIsNotShown() {
        #expect(TerminalText.oneLine("a\u{1B}[2Jb\nc\u{202E}d\u{2028}e") == "a?[2Jb?c?d?e")
        #expect(TerminalText.escaped("a\u{1B}b\nc\u{202E}\\") == #"a\u{1B}b\u{A}c\u{202E}\\"#)
        #expect(TerminalText.lines("a\nb\r\nc\td") == ["a", "b", "c?d"])
    }

    @Test(arguments: [("abc", 3), ("", 0), ("näive", 5), ("e\u{301}", 1), ("日本", 4), ("a\u{200B}b", 2), ("🙂", 2)])
    func columnsAreCounted(text: String, columns: Int) {
        #expect(TerminalText.columns(text) == columns)
    }

    @Test func aLongTextIsCut() {
        #expect(TerminalText.fitted("abcdef", columns: 6) == "abcdef")
        #expect(TerminalText.fitted("abcdefg", columns: 6) == "abcde…")
        #expect(TerminalText.fitted("日本語", columns: 4) == "日…")
        #expect(TerminalText.fitted("abc", columns: 0) == "")
    }

    @Test(arguments: ["plain", "with blank", "it's", "", "a\u{1B}b'\\", "e\u{301}'\u{301}", "$HOME`x`\"", "tab\there"])
    func aShellReadsAWordAsItWas(text: String) async throws {
        let script = "printf %s \(TerminalText.shellWord(text))"
        let outcome = try await ChildProcess.run(["bash", "-c", SystemPath(script)], outputLimit: 1000)
        #expect(String(decoding: outcome.output, as: UTF8.self) == text)
    }

    @Test func aPipeShowsNoColors() throws {
        let pipe = try FileDescriptor.pipe()
        #expect(!pipe.write.isTerminal)
        #expect(pipe.write.terminalColumns == nil)
        #expect(pipe.write.styled("text", .red) == "text")
    }
}
