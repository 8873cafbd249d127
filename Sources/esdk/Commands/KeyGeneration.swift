import AWSEncryptionSDK
import ESDKCrypto
import ESDKSystem

extension Command {
    /// `esdk keygen`: makes wrapping keys.
    static let keyGeneration = group("keygen", "Wrapping keys", [.rawAESKey, .rawRSAKey, .rawECDHKey])

    private static let rawAESKey = keyGeneration(
        "raw-aes",
        "make an AES key",
        description: "Makes a key for a raw AES keyring: random bytes.",
        options: [
            .choice("bits", "BITS", of: KeyGenerationOptions.AESBits.self, help: "128, 192 or 256 (default: 256)") {
                $0.aesBits = $1
            },
            .choice(
                "format",
                "FORMAT",
                of: KeyGenerationOptions.AESFormat.self,
                help: "raw bytes, or hex text (default: hex)"
            ) { $0.aesFormat = $1 },
        ],
        examples: [
            ("esdk keygen raw-aes -o my.key", "Make a key, and see how to use it"),
            (
                "esdk keygen raw-aes --bits 128 --format raw -o my.key",
                "Make a file of 16 bytes, as other programs want it"
            ),
        ],
        run: { try $0.rawAES() }
    )

    private static let rawRSAKey = keyGeneration(
        "raw-rsa",
        "make an RSA key pair",
        description:
            "Makes a key pair for a raw RSA keyring: FILE gets the private key (PKCS #8, PEM), FILE.pub the public key "
            + "(SubjectPublicKeyInfo, PEM), with which others encrypt.",
        options: [
            .choice("bits", "BITS", of: KeyGenerationOptions.RSABits.self, help: "2048, 3072 or 4096 (default: 3072)") {
                $0.rsaBits = $1
            }
        ],
        examples: [("esdk keygen raw-rsa -o my.pem", "Make my.pem and my.pem.pub")],
        run: { try $0.rawRSA() }
    )

    private static let rawECDHKey = keyGeneration(
        "raw-ecdh",
        "make an elliptic-curve key pair",
        description:
            "Makes a key pair for a raw ECDH keyring: FILE gets the private key (PKCS #8, PEM), FILE.pub the public key "
            + "(SubjectPublicKeyInfo, PEM), to which others encrypt.",
        options: [
            .choice(
                "curve",
                "CURVE",
                of: KeyGenerationOptions.Curve.self,
                help: "P-256, P-384 or P-521 (default: P-256)"
            ) { $0.curve = $1 }
        ],
        examples: [("esdk keygen raw-ecdh --curve P-384 -o my.pem", "Make my.pem and my.pem.pub")],
        run: { try $0.rawECDH() }
    )

    private static func keyGeneration(
        _ name: String,
        _ summary: String,
        description: String,
        options: [Option<KeyGenerationOptions>],
        examples: [(line: String, does: String)],
        run: @escaping @Sendable (KeyGenerationRun) throws -> Void
    ) -> Command {
        Command(
            name: name,
            summary: summary,
            body: .action(
                Action(
                    description: description,
                    operands: .none,
                    values: KeyGenerationOptions.init,
                    options: [
                        OptionSection("Key", options + (name == "raw-ecdh" ? [] : KeyGenerationOptions.names)),
                        KeyGenerationOptions.output,
                    ],
                    notes: [
                        "A file with a secret is made so that only its owner can read it (mode 0600). Without -o, the secret goes to "
                            + "standard output. How the key is written after --key is printed.",
                        "Keep a copy of the key in a safe place: what was encrypted under it cannot be read without it.",
                    ],
                    exitCodes: [
                        .success: "the key was made", .unusable: "wrong usage, or a file that cannot be written",
                    ],
                    examples: examples
                ) { options, _ in
                    try run(KeyGenerationRun(options))
                    return .success
                }
            )
        )
    }
}

/// What the options of `keygen` say.
struct KeyGenerationOptions: Sendable {
    enum AESBits: String, CaseIterable, Sendable {
        case bits128 = "128"
        case bits192 = "192"
        case bits256 = "256"
    }

    enum AESFormat: String, CaseIterable, Sendable {
        case raw
        case hex
    }

    enum RSABits: String, CaseIterable, Sendable {
        case bits2048 = "2048"
        case bits3072 = "3072"
        case bits4096 = "4096"
    }

    enum Curve: String, CaseIterable, Sendable {
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"

        var curve: EllipticCurve {
            switch self {
            case .p256: .p256
            case .p384: .p384
            case .p521: .p521
            }
        }
    }

    fileprivate(set) var aesBits = AESBits.bits256
    fileprivate(set) var aesFormat = AESFormat.hex
    fileprivate(set) var rsaBits = RSABits.bits3072
    fileprivate(set) var curve = Curve.p256
    fileprivate(set) var output: SystemPath?
    fileprivate(set) var replacesFiles = false
    fileprivate(set) var namespace: String?
    fileprivate(set) var name: String?

    /// Names that a raw key has in messages; a key for key agreement has none.
    fileprivate static let names: [Option<Self>] = [
        nameOption("namespace", help: "The key's namespace in messages, for what is printed (default: esdk)") {
            $0.namespace = $1
        },
        nameOption("name", help: "The key's name in messages, for what is printed (default: that of the file)") {
            $0.name = $1
        },
    ]

    private static func nameOption(
        _ name: String,
        help: String,
        apply: @escaping @Sendable (inout Self, String) -> Void
    ) -> Option<Self> {
        .text(name, ArgumentForm(name: "TEXT"), help: help) { values, text in
            guard !text.isEmpty, !text.contains(",") else {
                throw UsageError("a name without commas is needed; with commas it cannot be written after --key")
            }
            apply(&values, text)
        }
    }

    fileprivate static let output = OptionSection<Self>(
        "Files",
        [
            .path(
                "output",
                letter: "o",
                ArgumentForm(name: "FILE", kind: .path),
                help: "The file to write; it must not exist"
            ) { $0.output = $1 },
            .flag("force", help: "Replace files that are there: what was encrypted under them is lost") {
                $0.replacesFiles = true
            },
        ]
    )
}

/// Makes one key.
private struct KeyGenerationRun {
    private let options: KeyGenerationOptions
    private let output: SystemPath?

    init(_ options: KeyGenerationOptions) {
        self.options = options
        output = options.output == "-" ? nil : options.output
    }

    func rawAES() throws {
        let bits = Int(options.aesBits.rawValue) ?? 256
        let key = try SystemRandomSource().secretBytes(bits / 8)
        let isText = options.aesFormat == .hex
        guard isText || output != nil || !FileDescriptor.standardOutput.isTerminal else {
            throw UsageError("raw bytes are not written to a terminal; give -o FILE, or --format hex")
        }
        try write([(output, isText ? Hex.secretLine(key.span) : key, isSecret: true)])
        tell([("", "raw-aes:\(names),file=\(place)")])
    }

    func rawRSA() throws {
        let key = try RSAPrivateKey.generate(modulusBits: Int(options.rsaBits.rawValue) ?? 3_072)
        try write([(output, key.pem(), isSecret: true)] + publicFile(key.publicKeyPEM()))
        let spelling = "raw-rsa:\(names),padding=oaep-sha256,file="
        tell([("to encrypt: ", spelling + publicPlace), ("to decrypt: ", spelling + place)])
    }

    func rawECDH() throws {
        let key = try ECPrivateKey.generate(options.curve.curve)
        try write([(output, key.pem(), isSecret: true)] + publicFile(key.publicKeyPEM()))
        let curve = "curve=\(options.curve.rawValue)"
        tell([
            ("to encrypt: ", "raw-ecdh:scheme=ephemeral,\(curve),public=\(publicPlace)"),
            ("to decrypt: ", "raw-ecdh:scheme=discovery,\(curve),private=\(place)"),
        ])
    }

    // MARK: - Files

    private typealias File = (path: SystemPath?, content: SecretBytes, isSecret: Bool)

    private var publicPath: SystemPath? { output.map { SystemPath(bytes: $0.bytes + Array(".pub".utf8)) } }

    private func publicFile(_ pem: SecretBytes) -> [File] { publicPath.map { [($0, pem, isSecret: false)] } ?? [] }

    /// Writes all files, or none when one of them may not be written.
    private func write(_ files: [File]) throws {
        let outputs = try files.map(prepare)
        for output in outputs { try output?.commit() }
    }

    /// A file's content on its way to its place; nil when it went to standard output.
    private func prepare(_ file: File) throws -> FileOutput? {
        let content = file.content
        guard let path = file.path else {
            try FileDescriptor.standardOutput.writeAll(content.span)
            return nil
        }
        var rules = FileOutput.Rules()
        rules.replacesFiles = options.replacesFiles
        rules.followsLinks = options.replacesFiles
        rules.isPrivate = file.isSecret
        // A key is secret whatever was there before.
        rules.keepsPermissions = false
        do throws(SystemError) {
            let output = try FileOutput(path, rules)
            try output.file.writeAll(content.span)
            return output
        } catch {
            guard error.isAboutExistingFile else { throw error }
            throw UsageError(
                "\(path) is there already; take another name, or --force to replace it: what was encrypted under it is lost then"
            )
        }
    }

    // MARK: - How to use it

    private var names: String {
        let fileName = output.flatMap(\.lastComponent.string).map {
            $0.split(separator: ".").first.map(String.init) ?? $0
        }
        let name = options.name ?? fileName.flatMap { $0.contains(",") ? nil : $0 } ?? "NAME"
        return "namespace=\(options.namespace ?? "esdk"),name=\(name)"
    }

    private var place: String { output.map(\.description) ?? "FILE" }
    private var publicPlace: String { publicPath.map(\.description) ?? "FILE" }

    /// A spelling for a shell, without quotation marks where none are needed.
    private static func word(_ spelling: String) -> String {
        let isPlain = spelling.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || "0123456789:=,.-_/@+".utf8.contains(byte)
        }
        return isPlain ? spelling : TerminalText.shellWord(spelling)
    }

    /// Prints how the key is spelled: to standard error where standard output has the key.
    private func tell(_ spellings: [(use: String, spelling: String)]) {
        let text = spellings.map { "\($0.use)--key \(Self.word($0.spelling))\n" }.joined()
        if output == nil { Terminal.progress(text) } else { Terminal.write(text) }
    }
}
