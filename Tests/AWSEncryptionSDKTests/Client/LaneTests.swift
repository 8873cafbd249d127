import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import Glibc
import TestSupport
import Testing

/// One message on several threads.
@Suite("Lanes")
struct LaneTests {
    private static let plaintext = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 167 >> 3) }
    private static let frameLengths = [1, 7, 100, 4096]

    private let serial: EncryptionSDK
    private let keyring = StubKeyring(dataKey: [UInt8](1...32))

    init() throws { serial = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt) }

    /// A client with so many threads, which gather frames into batches of some bytes.
    private func client(_ lanes: Int, batchLength: Int = 1) -> EncryptionSDK {
        var client = serial.withLanes(lanes)
        client.lanes.batchLength = batchLength
        return client
    }

    private static func lengths(_ frameLength: Int) -> [Int] {
        [0, 1, 2 * frameLength, 3 * frameLength - 1, 3 * frameLength, 3 * frameLength + 1, 5000].map { min($0, 5000) }
    }

    @Test("What lanes seal opens serially, and the other way around", arguments: Forge.suites, frameLengths)
    func roundTrip(suite: AlgorithmSuite, frameLength: Int) async throws {
        let keyring = try RawAESKeyring.testKeyring()
        for length in Self.lengths(frameLength) {
            let plaintext = Array(Self.plaintext.prefix(length))
            for (lanes, batchLength) in [(2, 1), (3, 1), (5, 300), (2, 10_000)] {
                let several = client(lanes, batchLength: batchLength)
                for (writer, reader) in [(several, serial), (serial, several), (several, several)] {
                    let client = try EncryptionSDK.allowing(suite, like: writer)
                    let sealed = try await client.encrypt(
                        plaintext,
                        using: keyring,
                        algorithmSuite: suite,
                        frameLength: frameLength
                    )
                    let opened = try await reader.decrypt(sealed.ciphertext, using: keyring)
                    let isRight = opened.plaintext == plaintext
                    #expect(isRight, "\(length) bytes, \(lanes) lanes, batches of \(batchLength)")
                    try await reader.verify(sealed.ciphertext, using: keyring)
                }
            }
        }
    }

    @Test("Lanes write the bytes that one thread writes", arguments: Forge.unsignedSuites, frameLengths)
    func sameBytes(suite: AlgorithmSuite, frameLength: Int) async throws {
        let keyring = try RawAESKeyring.testKeyring()
        func message(_ client: EncryptionSDK) async throws -> [UInt8] {
            try await EncryptionSDK.allowing(suite, like: client).encrypt(
                Self.plaintext,
                using: keyring,
                encryptionContext: [:],
                algorithmSuite: suite,
                frameLength: frameLength,
                randomSource: CountingRandomSource()
            ).ciphertext
        }
        let isSame = try await message(client(3)) == message(serial)
        #expect(isSame)
    }

    @Test("Lanes that fail report what one thread reports, wherever the damage is", arguments: Forge.suites)
    func sameErrors(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite, plaintext: Array(Self.plaintext.prefix(200)), frameLength: 10)
        let message = try forge.sealed()
        let keyring = StubKeyring(dataKey: forge.dataKey)
        func error(_ body: () async throws -> Void) async -> EncryptionSDKError? {
            do {
                try await body()
                return nil
            } catch {
                return error as? EncryptionSDKError
            }
        }
        for batchLength in [1, 100, 300] {
            for index in stride(from: message.frames[0], to: message.bytes.count, by: 5) {
                var damaged = message.bytes
                damaged[index] ^= 0x10
                let client = client(3, batchLength: batchLength)
                let one = await error { _ = try await serial.decrypt(damaged, using: keyring) }
                let several = await error { _ = try await client.decrypt(damaged, using: keyring) }
                let verifying = await error { try await client.verify(damaged, using: keyring) }
                #expect(one != nil && one?.description == several?.description, "byte \(index)")
                #expect(one?.description == verifying?.description, "byte \(index), verifying")
            }
        }
    }

    @Test("A reused array is empty when lanes fail")
    func reusedArray() async throws {
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKey, plaintext: Self.plaintext, frameLength: 100)
        var message = try forge.sealed()
        message.bytes[message.frames[20] + 30] ^= 1
        var output = [UInt8](repeating: 9, count: 10_000)
        await #expect(throws: EncryptionSDKError(.bodyTagMismatch, "")) {
            _ = try await client(3).decrypt(message.bytes, into: &output, using: StubKeyring(dataKey: forge.dataKey))
        }
        #expect(output.isEmpty)
    }

    @Test("A stream that is pushed long chunks releases what one thread releases", arguments: Forge.suites)
    func streams(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite, plaintext: Array(Self.plaintext.prefix(500)), frameLength: 10)
        let message = try forge.sealed()
        var damaged = message.bytes
        damaged[message.frames[30] + 25] ^= 1
        for chunkLength in [50, 333, .max] {
            for bytes in [message.bytes, damaged, Array(message.bytes.dropLast())] {
                var released: [[UInt8]] = []
                for client in [serial, client(3), client(2, batchLength: 100)] {
                    var reader = try Reader(StubKeyring(dataKey: forge.dataKey), client: client)
                    reader.policy = .releaseFramesBeforeSignatureIsVerified
                    var output: [UInt8] = []
                    _ = try? await reader.stream(bytes.chunks(of: chunkLength), appendingTo: &output)
                    released.append(output)
                }
                #expect(released[0] == released[1] && released[0] == released[2])
            }
        }
    }

    @Test("parallelism must be at least 1")
    func configuration() throws {
        #expect(throws: EncryptionSDKError(.invalidConfiguration, "")) { try EncryptionSDK(parallelism: 0) }
        #expect(try EncryptionSDK(parallelism: 4).parallelism == 4)
        #expect(try EncryptionSDK().parallelism == 1)
    }

    // MARK: - Files

    @Test("Files come back, whoever wrote and whoever reads them", arguments: Forge.suites, frameLengths)
    func files(suite: AlgorithmSuite, frameLength: Int) async throws {
        let folder = try TemporaryFolder()
        let keyring = try RawAESKeyring.testKeyring()
        for length in Self.lengths(frameLength) {
            let plaintext = Array(Self.plaintext.prefix(length))
            try folder.write("plain", plaintext)
            for several in [client(2), client(3, batchLength: 500)] {
                for (writer, reader) in [(several, serial), (serial, several), (several, several)] {
                    let client = try EncryptionSDK.allowing(suite, like: writer)
                    try await client.encryptFile(
                        folder.file("plain"),
                        to: folder.file("message"),
                        using: keyring,
                        algorithmSuite: suite,
                        frameLength: frameLength
                    )
                    try await reader.decryptFile(folder.file("message"), to: folder.file("back"), using: keyring)
                    let isRight = try folder.read("back") == plaintext
                    #expect(isRight, "\(length) bytes")
                    try await reader.verifyFile(folder.file("message"), using: keyring)
                }
            }
        }
        #expect(folder.names == ["back", "message", "plain"])
    }

    @Test("A damaged or truncated file is refused as by one thread, and nothing is left", arguments: Forge.suites)
    func damagedFiles(suite: AlgorithmSuite) async throws {
        let folder = try TemporaryFolder()
        let forge = try Forge(suite, plaintext: Array(Self.plaintext.prefix(200)), frameLength: 10)
        let message = try forge.sealed()
        var inputs = [message.bytes + [0], message.bytes + message.bytes]
        for index in stride(from: message.frames[0], to: message.bytes.count, by: 37) {
            inputs.append(Array(message.bytes.prefix(index)))
            var damaged = message.bytes
            damaged[index] ^= 1
            inputs.append(damaged)
        }
        for input in inputs {
            try folder.write("message", input)
            var descriptions: [String] = []
            for client in [serial, client(3), client(2, batchLength: 100)] {
                do {
                    try await client.decryptFile(
                        folder.file("message"),
                        to: folder.file("back"),
                        using: StubKeyring(dataKey: forge.dataKey)
                    )
                    Issue.record("opened")
                } catch {
                    descriptions.append("\(error)")
                }
                #expect(folder.names == ["message"])
            }
            #expect(Set(descriptions).count == 1, "\(descriptions)")
        }
    }

    @Test("What was read and sealed before goes on where the descriptor stands")
    func descriptorInTheMiddle() async throws {
        let folder = try TemporaryFolder()
        let keyring = try RawAESKeyring.testKeyring()
        try folder.write("plain", Self.plaintext)
        let input = try FileDescriptor.reading(SystemPath(folder.file("plain")))
        _ = try input.read(upTo: 1234)
        _ = try await client(3).encrypt(
            FileSource(input),
            to: FileSink(FileOutput(SystemPath(folder.file("message")))),
            using: keyring,
            frameLength: 100
        )
        let opened = try await serial.decrypt(try folder.read("message"), using: keyring)
        let isRight = opened.plaintext == Array(Self.plaintext[1234...])
        #expect(isRight)
    }

    @Test("What the observer of a file throws ends lanes, and it has seen every byte once", arguments: [1, 3])
    func observer(lanes: Int) async throws {
        struct Enough: Error {}
        let folder = try TemporaryFolder()
        let keyring = try RawAESKeyring.testKeyring()
        try folder.write("plain", Self.plaintext)
        let path = SystemPath(folder.file("plain"))
        let output = SystemPath(folder.file("message"))
        let seen = Guarded(0)
        let source = try FileSource(.reading(path)) { count in seen.withLock { $0 += count } }
        _ = try await client(lanes).encrypt(source, to: FileSink(FileOutput(output)), using: keyring, frameLength: 100)
        #expect(seen.withLock { $0 } == Self.plaintext.count)
        try folder.remove("message")
        let calls = Guarded(0)
        let stopped = try FileSource(.reading(path)) { _ in
            let isEnough = calls.withLock { calls in
                calls += 1
                return calls > (lanes == 1 ? 1 : 5)
            }
            if isEnough { throw Enough() }
        }
        await #expect(throws: Enough.self) {
            _ = try await client(lanes).encrypt(
                stopped,
                to: FileSink(FileOutput(output)),
                using: keyring,
                frameLength: 100
            )
        }
        #expect(folder.names == ["plain"])
    }

    @Test("A file that becomes shorter while lanes read it is an input error")
    func shrinkingFile() async throws {
        let folder = try TemporaryFolder()
        let keyring = try RawAESKeyring.testKeyring()
        try folder.write("plain", Self.plaintext)
        let path = SystemPath(folder.file("plain"))
        let file = try FileDescriptor.open(path, O_RDWR)
        let source = try FileSource(.reading(path)) { _ in try file.truncate() }
        await #expect(throws: SystemError.self) {
            _ = try await client(3).encrypt(
                source,
                to: FileSink(FileOutput(SystemPath(folder.file("message")))),
                using: keyring,
                frameLength: 100
            )
        }
        #expect(folder.names == ["plain"])
    }
}

extension RawAESKeyring {
    fileprivate static func testKeyring() throws -> RawAESKeyring {
        try RawAESKeyring(
            keyNamespace: "tests",
            keyName: "lanes",
            wrappingKey: SecretBytes([UInt8](repeating: 7, count: 32)),
            wrappingAlgorithm: .aes256GCM
        )
    }
}

extension EncryptionSDK {
    /// A client whose policy writes the suite, with the lanes of another client.
    fileprivate static func allowing(_ suite: AlgorithmSuite, like client: EncryptionSDK) throws -> EncryptionSDK {
        let policy = suite.isCommitting ? CommitmentPolicy.requireEncryptAllowDecrypt : .forbidEncryptAllowDecrypt
        var copy = try EncryptionSDK(commitmentPolicy: policy)
        copy.lanes = client.lanes
        return copy
    }
}

/// Bytes that count up, so that two messages are the same.
private final class CountingRandomSource: RandomSource {
    private let next = Guarded<UInt8>(0)

    func fill(_ output: inout OutputSpan<UInt8>, count: Int) throws(CryptoError) {
        let bytes = next.withLock { next in
            (0..<count).map { _ in
                next &+= 1
                return next
            }
        }
        try output.appendBytes(bytes.span)
    }
}
