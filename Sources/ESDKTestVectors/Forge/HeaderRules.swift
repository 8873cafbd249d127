import AWSMaterialProviders
import ESDKCrypto
import MessageForge

extension ForgeRules {
    /// The rules about the header (data-format/message-header.md).
    static let headerRules = headerFieldRules + contextRules + dataKeyListRules + headerTagRules

    private typealias Entry = EncryptionContext.Entry

    // MARK: - Fields

    private static let headerFieldRules: [ForgeRule] = [
        ForgeRule(
            "H01",
            "a version other than 1 and 2",
            in: "message-header/header-body/version.1",
            cases: byteCases(.version, [0, 3, 0xFF], .unsupportedVersion, "The version")
        ),
        ForgeRule(
            "H02",
            "a type other than 128 in version 1",
            in: "message-header/type.1",
            cases: byteCases(.type, [0, 0x81, 0xFF], on: .all.version1, .unsupportedType, "The type")
        ),
        ForgeRule(
            "H03",
            "an algorithm suite that does not exist",
            in: "message-header/algorithm-suite-id.1",
            "algorithm-suites/supported-algorithm-suites.1",
            cases: suiteCases([0, 0x0179, 0xFFFF], .unknownAlgorithmSuite)
        ),
        ForgeRule(
            "H04",
            "a suite of another client, which messages may not use",
            in: "message-header/algorithm-suite-id.2",
            "decrypt/get-the-decryption-materials.6",
            "decrypt/algorithm-suite.1",
            cases: suiteCases([0x0070, 0x0074, 0x6700, 0x6701], .algorithmSuiteNotForMessages)
        ),
        ForgeRule(
            "H05",
            "a suite of the other version of the format",
            in: "message-header/header-body-version-1-0.1",
            "message-header/header-body-version-2-0.1",
            "algorithm-suites/message-format-version.1",
            cases: [
                .refused(
                    "",
                    "The suite is one of the other version; the layout is this version's, the keys are those of the suite named.",
                    on: .all.unsigned,
                    .header,
                    .algorithmSuiteVersionMismatch
                ) { forgery in
                    let other: AlgorithmSuite =
                        forgery.variant.version == 1 ? .aes256GCMHKDFSHA512CommitKey : .aes256GCMHKDFSHA256
                    let keys = try DerivedKeys(
                        .dataKey(SecretBytes(forgery.dataKey), .specification),
                        suite: other,
                        messageID: forgery.message.messageID
                    )
                    forgery.message.keys = .given(contentKey: keys.contentKey, commitment: [])
                    forgery.message.overrides[.algorithmSuiteID] = other.id.bigEndianBytes
                }
            ]
        ),
        ForgeRule(
            "H18",
            "a content type other than 1 and 2",
            in: "message-header/content-type.1",
            "decrypt/decrypt-the-message-body.3",
            cases: byteCases(.contentType, [0, 3, 0xFF], .unsupportedContentType, "The content type")
        ),
        ForgeRule(
            "H19",
            "a reserved field that is not zero",
            in: "message-header/reserved.1",
            cases: (0..<4).map { (index: Int) -> ForgeCase in
                var reserved: [UInt8] = [0, 0, 0, 0]
                reserved[3 - index] = 1
                let (name, bytes) = (index == 0 ? "" : "byte-\(4 - index)", reserved)
                return .refused(
                    name,
                    "Byte \(4 - index) of the reserved field is 1.",
                    on: index == 0 ? .all.version1 : .few.version1,
                    .header,
                    .reservedFieldNotZero
                ) { $0.message.overrides[.reserved] = bytes }
            }
        ),
        ForgeRule(
            "H20",
            "an IV length other than the suite's",
            in: "message-header/iv-length.1",
            cases: byteCases(.ivLength, [0, 11, 13], on: .all.version1, .ivLengthMismatch, "The IV length")
        ),
        ForgeRule(
            "H21",
            "a non-framed message with a frame length",
            in: "message-header/frame-length.1",
            cases: ([1, 4096] as [UInt32]).map { (length: UInt32) -> ForgeCase in
                .refused(
                    "length-\(length)",
                    "The frame length is \(length), the body is not framed.",
                    on: .all.nonFramed,
                    .header,
                    .frameLengthInNonFramedMessage
                ) { $0.message.frameLength = length }
            }
        ),
        ForgeRule(
            "H22",
            "a framed message with frame length 0",
            in: "encrypt/frame-length.1",
            cases: [
                .refused(
                    "",
                    "The frame length is 0; all plaintext is in the final frame.",
                    on: .all.framed,
                    .header,
                    .zeroFrameLength,
                    level: .should,
                    base: { $0.setPlaintext(Forgery.plaintext, .framed(64, .full)) }
                ) { $0.message.frameLength = 0 },
                .refused(
                    "empty",
                    "The frame length is 0, and the only frame is empty.",
                    on: .few,
                    .header,
                    .zeroFrameLength,
                    level: .should,
                    base: { $0.setPlaintext([], .framed(64, .full)) }
                ) { $0.message.frameLength = 0 },
            ]
        ),
        ForgeRule(
            "H23",
            "algorithm suite data of another length",
            in: "message-header/algorithm-suite-data.1",
            cases: [
                .refused(
                    "shorter",
                    "The key commitment lacks its last byte.",
                    on: .all.version2,
                    .commitment,
                    .commitmentMismatch
                ) { $0.message.overrides[.commitment] = try $0.commitment().dropLast() },
                .refused(
                    "longer",
                    "A zero byte follows the key commitment.",
                    on: .all.version2,
                    .headerTag,
                    .headerTagMismatch
                ) { $0.message.overrides[.commitment] = try $0.commitment() + [0] },
            ]
        ),
        ForgeRule(
            "H27",
            "Base64 text of a message",
            in: "decrypt/encrypted-message-format.1",
            cases: [
                .refused("", "The message is Base64 text.", .header, .base64EncodedMessage, level: .should) {
                    $0.alterations.append { bytes, _ in bytes = Array(Base64.encode(bytes).utf8) }
                }
            ]
        ),
    ]

    // MARK: - Encryption context

    private static let contextRules: [ForgeRule] = [
        ForgeRule(
            "H06",
            "an empty context with a length, in any form but the length 2 and the count 0, which is read",
            in: "message-header/key-value-pairs-length.1",
            "structures/key-value-pair-count.1",
            cases: [
                .opens(
                    "count-0",
                    "The empty context is written as the length 2 and the count 0.",
                    on: .all.unsigned,
                    flags: [.legacy]
                ) {
                    $0.setContext([])
                    $0.message.emptyContextForm = .zeroCount
                },
                .refused(
                    "length-3",
                    "The empty context is written as the length 3, the count 0 and a zero byte.",
                    on: .all.unsigned,
                    .header,
                    .emptyEncryptionContextWithLength,
                    base: { $0.setContext([]) }
                ) {
                    $0.message.overrides[.encryptionContextLength] = [0, 3]
                    $0.message.overrides[.encryptionContextCount] = [0, 0, 0]
                },
                .refused(
                    "length-1",
                    "The context has the length 1.",
                    on: .few.unsigned,
                    .header,
                    .encryptionContextTooShort,
                    base: { $0.setContext([]) }
                ) {
                    $0.message.overrides[.encryptionContextLength] = [0, 1]
                    $0.message.overrides[.encryptionContextCount] = [0]
                },
            ]
        ),
        ForgeRule(
            "H07",
            "pairs behind the context length 0: everything after them shifts",
            in: "message-header/key-value-pairs.1",
            cases: [
                .refused(
                    "",
                    "The length of the context is 0, its pairs follow.",
                    on: .all.unsigned,
                    .header,
                    .unsupportedContentType
                ) { $0.message.overrides[.encryptionContextLength] = [0, 0] }
            ]
        ),
        ForgeRule(
            "H08",
            "a pair count or a text length beyond the context",
            in: "structures/serialization.2",
            cases: [
                .refused("count", "The count is one more than there are pairs.", .header, .encryptionContextTooShort) {
                    let count = UInt16($0.message.encryptionContext.count + 1)
                    $0.message.overrides[.encryptionContextCount] = count.bigEndianBytes
                },
                .refused(
                    "value-length",
                    "The length of the last value is one more than it has.",
                    on: .few,
                    .header,
                    .encryptionContextTooShort
                ) {
                    let last = $0.message.encryptionContext.count - 1
                    let length = UInt16($0.message.encryptionContext[last].valueBytes.count + 1)
                    $0.message.overrides[.encryptionContext(pair: last, .valueLength)] = length.bigEndianBytes
                },
            ]
        ),
        ForgeRule(
            "H09",
            "bytes behind the last pair",
            in: "structures/serialization.2",
            cases: [
                .refused(
                    "",
                    "A zero byte follows the last pair, and the length of the context counts it.",
                    .header,
                    .encryptionContextTrailingBytes
                ) {
                    let last = $0.message.encryptionContext.count - 1
                    let value = $0.message.encryptionContext[last].valueBytes
                    $0.message.overrides[.encryptionContext(pair: last, .value)] = value + [0]
                    let length = UInt16(value.count).bigEndianBytes
                    $0.message.overrides[.encryptionContext(pair: last, .valueLength)] = length
                }
            ]
        ),
        ForgeRule(
            "H10",
            "a context key that stands twice with the same value",
            in: "structures/key-value-pair-entries.1",
            cases: [duplicate("", "v", "v", on: .all)]
        ),
        ForgeRule(
            "H11",
            "a context key that stands twice with different values",
            in: "structures/key-value-pair-entries.1",
            cases: [duplicate("ascending", "1", "2", on: .all), duplicate("descending", "2", "1", on: .few)]
        ),
        ForgeRule(
            "H12",
            "nothing: unsorted keys are read",
            in: "structures/key-value-pair-entries.2",
            cases: [
                .opens("", "The pairs stand in descending order.") {
                    $0.setContext(["a", "\u{E9}", "\u{E000}", "\u{10000}"].map { Entry(key: $0, value: "value") })
                    $0.message.encryptionContext.reverse()
                }
            ]
        ),
        ForgeRule(
            "H13",
            "a key or value that is not UTF-8",
            cases: [
                ("lone-surrogate", "a lone surrogate", [0xED, 0xA0, 0x80]),
                ("overlong", "an overlong zero", [0xC0, 0x80]),
                ("ff", "the byte FF", [0xFF]), ("cut-off", "a sequence that is cut off", [0x61, 0xC3]),
                ("beyond", "a code point beyond 10FFFF", [0xF4, 0x90, 0x80, 0x80]),
            ].flatMap { (name: String, what: String, text: [UInt8]) -> [ForgeCase] in
                let variants: [ForgeVariant] = name == "lone-surrogate" ? .all : .few
                return [
                    .refused("key-\(name)", "A key is \(what).", on: variants, .header, .invalidEncryptionContextText) {
                        $0.message.encryptionContext.append(Entry(keyBytes: text, valueBytes: [0x76]))
                    },
                    .refused(
                        "value-\(name)",
                        "A value is \(what).",
                        on: variants,
                        .header,
                        .invalidEncryptionContextText
                    ) { $0.message.encryptionContext.append(Entry(keyBytes: [0x7A], valueBytes: text)) },
                ]
            }
        ),
        ForgeRule(
            "H14",
            "a context length beyond the input",
            in: "decrypt/behavior.6",
            cases: [
                .refused("", "The length of the context is 65,535.", .header, .truncatedMessage) {
                    $0.message.overrides[.encryptionContextLength] = [0xFF, 0xFF]
                }
            ]
        ),
        ForgeRule(
            "H29",
            "nothing: keys that are names of members in some language are read",
            cases: ["__proto__", "constructor", "hasOwnProperty", "toString"].map { (key: String) -> ForgeCase in
                .opens(
                    key.lowercased().filter(\.isLetter),
                    "The context has the key \(key).",
                    on: key == "__proto__" ? .all : .few
                ) { $0.setContext([Entry(key: key, value: "value"), Entry(key: "stage", value: "test")]) }
            }
        ),
        ForgeRule(
            "H30",
            "nothing: an empty value is read",
            in: "structures/serialization.2",
            cases: [
                .opens("", "A value is empty.") { $0.setContext([Entry(key: "stage", value: "")]) }
            ]
        ),
        ForgeRule(
            "H31",
            "nothing: long values are read, up to the longest that the length of the context allows",
            in: "structures/serialization.2",
            cases: [(32_767, 1), (32_768, 1), (65_528, 2)].map { (length: Int, version: Int) -> ForgeCase in
                .opens(
                    "value-\(length)",
                    "A value has \(length) bytes.",
                    on: .all.unsigned.framed.filter { $0.version == version }
                ) {
                    $0.setContext([
                        Entry(keyBytes: [0x6B], valueBytes: [UInt8](repeating: 0x76, count: length))
                    ])
                }
            }
        ),
    ]

    // MARK: - Encrypted data keys

    private static let dataKeyListRules: [ForgeRule] = [
        ForgeRule(
            "H15",
            "a message without encrypted data keys",
            in: "message-header/encrypted-data-key-count.1",
            cases: [
                .refused("", "There are no encrypted data keys.", .header, .noEncryptedDataKeys) { $0.dataKeys = [] }
            ]
        ),
        ForgeRule(
            "H17",
            "a part of an encrypted data key that runs past the input",
            in: "decrypt/behavior.6",
            cases: [
                ("provider-id", "key provider id", MessageField.DataKeyPart.keyProviderIDLength),
                ("provider-info", "key provider information", .keyProviderInfoLength),
                ("ciphertext", "encrypted data key", .ciphertextLength),
            ].map { (name: String, what: String, field: MessageField.DataKeyPart) -> ForgeCase in
                .refused(
                    name,
                    "The length of the \(what) is 65,535.",
                    on: name == "ciphertext" ? .all : .few,
                    .header,
                    .truncatedMessage
                ) { $0.message.overrides[.encryptedDataKey(0, field)] = [0xFF, 0xFF] }
            }
        ),
    ]

    // MARK: - The tag

    private static let tenant = Entry(key: "tenant", value: "42")

    private static let headerTagRules: [ForgeRule] = [
        ForgeRule(
            "H24",
            "a wrong header tag or header IV",
            in: "decrypt/verify-the-header.1",
            "decrypt/verify-the-header.4",
            "decrypt/verify-the-header.5",
            "decrypt/verify-the-header.6",
            cases: [
                .refused("tag", "A bit of the header's tag is flipped.", .headerTag, .headerTagMismatch) {
                    $0.flip(.headerTag)
                },
                .refused(
                    "iv",
                    "A bit of the header's IV is flipped.",
                    on: .all.version1,
                    .headerTag,
                    .headerTagMismatch
                ) { $0.flip(.headerIV) },
                .refused(
                    "message-id",
                    "A bit of the message id is flipped; what it is bound to is not the same any more.",
                    on: .all.version1.unsigned,
                    .headerTag,
                    .headerTagMismatch
                ) { $0.flip(.messageID) },
            ]
        ),
        ForgeRule(
            "H25",
            "a header tag that covers required pairs wrongly",
            in: "decrypt/verify-the-header.2",
            "decrypt/verify-the-header.3",
            cases: [
                .refused(
                    "left-out",
                    "The tag of the header does not cover the required pair.",
                    .headerTag,
                    .headerTagMismatch,
                    base: requireTenant
                ) { $0.headerTagSuffix = [] },
                .refused(
                    "without-count",
                    "The tag of the header covers the required pair without its count.",
                    on: .few,
                    .headerTag,
                    .headerTagMismatch,
                    base: requireTenant
                ) { $0.headerTagSuffix = Array(Forgery.serialized([tenant]).dropFirst(2)) },
                .refused(
                    "added",
                    "The tag of the header covers a pair that nobody requires.",
                    .headerTag,
                    .headerTagMismatch
                ) { $0.headerTagSuffix = Forgery.serialized([tenant]) },
                .refused(
                    "stored-pair",
                    "The tag of the header covers the stored pairs once more.",
                    on: .few,
                    .headerTag,
                    .headerTagMismatch
                ) { $0.headerTagSuffix = Forgery.serialized($0.message.encryptionContext) },
                .refused(
                    "count-0",
                    "The tag of the header covers the count 0 where no pair is required.",
                    on: .few,
                    .headerTag,
                    .headerTagMismatch
                ) { $0.headerTagSuffix = [0, 0] },
            ]
        ),
        ForgeRule(
            "H26",
            "an input that ends inside the header",
            in: "decrypt/behavior.6",
            "decrypt/parse-the-header.1",
            "decrypt/parse-the-header.2",
            "decrypt/parse-the-header.4",
            cases: [
                .refused("nothing", "The message is empty.", on: .few, .header, .truncatedMessage) {
                    $0.alterations.append { bytes, _ in bytes = [] }
                }
            ]
                + [
                    ("suite-id", "algorithm suite id", MessageField.algorithmSuiteID),
                    ("message-id", "message id", .messageID),
                    ("context-length", "length of the context", .encryptionContextLength),
                    ("context", "context", .encryptionContext(pair: 0, .value)),
                    ("data-key-count", "count of encrypted data keys", .encryptedDataKeyCount),
                    ("data-key", "encrypted data key", .encryptedDataKey(0, .ciphertext)),
                    ("content-type", "content type", .contentType), ("frame-length", "frame length", .frameLength),
                    ("tag", "tag", .headerTag),
                ].map { (name: String, what: String, field: MessageField) -> ForgeCase in
                    .refused(
                        name,
                        "The message ends one byte before the end of the \(what).",
                        on: name == "tag" ? .all : .few,
                        .header,
                        .truncatedMessage
                    ) { $0.cut(in: field) }
                }
        ),
        ForgeRule(
            "P19",
            "required context that is left out, altered or added to",
            in: "encrypt/construct-the-header.7",
            "encrypt/construct-the-header.17",
            "encrypt/construct-the-header.24",
            "encrypt/construct-the-header.25",
            "cmm-interface/decrypt-materials.10",
            "cmm-interface/decrypt-materials.12",
            cases: [
                ("left-out", "The reader does not supply the required pair.", [] as [Entry]),
                (
                    "other-value", "The reader supplies the required pair with another value.",
                    [Entry(key: "tenant", value: "43")]
                ),
                (
                    "added", "The reader supplies a pair that the message does not require.",
                    [tenant, Entry(key: "zone", value: "1")]
                ),
            ].map { (name: String, done: String, supplied: [Entry]) -> ForgeCase in
                .refused(
                    name,
                    done,
                    .headerTag,
                    .headerTagMismatch,
                    base: {
                        // RSA does not bind the context: the data key opens all the same, and only the header's tag can tell.
                        try requireTenant(&$0)
                        $0.dataKeys = [ForgedDataKey(key: .rsa(.oaep(.sha256)))]
                        $0.reader.key = .rsa(.oaep(.sha256))
                    }
                ) {
                    $0.reader.context = supplied
                    $0.reader.requiredKeys = supplied.map(\.key)
                }
            }
        ),
    ]

    private static let requireTenant: ForgeCase.Edit = {
        $0.requiredContext = [tenant]
        $0.reader.context = [tenant]
        $0.reader.requiredKeys = [tenant.key]
    }

    // MARK: - Cases of one kind

    /// A field of one byte with other values.
    private static func byteCases(
        _ field: MessageField,
        _ values: [UInt8],
        on variants: [ForgeVariant] = .all,
        _ code: EncryptionSDKError.Code,
        _ what: String
    ) -> [ForgeCase] {
        values.map { (value: UInt8) -> ForgeCase in
            .refused(
                "value-\(Hex.encode([value]))",
                "\(what) is \(value).",
                on: value == values[0] ? variants : variants.filter([ForgeVariant].few.contains),
                .header,
                code
            ) { $0.message.overrides[field] = [value] }
        }
    }

    /// The id of another algorithm suite.
    private static func suiteCases(_ ids: [UInt16], _ code: EncryptionSDKError.Code) -> [ForgeCase] {
        ids.map { (id: UInt16) -> ForgeCase in
            .refused(
                "suite-\(Hex.encode(id.bigEndianBytes))",
                "The algorithm suite id is \(AlgorithmSuite.text(ofID: id)).",
                on: id == ids[0] ? .all : .few,
                .header,
                code
            ) { $0.message.overrides[.algorithmSuiteID] = id.bigEndianBytes }
        }
    }

    private static func duplicate(
        _ name: String,
        _ first: String,
        _ second: String,
        on variants: [ForgeVariant]
    ) -> ForgeCase {
        .refused(
            name,
            "The key z stands twice, with the values \(first) and \(second).",
            on: variants,
            .header,
            .duplicateEncryptionContextKey,
            base: { $0.setContext([Entry(key: "z", value: second)]) }
        ) {
            let last = $0.message.encryptionContext.count - 1
            $0.message.encryptionContext.insert(Entry(key: "z", value: first), at: last)
        }
    }
}

extension Forgery {
    /// The right key commitment.
    fileprivate func commitment() throws -> [UInt8] {
        try DerivedKeys(
            .dataKey(SecretBytes(dataKey), .specification),
            suite: message.algorithmSuite,
            messageID: message.messageID
        ).commitment
    }
}
