import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import Testing

/// The rules of local keyrings as a whole message shows them: a bad encrypted data key never stops the others.
@Suite("Keyring rules: several encrypted data keys")
struct DataKeyRuleTests {
    private let wrapping = WrappingKey()

    /// Encrypted data keys that the keyring of `wrapping` refuses, each in its own way.
    private func badKeys(for forge: Forge) throws -> [(EncryptedDataKey, EncryptionSDKError.Code)] {
        let good = try wrapping.wrap(forge.dataKey, context: forge.context)
        var damaged = good.ciphertext
        damaged[0] ^= 1
        let info = good.keyProviderInfo
        let shortName = Array(info.dropFirst())
        var otherTag = info
        otherTag[wrapping.name.utf8.count + 3] = 96
        func key(_ provider: [UInt8], _ info: [UInt8], _ ciphertext: [UInt8]) -> EncryptedDataKey {
            EncryptedDataKey(keyProviderID: provider, keyProviderInfo: info, ciphertext: ciphertext)
        }
        var longer = forge.context
        longer.append(.init(key: "another", value: "pair"))
        return [
            (key(Array("aws-kms".utf8), Array("arn:aws:kms:us-west-2:1:key/1".utf8), [1]), .notForThisKeyring),
            (key(Array("aws-future".utf8), [], []), .notForThisKeyring),
            (key([0xFF, 0xFE], [0xFF], [0xFF]), .notForThisKeyring),
            (key(good.keyProviderID, shortName, good.ciphertext), .notForThisKeyring),
            (key(good.keyProviderID, otherTag, good.ciphertext), .malformedEncryptedDataKey),
            (key(good.keyProviderID, info, []), .malformedEncryptedDataKey),
            (key(good.keyProviderID, info, damaged), .unwrappingFailed),
            (key(good.keyProviderID, info, Array(good.ciphertext.dropLast())), .dataKeyLengthMismatch),
            (try wrapping.wrap(forge.dataKey, context: longer), .unwrappingFailed),
            (try wrapping.wrap(forge.dataKey + [0], context: forge.context), .dataKeyLengthMismatch),
        ]
    }

    @Test("K06: the good data key opens, wherever it stands among bad ones", arguments: Forge.suites)
    func goodAmongBad(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        let bad = try badKeys(for: forge).map(\.0)
        let good = try wrapping.wrap(forge.dataKey, context: forge.context)
        for position in 0...bad.count {
            forge.encryptedDataKeys = bad
            forge.encryptedDataKeys.insert(good, at: position)
            let message = try forge.sealed().bytes
            let reader = try Reader(wrapping.keyring())
            await expectOpening(
                of: message,
                by: reader,
                forge.plaintext,
                readings: [.oneShot, .streamed(chunkLength: 7)]
            )
            let origin = try await reader.read(message, .oneShot).message.dataKeyOrigin
            #expect(origin?.encryptedDataKey == position)
            #expect(origin?.keyring == (try wrapping.keyring().description))
        }
    }

    @Test(
        "K02: when none opens, the error carries the reason for each, those of keys that were tried first",
        arguments: Forge.suites
    )
    func noneOpens(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        let bad = try badKeys(for: forge)
        forge.encryptedDataKeys = bad.map(\.0)
        let message = try forge.sealed().bytes
        let reader = try Reader(wrapping.keyring())
        await expectRefusal(of: message, by: reader, .noDataKey)
        let error = await #expect(throws: EncryptionSDKError.self) { _ = try await reader.read(message, .oneShot) }
        let order =
            bad.indices.filter { bad[$0].1 != .notForThisKeyring }
            + bad.indices.filter { bad[$0].1 == .notForThisKeyring }
        #expect(error?.refusals.map(\.encryptedDataKey) == order)
        #expect(error?.refusals.map(\.error.code) == order.map { bad[$0].1 })
        for refusal in error?.refusals ?? [] {
            #expect(error?.description.contains(refusal.description) == true)
        }
        #expect(error?.description.contains(Hex.encode(forge.dataKey)) == false)
    }

    @Test("The context in the order of the header does not matter to the data key", arguments: Forge.suites)
    func unsortedContext(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite, context: ["a": "1", "z": "2", "\u{10000}": "3", "\u{E000}": "4"])
        forge.encryptedDataKeys = [try wrapping.wrap(forge.dataKey, context: forge.context)]
        forge.context.reverse()
        await expectOpening(
            of: try forge.sealed().bytes,
            by: try Reader(wrapping.keyring()),
            forge.plaintext,
            diagnostics: [.unsortedEncryptionContext]
        )
    }

    @Test("Supplied context is part of what the data key is bound to", arguments: Forge.suites)
    func suppliedContext(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        let supplied: EncryptionContext = ["tenant": "42"]
        forge.requiredContext = Forge.serialized(supplied.entries)
        forge.encryptedDataKeys = [try wrapping.wrap(forge.dataKey, context: forge.context + supplied.entries)]
        let message = try forge.sealed().bytes
        let keyring = try wrapping.keyring()
        await expectOpening(of: message, by: try Reader(keyring, context: supplied), forge.plaintext)
        await expectRefusal(of: message, by: try Reader(keyring), .noDataKey)
        await expectRefusal(of: message, by: try Reader(keyring, context: ["tenant": "43"]), .noDataKey)
    }

    @Test("K14: a context that is too long only with what was supplied is refused", arguments: Forge.unsignedSuites)
    func k14(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite, context: ["stored": String(repeating: "s", count: 40_000)])
        let supplied: EncryptionContext = ["supplied": String(repeating: "t", count: 40_000)]
        forge.requiredContext = Forge.serialized(supplied.entries)
        forge.encryptedDataKeys = [try wrapping.wrap(forge.dataKey, context: forge.context)]
        let reader = try Reader(wrapping.keyring(), context: supplied)
        await expectRefusal(
            of: try forge.sealed().bytes,
            by: reader,
            .encryptionContextTooLong,
            readings: [.oneShot, .streamed(chunkLength: 1_000)]
        )
    }
}
