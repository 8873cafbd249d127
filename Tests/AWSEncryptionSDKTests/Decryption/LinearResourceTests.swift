import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import Glibc
import TestSupport
import Testing

/// Messages at the limits of the format, on which other implementations abort, hang or recurse.
@Suite("Linear time and memory")
struct LinearResourceTests {
    @Test("200,000 frames open")
    func frames() async throws {
        let plaintext = [UInt8](repeating: 0x61, count: 200_000)
        let forge = try Forge(.aes256GCMHKDFSHA512CommitKey, plaintext: plaintext, frameLength: 1)
        let message = try forge.sealed().bytes
        await expectOpening(
            of: message,
            by: try forge.reader(),
            plaintext,
            readings: [.oneShot, .streamed(chunkLength: 1000)]
        )
    }

    @Test("50,000 frames of a signed message open")
    func signedFrames() async throws {
        let plaintext = [UInt8](repeating: 0x61, count: 50_000)
        let forge = try Forge(.aes128GCMHKDFSHA256ECDSAP256, plaintext: plaintext, frameLength: 1)
        let message = try forge.sealed().bytes
        await expectOpening(of: message, by: try forge.reader(), plaintext, readings: [.streamed(chunkLength: 1000)])
    }

    @Test("65,535 encrypted data keys, of which the last is good, open", arguments: Forge.unsignedSuites)
    func encryptedDataKeys(suite: AlgorithmSuite) async throws {
        let wrapping = WrappingKey()
        var forge = try Forge(suite)
        let other = EncryptedDataKey(keyProviderID: [], keyProviderInfo: [], ciphertext: [])
        forge.encryptedDataKeys = [EncryptedDataKey](repeating: other, count: 65_534)
        forge.encryptedDataKeys.append(try wrapping.wrap(forge.dataKey, context: forge.context))
        let message = try forge.sealed().bytes
        let reader = try Reader(wrapping.keyring())
        await expectOpening(of: message, by: reader, forge.plaintext, readings: [.oneShot, .streamed(chunkLength: 1)])
        let result = try await reader.read(message, .oneShot)
        #expect(result.message.dataKeyOrigin?.encryptedDataKey == 65_534)
    }

    @Test("65,535 encrypted data keys, of which none is good, are refused with a reason for each")
    func refusals() async throws {
        var forge = try Forge(.aes256GCMHKDFSHA512CommitKey)
        let other = EncryptedDataKey(keyProviderID: [], keyProviderInfo: [], ciphertext: [])
        forge.encryptedDataKeys = [EncryptedDataKey](repeating: other, count: 65_535)
        let reader = try Reader(WrappingKey().keyring())
        let message = try forge.sealed().bytes
        let error = await #expect(throws: EncryptionSDKError.self) { _ = try await reader.read(message, .oneShot) }
        #expect(error?.code == .noDataKey)
        #expect(error?.refusalCount == 65_535)
        // Shown are the first ones only.
        #expect(error?.description.utf8.count ?? .max < 5_000)
        #expect(error?.description.contains("65519 more") == true)
    }

    @Test("A context of 65,535 bytes in thousands of pairs opens, sorted or not", arguments: Forge.unsignedSuites)
    func context(suite: AlgorithmSuite) async throws {
        // 2 bytes for the count, 9,361 pairs of 7 bytes, one of 6 bytes more.
        var entries: [EncryptionContext.Entry] = []
        for index in 0..<9_361 {
            let key = [index / 4096, index / 64 % 64, index % 64].map { UInt8($0 + 0x20) }
            let value = [UInt8](repeating: 0x76, count: index == 0 ? 6 : 0)
            entries.append(EncryptionContext.Entry(keyBytes: key, valueBytes: value))
        }
        var forge = try Forge(suite, context: [:])
        forge.context = entries.sorted { $0.keyBytes.lexicographicallyPrecedes($1.keyBytes) }
        #expect(Forge.contextField(forge.context).count == 2 + 65_535)
        let wrapping = WrappingKey()
        forge.encryptedDataKeys = [try wrapping.wrap(forge.dataKey, context: forge.context)]
        let reader = try Reader(wrapping.keyring())
        let readings: [Reading] = [.oneShot, .streamed(chunkLength: 1)]
        await expectOpening(of: try forge.sealed().bytes, by: reader, forge.plaintext, readings: readings)
        forge.context.reverse()
        await expectOpening(
            of: try forge.sealed().bytes,
            by: reader,
            forge.plaintext,
            diagnostics: [.unsortedEncryptionContext],
            readings: readings
        )
    }

    @Test("Thousands of supplied pairs are authenticated")
    func suppliedContext() async throws {
        let supplied = try EncryptionContext(
            entries: (0..<5_000).map { EncryptionContext.Entry(key: "key \($0)", value: "") }
        )
        var forge = try Forge(.aes256GCMHKDFSHA512CommitKey)
        forge.requiredContext = Forge.serialized(supplied.entries)
        try await forge.expectOpening(context: supplied)
    }

    @Test("A frame length of 2^32 - 1 with a small final frame opens", arguments: Forge.suites)
    func longestFrameLength(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite, frameLength: 64)
        forge.frameLength = Int(UInt32.max)
        try await forge.expectOpening()
    }

    @Test("Announced lengths without input behind them cost no memory", .enabled(if: canLimitResources))
    func announcedLengths() async {
        await #expect(processExitsWith: .success) {
            // In a process of its own, which may not grow by more than 256 MiB.
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
            limit.rlim_cur = rlim_t(try memoryInUse() + 256 << 20)
            guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { exit(2) }

            let client = try EncryptionSDK(maximumBufferedBytes: .max)
            var longFrames = try Forge(.aes256GCMHKDFSHA512CommitKey, frameLength: 8)
            longFrames.frameLength = Int(UInt32.max)
            var longBody = try Forge.nonFramed(.aes256GCMHKDFSHA512CommitKey)
            longBody.frames[0].contentLength = (1 << 36) - 32
            for forge in [longFrames, longBody] {
                for reading in Reading.all {
                    do {
                        _ = try await forge.reader(client: client).read(forge.sealed().bytes, reading)
                        exit(3)
                    } catch let error as EncryptionSDKError {
                        if error.code != .truncatedMessage { exit(4) }
                    }
                }
            }
        }
    }
}

/// The address space that this process uses, in bytes.
private func memoryInUse() throws -> Int {
    let file = try #require(fopen("/proc/self/statm", "r"))
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    try #require(fgets(&line, 256, file) != nil)
    let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let pages = try #require(text.split(separator: " ").first.flatMap { Int($0) })
    return pages * sysconf(Int32(_SC_PAGESIZE))
}
