import AWSEncryptionSDK
import ESDKSystem
import ESDKTestVectors
import Glibc

/// What is done with files.
enum FileTask: Sendable {
    case encrypt
    case decrypt
    /// Decrypt messages that depart from the specification.
    case rescue

    /// Whether the inputs are messages.
    var readsMessages: Bool { self != .encrypt }
}

/// The options of `encrypt`, `decrypt` and `rescue`.
struct FileOptions: Sendable {
    let task: FileTask
    var keys = KeyOptions()

    // Files
    private(set) var output: SystemPath?
    private(set) var replacesFiles = false
    private(set) var isRecursive = false
    private var givenSuffix: [UInt8]?
    private(set) var isInputBase64 = false
    private(set) var isOutputBase64 = false
    private var isVerifying = false
    private(set) var releasesUnverified = false
    /// The part of the plaintext that is wanted, in bytes; nil for all of it.
    private(set) var range: Range<UInt64>?
    private(set) var readsSignedRanges = false

    // Messages
    private(set) var context: [(key: String, value: String)] = []
    /// The keys of these pairs in UTF-8, which is how they are told apart.
    private var contextKeys: Set<[UInt8]> = []
    /// Context keys that a message must have, whatever their values.
    private(set) var presentContextKeys: [String] = []
    private(set) var requiredContextKeys: [String] = []
    private var refusesSigned = false
    private(set) var suite: AlgorithmSuite?
    private(set) var frameLength = EncryptionSDK.defaultFrameLength
    private var policy = CommitmentPolicy.requireEncryptRequireDecrypt
    private var maximumEncryptedDataKeys: Int?
    private var caching: CachingOptions?

    // Rescue
    /// What may be undone; none to try everything and only say what would help.
    private(set) var deviations: Set<Deviation> = []
    /// The keys of the messages that are written in place of plaintext; nil for plaintext.
    private(set) var rewrapKeys: KeyOptions?

    // Running
    private var givenJobs: Int?
    private(set) var isQuiet = false
    /// Where a line of JSON for each file goes; `-` for standard output.
    private(set) var metadataPath: SystemPath?

    init(_ task: FileTask) { self.task = task }

    /// What encrypted files are called: `.esdk` is added when they are made, and dropped when they are opened.
    var suffix: [UInt8] { givenSuffix ?? Array(".esdk".utf8) }

    /// How many files are worked on at the same time.
    ///
    /// - Parameter isWaiting: whether most of the time is spent waiting for an answer of AWS.
    func jobs(waitingForAWS isWaiting: Bool) -> Int {
        givenJobs ?? max(isWaiting ? Self.waitingJobs : 1, Self.cores)
    }

    private static let waitingJobs = 8
    private static let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    /// More threads would wait for the disk, and take memory.
    private static let maximumParallelism = 8

    /// Whether nothing is written.
    var verifiesOnly: Bool { isVerifying || task == .rescue && deviations.isEmpty }

    /// The client.
    ///
    /// - Parameters:
    ///   - retryPolicy: whether messages of ESDK-NET 4.0.0 may be read by its rules.
    ///   - jobs: how many files are worked on at the same time; cores that they would leave idle share the work on each.
    func client(retryPolicy: NetV4_0_0RetryPolicy = .forbidRetry, jobs: Int = .max) throws(EncryptionSDKError)
        -> EncryptionSDK
    {
        // Where only a diagnosis is wanted, the policy is part of it.
        let isDiagnosis = task == .rescue && deviations.isEmpty
        return try EncryptionSDK(
            commitmentPolicy: isDiagnosis ? .requireEncryptAllowDecrypt : policy,
            maximumEncryptedDataKeys: maximumEncryptedDataKeys,
            netV4_0_0RetryPolicy: retryPolicy,
            parallelism: min(max(Self.cores / max(jobs, 1), 1), Self.maximumParallelism)
        )
    }

    /// Whether the policy refuses to decrypt messages of a suite.
    func refuses(_ suite: AlgorithmSuite) -> Bool { policy == .requireEncryptRequireDecrypt && !suite.isCommitting }

    /// The pairs of the options.
    func encryptionContext() throws(EncryptionSDKError) -> EncryptionContext {
        try EncryptionContext(uniqueKeysWithValues: context.map { ($0.key, $0.value) })
    }

    /// A keyring as a materials manager that obeys the options.
    ///
    /// - Parameters:
    ///   - keyring: the keyring.
    ///   - contextKeys: context keys that its description requires.
    func materialsManager(
        over keyring: any Keyring,
        requiring contextKeys: [String]
    ) throws -> any CryptographicMaterialsManager {
        var manager: any CryptographicMaterialsManager = keyring
        if let caching { manager = try caching.manager(over: manager) }
        let required = requiredContextKeys + contextKeys.filter { !requiredContextKeys.contains($0) }
        if !required.isEmpty {
            manager = try RequiredEncryptionContextCMM(requiredEncryptionContextKeys: required, underlying: manager)
        }
        guard !presentContextKeys.isEmpty || refusesSigned else { return manager }
        return HeaderRules(contextKeys: presentContextKeys, refusesSigned: refusesSigned, underlying: manager)
    }

    // MARK: - The options

    /// The options of a task.
    static func sections(_ task: FileTask) -> [OptionSection<Self>] {
        switch task {
        case .encrypt: [files(task), encryption, KeyOptions.section.of(\.keys), running]
        case .decrypt: [files(task), decryption, KeyOptions.section.of(\.keys), running]
        case .rescue: [rescue, files(task), rescuedMessages, KeyOptions.section.of(\.keys), running]
        }
    }

    private static func files(_ task: FileTask) -> OptionSection<Self> {
        let verify = Option<Self>.flag(
            "verify",
            help: "Write nothing: only say whether the messages open, and what they are"
        ) { $0.isVerifying = true }
        let other: [Option<Self>] =
            switch task {
            case .encrypt:
                [
                    .flag("base64", help: "Write messages as Base64 text") { $0.isOutputBase64 = true },
                    .flag("encode", help: "The same") { $0.isOutputBase64 = true },
                    .flag("decode", help: "Read Base64 text, and encrypt what it stands for") {
                        $0.isInputBase64 = true
                    },
                ]
            case .rescue: [verify]
            case .decrypt:
                [
                    verify,
                    .flag(
                        "release-unverified",
                        help:
                            "Write a signed message to a pipe or device before its signature, at the end, has been checked"
                    ) { $0.releasesUnverified = true },
                    .text(
                        "range",
                        ArgumentForm(name: "OFFSET:LENGTH"),
                        help:
                            "Only this part of the plaintext, in bytes, or OFFSET: for the rest: reads just the frames that hold "
                            + "it, from a regular file"
                    ) { $0.range = try Self.range($1) },
                    .flag(
                        "signature-not-verified",
                        help: "With --range, read a signed message although its signature cannot be checked"
                    ) { $0.readsSignedRanges = true },
                    .flag("base64", help: "Read messages as Base64 text") { $0.isInputBase64 = true },
                    .flag("decode", help: "The same") { $0.isInputBase64 = true },
                    .flag("encode", help: "Write plaintext as Base64 text") { $0.isOutputBase64 = true },
                ]
            }
        return OptionSection(
            "Files",
            [
                .path(
                    "output",
                    letter: "o",
                    ArgumentForm(name: "OUT", kind: .path),
                    help: "The file to write, or the folder for several; - for standard output"
                ) { $0.output = $1 },
                .flag("force", letter: "f", help: "Replace files that exist, and follow symbolic links") {
                    $0.replacesFiles = true
                },
                .flag("recursive", letter: "r", help: "Take the files in folders, and in the folders in them") {
                    $0.isRecursive = true
                },
                .text(
                    "suffix",
                    ArgumentForm(name: "TEXT"),
                    help: task == .encrypt
                        ? "What is added to names (default: .esdk)"
                        : "What is dropped from names (default: .esdk); '' to keep them"
                ) { values, text in
                    guard !text.contains("/") else { throw UsageError("a suffix has no slash") }
                    values.givenSuffix = Array(text.utf8)
                },
            ] + other
        )
    }

    private static let rescue = OptionSection<Self>(
        "Rescue",
        [
            .choice(
                "as",
                "DEVIATION",
                of: Deviation.self,
                help: "What may be undone, as below (repeatable); without it, everything is tried and nothing written"
            ) { $0.deviations.insert($1) },
            .flag("rewrap", help: "Write clean messages instead of plaintext, under the same keys") { values in
                if values.rewrapKeys == nil { values.rewrapKeys = KeyOptions() }
            },
            KeyOptions.option("to", help: "A key of those messages, instead (repeatable); implies --rewrap")
                .of(\.rewrapKeysOrNone),
        ]
    )

    /// Each message is tried anew, so there is nothing to cache.
    private static let rescuedMessages = OptionSection<Self>(
        decryption.title,
        decryption.options.filter { $0.form.name != "caching" }
    )

    private var rewrapKeysOrNone: KeyOptions {
        get { rewrapKeys ?? KeyOptions() }
        set { rewrapKeys = newValue }
    }

    private static let encryption = OptionSection<Self>(
        "Messages",
        [
            .text(
                "context",
                letter: "c",
                ArgumentForm(name: "KEY=VALUE"),
                help: "A pair of the encryption context, authenticated and readable by everyone (repeatable)"
            ) { values, text in
                guard let pair = ContextPair.parse(text) else { throw UsageError("KEY=VALUE is needed, not '\(text)'") }
                try values.addContext(pair)
            },
            .text(
                "required-context-key",
                ArgumentForm(name: "KEY"),
                help: "Authenticate the pair of KEY without storing it: who decrypts must know it (repeatable)"
            ) { $0.requiredContextKeys.append($1) },
            .text(
                "suite",
                ArgumentForm(name: "SUITE"),
                help: "The algorithm suite, by id or name: \(AlgorithmSuite.all.map(\.idText).joined(separator: ", ")) "
                    + "(default: 0578)"
            ) { $0.suite = try AlgorithmSuite(spelled: $1) },
            .number(
                "frame-length",
                "BYTES",
                in: 1...Int(UInt32.max),
                help: "The length of a frame (default: \(EncryptionSDK.defaultFrameLength))"
            ) { $0.frameLength = $1 },
        ] + both
    )

    private static let decryption = OptionSection<Self>(
        "Messages",
        [
            .text(
                "context",
                letter: "c",
                ArgumentForm(name: "KEY[=VALUE]"),
                help: "A pair, or just a key, that the encryption context must have (repeatable)"
            ) { values, text in
                if let pair = ContextPair.parse(text) {
                    try values.addContext(pair)
                } else {
                    values.presentContextKeys.append(text)
                }
            },
            .text(
                "required-context-key",
                ArgumentForm(name: "KEY"),
                help: "Insist that --context gives the pair of KEY (repeatable)"
            ) { $0.requiredContextKeys.append($1) },
            .flag("unsigned", help: "Refuse signed messages") { $0.refusesSigned = true },
        ] + both
    )

    private static let both: [Option<Self>] = [
        .choice(
            "commitment-policy",
            "POLICY",
            of: CommitmentPolicy.self,
            help: CommitmentPolicy.allCases.map(\.rawValue).joined(separator: ", ") + " (default: the last)"
        ) { $0.policy = $1 },
        .number("max-edks", "N", in: 1...Int(UInt16.max), help: "Refuse messages with more encrypted data keys than N")
        {
            $0.maximumEncryptedDataKeys = $1
        },
        .text(
            "caching",
            ArgumentForm(name: "LIMITS"),
            help: "Use a data key for several files: age=SECONDS[,messages=N][,bytes=N][,capacity=N]"
        ) { $0.caching = try CachingOptions($1) },
    ]

    private static let running = OptionSection<Self>(
        "Running and reporting",
        [
            .number(
                "jobs",
                letter: "j",
                "N",
                in: 1...1024,
                help:
                    "Work on N files at the same time (default: the number of cores; with AWS at least \(waitingJobs))"
            ) {
                $0.givenJobs = $1
            },
            .flag("json", help: "Write a line of JSON for each file to standard output") { $0.metadataPath = "-" },
            .path(
                "metadata-output",
                ArgumentForm(name: "FILE", kind: .path),
                help: "Append those lines to FILE"
            ) { $0.metadataPath = $1 },
            .flag("quiet", letter: "q", help: "Print only failures") { $0.isQuiet = true },
        ]
    )

    private static func range(_ text: String) throws(UsageError) -> Range<UInt64> {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let length = parts.last == "" ? UInt64.max : parts.last.flatMap { UInt64(digits: $0) }
        guard parts.count == 2, let offset = UInt64(digits: parts[0]), let length else {
            throw UsageError("OFFSET:LENGTH or OFFSET: is needed, in bytes, not '\(text)'")
        }
        let (end, overflow) = offset.addingReportingOverflow(length)
        return offset..<(overflow ? .max : end)
    }

    private mutating func addContext(_ pair: (key: String, value: String)) throws(UsageError) {
        guard contextKeys.insert(Array(pair.key.utf8)).inserted else {
            throw UsageError("the key '\(pair.key)' is given twice")
        }
        context.append(pair)
    }
}

extension UInt64 {
    /// The number that decimal digits spell, without a sign.
    fileprivate init?(digits: Substring) {
        guard digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        self.init(digits)
    }
}

extension AlgorithmSuite {
    /// The suite with this id, with or without `0x`, or with this name as other programs spell it.
    ///
    /// - Throws: `UsageError` for any other text.
    init(spelled text: String) throws(UsageError) {
        let digits = text.lowercased().hasPrefix("0x") ? text.dropFirst(2) : text[...]
        let named = Self.all.first { $0.constantName == text.uppercased() || $0.description.hasPrefix(text + " (") }
        if let suite = named {
            self = suite
        } else if digits.utf8.count == 4, let id = UInt16(digits, radix: 16), let suite = try? Self(id: id) {
            self = suite
        } else {
            let known = Self.all.map { "\($0.idText) \($0.constantName)" }
            let near = Suggestion.nearest(to: text.uppercased(), among: Self.all.map(\.constantName))
            let suggestion = near.map { "; did you mean '\($0)'?" } ?? ""
            throw UsageError("'\(text)' is not a suite; known are \(known.joined(separator: ", "))\(suggestion)")
        }
    }

    /// The suite's name as Python, Java and `aws-encryption-cli` have it, such as `AES_256_GCM_IV12_TAG16_HKDF_SHA256`.
    var constantName: String {
        var name = "AES_\(8 * dataKeyLength)_GCM"
        if !isCommitting { name += "_IV12_TAG16" }
        switch keyDerivation {
        case .identity: break
        case .hkdf(let hash): name += "_HKDF_SHA\(8 * hash.outputLength)"
        case .hkdfWithCommitment(let hash): name += "_HKDF_SHA\(8 * hash.outputLength)_COMMIT_KEY"
        }
        if let signature { name += "_ECDSA_P\(8 * signature.curve.fieldLength)" }
        return name
    }
}

/// What `--caching` says.
struct CachingOptions: Sendable {
    private var age = 0
    private var messages: UInt64?
    private var bytes: UInt64?
    private var capacity = 100

    /// Reads `age=SECONDS,messages=N,bytes=N,capacity=N`; the words of `aws-encryption-cli` are understood, too.
    init(_ text: String) throws(UsageError) {
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = piece.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let number = UInt64(parts[1]), number > 0,
                number <= UInt64(Int32.max) || parts[0].hasSuffix("bytes")
            else { throw UsageError("'\(piece)' is not NAME=NUMBER") }
            switch parts[0] {
            case "age", "max_age": age = Int(number)
            case "messages", "max_messages_encrypted": messages = number
            case "bytes", "max_bytes_encrypted": bytes = number
            case "capacity": capacity = Int(number)
            default: throw UsageError("'\(parts[0])' is not one of age, messages, bytes, capacity")
            }
        }
        guard age > 0 else { throw UsageError("age=SECONDS is missing: how long a data key is used") }
    }

    /// A materials manager with a cache.
    func manager(over underlying: any CryptographicMaterialsManager) throws -> any CryptographicMaterialsManager {
        try CachingCMM(
            underlying: underlying,
            cache: CacheType.default(entryCapacity: capacity).cache(timeToLive: .seconds(age)),
            timeToLive: .seconds(age),
            limitBytes: bytes ?? UInt64(Int64.max),
            limitMessages: messages ?? 1 << 32
        )
    }
}

extension CacheType {
    fileprivate func cache(timeToLive: Duration) throws -> any CryptographicMaterialsCache {
        try makeCache(timeToLive: timeToLive, clock: SystemTimeSource())
    }
}

/// A materials manager that refuses messages by what their headers say, before any key is used.
private struct HeaderRules: CryptographicMaterialsManager {
    /// Keys that the encryption context must have.
    let contextKeys: [String]
    let refusesSigned: Bool
    let underlying: any CryptographicMaterialsManager

    func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
        try await underlying.encryptionMaterials(for: request)
    }

    func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials {
        if refusesSigned, request.algorithmSuite.signature != nil {
            throw EncryptionSDKError(
                .signedMessageRefused,
                "algorithm suite \(request.algorithmSuite) is signed, which --unsigned refuses"
            )
        }
        for key in contextKeys
        where request.encryptionContext[key] == nil && request.reproducedEncryptionContext[key] == nil {
            throw EncryptionSDKError(
                .encryptionContextMismatch,
                "the encryption context of the message has no key \(TerminalText.quoted(key))"
            )
        }
        return try await underlying.decryptMaterials(for: request)
    }
}
