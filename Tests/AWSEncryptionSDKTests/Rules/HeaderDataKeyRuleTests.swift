import AWSEncryptionSDK
import AWSMaterialProviders
import MessageForge
import TestSupport
import Testing

/// The rules about the encrypted data keys in the header, and about its end.
@Suite("Header rules: encrypted data keys, truncation, verification")
struct HeaderDataKeyRuleTests {
    @Test("H15: a header without encrypted data keys is refused", arguments: Forge.suites)
    func h15(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        forge.encryptedDataKeys = []
        try await forge.expectRefusal(
            .noEncryptedDataKeys,
            offset: { $0.offset("Encrypted Data Key Count") },
            field: "Encrypted Data Key Count"
        )
    }

    @Test(
        "H16: more encrypted data keys than the maximum are refused as soon as their count is read",
        arguments: Forge.suites
    )
    func h16(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        forge.encryptedDataKeys = [EncryptedDataKey](repeating: Forge.encryptedDataKey, count: 4)
        let message = try forge.sealed()
        let count = Int(message.offset("Encrypted Data Key Count"))
        let keyring = StubKeyring(dataKey: forge.dataKey)
        let client = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt, maximumEncryptedDataKeys: 3)
        for input in [message.bytes, Array(message.bytes[..<(count + 2)])] {
            await expectRefusal(
                of: input,
                by: try Reader(keyring, client: client),
                .tooManyEncryptedDataKeys,
                offset: UInt64(count),
                field: "Encrypted Data Key Count"
            )
        }
        // Pushed, the very last byte of the count is refused, without an end of the input.
        let decryptor = client.decryptor(using: keyring)
        let beginning = try await decryptor.update(Array(message.bytes[..<(count + 1)]))
        #expect(beginning.isEmpty)
        await #expect(throws: EncryptionSDKError(.tooManyEncryptedDataKeys, "")) {
            _ = try await client.decryptor(using: keyring).pushed(Array(message.bytes[..<(count + 2)]))
        }
        #expect(keyring.calls == 0)

        forge.encryptedDataKeys.removeLast()
        await expectOpening(
            of: try forge.sealed().bytes,
            by: try Reader(keyring, client: client),
            forge.plaintext
        )
    }

    @Test("H17: a part of an encrypted data key that runs past the input is refused", arguments: Forge.suites, 0..<3)
    func h17(suite: AlgorithmSuite, part: Int) async throws {
        var forge = try Forge(suite)
        let key = Forge.encryptedDataKey
        let lengths = [key.keyProviderID, key.keyProviderInfo, key.ciphertext].map { 2 + $0.count }
        let before = 2 + lengths.reduce(0, +) + lengths[..<part].reduce(0, +)
        let lengthField: MessageField.DataKeyPart =
            [.keyProviderIDLength, .keyProviderInfoLength, .ciphertextLength][part]
        forge.encryptedDataKeys = [key, key]
        forge.overrides[.encryptedDataKey(1, lengthField)] = [0xFF, 0xFF]
        try await forge.expectRefusal(
            .truncatedMessage,
            offset: { $0.offset("Encrypted Data Key Count") + UInt64(before) },
            field: ["Key Provider ID", "Key Provider Information", "Encrypted Data Key"][part],
            encryptedDataKey: 1
        )
    }

    @Test("H25: a header tag that leaves required pairs out of its additional data is refused", arguments: Forge.suites)
    func h25LeftOut(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        let required: EncryptionContext = ["tenant": "42"]
        try await forge.expectRefusal(.headerTagMismatch, field: "Authentication Tag", context: required)
        forge.requiredContext = Forge.serialized(required.entries)
        try await forge.expectOpening(context: required)
    }

    @Test("H25: a header tag that adds pairs wrongly to its additional data is refused", arguments: Forge.suites)
    func h25Added(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        let stored: EncryptionContext = ["stage": "test"]
        try await forge.expectOpening(context: stored)
        // The stored pair, once more; pairs that nobody supplies; a count without pairs.
        forge.requiredContext = Forge.serialized(stored.entries)
        try await forge.expectRefusal(.headerTagMismatch, field: "Authentication Tag", context: stored)
        forge.requiredContext = Forge.serialized([.init(key: "tenant", value: "42")])
        try await forge.expectRefusal(.headerTagMismatch, field: "Authentication Tag")
        forge.requiredContext = [0, 0]
        try await forge.expectRefusal(.headerTagMismatch, field: "Authentication Tag")
    }

    @Test("H25: required pairs without their count are refused", arguments: Forge.suites)
    func h25WithoutCount(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        let required: EncryptionContext = ["tenant": "42"]
        forge.requiredContext = Array(Forge.serialized(required.entries).dropFirst(2))
        try await forge.expectRefusal(.headerTagMismatch, field: "Authentication Tag", context: required)
    }

    @Test("H26: an input that ends inside the header is refused, at every length", arguments: Forge.suites)
    func h26(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let message = try forge.sealed()
        for length in 1..<message.frames[0] {
            // The field that is incomplete, or due next.
            let (name, offset) = try #require(
                message.fields.filter { $0.value <= length }.max { $0.value < $1.value }
            )
            let isDataKey = name == "Encrypted Data Key Count" && length >= offset + 2
            await expectRefusal(
                of: Array(message.bytes[..<length]),
                by: try forge.reader(),
                .truncatedMessage,
                offset: isDataKey ? nil : UInt64(offset),
                field: isDataKey ? nil : name,
                encryptedDataKey: isDataKey ? 0 : nil,
                "\(length) bytes"
            )
        }
    }

    @Test("H28: nothing of the header is shown before it has been verified", arguments: Forge.suites)
    func h28(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let message = try forge.sealed()
        let headerLength = message.frames[0]
        let reader = try forge.reader()

        let decryptor = reader.client.decryptor(using: reader.materialsManager)
        _ = try await decryptor.update(Array(message.bytes[..<(headerLength - 1)]))
        #expect(decryptor.message == nil)
        _ = try await decryptor.update([message.bytes[headerLength - 1]])
        #expect(decryptor.message?.header.messageID == forge.messageID)
        #expect(decryptor.message?.algorithmSuite == suite)

        var altered = message.bytes
        altered[headerLength - 1] ^= 1
        let refusing = reader.client.decryptor(using: reader.materialsManager)
        do {
            _ = try await refusing.update(altered)
            Issue.record("opened")
        } catch {
            #expect(refusing.message == nil)
        }
    }
}

extension MessageDecryptor {
    /// What one chunk releases, for expressions that need a value.
    func pushed(_ chunk: [UInt8]) async throws -> [UInt8] {
        try await update(chunk)
    }
}
