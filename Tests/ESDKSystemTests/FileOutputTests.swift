import Foundation
import Glibc
import TestSupport
import Testing

@testable import ESDKSystem

/// Files that are complete under their names, or not there at all.
@Suite(.serialized)
struct FileOutputTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func path(_ name: String) -> SystemPath { SystemPath(folder.file(name)) }

    @discardableResult
    private func write(
        _ name: String,
        _ text: String = "new",
        _ change: (inout FileOutput.Rules) -> Void = { _ in }
    ) throws -> FileOutput.Placement {
        var rules = FileOutput.Rules()
        change(&rules)
        let output = try FileOutput(path(name), rules)
        try output.file.write(text)
        return try output.commit()
    }

    private func permissions(_ name: String) throws -> UInt32 { try FileStatus(of: path(name)).permissions }

    @Test(arguments: [true, false])
    func aNewFileAppearsWhenItIsComplete(isUnnamed: Bool) throws {
        var rules = FileOutput.Rules()
        rules.usesUnnamedFile = isUnnamed
        let output = try FileOutput(path("file"), rules)
        try output.file.write("new")
        #expect(!folder.names.contains("file"))
        #expect(folder.names.isEmpty == isUnnamed)
        #expect(try output.commit() == .created)
        #expect(folder.names == ["file"])
        #expect(try folder.text("file") == "new")
    }

    @Test(arguments: [true, false])
    func aFileThatIsThereIsReplacedAtOnce(isUnnamed: Bool) throws {
        try folder.write("file", "old")
        let reader = try FileDescriptor.reading(path("file"))
        #expect(try write("file") { $0.usesUnnamedFile = isUnnamed } == .replaced)
        #expect(folder.names == ["file"])
        #expect(try folder.text("file") == "new")
        #expect(try reader.readAll() == Array("old".utf8))
    }

    @Test(arguments: [true, false])
    func nothingIsLeftOfWhatIsNotCommitted(isUnnamed: Bool) throws {
        try folder.write("file", "old")
        func start() throws {
            var rules = FileOutput.Rules()
            rules.usesUnnamedFile = isUnnamed
            try FileOutput(path("file"), rules).file.write("new")
        }
        try start()
        #expect(folder.names == ["file"])
        #expect(try folder.text("file") == "old")
    }

    @Test(arguments: [true, false])
    func aFileIsNotReplacedWithoutLeave(isUnnamed: Bool) throws {
        try folder.write("file", "old")
        func write(_ name: String) throws {
            try self.write(name) { ($0.replacesFiles, $0.usesUnnamedFile) = (false, isUnnamed) }
        }
        #expect(throws: SystemError(EEXIST, "create")) { try write("file") }
        // Also when it has come since.
        var rules = FileOutput.Rules()
        (rules.replacesFiles, rules.usesUnnamedFile) = (false, isUnnamed)
        let output = try FileOutput(path("other"), rules)
        try folder.write("other", "old")
        #expect(throws: SystemError(EEXIST, "create")) { try output.commit() }
        #expect(folder.names == ["file", "other"])
        #expect(try folder.text("other") == "old")
        try write("third")
        #expect(try folder.text("third") == "new")
    }

    @Test(arguments: [0o600, 0o640, 0o755, 0o444] as [UInt32], [true, false])
    func aFileThatIsReplacedKeepsItsPermissions(permissions: UInt32, isUnnamed: Bool) throws {
        try folder.write("file", "old")
        #expect(chmod(folder.file("file"), permissions) == 0)
        try write("file") { $0.usesUnnamedFile = isUnnamed }
        #expect(try self.permissions("file") == permissions)
    }

    @Test(.enabled(if: getuid() == 0), arguments: [true, false])
    func aFileThatIsReplacedKeepsItsOwner(isUnnamed: Bool) throws {
        try folder.write("file", "old")
        #expect(chown(folder.file("file"), 1234, 5678) == 0)
        try write("file") { $0.usesUnnamedFile = isUnnamed }
        let status = try FileStatus(of: path("file"))
        #expect(status.owner == 1234)
        #expect(status.group == 5678)
    }

    @Test(arguments: [true, false])
    func aNewFileHasThePermissionsThatThisProcessGives(isUnnamed: Bool) throws {
        // What a plain creation gives, without a change of the mask that other tests would notice.
        _ = try FileDescriptor.open(path("plain"), O_WRONLY | O_CREAT)
        try write("file") { $0.usesUnnamedFile = isUnnamed }
        #expect(try permissions("file") == permissions("plain"))
        try write("private") { ($0.isPrivate, $0.usesUnnamedFile) = (true, isUnnamed) }
        #expect(try permissions("private") == 0o600)
    }

    @Test func anOutputIsNoWiderThanItsSource() throws {
        func source(_ permissions: UInt32) throws -> FileStatus {
            try folder.write("source", "")
            #expect(chmod(folder.file("source"), permissions) == 0)
            return try FileStatus(of: path("source"))
        }
        let (secret, shared, open) = (try source(0o600), try source(0o640), try source(0o644))
        try write("new") { $0.noWiderThan = secret }
        #expect(try permissions("new") == 0o600)
        try write("new2") { $0.noWiderThan = open }
        #expect(try permissions("new2") & ~0o044 == 0o600)
        try folder.write("old", "")
        #expect(chmod(folder.file("old"), 0o644) == 0)
        try write("old") { $0.noWiderThan = shared }
        #expect(try permissions("old") == 0o640)
        try write("old") { $0.noWiderThan = secret }
        #expect(try permissions("old") == 0o600)
        // A source that its owner may only read does not make an output that its owner cannot write.
        let readOnly = try source(0o400)
        try write("new3") { $0.noWiderThan = readOnly }
        #expect(try permissions("new3") == 0o600)
    }

    @Test(.enabled(if: getuid() == 0))
    func thePermissionsOfAGroupAreNotForAnother() throws {
        try folder.write("source", "")
        #expect(chmod(folder.file("source"), 0o640) == 0)
        #expect(chown(folder.file("source"), 0, 5678) == 0)
        let status = try FileStatus(of: path("source"))
        try write("file") { $0.noWiderThan = status }
        #expect(try permissions("file") == 0o600)
    }

    @Test(arguments: [true, false])
    func otherNamesOfAFileKeepWhatItHeld(isUnnamed: Bool) throws {
        try folder.write("file", "old")
        #expect(link(folder.file("file"), folder.file("other")) == 0)
        #expect(try write("file") { $0.usesUnnamedFile = isUnnamed } == .replaced)
        #expect(try folder.text("file") == "new")
        #expect(try folder.text("other") == "old")
    }

    @Test(arguments: [true, false])
    func aFileThatIsReplacedKeepsItsAccessControlList(isUnnamed: Bool) throws {
        // Version 2; owner rw, user 12345 rw, group none, mask rw, others none.
        let entries: [(UInt16, UInt16, UInt32)] = [
            (0x01, 6, .max), (0x02, 6, 12345), (0x04, 0, .max), (0x10, 6, .max), (0x20, 0, .max),
        ]
        var list: [UInt8] = [2, 0, 0, 0]
        for (tag, permissions, id) in entries {
            for number in [tag, permissions] {
                withUnsafeBytes(of: number.littleEndian) { list.append(contentsOf: $0) }
            }
            withUnsafeBytes(of: id.littleEndian) { list.append(contentsOf: $0) }
        }
        let attribute = "system.posix_acl_access"
        let file = try folder.write("file", "old")
        guard ExtendedAttribute.set(attribute, list, of: file) else { return }  // not on this file system
        func found() -> [UInt8] { ExtendedAttribute.value(attribute, of: file) }
        try #require(found() == list)
        #expect(try write("file") { $0.usesUnnamedFile = isUnnamed } == .replaced)
        #expect(found() == list)
        // Without the list, the permissions that the mask shows would be those of the group.
        #expect(try permissions("file") == 0o660)
    }

    /// The calls that put a file in its place, in the order in which a program makes them.
    @Test(.enabled(if: access("/usr/bin/cc", X_OK) == 0), arguments: [true, false])
    func aFileReachesTheDiskBeforeItsName(isThere: Bool) async throws {
        try folder.write(
            "calls.c",
            """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <fcntl.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <sys/stat.h>
            #include <unistd.h>
            static void note(const char *call) {
                FILE *log = fopen(getenv("CALLS"), "a");
                if (log) { fprintf(log, "%s\\n", call); fclose(log); }
            }
            int fsync(int file) {
                struct stat status;
                fstat(file, &status);
                note(S_ISDIR(status.st_mode) ? "fsync of the folder" : "fsync of the file");
                return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file);
            }
            int linkat(int a, const char *b, int c, const char *d, int e) {
                note("link");
                return ((int (*)(int, const char *, int, const char *, int))dlsym(RTLD_NEXT, "linkat"))(a, b, c, d, e);
            }
            int renameat(int a, const char *b, int c, const char *d) {
                note("rename");
                return ((int (*)(int, const char *, int, const char *))dlsym(RTLD_NEXT, "renameat"))(a, b, c, d);
            }
            """
        )
        let words = ["/usr/bin/cc", "-shared", "-fPIC", "-o", folder.file("calls.so"), folder.file("calls.c"), "-ldl"]
        let built = try TestProcess.run(words)
        try #require(built.status == 0, "\(built.standardError)")
        try folder.write("key", [UInt8](repeating: 1, count: 32))
        try folder.write("plaintext", "new")
        if isThere { try folder.write("message", "old") }
        let usage = try TestProcess.run([TestProcess.built("esdk"), "encrypt", "--help"])
        let command =
            [TestProcess.built("esdk"), "encrypt", "plaintext", "-o", "message"]
            + ["--key", "raw-aes:namespace=n,name=k,file=key"]
            + (isThere && usage.standardOutput.contains("--force") ? ["--force"] : [])
        let written = try TestProcess.run(
            command,
            variables: ["LD_PRELOAD": folder.file("calls.so"), "CALLS": folder.file("calls")],
            in: folder.path
        )
        try #require(written.status == 0, "\(written.standardError)")
        let calls = try folder.text("calls").split(separator: "\n").filter { $0 != "link" || !isThere }
        #expect(calls == ["fsync of the file", isThere ? "rename" : "link", "fsync of the folder"])
    }

    @Test func aSymbolicLinkIsFollowed() throws {
        try folder.makeFolder("other")
        try folder.write("other/target", "old")
        try folder.link("first", to: "other/second")
        try folder.link("other/second", to: "target")
        #expect(try write("first") == .replaced)
        #expect(try folder.text("other/target") == "new")
        #expect(try FileStatus(of: path("first"), followingLinks: false).kind == .symbolicLink)
        // Also one that leads to nothing yet.
        try folder.link("dangling", to: folder.file("other/made"))
        #expect(try write("dangling") == .created)
        #expect(try folder.text("other/made") == "new")
    }

    @Test func aSymbolicLinkIsRefusedWithoutLeave() throws {
        try folder.write("target", "old")
        try folder.link("link", to: "target")
        try folder.link("dangling", to: "nothing")
        for name in ["link", "dangling"] {
            #expect(throws: SystemError(ELOOP, "write")) { try write(name) { $0.followsLinks = false } }
        }
        #expect(folder.names == ["dangling", "link", "target"])
        // A link to a device does not lead to another file.
        try folder.link("null", to: "/dev/null")
        #expect(try write("null") { $0.followsLinks = false } == .writtenThrough)
    }

    @Test func linksThatLeadInACircleAreRefused() throws {
        try folder.link("first", to: "second")
        try folder.link("second", to: "first")
        #expect(throws: SystemError(ELOOP, "follow")) { try write("first") }
    }

    @Test func aDeviceIsWrittenThrough() throws {
        let before = try FileStatus(of: "/dev/null").identity
        let output = try FileOutput("/dev/null")
        #expect(output.isWrittenThrough)
        try output.file.write("new")
        #expect(try output.commit() == .writtenThrough)
        #expect(try FileStatus(of: "/dev/null").identity == before)
        #expect(try FileStatus(of: "/dev/null").kind == .characterDevice)
    }

    @Test func aPipeIsWrittenThrough() throws {
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        let path = path("pipe")
        let received = SeparateThread { try SystemFile.read(path) }
        #expect(try write("pipe") == .writtenThrough)
        #expect(try received.value() == Array("new".utf8))
        #expect(try FileStatus(of: path).kind == .pipe)
    }

    @Test func aSocketIsWrittenThrough() throws {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let server = FileDescriptor(number, path: nil)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: folder.file("socket").utf8) }
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0 && listen(number, 1) == 0)
        do { #expect(try write("socket") == .writtenThrough) }
        let connection = FileDescriptor(accept(server.number, nil, nil), path: nil)
        #expect(try connection.readAll() == Array("new".utf8))
    }

    @Test func whatADescriptorHasReceivedStays() throws {
        let file = try FileDescriptor.open(path("file"), O_RDWR | O_CREAT)
        try file.write("before ")
        let output = try FileOutput(SystemPath("/dev/fd/\(file.number)"))
        #expect(output.isWrittenThrough)
        try output.file.write("after")
        try output.commit()
        #expect(try folder.text("file") == "before after")
        #expect(folder.names == ["file"])
    }

    @Test(arguments: ["", ".", "..", "folder", "folder/", "missing/", "/"])
    func aFolderIsNotWritten(name: String) throws {
        try folder.makeFolder("folder")
        let target = name.isEmpty || name == "/" ? SystemPath(name) : path(name)
        #expect(throws: SystemError.self) { _ = try FileOutput(target) }
    }

    @Test func aMissingFolderIsNamed() throws {
        let error = #expect(throws: SystemError.self) { _ = try FileOutput(path("missing/file")) }
        #expect(error?.number == ENOENT)
        #expect(error?.path == path("missing/file"))
    }

    @Test func aNameThatIsNotUTF8IsWritten() throws {
        let name = SystemPath(folder.path).appending(SystemPath(bytes: [0x66, 0xFF, 0x0A]))
        let output = try FileOutput(name)
        try output.file.write("new")
        try output.commit()
        #expect(try Folder.names(in: SystemPath(folder.path)) == [SystemPath(bytes: [0x66, 0xFF, 0x0A])])
        #expect(try SystemFile.read(name) == Array("new".utf8))
        #expect(name.lastComponent.description == #"f\xff\u{A}"#)
    }

    @Test func aPathWithAZeroByteIsRefused() {
        #expect(throws: SystemError(EINVAL, "open")) { _ = try FileOutput("a\0b") }
    }

    /// A file that is mounted over another cannot be replaced.
    @Test(.enabled(if: getuid() == 0))
    func aMountPointIsWrittenInPlace() throws {
        try folder.write("file", "something longer than what comes")
        try folder.write("mounted", "old")
        #expect(chmod(folder.file("mounted"), 0o644) == 0)
        guard mount(folder.file("mounted"), folder.file("file"), nil, UInt(MS_BIND), nil) == 0 else { return }
        defer { umount(folder.file("file")) }
        let source = try FileStatus(of: path("file"))
        #expect(try write("file") == .writtenInPlace)
        #expect(try folder.text("file") == "new")
        #expect(try FileStatus(of: path("file")).identity == source.identity)
        #expect(folder.names == ["file", "mounted"])
    }

    @Test func aFileThatBecameSomethingElseIsLeftAlone() throws {
        let output = try FileOutput(path("file"))
        #expect(mkfifo(folder.file("file"), 0o600) == 0)
        #expect(throws: SystemError(EEXIST, "replace")) { try output.commit() }
        #expect(try FileStatus(of: path("file")).kind == .pipe)
        #expect(folder.names == ["file"])
    }

    @Test func manyOutputsOfOneNameLeaveOneWhole() async throws {
        let path = path("file")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<16 {
                group.addTask {
                    let output = try FileOutput(path)
                    try output.file.write(String(repeating: "\(number % 10)", count: 100_000))
                    try output.commit()
                }
            }
            try await group.waitForAll()
        }
        let bytes = try folder.read("file")
        #expect(bytes.count == 100_000)
        #expect(Set(bytes).count == 1)
        #expect(folder.names == ["file"])
    }
}

/// Attributes of files, for which Swift's module of the C library has no functions.
private enum ExtendedAttribute {
    private typealias Set =
        @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeRawPointer, Int, Int32) -> Int32
    private typealias Get =
        @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeMutableRawPointer, Int) -> Int

    static func set(_ name: String, _ value: [UInt8], of path: String) -> Bool {
        guard let function = dlsym(nil, "setxattr") else { return false }
        return unsafeBitCast(function, to: Set.self)(path, name, value, value.count, 0) == 0
    }

    static func value(_ name: String, of path: String) -> [UInt8] {
        guard let function = dlsym(nil, "getxattr") else { return [] }
        var value = [UInt8](repeating: 0, count: 1024)
        let count = unsafeBitCast(function, to: Get.self)(path, name, &value, value.count)
        return Array(value.prefix(max(0, count)))
    }
}
