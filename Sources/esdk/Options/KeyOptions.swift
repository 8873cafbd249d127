import AWSEncryptionSDK
import AWSHTTPTransport
import AWSServiceClients
import ESDKSystem
import ESDKTestVectors

/// The keys of a command: `--key`, and where the sets and services are that a key may name.
///
/// A command that has two lists of keys, such as `--from` and `--to`, takes `option(_:help:)` for each of them and the options of
/// `KeySources` once.
struct KeyOptions: Sendable {
    private enum Entry: Sendable {
        case key(KeyArgument)
        /// The name of a set in the configuration.
        case set(String)
    }

    /// The option that fills the list, for errors.
    private var name = "key"
    private var entries: [Entry] = []
    private var keysPath: String?
    private var descriptionPath: String?
    private var sources = KeySources()

    /// The keys and their sources, for a command with one list of keys.
    static let section = OptionSection<Self>(
        "Keys",
        [
            option(
                "key",
                letter: "k",
                help: "A key, written as below (repeatable); on encrypt, the first one makes the data key"
            ),
            .text(
                "keys",
                ArgumentForm(name: "KEYS.json", kind: .path),
                help: "Take the keys of a keys manifest, as test vectors have it; needs --key-description"
            ) { $0.keysPath = $1 },
            .text(
                "key-description",
                ArgumentForm(name: "FILE", kind: .path),
                help: "Which of those keys to use, and how: a key description, or a list of them"
            ) { $0.descriptionPath = $1 },
        ] + KeySources.options.map { $0.of(\.sources) }
    )

    /// A repeatable option that takes a key.
    ///
    /// - Parameters:
    ///   - name: the option, without dashes.
    ///   - letter: its short name.
    ///   - help: what the help says about it.
    static func option(_ name: String, letter: Character? = nil, help: String) -> Option<Self> {
        .text(name, letter: letter, ArgumentForm(name: "KEY"), help: help) { values, text in
            values.name = name
            if text.hasPrefix("@") {
                values.entries.append(.set(String(text.dropFirst())))
            } else {
                do throws(KeyArgumentError) { values.entries.append(.key(try KeyArgument(text))) } catch {
                    throw UsageError(error)
                }
            }
        }
    }

    /// What the help says about the spelling of keys.
    static let help = HelpList(
        title: "KEY is one of",
        entries: KeySpelling.all.map { spelling in
            let choices = spelling.members.compactMap { member in
                member.choices.map { "\(member.value): \($0.joined(separator: ", "))" }
            }
            return (spelling.form, ([spelling.summary] + choices).joined(separator: ". "))
        } + [
            ("@NAME", "a set of keys in the configuration file: {\"keys\": {\"NAME\": [\"KEY\", …]}}")
        ]
    )
    static let notes = [
        "PATH may be - for standard input; paths in the configuration file start at its folder. Key bytes never stand on the command "
            + "line, where other users can see them."
    ]

    /// Whether no key is given.
    var isEmpty: Bool { entries.isEmpty && keysPath == nil && descriptionPath == nil }

    /// Whether a key is read from standard input, which is then not free for anything else.
    var readsStandardInput: Bool {
        entries.contains { entry in
            if case .key(let key) = entry { key.readsStandardInput } else { false }
        }
    }

    /// What keys are wanted for.
    enum Purpose: Sendable {
        case encrypting
        case decrypting
    }

    /// Keys that are ready for use.
    struct Opened: Sendable {
        let keyring: any Keyring
        /// Context keys that a key description requires.
        let requiredContextKeys: [String]
        /// Whether some of the keys are in AWS, which takes its time.
        let areInAWS: Bool
        /// What the keyring was made of.
        fileprivate var arguments: [(key: KeyArgument, resources: KeyResources)] = []

        /// How one of the keys would have to be written to open a message, if a small change is enough: `padding=oaep-sha1`.
        ///
        /// - Parameters:
        ///   - start: the start of the message, at least its header.
        ///   - context: what the user says of its encryption context.
        func correction(for start: [UInt8], context: EncryptionContext) async -> String? {
            for (key, resources) in arguments where !key.readsStandardInput {
                for variant in key.spelling.variants(key) {
                    guard let keyring = try? await variant.spelling.keyring(variant, resources.silent),
                        let client = try? EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
                    else { continue }
                    let decryptor = client.decryptor(
                        using: keyring,
                        encryptionContext: context,
                        signedMessages: .releaseFramesBeforeSignatureIsVerified
                    )
                    _ = try? await decryptor.update(start)
                    // The data key fits when the header is authentic under it.
                    if decryptor.message != nil { return variant.difference(from: key) }
                }
            }
            return nil
        }

        /// What a rescue would undo to open a message; nil when none would.
        ///
        /// - Parameters: as `correction(for:context:)` has them.
        func deviation(of start: [UInt8], context: EncryptionContext) async -> Deviation? {
            let rescuer = RescueKeyring(keyring)
            guard
                let client = try? EncryptionSDK(
                    commitmentPolicy: .requireEncryptAllowDecrypt,
                    netV4_0_0RetryPolicy: .allowRetry
                )
            else { return nil }
            let decryptor = client.decryptor(
                using: rescuer,
                encryptionContext: context,
                signedMessages: .releaseFramesBeforeSignatureIsVerified
            )
            _ = try? await decryptor.update(start)
            guard let message = decryptor.message else { return nil }
            return rescuer.undone?.deviation
                ?? (message.diagnostics.contains(.netV4_0_0Retry) ? Deviation.netV4_0_0 : nil)
        }
    }

    /// Reads the keys and makes one keyring of them.
    ///
    /// - Parameters:
    ///   - purpose: what they are wanted for.
    ///   - sources: where sets and services are; nil for those of this list.
    /// - Throws: `UsageError` without a key; what is wrong with a key.
    func open(for purpose: Purpose, with sources: KeySources? = nil) async throws -> Opened {
        let sources = sources ?? self.sources
        guard (keysPath == nil) == (descriptionPath == nil) else {
            throw UsageError(keysPath == nil ? "--key-description needs --keys" : "--keys needs --key-description")
        }
        guard !isEmpty else {
            throw UsageError("a key is missing: --\(name) KEY, such as --\(name) raw-aes:namespace=N,name=K,file=PATH")
        }
        let access = AWSAccess(sources)
        let resources = KeyResources(services: { try await access.services() }) { Terminal.complain($0) }
        var arguments: [(key: KeyArgument, resources: KeyResources)] = []
        var keyrings: [any Keyring] = []
        var requiredContextKeys: [String] = []
        do {
            for entry in entries {
                switch entry {
                case .key(let key): arguments.append((key, resources))
                case .set(let set):
                    let configuration = try sources.configuration(for: set)
                    for key in try configuration.keys(set) {
                        arguments.append((key, resources.relative(to: configuration.folder)))
                    }
                }
            }
            for (key, resources) in arguments { keyrings.append(try await key.spelling.keyring(key, resources)) }
        } catch let error as KeyArgumentError {
            throw UsageError("--\(name): \(UsageError(error).text)")
        } catch let error as EncryptionSDKError where error.category == .configuration {
            throw UsageError("--\(name): \(error.reason)")
        }
        if let keysPath, let descriptionPath {
            let described = try await DescribedKeyring(
                keysPath: keysPath,
                descriptionPath: descriptionPath,
                encrypts: purpose == .encrypting,
                services: { try await access.services() }
            )
            keyrings.append(described.keyring)
            requiredContextKeys = described.requiredContextKeys
        }
        let keyring =
            keyrings.count == 1
            ? keyrings[0] : try MultiKeyring(generator: keyrings[0], childKeyrings: Array(keyrings.dropFirst()))
        return Opened(
            keyring: keyring,
            requiredContextKeys: requiredContextKeys,
            areInAWS: await access.isUsed,
            arguments: arguments
        )
    }
}

extension UsageError {
    /// What is wrong with a key, and which word was probably meant.
    init(_ error: KeyArgumentError) {
        let near = error.unknown.flatMap { Suggestion.nearest(to: $0.word, among: $0.known) }
        self.init(error.description + (near.map { "; did you mean '\($0)'?" } ?? ""))
    }
}

/// Where named sets of keys and the AWS of keys are.
struct KeySources: Sendable {
    private var configurationPath: SystemPath?
    fileprivate var endpoint: String?
    fileprivate var profile: String?

    static let options: [Option<Self>] =
        [
            .path(
                "config",
                ArgumentForm(name: "FILE", kind: .path),
                help: "Where @NAME is looked up (default: $XDG_CONFIG_HOME/esdk/config.json)"
            ) { $0.configurationPath = $1 }
        ] + awsOptions

    /// Those that say which AWS is meant.
    static let awsOptions: [Option<Self>] = [
        .text("profile", ArgumentForm(name: "NAME"), help: "The profile of the AWS configuration for keys in AWS") {
            $0.profile = $1
        },
        .text("kms-endpoint", ArgumentForm(name: "URL"), help: "The KMS and DynamoDB to call instead of AWS's own") {
            guard !$1.isEmpty else { throw UsageError("a URL is needed") }
            $0.endpoint = $1
        },
    ]

    /// The configuration that names sets.
    ///
    /// - Parameter set: the set that is wanted, for the error.
    fileprivate func configuration(for set: String) throws -> KeyConfiguration {
        guard let path = configurationPath ?? KeyConfiguration.usualPath else {
            throw UsageError("@\(set): there is no configuration: give --config FILE")
        }
        do { return try KeyConfiguration(path) } catch let error as SystemError where error.isMissingFile {
            throw UsageError("@\(set): there is no \(path); it would be {\"keys\": {\"\(set)\": [\"KEY\", …]}}")
        }
    }
}

/// The AWS of the keys on a command line, looked up when the first of them needs it.
actor AWSAccess {
    private let sources: KeySources
    private var known: KeyServices?

    /// Whether a key has asked for it.
    var isUsed: Bool { known != nil }

    init(_ sources: KeySources) { self.sources = sources }

    func services() async throws -> KeyServices {
        if let known { return known }
        let configuration: AWSClientConfiguration
        if let endpoint = sources.endpoint, LoopbackEndpoint.isLoopback(endpoint) {
            configuration = try AWSOptions.localConfiguration(endpoint)
        } else {
            configuration = try await .load(
                transport: CurlTransport(),
                profile: sources.profile,
                endpoint: sources.endpoint
            )
        }
        let services = KeyServices(kms: AWSKMSClientSupplier(configuration)) { region in
            var configuration = configuration
            if let region { configuration.region = region }
            return try AWSDynamoDBClient(configuration)
        }
        known = services
        return services
    }
}
