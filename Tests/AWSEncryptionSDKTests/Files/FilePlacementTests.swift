import AWSEncryptionSDK
import ESDKSystem
import Glibc
import TestSupport
import Testing

/// How outputs come to their place, whatever is there already.
@Suite("Outputs")
struct FilePlacementTests {
    private let folder: TemporaryFolder
    private let client: EncryptionSDK
    private let keyring: RawAESKeyring
    private static let plaintext = RoundTripTests.plaintext(10_000)

    init() throws {
        folder = try TemporaryFolder()
        client = try EncryptionSDK()
        keyring = try EncryptionKeyrings.aes(.aes256GCM)
    }

    /// What is done with an input.
    enum Direction: CaseIterable { case encrypt, decrypt }

    /// Writes an input for `direction` that yields `plaintext`, or that is damaged at its end, which only matters for decrypting.
    private func writeInput(
        _ direction: Direction,
        _ plaintext: [UInt8] = plaintext,
        suite: AlgorithmSuite? = nil,
        isDamaged: Bool = false
    ) async throws {
        guard direction == .decrypt else {
            try folder.write("input", plaintext)
            return
        }
        var message = try await client.encrypt(plaintext, using: keyring, algorithmSuite: suite).ciphertext
        if isDamaged { message[message.count - 1] ^= 1 }
        try folder.write("input", message)
    }

    /// Writes the output, and returns whether that was done in place.
    @discardableResult
    private func run(_ direction: Direction, to output: some FileLocation) async throws -> Bool {
        let input = folder.file("input")
        return switch direction {
        case .encrypt: try await client.encryptFile(input, to: output, using: keyring).wasWrittenInPlace
        case .decrypt: try await client.decryptFile(input, to: output, using: keyring).wasWrittenInPlace
        }
    }

    private func expectContents(_ bytes: [UInt8], _ direction: Direction, _ plaintext: [UInt8] = plaintext) async throws
    {
        switch direction {
        case .encrypt: #expect(try await client.decrypt(bytes, using: keyring).plaintext == plaintext)
        case .decrypt: #expect(bytes == plaintext)
        }
    }

    private func status(_ name: String, followingLinks: Bool = false) throws -> FileStatus {
        try FileStatus(of: SystemPath(folder.file(name)), followingLinks: followingLinks)
    }

    private func setPermissions(_ permissions: mode_t, of name: String) { chmod(folder.file(name), permissions) }

    // MARK: - Devices, pipes and sockets

    @Test("a device is written through and stays a device", arguments: Direction.allCases)
    func device(_ direction: Direction) async throws {
        try await writeInput(direction)
        try await run(direction, to: "/dev/null")
        #expect(try FileStatus(of: "/dev/null").kind == .characterDevice)
        await #expect(throws: EncryptionSDKError(.inputOutput, "")) { try await run(direction, to: "/dev/full") }
        #expect(try FileStatus(of: "/dev/full").kind == .characterDevice)
        #expect(folder.names == ["input"])
    }

    @Test("an error of a file says which of the system's it was")
    func errorNumber() async throws {
        try await writeInput(.decrypt)
        let full = await #expect(throws: EncryptionSDKError.self) { try await run(.decrypt, to: "/dev/full") }
        #expect(full?.errno == ENOSPC)
        let absent = await #expect(throws: EncryptionSDKError.self) {
            try await run(.decrypt, to: folder.file("absent/output"))
        }
        #expect(absent?.errno == ENOENT)
    }

    @Test("a pipe with a name is written through and stays a pipe", arguments: Direction.allCases)
    func namedPipe(_ direction: Direction) async throws {
        try await writeInput(direction)
        try #require(mkfifo(folder.file("pipe"), 0o600) == 0)
        // Opened for both, so that neither end waits for the other.
        let pipe = try FileDescriptor.open(SystemPath(folder.file("pipe")), O_RDWR | O_NONBLOCK)
        try await run(direction, to: folder.file("pipe"))
        try await expectContents(pipe.read(upTo: 60_000), direction)
        #expect(try status("pipe").kind == .pipe)
        #expect(folder.names == ["input", "pipe"])
    }

    @Test("a descriptor by its name in /dev/fd is written through", arguments: Direction.allCases)
    func descriptor(_ direction: Direction) async throws {
        try await writeInput(direction)
        let ends = try FileDescriptor.pipe(O_NONBLOCK)
        try await run(direction, to: "/dev/fd/\(ends.write.number)")
        try await expectContents(ends.read.read(upTo: 60_000), direction)
    }

    @Test("a socket is written through", arguments: Direction.allCases)
    func socket(_ direction: Direction) async throws {
        try await writeInput(direction)
        let listener = FileDescriptor(Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0), path: "listener")
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(folder.file("socket").utf8) + [0]) }
        let isBound = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener.number, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        try #require(isBound && listen(listener.number, 1) == 0)
        try await run(direction, to: folder.file("socket"))
        let connection = FileDescriptor(accept(listener.number, nil, nil), path: "connection")
        try await expectContents(connection.readAll(), direction)
        #expect(try status("socket").kind == .socket)
    }

    @Test(
        "what is written through receives nothing of a message that does not verify",
        arguments: [AlgorithmSuite.aes256GCMHKDFSHA512CommitKey, .aes256GCMHKDFSHA512CommitKeyECDSAP384]
    )
    func nothingUnverifiedIsWrittenThrough(_ suite: AlgorithmSuite) async throws {
        // More than one piece of the input comes before the damage.
        try await writeInput(.decrypt, RoundTripTests.plaintext(600_000), suite: suite, isDamaged: true)
        let ends = try FileDescriptor.pipe(O_NONBLOCK)
        await #expect(throws: EncryptionSDKError.self) {
            try await run(.decrypt, to: "/dev/fd/\(ends.write.number)")
        }
        try ends.write.close()
        #expect(try ends.read.read(upTo: 10).isEmpty)
    }

    // MARK: - Links

    @Test(
        "a symbolic link is followed and stays one, to a file and to a name that is free",
        arguments: Direction.allCases
    )
    func link(_ direction: Direction) async throws {
        try await writeInput(direction)
        try folder.write("old", [1, 2, 3])
        for target in ["old", "new"] {
            try #require(symlink(target, folder.file("one")) == 0)
            try #require(symlink(folder.file("one"), folder.file("two")) == 0)
            try await run(direction, to: folder.file("two"))
            try await expectContents(folder.read(target), direction)
            for name in ["one", "two"] {
                #expect(try status(name).kind == .symbolicLink)
                unlink(folder.file(name))
            }
            #expect(try status(target).kind == .regular)
        }
        #expect(folder.names == ["input", "new", "old"])
    }

    @Test("a link that leads in a circle is an error", arguments: Direction.allCases)
    func circle(_ direction: Direction) async throws {
        try await writeInput(direction)
        try #require(symlink("two", folder.file("one")) == 0)
        try #require(symlink("one", folder.file("two")) == 0)
        await #expect(throws: EncryptionSDKError(.inputOutput, "")) { try await run(direction, to: folder.file("one")) }
    }

    @Test("another name of the same file keeps what it had", arguments: Direction.allCases)
    func hardLink(_ direction: Direction) async throws {
        try await writeInput(direction)
        try folder.write("old", [1, 2, 3])
        try #require(Glibc.link(folder.file("old"), folder.file("other")) == 0)
        try await run(direction, to: folder.file("old"))
        #expect(try folder.read("other") == [1, 2, 3])
        try await expectContents(folder.read("old"), direction)
    }

    // MARK: - Permissions

    @Test("a file that is replaced keeps its permissions", arguments: [mode_t(0o600), 0o640, 0o666, 0o400, 0o755])
    func keptPermissions(_ permissions: mode_t) async throws {
        for direction in Direction.allCases {
            try await writeInput(direction)
            setPermissions(0o777, of: "input")
            try folder.write("output", [1])
            setPermissions(permissions, of: "output")
            try await run(direction, to: folder.file("output"))
            #expect(try status("output").permissions == permissions)
            try await expectContents(folder.read("output"), direction)
        }
    }

    @Test("plaintext is never open to more users than its ciphertext", arguments: [mode_t(0o600), 0o640, 0o604, 0o644])
    func noWiderThanCiphertext(_ permissions: mode_t) async throws {
        try await writeInput(.decrypt)
        setPermissions(permissions, of: "input")
        try await run(.decrypt, to: folder.file("new"))
        #expect(try status("new").permissions & 0o077 & ~UInt32(permissions) == 0)
        try folder.write("old", [1])
        setPermissions(0o666, of: "old")
        try await run(.decrypt, to: folder.file("old"))
        #expect(try status("old").permissions == permissions)
        #expect(try folder.read("old") == Self.plaintext)
    }

    @Test("the mask of the process is never touched: files that others make meanwhile have their permissions")
    func mask() async throws {
        try await writeInput(.decrypt)
        try folder.write("reference", [1])
        let expected = try status("reference").permissions
        try #require(expected != 0o600)
        let made = Guarded(0)
        let isOver = Guarded(false)
        let watching = SeparateThread { [folder] in
            while !isOver.withLock({ $0 }) {
                let path = SystemPath(folder.file("other"))
                let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, permissions: 0o666)
                try #require(try file.status().permissions == expected)
                try SystemFile.remove(path)
                made.withLock { $0 += 1 }
            }
        }
        // For as long as the other thread needs to get its turn often enough.
        while made.withLock({ $0 }) < 100 { try await run(.decrypt, to: folder.file("output")) }
        isOver.withLock { $0 = true }
        try watching.value()
    }

    // MARK: - Where a file cannot be replaced

    /// Whether this process may mount, which only root may.
    private static let canMount: Bool = {
        guard let folder = try? TemporaryFolder(), (try? folder.write("a", [])) != nil,
            (try? folder.write("b", [])) != nil
        else { return false }
        guard mount(folder.file("a"), folder.file("b"), nil, UInt(MS_BIND), nil) == 0 else { return false }
        umount2(folder.file("b"), Int32(MNT_DETACH))
        return true
    }()

    @Test(
        "a file that is a mount point is written in place",
        .enabled(if: canMount),
        arguments: Direction.allCases
    )
    func mountPoint(_ direction: Direction) async throws {
        try await writeInput(direction)
        try folder.write("source", [UInt8](repeating: 1, count: 100_000))
        try folder.write("mounted", [])
        let (source, mounted) = (folder.file("source"), folder.file("mounted"))
        try #require(mount(source, mounted, nil, UInt(MS_BIND), nil) == 0)
        defer { umount2(mounted, Int32(MNT_DETACH)) }
        #expect(try await run(direction, to: mounted))
        try await expectContents(folder.read("source"), direction)
        #expect(folder.names == ["input", "mounted", "source"])
        #expect(try await run(direction, to: folder.file("another")) == false)

        // A message that does not verify changes nothing there either.
        let before = try folder.read("source")
        try await writeInput(.decrypt, isDamaged: true)
        await #expect(throws: EncryptionSDKError.self) { try await run(.decrypt, to: mounted) }
        #expect(try folder.read("source") == before)
    }

    // MARK: - On the way

    /// Looks into a folder whenever it is asked for a key, and then passes on.
    private struct Onlooker: Keyring {
        let keyring: RawAESKeyring
        let look: @Sendable () -> Void

        var description: String { "onlooker" }

        func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
            look()
            return try await keyring.onEncrypt(materials)
        }

        func onDecrypt(
            _ materials: DecryptionMaterials,
            encryptedDataKeys: [EncryptedDataKey]
        ) async throws -> DecryptionMaterials {
            look()
            return try await keyring.onDecrypt(materials, encryptedDataKeys: encryptedDataKeys)
        }
    }

    @Test("until the output is complete it has no name, so that nothing is left whatever happens to the process")
    func unnamed() async throws {
        try await writeInput(.decrypt)
        let names = Guarded<[[String]]>([])
        let onlooker = Onlooker(keyring: keyring) { [folder] in names.withLock { $0.append(folder.names) } }
        try await client.decryptFile(folder.file("input"), to: folder.file("output"), using: onlooker)
        try await client.encryptFile(folder.file("output"), to: folder.file("output"), using: onlooker)
        #expect(names.withLock { $0 } == [["input"], ["input", "output"]])
        #expect(folder.names == ["input", "output"])
    }

    @Test("an output that fails halfway leaves nothing, and a cancelled one neither", arguments: Direction.allCases)
    func cancelled(_ direction: Direction) async throws {
        try await writeInput(direction, RoundTripTests.plaintext(600_000))
        let onlooker = Onlooker(keyring: keyring) { withUnsafeCurrentTask { $0?.cancel() } }
        let (client, input, output) = (client, folder.file("input"), folder.file("output"))
        let task = Task {
            switch direction {
            case .encrypt: _ = try await client.encryptFile(input, to: output, using: onlooker)
            case .decrypt: _ = try await client.decryptFile(input, to: output, using: onlooker)
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(folder.names == ["input"])
    }

    @Test("names that are not UTF-8 are opened and made as they are")
    func otherEncodings() async throws {
        let base = Array(folder.path.utf8) + [UInt8(ascii: "/")]
        let latin1 = base + Array("caf".utf8) + [0xE9]
        let (plain, sealed, again) = (
            SystemPath(bytes: latin1), SystemPath(bytes: latin1 + [0xFF]), SystemPath(bytes: latin1 + [0xFE, 0x0A])
        )
        let file = try FileDescriptor.open(plain, O_WRONLY | O_CREAT)
        try file.writeAll(Self.plaintext.span)
        try await client.encryptFile(plain, to: sealed, using: keyring)
        try await client.verifyFile(sealed, using: keyring)
        try await client.decryptFile(sealed, to: again, using: keyring)
        #expect(try SystemFile.read(again) == Self.plaintext)
        let missing = SystemPath(bytes: latin1 + [0xFD])
        let error = await #expect(throws: EncryptionSDKError.self) {
            try await client.verifyFile(missing, using: keyring)
        }
        #expect(error?.code == .inputOutput)
        #expect(error?.reason.contains("caf\\xe9\\xfd") == true)
        for path in [plain, sealed, again] { try SystemFile.remove(path) }
    }

    @Test("a path that holds a zero byte is refused, not cut short")
    func zeroByte() async throws {
        try await writeInput(.decrypt)
        await #expect(throws: EncryptionSDKError(.inputOutput, "")) {
            try await run(.decrypt, to: folder.file("output\0.txt"))
        }
        #expect(folder.names == ["input"])
    }

    @Test("a message without frames that is too long for memory is refused, and the error names the limit")
    func nonFramedLimit() async throws {
        let forge = try Forge.nonFramed(.aes256GCMHKDFSHA512CommitKey, plaintext: RoundTripTests.plaintext(5000))
        try folder.write("input", forge.sealed().bytes)
        let small = try EncryptionSDK(maximumBufferedBytes: 4000)
        let error = await #expect(throws: EncryptionSDKError.self) {
            try await small.decryptFile(
                folder.file("input"),
                to: folder.file("output"),
                using: StubKeyring(dataKey: forge.dataKey)
            )
        }
        #expect(error?.code == .bufferLimitExceeded)
        #expect(error?.reason.contains("4000") == true)
        #expect(error?.reason.contains("maximumBufferedBytes") == true)
        #expect(folder.names == ["input"])
    }
}
