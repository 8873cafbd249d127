import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// The rules about encryption context that the caller supplies.
@Suite("Policy rules: supplied and required encryption context")
struct RequiredContextRuleTests {
    private static let required: EncryptionContext = ["tenant": "42", "zone": "a"]

    /// A message whose header authenticates `required` and does not store it.
    private func forge(_ suite: AlgorithmSuite) throws -> Forge {
        var forge = try Forge(suite)
        forge.requiredContext = Forge.serialized(Self.required.entries)
        return forge
    }

    private func requiringReader(_ forge: Forge, keys: [String], supplied: EncryptionContext) throws -> Reader {
        let manager = try RequiredEncryptionContextCMM(
            requiredEncryptionContextKeys: keys,
            underlying: StubKeyring(dataKey: forge.dataKey)
        )
        return try Reader(manager, context: supplied)
    }

    @Test("P17: a supplied value other than the stored one is refused before any key call", arguments: Forge.suites)
    func p17(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite, context: ["stage": "test", "zone": "a"])
        let message = try forge.sealed().bytes
        for supplied in [["stage": "other"], ["zone": ""], ["stage": "test", "zone": "A"]] as [EncryptionContext] {
            let keyring = StubKeyring(dataKey: forge.dataKey)
            await expectRefusal(of: message, by: try Reader(keyring, context: supplied), .encryptionContextMismatch)
            #expect(keyring.calls == 0)
        }
        for supplied in [[:], ["stage": "test"], ["stage": "test", "zone": "a"]] as [EncryptionContext] {
            try await forge.expectOpening(context: supplied)
        }
    }

    @Test("P18: a required key that is not supplied is refused before any key call", arguments: Forge.suites)
    func p18Missing(suite: AlgorithmSuite) async throws {
        let forge = try forge(suite)
        let message = try forge.sealed().bytes
        let keyring = StubKeyring(dataKey: forge.dataKey)
        let manager = try RequiredEncryptionContextCMM(
            requiredEncryptionContextKeys: ["tenant", "zone"],
            underlying: keyring
        )
        for supplied in [[:], ["tenant": "42"], ["zone": "a"], ["Tenant": "42", "zone": "a"]] as [EncryptionContext] {
            let reader = try Reader(manager, context: supplied)
            await expectRefusal(of: message, by: reader, .missingRequiredEncryptionContext)
        }
        #expect(keyring.calls == 0)
        await expectOpening(of: message, by: try Reader(manager, context: Self.required), forge.plaintext)
    }

    @Test("P18: a required key may also be stored in the message", arguments: Forge.suites)
    func p18Stored(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let message = try forge.sealed().bytes
        let supplied = try requiringReader(forge, keys: ["stage"], supplied: ["stage": "test"])
        await expectOpening(of: message, by: supplied, forge.plaintext)
        let missing = try requiringReader(forge, keys: ["stage"], supplied: [:])
        await expectRefusal(of: message, by: missing, .missingRequiredEncryptionContext)
    }

    @Test("P18: a required key that the underlying manager drops is refused", arguments: Forge.suites)
    func p18Dropped(suite: AlgorithmSuite) async throws {
        let forge = try forge(suite)
        let (dataKey, key) = (forge.dataKey, forge.signingKey?.publicKey)
        let dropping = StubMaterialsManager { request in
            try DecryptionMaterials(suite, for: request, dataKey: dataKey, verificationKey: key)
        }
        let manager = try RequiredEncryptionContextCMM(
            requiredEncryptionContextKeys: ["tenant"],
            underlying: dropping
        )
        let reader = try Reader(manager, context: Self.required)
        await expectRefusal(of: try forge.sealed().bytes, by: reader, .invalidMaterials)
    }

    @Test("P18: an empty set of required keys is refused")
    func p18Empty() throws {
        #expect(throws: EncryptionSDKError(.invalidConfiguration, "")) {
            try RequiredEncryptionContextCMM(
                requiredEncryptionContextKeys: [],
                underlying: StubKeyring(dataKey: [])
            )
        }
    }

    @Test("P19: required context that is omitted, altered or added to is refused", arguments: Forge.suites)
    func p19(suite: AlgorithmSuite) async throws {
        let forge = try forge(suite)
        let wrong: [EncryptionContext] = [
            [:],
            ["tenant": "42"],
            ["tenant": "43", "zone": "a"],
            ["tenant": "42", "zone": ""],
            ["tenant": "42", "Zone": "a"],
            ["tenant": "42", "zone": "a", "extra": ""],
        ]
        for supplied in wrong {
            try await forge.expectRefusal(
                .headerTagMismatch,
                field: "Authentication Tag",
                context: supplied,
                "\(supplied.entries.map(\.key))"
            )
        }
        try await forge.expectOpening(context: Self.required)
        let result = try await forge.reader(context: Self.required).read(forge.sealed().bytes, .oneShot)
        #expect(result.message.encryptionContext["tenant"] == "42")
        #expect(result.message.encryptionContext["stage"] == "test")
        #expect(result.message.header.encryptionContext["tenant"] == nil)
    }

    @Test("P19: required pairs are authenticated in the order of their bytes, however they were supplied")
    func p19Order() async throws {
        var forge = try Forge(.aes256GCMHKDFSHA512CommitKey)
        let entries = ["\u{10000}", "\u{E000}", "z", "a", "é"].map { EncryptionContext.Entry(key: $0, value: "v") }
        let supplied = try EncryptionContext(entries: entries)
        let ascending = entries.sorted { $0.keyBytes.lexicographicallyPrecedes($1.keyBytes) }
        forge.requiredContext = Forge.serialized(ascending)
        try await forge.expectOpening(context: supplied)
    }

    @Test("Any key may be supplied, reserved ones too", arguments: Forge.suites)
    func reservedKeys(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        let supplied: EncryptionContext = ["aws-crypto-something": "value"]
        forge.requiredContext = Forge.serialized(supplied.entries)
        try await forge.expectOpening(context: supplied)
    }
}
