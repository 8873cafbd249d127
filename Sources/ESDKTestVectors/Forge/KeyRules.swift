import AWSMaterialProviders
import ESDKCrypto
import MessageForge

extension ForgeRules {
    /// The rules about commitment, data keys and the local keyrings (framework/).
    static let keyRules = commitmentRules + rawAESRules + rawRSARules + rawECDHRules

    // MARK: - Commitment and data keys

    private static let commitmentRules: [ForgeRule] = [
        ForgeRule(
            "P01",
            "a commitment that is not the data key's",
            in: "decrypt/get-the-decryption-materials.8",
            "decrypt/get-the-decryption-materials.9",
            "transitive-requirements/hkdf-commit-key",
            cases: [
                .refused(
                    "other-key",
                    "The key commitment is that of another data key.",
                    on: .all.version2,
                    .commitment,
                    .commitmentMismatch
                ) {
                    let other = try $0.keys.source("other data key \($0.label)").bytes($0.dataKey.count)
                    $0.message.overrides[.commitment] = try DerivedKeys(
                        .dataKey(SecretBytes(other), .specification),
                        suite: $0.message.algorithmSuite,
                        messageID: $0.message.messageID
                    ).commitment
                },
                .refused(
                    "zeros",
                    "The key commitment is all zeros.",
                    on: .few.version2,
                    .commitment,
                    .commitmentMismatch
                ) { $0.message.overrides[.commitment] = [UInt8](repeating: 0, count: 32) },
            ]
        ),
        ForgeRule(
            "P06",
            "a data key of the wrong length",
            in: "cmm-interface/get-encryption-materials.13",
            "transitive-requirements/hkdf-encryption-key.4",
            "transitive-requirements/hkdf-commit-key.4",
            "keyring-interface/generate-data-key.4",
            "algorithm-suites/encryption-algorithm.1",
            "algorithm-suites/identity-kdf.2",
            cases: [
                wrongLength("half", isLonger: false, on: .all), wrongLength("a-byte-more", isLonger: true, on: .all),
            ]
        ),
        ForgeRule(
            "K02",
            "a message of which no encrypted data key opens, with every reason",
            in: "keyring-interface/decrypt-data-key.5",
            "keyring-interface/ondecrypt.5",
            "multi-keyring/ondecrypt.6",
            "multi-keyring/ondecrypt.7",
            "raw-aes-keyring/ondecrypt.18",
            "raw-rsa-keyring/ondecrypt.7",
            "raw-ecdh-keyring/ondecrypt.30",
            cases: [
                noDataKey("", "Two encrypted data keys are damaged, each in its own way.") {
                    $0.dataKeys = [
                        ForgedDataKey { $0.with(ciphertext: $0.ciphertext.flipped(at: 0)) },
                        ForgedDataKey { $0.with(info: Array($0.keyProviderInfo.dropLast())) },
                    ]
                }
            ]
        ),
    ]

    private static func noDataKey(
        _ name: String,
        _ done: String,
        on variants: [ForgeVariant] = .all,
        base: ForgeCase.Edit? = nil,
        _ edit: @escaping ForgeCase.Edit
    ) -> ForgeCase {
        .refused(name, done, on: variants, .materials, .noDataKey, flags: [.wrappedAgain], base: base, edit)
    }

    /// A data key of another length than the suite's, which derives the content key all the same.
    private static func wrongLength(
        _ name: String,
        isLonger: Bool,
        on variants: [ForgeVariant] = .few,
        base: ForgeCase.Edit? = nil
    ) -> ForgeCase {
        let what = isLonger ? "one byte more than the suite's" : "half the bytes of the suite's"
        return noDataKey(name, "The data key has \(what), and sealed the message.", on: variants, base: base) {
            let half = $0.dataKey.count / 2
            $0.dataKey = isLonger ? $0.dataKey + [0] : Array($0.dataKey.prefix(half))
        }
    }

    /// One data key, which opens nothing.
    private static func badKey(
        _ name: String,
        _ done: String,
        on variants: [ForgeVariant] = .few,
        base: ForgeCase.Edit? = nil,
        _ key: @escaping @Sendable (Forgery) -> ForgedDataKey
    ) -> ForgeCase {
        noDataKey(name, done, on: variants, base: base) { $0.dataKeys = [key($0)] }
    }

    // MARK: - Raw AES

    private static let rawAESRules: [ForgeRule] = [
        ForgeRule(
            "K05",
            "key information that is not this keyring's or malformed",
            in: "raw-aes-keyring/ondecrypt.6",
            "raw-aes-keyring/ondecrypt.7",
            "raw-aes-keyring/ondecrypt.8",
            "raw-aes-keyring/ondecrypt.9",
            "raw-aes-keyring/ondecrypt.10",
            "raw-aes-keyring/ondecrypt.11",
            "raw-aes-keyring/authentication-tag-length.1",
            "raw-aes-keyring/iv-length.1",
            "raw-rsa-keyring/ondecrypt.5",
            cases: [
                badKey("name", "The data key is wrapped under another key name.", on: .all) { _ in
                    ForgedDataKey(name: "aes-257")
                },
                badKey("namespace", "The data key is wrapped under another key namespace.") { _ in
                    ForgedDataKey(namespace: "forgf")
                },
                badKey("tag-length-96", "The key information says that the tag has 96 bits.", on: .all) { _ in
                    ForgedDataKey(tagBits: 96)
                },
                badKey("tag-length-0", "The key information says that the tag has no bits.") { _ in
                    ForgedDataKey(tagBits: 0)
                },
                badKey("iv-length-11", "The key information says that the IV has eleven bytes.", on: .all) { _ in
                    ForgedDataKey(ivLength: 11)
                },
                badKey("iv-length-13", "The key information says that the IV has thirteen bytes.") { _ in
                    ForgedDataKey(ivLength: 13)
                },
                badKey("info-short", "The key information lacks its last byte.") { _ in
                    ForgedDataKey { $0.with(info: Array($0.keyProviderInfo.dropLast())) }
                },
                badKey("info-long", "A zero byte follows the key information.", on: .all) { _ in
                    ForgedDataKey { $0.with(info: $0.keyProviderInfo + [0]) }
                },
                badKey("no-tag", "The wrapped key is shorter than a tag.") { _ in
                    ForgedDataKey { $0.with(ciphertext: Array($0.ciphertext.prefix(15))) }
                },
                badKey("no-key", "The wrapped key is a tag alone: the data key is empty.") { _ in
                    ForgedDataKey(dataKey: [])
                },
            ]
        ),
        ForgeRule(
            "K06",
            "a wrapped key that does not authenticate, and the next one is still tried",
            in: "raw-aes-keyring/ondecrypt.5",
            "raw-aes-keyring/ondecrypt.12",
            "raw-aes-keyring/ondecrypt.13",
            "raw-aes-keyring/ondecrypt.14",
            "raw-aes-keyring/ondecrypt.15",
            "raw-aes-keyring/ondecrypt.16",
            cases: [
                badKey("tag", "A bit of the wrapped key's tag is flipped.", on: .all) { _ in
                    ForgedDataKey { $0.with(ciphertext: $0.ciphertext.flipped(at: $0.ciphertext.count - 1)) }
                },
                badKey("other-context", "The data key is wrapped under another encryption context.", on: .all) {
                    let pairs = $0.message.encryptionContext + [.init(key: "zone", value: "added")]
                    return ForgedDataKey(context: Forgery.serialized(pairs))
                },
                badKey("no-context", "The data key is wrapped under no encryption context.") { _ in
                    ForgedDataKey(context: [])
                },
                .opens("next", "Damaged and foreign data keys stand before the good one.", flags: [.wrappedAgain]) {
                    $0.dataKeys = [
                        ForgedDataKey { $0.with(ciphertext: $0.ciphertext.flipped(at: 0)) }, ForgedDataKey(tagBits: 96),
                        ForgedDataKey(namespace: "another"),
                        ForgedDataKey { $0.with(provider: Array("aws-kms".utf8), info: Array("no ARN".utf8)) },
                        ForgedDataKey(),
                    ]
                },
            ]
        ),
    ]

    // MARK: - Raw RSA

    private static func rsa(_ padding: RSAPadding) -> ForgeCase.Edit {
        {
            $0.dataKeys = [ForgedDataKey(key: .rsa(padding))]
            $0.reader.key = .rsa(padding)
        }
    }

    private static let rawRSARules: [ForgeRule] = [
        ForgeRule(
            "K08",
            "another padding",
            in: "raw-rsa-keyring/padding-scheme",
            "raw-rsa-keyring/supported-padding-schemes.1",
            cases: [
                badKey("mask-sha1", "The mask of OAEP-SHA-256 is made with SHA-1.", base: rsa(.oaep(.sha256))) { _ in
                    ForgedDataKey(key: .rsa(.oaep(.sha256)), maskHash: .sha1)
                },
                badKey("oaep-sha1", "The padding is OAEP-SHA-1, OAEP-SHA-256 is expected.", base: rsa(.oaep(.sha256))) {
                    _ in
                    ForgedDataKey(key: .rsa(.oaep(.sha1)))
                },
                badKey("pkcs1", "The padding is PKCS #1, OAEP-SHA-256 is expected.", base: rsa(.oaep(.sha256))) { _ in
                    ForgedDataKey(key: .rsa(.pkcs1))
                },
                badKey("oaep", "The padding is OAEP-SHA-256, PKCS #1 is expected.", base: rsa(.pkcs1)) { _ in
                    ForgedDataKey(key: .rsa(.oaep(.sha256)))
                },
                badKey("name", "The data key is wrapped under another key name.", base: rsa(.oaep(.sha256))) { _ in
                    ForgedDataKey(key: .rsa(.oaep(.sha256)), name: "rsa-2049")
                },
                badKey("short", "The wrapped key lacks its last byte.", base: rsa(.oaep(.sha256))) { _ in
                    ForgedDataKey(key: .rsa(.oaep(.sha256))) { $0.with(ciphertext: Array($0.ciphertext.dropLast())) }
                },
            ]
        ),
        ForgeRule(
            "K09",
            "an unwrapped key of the wrong length",
            in: "raw-rsa-keyring/ondecrypt.4",
            cases: [
                wrongLength("pkcs1-half", isLonger: false, base: rsa(.pkcs1)),
                wrongLength("pkcs1-a-byte-more", isLonger: true, base: rsa(.pkcs1)),
                wrongLength("oaep-half", isLonger: false, base: rsa(.oaep(.sha256))),
                wrongLength("oaep-a-byte-more", isLonger: true, base: rsa(.oaep(.sha256))),
            ]
        ),
    ]

    // MARK: - Raw ECDH

    private static let ecdh: ForgeCase.Edit = {
        $0.setContext([.init(key: "stage", value: "test")])
        $0.dataKeys = [ForgedDataKey(key: .ecdh)]
        $0.reader.key = .ecdh
    }

    private static let rawECDHRules: [ForgeRule] = [
        ForgeRule(
            "K13",
            "an agreed key whose information, commitment or ciphertext was altered",
            in: "raw-ecdh-keyring/ondecrypt.6",
            "raw-ecdh-keyring/ondecrypt.7",
            "raw-ecdh-keyring/ondecrypt.8",
            "raw-ecdh-keyring/ondecrypt.9",
            "raw-ecdh-keyring/ondecrypt.10",
            "raw-ecdh-keyring/ondecrypt.11",
            "raw-ecdh-keyring/ondecrypt.12",
            "raw-ecdh-keyring/ondecrypt.13",
            "raw-ecdh-keyring/ondecrypt.14",
            "raw-ecdh-keyring/ondecrypt.15",
            "raw-ecdh-keyring/ondecrypt.17",
            "raw-ecdh-keyring/ondecrypt.23",
            "raw-ecdh-keyring/ondecrypt.25",
            "raw-ecdh-keyring/ondecrypt.27",
            "key-agreement-schemas/publickeydiscovery.5",
            "key-agreement-schemas/rawprivatekeytostaticpublickey.8",
            cases: [
                agreed("version", "The version of the key information is 2.") {
                    $0.with(info: [2] + $0.keyProviderInfo.dropFirst())
                },
                agreed("provider-id", "The key provider id is another.") { $0.with(provider: Array("raw-ecdi".utf8)) },
                agreed("recipient", "A bit of the recipient's public key is flipped.") {
                    $0.with(info: $0.keyProviderInfo.flipped(at: 20))
                },
                agreed("sender", "A bit of the sender's public key is flipped.") {
                    $0.with(info: $0.keyProviderInfo.flipped(at: $0.keyProviderInfo.count - 1))
                },
                agreed("info-short", "The key information lacks its last byte.") {
                    $0.with(info: Array($0.keyProviderInfo.dropLast()))
                },
                agreed("info-long", "A zero byte follows the key information.") {
                    $0.with(info: $0.keyProviderInfo + [0])
                },
                agreed("first-bit", "A bit of the wrapped key's first byte is flipped.") {
                    $0.with(ciphertext: $0.ciphertext.flipped(at: 0))
                },
                agreed("middle-bit", "A bit in the middle of the wrapped key is flipped.") {
                    $0.with(ciphertext: $0.ciphertext.flipped(at: $0.ciphertext.count / 2))
                },
                agreed("last-bit", "A bit of the wrapped key's last byte is flipped.") {
                    $0.with(ciphertext: $0.ciphertext.flipped(at: $0.ciphertext.count - 1))
                },
                agreed("short", "The wrapped key lacks its last byte.") {
                    $0.with(ciphertext: Array($0.ciphertext.dropLast()))
                },
                noDataKey(
                    "context",
                    "The data key is bound to another encryption context.",
                    on: .few.unsigned,
                    base: ecdh
                ) { $0.setContext([.init(key: "stage", value: "tests")]) },
            ]
        )
    ]

    private static func agreed(
        _ name: String,
        _ done: String,
        _ change: @escaping @Sendable (EncryptedDataKey) -> EncryptedDataKey
    ) -> ForgeCase {
        badKey(name, done, on: .few.unsigned, base: ecdh) { _ in ForgedDataKey(key: .ecdh, change: change) }
    }
}
