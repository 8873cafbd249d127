import AWSEncryptionSDK
import ESDKSystem
import TestSupport
import Testing

/// Where the work is done, and where decryptors and encryptors may be kept.
@Suite("Actors")
struct IsolationTests {
    @Test("a long call leaves the main actor free", .timeLimit(.minutes(5)))
    @MainActor
    func mainActorStaysFree() async throws {
        let client = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        let plaintext = [UInt8](repeating: 7, count: 64 << 20)
        let suite = AlgorithmSuite.aes256GCMHKDFSHA512CommitKey
        let folder = try TemporaryFolder()
        try folder.write("plain", plaintext)
        var message: [UInt8] = []

        // Each call begins on the main actor, and a task of that actor that waits behind it must get its turn before it returns.
        func expectTurns(_ what: Comment, during call: () async throws -> Void) async throws {
            let hasReturned = Guarded(false)
            let turns = Guarded(0)
            let ticking = Task { @MainActor in
                while !hasReturned.withLock({ $0 }) {
                    turns.withLock { $0 += 1 }
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            try await call()
            let count = turns.withLock { $0 }
            hasReturned.withLock { $0 = true }
            try await ticking.value
            #expect(count >= 1, what)
        }

        try await expectTurns("encrypt") {
            message = try await client.encrypt(plaintext, using: keyring, algorithmSuite: suite).ciphertext
        }
        try await expectTurns("decrypt") {
            let opened = try await client.decrypt(message, using: keyring).plaintext
            let isRight = opened == plaintext
            #expect(isRight)
        }
        try await expectTurns("verify") { try await client.verify(message, using: keyring) }
        try await expectTurns("encrypt a span") { _ = try await client.encrypt(plaintext.span, using: keyring) }
        let (plain, sealed, again) = (folder.file("plain"), folder.file("sealed"), folder.file("again"))
        try await expectTurns("encryptFile") { try await client.encryptFile(plain, to: sealed, using: keyring) }
        try await expectTurns("decryptFile") { try await client.decryptFile(sealed, to: again, using: keyring) }
        try await expectTurns("verifyFile") { try await client.verifyFile(sealed, using: keyring) }
    }

    /// Says for each call whether it came from the main actor.
    private final class Observer: Keyring {
        private let keyring: any Keyring
        private let observed = Guarded<[Bool]>([])

        init(_ keyring: any Keyring) { self.keyring = keyring }

        var description: String { "observer" }

        func takeObserved() -> [Bool] {
            observed.withLock { observed in
                defer { observed = [] }
                return observed
            }
        }

        private func note(_ actor: (any Actor)?) { observed.withLock { $0.append(actor === MainActor.shared) } }

        func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
            note(#isolation)
            return try await keyring.onEncrypt(materials)
        }

        func onDecrypt(
            _ materials: DecryptionMaterials,
            encryptedDataKeys: [EncryptedDataKey]
        ) async throws -> DecryptionMaterials {
            note(#isolation)
            return try await keyring.onDecrypt(materials, encryptedDataKeys: encryptedDataKeys)
        }
    }

    @Test(
        "a short unsigned call stays on the caller's actor, a long or signed one leaves it",
        arguments: [
            (100, AlgorithmSuite.aes256GCMHKDFSHA512CommitKey, true),
            (100, .aes256GCMHKDFSHA256, true),
            (100 << 10, .aes256GCMHKDFSHA512CommitKey, true),
            (1 << 20, .aes256GCMHKDFSHA512CommitKey, false),
            (100, .aes256GCMHKDFSHA512CommitKeyECDSAP384, false),
            (100, .aes128GCMHKDFSHA256ECDSAP256, false),
        ]
    )
    @MainActor
    func staysOrLeaves(_ length: Int, _ suite: AlgorithmSuite, _ stays: Bool) async throws {
        let client = try EncryptionSDK(
            commitmentPolicy: suite.isCommitting ? .requireEncryptAllowDecrypt : .forbidEncryptAllowDecrypt
        )
        let observer = Observer(try EncryptionKeyrings.aes(.aes256GCM))
        let plaintext = [UInt8](repeating: 7, count: length)

        let message = try await client.encrypt(plaintext, using: observer, algorithmSuite: suite).ciphertext
        _ = try await client.encrypt(plaintext[...], using: observer, algorithmSuite: suite)
        _ = try await client.encrypt(plaintext.span, using: observer, algorithmSuite: suite)
        #expect(observer.takeObserved() == [stays, stays, stays])

        #expect(try await client.decrypt(message, using: observer).plaintext == plaintext)
        _ = try await client.decrypt(message[...], using: observer)
        _ = try await client.decrypt(message.span, using: observer)
        #expect(observer.takeObserved() == [stays, stays, stays])

        try await client.verify(message, using: observer)
        try await client.verify(message[...], using: observer)
        try await client.verify(message.span, using: observer)
        #expect(observer.takeObserved() == [stays, stays, stays])
    }

    /// Keeps both in an actor.
    private actor Courier {
        private let encryptor: MessageEncryptor
        private let decryptor: MessageDecryptor
        private var plaintext: [UInt8] = []

        init(_ client: EncryptionSDK, _ keyring: any Keyring) {
            encryptor = client.encryptor(using: keyring)
            decryptor = client.decryptor(using: keyring)
        }

        func carry(_ bytes: [UInt8]) async throws -> (plaintext: [UInt8], message: VerifiedMessage) {
            plaintext += try await decryptor.update(try await encryptor.update(bytes))
            var last: [UInt8] = []
            try await encryptor.finish { last += $0 }
            plaintext += try await decryptor.update(last)
            let message = try await decryptor.finish { plaintext += $0 }
            return (plaintext, message)
        }
    }

    /// Keeps a decryptor where user interfaces keep things.
    @MainActor
    private final class ViewModel {
        private var decryptor: MessageDecryptor
        private(set) var plaintext: [UInt8] = []

        init(_ decryptor: MessageDecryptor) { self.decryptor = decryptor }

        func receive(_ chunk: [UInt8]) async throws { plaintext += try await decryptor.update(chunk) }
        func end() async throws -> VerifiedMessage { try await decryptor.finish { plaintext += $0 } }
    }

    @Test("a decryptor and an encryptor may be kept in an actor and in a class of the main actor")
    func kept() async throws {
        let client = try EncryptionSDK()
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        let carried = try await Courier(client, keyring).carry([1, 2, 3])
        #expect(carried.plaintext == [1, 2, 3])
        #expect(carried.message.algorithmSuite.signature != nil)

        let message = try await client.encrypt([4, 5, 6], using: keyring).ciphertext
        let model = await ViewModel(client.decryptor(using: keyring))
        for chunk in message.chunks(of: 100) { try await model.receive(chunk) }
        #expect(await model.plaintext.isEmpty)
        #expect(try await model.end().dataKeyOrigin?.encryptedDataKey == 0)
        #expect(await model.plaintext == [4, 5, 6])
    }

    /// Lets a call wait until it is told to go on.
    private final class Gate: Keyring {
        private let keyring: any Keyring
        private let entered = AsyncStream.makeStream(of: Void.self)
        private let opened = AsyncStream.makeStream(of: Void.self)

        init(_ keyring: any Keyring) { self.keyring = keyring }

        var description: String { "gate" }

        func waitUntilEntered() async { for await _ in entered.stream { return } }
        func open() { opened.continuation.yield() }

        private func pass() async {
            entered.continuation.yield()
            for await _ in opened.stream { return }
        }

        func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
            await pass()
            return try await keyring.onEncrypt(materials)
        }

        func onDecrypt(
            _ materials: DecryptionMaterials,
            encryptedDataKeys: [EncryptedDataKey]
        ) async throws -> DecryptionMaterials {
            await pass()
            return try await keyring.onDecrypt(materials, encryptedDataKeys: encryptedDataKeys)
        }
    }

    @Test("a call made while another one is running is refused, and the one that is running goes on")
    func overlappingCalls() async throws {
        let client = try EncryptionSDK()
        let keyring = try EncryptionKeyrings.aes(.aes256GCM)
        let message = try await client.encrypt([1, 2, 3], using: keyring).ciphertext
        let overlapping = EncryptionSDKError(.overlappingCalls, "")

        var gate = Gate(keyring)
        let decryptor = client.decryptor(using: gate)
        let decrypting = Task { try await decryptor.update(message) }
        await gate.waitUntilEntered()
        await #expect(throws: overlapping) { _ = try await decryptor.update([0]) }
        await #expect(throws: overlapping) { try await decryptor.finish { _ in Issue.record("released") } }
        gate.open()
        #expect(try await decrypting.value.isEmpty)
        var plaintext: [UInt8] = []
        try await decryptor.finish(appendingTo: &plaintext)
        #expect(plaintext == [1, 2, 3])

        gate = Gate(keyring)
        let encryptor = client.encryptor(using: gate)
        let encrypting = Task { try await encryptor.update([1, 2, 3]) }
        await gate.waitUntilEntered()
        await #expect(throws: overlapping) { _ = try await encryptor.update([0]) }
        await #expect(throws: overlapping) { try await encryptor.finish { _ in Issue.record("released") } }
        gate.open()
        var written = try await encrypting.value
        try await encryptor.finish(appendingTo: &written)
        #expect(try await client.decrypt(written, using: keyring).plaintext == [1, 2, 3])
    }
}
