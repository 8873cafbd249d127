import AWSEncryptionSDK
import ESDKSystem

extension Command {
    /// `esdk encrypt`: makes messages of files.
    static let encryptFiles = Command(
        name: "encrypt",
        summary: "encrypt files",
        body: .action(
            Action(
                description: "Encrypts INPUT, a file, to OUT.",
                operands: .one(ArgumentForm(name: "INPUT", kind: .path), "a file"),
                values: FileOptions.init,
                options: FileOptions.sections,
                notes: KeyOptions.notes,
                exitCodes: FileOptions.exitCodes,
                examples: [
                    (
                        "esdk encrypt notes.txt --key raw-aes:namespace=me,name=2026,file=my.key",
                        "Encrypt a file to notes.txt.esdk"
                    )
                ]
            ) { options, inputs in
                guard let input = inputs.first else { return .unusable }
                let keys = try await options.keys.open(for: .encrypting)
                let path = SystemPath(bytes: input.bytes)
                let output = options.output ?? SystemPath(bytes: path.bytes + Array(".esdk".utf8))
                try await EncryptionSDK().encryptFile(path, to: output, using: keys.keyring)
                return .success
            }
        )
    )

    /// `esdk decrypt`: opens messages in files.
    static let decryptFiles = Command(
        name: "decrypt",
        summary: "decrypt files",
        body: .action(
            Action(
                description: "Decrypts INPUT, a file, to OUT.",
                operands: .one(ArgumentForm(name: "INPUT", kind: .path), "a file"),
                values: FileOptions.init,
                options: FileOptions.sections,
                notes: KeyOptions.notes,
                exitCodes: FileOptions.exitCodes,
                examples: [
                    (
                        "esdk decrypt notes.txt.esdk --key raw-aes:namespace=me,name=2026,file=my.key",
                        "Decrypt a file to notes.txt"
                    )
                ]
            ) { options, inputs in
                guard let input = inputs.first else { return .unusable }
                let keys = try await options.keys.open(for: .decrypting)
                let path = SystemPath(bytes: input.bytes)
                guard let output = options.output else { throw UsageError("-o OUT is missing") }
                try await EncryptionSDK().decryptFile(path, to: output, using: keys.keyring)
                return .success
            }
        )
    )
}

/// The options that `encrypt` and `decrypt` share.
struct FileOptions: Sendable {
    var keys = KeyOptions()
    var output: SystemPath?

    static let sections: [OptionSection<Self>] = [
        OptionSection(
            "Files",
            [
                .path("output", letter: "o", ArgumentForm(name: "OUT", kind: .path), help: "The file to write") {
                    $0.output = $1
                }
            ]
        ),
        KeyOptions.section.of(\.keys),
    ]

    static let exitCodes: [ExitCode: String] = [
        .success: "everything was done",
        .failure: "a message does not open",
        .unusable: "wrong usage, input that cannot be read, or output that cannot be written",
        .interrupted: "interrupted",
    ]
}
