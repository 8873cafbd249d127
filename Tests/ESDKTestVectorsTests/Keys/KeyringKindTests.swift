import AWSMaterialProviders
import ESDKCrypto
import StrictJSON
import Testing

@testable import ESDKTestVectors

@Suite("Kinds of keyrings")
struct KeyringKindTests {
    /// A kind that nothing in the harness knows: a raw AES keyring whose key entry holds one byte, which is repeated.
    struct Repeated: ReadableKeyringKind {
        struct Key: KeyType {
            static let type = "repeated-byte"
            let byte: UInt8

            init(_ fields: ManifestFields, bits: Int?) throws(VectorError) {
                guard let count = try fields.count("byte"), let byte = UInt8(exactly: count) else {
                    throw fields.missing("byte")
                }
                self.byte = byte
            }
        }

        static let type = "repeated"
        static let keyTypes: [any KeyType.Type] = [Key.self]
        let key: JSONName

        static func read(_ fields: ManifestFields, among kinds: KeyringKinds) throws(VectorError) -> KeyDescription? {
            KeyDescription(Repeated(key: JSONName(try fields.requiredString("key"))))
        }

        var keyName: String? { key.text }
        var isInFlatLists: Bool { true }

        func summary(keys: KeyTable) -> String { "repeated" }

        func decrypting(_ builder: KeyringBuilder) -> KeyringUse {
            builder.withKey(of: self) { (entry, key: Key) in
                .usable(
                    try RawAESKeyring(
                        keyNamespace: "repeated",
                        keyName: entry.keyID,
                        wrappingKey: SecretBytes([UInt8](repeating: key.byte, count: 32)),
                        wrappingAlgorithm: .aes256GCM
                    )
                )
            }
        }
    }

    @Test(
        "A kind that the harness has not met reads, checks, names, writes, encrypts and decrypts, alone and among others"
    )
    func newKind() async throws {
        let kinds = KeyringKinds(KeyringKinds.standard.all + [Repeated.self])
        let value: JSONValue = ["type": "repeated", "key": "k", "note": .null]
        let multi: JSONValue = ["type": "multi-keyring", "generator": value, "childKeyrings": [value]]
        let description = try kinds.read(value, "it")
        #expect(try KeyringKinds.standard.read(value, "it") == .unsupported(type: "repeated"))
        #expect(description != .unsupported(type: "repeated"))

        let entry: JSONValue = ["type": "repeated-byte", "byte": 7]
        let material = try kinds.material(ManifestFields(entry, "the entry"), bits: nil)
        let keys = KeyTable(
            declaredVersion: 3,
            entries: [KeySamples.entry("k", material), KeySamples.entry("aes", KeySamples.aes(32))]
        )
        try description.check(keys: keys)
        #expect(throws: VectorError(.broken, reason: "")) {
            try kinds.read(["type": "repeated", "key": "aes"], "it").check(keys: keys)
        }

        let whole = try kinds.read(multi, "it")
        #expect(whole.summary(keys: keys) == "multi(repeated, repeated)")
        let described = DescribedKeys(description: whole, value: multi)
        let plain: JSONValue = ["type": "repeated", "key": "k"]
        #expect(try described.list(in: .v2) == [plain, plain])
        #expect(
            described.object(requiredContextKeys: [])
                == ["type": "multi-keyring", "generator": plain, "childKeyrings": [plain]]
        )

        let writer = try EncryptKeyringBuilder(keys: keys, cache: KeyCache(), isSeeded: true).keyring(for: whole)
        let materials = try await writer.onEncrypt(
            EncryptionMaterials(
                algorithmSuite: .aes256GCMHKDFSHA512CommitKey,
                encryptionContext: EncryptionContext()
            )
        )
        #expect(materials.encryptedDataKeys.count == 2)
        guard case .usable(let reader, _) = KeyringBuilder(keys: keys, cache: KeyCache()).keyring(for: description)
        else {
            Issue.record("not usable")
            return
        }
        let opened = try await reader.onDecrypt(
            DecryptionMaterials(
                algorithmSuite: .aes256GCMHKDFSHA512CommitKey,
                encryptionContext: EncryptionContext()
            ),
            encryptedDataKeys: Array(materials.encryptedDataKeys.suffix(1))
        )
        #expect(opened.plaintextDataKey == materials.plaintextDataKey)
    }

    @Test("No two types of keys of the list have one name")
    func distinctTypes() {
        let kinds = KeyringKinds.standard.all
        var types: [String: any KeyType.Type] = [:]
        for type in kinds.flatMap({ $0.keyTypes }) {
            #expect(types[type.type].map { $0 == type } ?? true, "\(type)")
            types[type.type] = type
        }
    }
}
