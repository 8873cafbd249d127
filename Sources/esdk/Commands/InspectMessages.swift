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
                    .unusable: "wrong usage, or input that cannot be read",
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
                let isFine = try await inspect(input, keyring, context)
                if !isFine, code == .success { code = .failure }
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

    /// Inspects one input; returns whether nothing is wrong with it.
    private func inspect(_ word: Word, _ keyring: (any Keyring)?, _ context: EncryptionContext) async throws -> Bool {
        let input = try InspectedInput(word, isBase64: options.isBase64)
        let inspection = try MessageInspection(input.source)
        var authentication: InspectionAuthentication?
        if let keyring, inspection.isMessage {
            authentication = try await input.authenticate(with: keyring, context)
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
        return inspection.isSound && authentication?.isAuthenticated != false
    }

    private func inspectFolders(_ folders: [SystemPath]) throws -> ExitCode {
        var list = InspectedList()
        if options.format == .csv { Terminal.write(list.csvHeading) }
        var hasFailed = false
        for folder in folders {
            try FolderWalk.files(in: folder) { path in
                do {
                    let input = try InspectedInput(Word(path.bytes), isBase64: options.isBase64, isOperand: false)
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

/// An input that can be read more than once, at any place.
private struct InspectedInput {
    /// What it is called.
    let name: String
    private let file: FileDescriptor
    private let length: Int

    /// Opens an input; what is not a regular file, or is text, is copied into a temporary file without a name.
    ///
    /// - Parameters:
    ///   - isBase64: whether it is Base64 text.
    ///   - isOperand: whether `-` stands for standard input.
    /// - Throws: `SystemError`; `UsageError` when it is a folder, or not Base64.
    init(_ word: Word, isBase64: Bool, isOperand: Bool = true) throws {
        let path = SystemPath(bytes: word.bytes)
        let isStandardInput = isOperand && path == "-"
        name = isStandardInput ? "standard input" : "\(path)"
        let opened = isStandardInput ? FileDescriptor.standardInput : try FileDescriptor.reading(path)
        let status = try opened.status()
        if status.kind == .folder { throw UsageError("\(path) is a folder; --recursive lists what is in it") }
        if status.kind == .regular, !isBase64, !isStandardInput {
            (file, length) = (opened, status.size)
            return
        }
        let copy = try FileDescriptor.unnamedTemporary()
        var count = 0
        var decoder = isBase64 ? Base64Decoder() : nil
        do {
            while true {
                var bytes = try opened.read(upTo: Self.chunkLength)
                if bytes.isEmpty { break }
                try decoder?.decode(&bytes)
                try copy.writeAll(bytes.span)
                count += bytes.count
            }
            try decoder?.finish()
        } catch is EncryptionSDKError {
            throw UsageError("\(name) is not Base64 text")
        }
        (file, length) = (copy, count)
    }

    private static let chunkLength = 256 << 10

    /// The bytes of the input.
    var source: MessageSource {
        MessageSource(count: length) { [file] offset, count in
            var bytes = try file.read(upTo: count, at: offset)
            while !bytes.isEmpty, bytes.count < count {
                let more = try file.read(upTo: count - bytes.count, at: offset + bytes.count)
                if more.isEmpty { break }
                bytes += more
            }
            return bytes
        }
    }

    /// Decrypts the message and throws the plaintext away.
    ///
    /// - Throws: `SystemError`; what does not open the message is returned.
    func authenticate(with keyring: any Keyring, _ context: EncryptionContext) async throws -> InspectionAuthentication
    {
        // What a policy refuses can be authentic all the same, and is to be told.
        let client = try EncryptionSDK(
            commitmentPolicy: .requireEncryptAllowDecrypt,
            netV4_0_0RetryPolicy: .allowRetry
        )
        let decryptor = client.decryptor(
            using: keyring,
            encryptionContext: context,
            signedMessages: .releaseFramesBeforeSignatureIsVerified
        )
        var plaintext: [UInt8] = []
        var offset = 0
        do {
            while offset < length {
                let chunk = try file.read(upTo: Self.chunkLength, at: offset)
                if chunk.isEmpty { break }
                try await decryptor.update(chunk, appendingTo: &plaintext)
                zeroize(&plaintext)
                offset += chunk.count
            }
            let message = try await decryptor.finish(appendingTo: &plaintext)
            zeroize(&plaintext)
            let notes = message.diagnostics.filter { $0 == .netV4_0_0Retry }
                .map { _ in "only by the rules of ESDK-NET 4.0.0, which other implementations refuse" }
            return .authenticated(
                dataKey: message.dataKeyOrigin?.encryptedDataKey,
                keyring: message.dataKeyOrigin?.keyring,
                notes: notes
            )
        } catch let error as EncryptionSDKError {
            let failure = FileFailure(error, .decrypt)
            return .refused(([failure.reason] + failure.details).joined(separator: "\n"))
        }
    }
}

/// The regular files in a folder and those below it.
enum FolderWalk {
    /// Calls `visit` for each file, in the order of the names; symbolic links are not followed.
    ///
    /// - Throws: when the folder itself cannot be read; what `visit` throws. A folder below that cannot be read is told and left out.
    static func files(in folder: SystemPath, _ visit: (SystemPath) throws -> Void) throws {
        for name in try Folder.names(in: folder) {
            let path = folder.appending(name)
            guard let status = try? FileStatus(of: path, followingLinks: false) else { continue }
            switch status.kind {
            case .regular: try visit(path)
            case .folder:
                do { try files(in: path, visit) } catch let error as SystemError where error.path == path {
                    Terminal.complain("\(error)")
                }
            default: continue
            }
        }
    }
}
