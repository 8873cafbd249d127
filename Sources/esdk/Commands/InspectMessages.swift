import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import ESDKTestVectors
import MessageForge

extension Command {
    /// `esdk inspect`: shows what is in messages.
    static let inspectMessages = Command(
        name: "inspect",
        summary: "show what is in a message; no key is needed",
        body: .action(
            Action(
                description:
                    "Shows what is in the message INPUT: header, encrypted data keys, encryption context, frames and footer, "
                    + "what is odd about it, and who probably wrote it. Without a key, nothing of that is authenticated.",
                operands: .oneOrMore(
                    ArgumentForm(name: "INPUT", kind: .path),
                    "a file, - for standard input, or with --recursive a folder"
                ),
                values: InspectOptions.init,
                options: InspectOptions.sections,
                lists: [KeyOptions.help],
                notes: [
                    "With --key the whole message is decrypted, and the plaintext thrown away: what is shown then is authentic, "
                        + "its signature included. Give the pairs of the context that the message does not store with "
                        + "--context.",
                    "A message that is damaged is shown up to the damage. What is not a message is named.",
                    "With --recursive all files of a folder are listed with their keys, suites and writers, and counted.",
                ] + KeyOptions.notes,
                exitCodes: [
                    .success:
                        "every input is a message, whole as far as can be told, and opens under the key that was given",
                    .failure:
                        "an input is not a message, is damaged, or does not open; in a folder, only a damaged message counts",
                    .unusable: "wrong usage, input that cannot be read, or an unreachable AWS",
                ],
                examples: [
                    ("esdk inspect notes.txt.esdk", "See what is in a message"),
                    ("esdk inspect --annotate notes.txt.esdk", "See each of its bytes"),
                    ("pbpaste | esdk inspect --base64 -", "Inspect a message that is text"),
                    (
                        "esdk inspect notes.txt.esdk --key raw-aes:namespace=me,name=2026,file=my.key",
                        "Be sure of what is shown"
                    ),
                    ("esdk inspect --recursive backups --csv >messages.csv", "List all messages of a folder"),
                ]
            ) { options, inputs in try await InspectCommand(options).run(inputs) }
        )
    )
}

/// What the options of `inspect` say.
struct InspectOptions: Sendable {
    enum Format: Sendable {
        case text
        case annotated
        case json
        case csv
    }

    private(set) var format = Format.text
    private(set) var isRecursive = false
    private(set) var isBase64 = false
    private(set) var keys = KeyOptions()
    private(set) var context: [(String, String)] = []

    private mutating func choose(_ format: Format) throws {
        guard self.format == .text else { throw UsageError("only one of --annotate, --json and --csv can be given") }
        self.format = format
    }

    fileprivate func check() throws {
        guard format != .csv || isRecursive else { throw UsageError("--csv needs --recursive") }
        guard format != .annotated || !isRecursive else { throw UsageError("--annotate shows single messages") }
        guard keys.isEmpty || !isRecursive else { throw UsageError("--key opens single messages") }
        guard context.isEmpty || !keys.isEmpty else { throw UsageError("--context needs --key") }
    }

    static let sections: [OptionSection<Self>] = [
        OptionSection(
            "Inspecting",
            [
                .flag("json", help: "Print a line of JSON for each input, and of a folder one of totals") {
                    try $0.choose(.json)
                },
                .flag("annotate", letter: "a", help: "Print a hex dump, field by field") { try $0.choose(.annotated) },
                .flag("base64", help: "The input is Base64 text of a message") { $0.isBase64 = true },
                .flag("recursive", letter: "r", help: "List all messages of folders") { $0.isRecursive = true },
                .flag("csv", help: "Print the list as CSV") { try $0.choose(.csv) },
                .pair(
                    "context",
                    help: "A pair that the message must have been encrypted with (repeatable); needs --key"
                ) { $0.context.append($1) },
            ]
        ),
        KeyOptions.section.of(\.keys),
    ]
}

/// Inspects the inputs of a command line.
private struct InspectCommand {
    private let options: InspectOptions

    init(_ options: InspectOptions) { self.options = options }

    func run(_ inputs: [Word]) async throws -> ExitCode {
        try options.check()
        if options.isRecursive { return try inspectFolders(inputs.map { SystemPath(bytes: $0.bytes) }) }
        let keyring = options.keys.isEmpty ? nil : try await options.keys.open(for: .decrypting).keyring
        let context = try EncryptionContext(uniqueKeysWithValues: options.context)
        var code = ExitCode.success
        for (index, input) in inputs.enumerated() {
            do {
                if index > 0, options.format != .json { Terminal.write("\n") }
                let result = try await inspect(input, keyring, context)
                if code != .unusable, result != .success { code = result }
            } catch let error as SystemError {
                Terminal.complain("\(error)")
                code = .unusable
            } catch let error as UsageError where inputs.count > 1 {
                Terminal.complain(error.text)
                code = .unusable
            }
        }
        return code
    }

    /// Inspects one input.
    private func inspect(
        _ word: Word,
        _ keyring: (any Keyring)?,
        _ context: EncryptionContext
    ) async throws -> ExitCode {
        let path = SystemPath(bytes: word.bytes)
        let input = try RereadableInput(path == "-" ? .standard : .path(path), isBase64: options.isBase64)
        let inspection = try MessageInspection(input.source)
        var authentication: InspectionAuthentication?
        var authenticationCode = ExitCode.success
        if let keyring, inspection.isMessage {
            let (result, code) = try await input.authenticate(with: keyring, context)
            (authentication, authenticationCode) = (result, code)
        }
        switch options.format {
        case .json:
            let line = try InspectionJSON.line(inspection, input: input.name, authentication: authentication)
            Terminal.write(String(decoding: line, as: UTF8.self))
        case .annotated:
            let text = InspectText(columns: Terminal.wideColumns)
            Terminal.write(text.heading(inspection, input: input.name))
            if inspection.isMessage {
                try text.annotate(inspection, input.source) { Terminal.write($0) }
            }
            Terminal.write(text.verdict(inspection, authentication))
        case .text, .csv:
            Terminal.write(
                InspectText(columns: Terminal.wideColumns).all(inspection, input: input.name, authentication)
            )
        }
        return inspection.isSound || authenticationCode == .unusable ? authenticationCode : .failure
    }

    private func inspectFolders(_ folders: [SystemPath]) throws -> ExitCode {
        var list = InspectedList()
        if options.format == .csv { Terminal.write(list.csvHeading) }
        var hasFailed = false
        for folder in folders {
            let walk = FolderWalk { error in
                Terminal.complain("\(error)")
                hasFailed = true
            }
            try walk.visit(folder) { entry in
                guard entry.status.kind == .regular else { return }
                let path = entry.path
                do {
                    let input = try RereadableInput(.path(path), isBase64: options.isBase64)
                    let inspection = try MessageInspection(input.source)
                    list.add(inspection, at: path)
                    switch options.format {
                    case .json:
                        let line = try InspectionJSON.line(inspection, input: "\(path)", authentication: nil)
                        Terminal.write(String(decoding: line, as: UTF8.self))
                    case .csv: Terminal.write(list.csvLine(inspection, at: path))
                    default: break
                    }
                } catch is UsageError {
                    // It is not the text that --base64 says.
                    list.addOther()
                } catch let error as SystemError {
                    Terminal.complain("\(error)")
                    hasFailed = true
                }
            }
        }
        switch options.format {
        case .json: Terminal.write(try list.totalsJSON())
        case .csv: break
        default: Terminal.write(list.text(columns: Terminal.wideColumns))
        }
        if hasFailed { return .unusable }
        if list.messageCount == 0 {
            Terminal.complain("no message was found in \(list.fileCount) files")
            return .nothing
        }
        return list.damagedCount == 0 ? .success : .failure
    }
}

extension RereadableInput {
    /// Decrypts the message and throws the plaintext away.
    ///
    /// - Returns: what came of it, and the exit code for it.
    /// - Throws: `SystemError`; what does not open the message is returned.
    fileprivate func authenticate(
        with keyring: any Keyring,
        _ context: EncryptionContext
    ) async throws -> (InspectionAuthentication, ExitCode) {
        // What a policy refuses can be authentic all the same, and is to be told.
        let client = try EncryptionSDK(
            commitmentPolicy: .requireEncryptAllowDecrypt,
            netV4_0_0RetryPolicy: .allowRetry
        )
        let rescuer = RescueKeyring(keyring)
        let decryptor = client.decryptor(
            using: rescuer,
            encryptionContext: context,
            signedMessages: .releaseFramesBeforeSignatureIsVerified
        )
        var plaintext: [UInt8] = []
        var offset = 0
        do {
            while true {
                let chunk = try chunk(at: offset, before: length)
                if chunk.isEmpty { break }
                try await decryptor.update(chunk, appendingTo: &plaintext)
                zeroize(&plaintext)
                offset += chunk.count
            }
            let message = try await decryptor.finish(appendingTo: &plaintext)
            zeroize(&plaintext)
            var notes: [String] = []
            if message.diagnostics.contains(.netV4_0_0Retry) {
                notes.append("only by the rules of ESDK-NET 4.0.0: esdk rescue --as net-4.0.0 decrypts it")
            }
            if rescuer.undone != nil {
                notes.append(
                    "only in JavaScript's order of the context: esdk rescue --as javascript-locale-order decrypts it"
                )
            }
            let origin = message.dataKeyOrigin
            return (
                .authenticated(dataKey: origin?.encryptedDataKey, keyring: origin?.keyring, notes: notes), .success
            )
        } catch let error as EncryptionSDKError {
            let failure = FileFailure(error, .decrypt)
            return (.refused(([failure.reason] + failure.details).joined(separator: "\n")), failure.exitCode)
        }
    }
}
