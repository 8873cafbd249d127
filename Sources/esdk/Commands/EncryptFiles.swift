import ESDKSystem

extension Command {
    /// `esdk encrypt`: makes messages of files.
    static let encryptFiles = Command(
        name: "encrypt",
        summary: "encrypt files, pipes and folders",
        body: .action(
            FileCommand.action(
                .encrypt,
                description:
                    "Encrypts each INPUT to INPUT.esdk, or to OUT: a message of the AWS Encryption SDK, which every "
                    + "implementation of it can open with the same key.",
                examples: [
                    (
                        "esdk encrypt notes.txt --key raw-aes:namespace=me,name=2026,file=my.key",
                        "Encrypt a file to notes.txt.esdk under a key of your own"
                    ),
                    (
                        "esdk encrypt -r photos -o backup --key aws-kms:$ARN --context kind=photos",
                        "Encrypt a folder under a key in AWS KMS"
                    ),
                    (
                        "tar c docs | esdk encrypt - -o docs.tar.esdk --key @backups",
                        "Encrypt a pipe under the keys that the configuration calls backups"
                    ),
                ]
            )
        )
    )

    /// `esdk decrypt`: opens messages in files.
    static let decryptFiles = Command(
        name: "decrypt",
        summary: "decrypt files, pipes and folders",
        body: .action(
            FileCommand.action(
                .decrypt,
                description:
                    "Decrypts each INPUT, a message of the AWS Encryption SDK, to its name without .esdk, or to OUT. A file "
                    + "appears when all of its message has been verified, and not before.",
                examples: [
                    (
                        "esdk decrypt notes.txt.esdk --key raw-aes:namespace=me,name=2026,file=my.key",
                        "Decrypt a file to notes.txt"
                    ),
                    (
                        "esdk decrypt message -o - --key aws-kms-discovery:accounts=$ACCOUNT -c app=shop",
                        "Print what another program encrypted, if its encryption context says app=shop"
                    ),
                    (
                        "esdk decrypt --verify -r backup --key @backups --json",
                        "Check every message in a folder, and write nothing but a line of JSON for each"
                    ),
                    (
                        "esdk decrypt disk.img.esdk --range 1048576:4096 -o - --key @backups",
                        "Print 4,096 bytes from the second MiB on, without reading the rest"
                    ),
                ]
            )
        )
    )
}

/// What `encrypt` and `decrypt` share.
enum FileCommand {
    static func action(_ task: FileTask, description: String, examples: [(line: String, does: String)]) -> Action {
        Action(
            description: description,
            operands: .oneOrMore(
                ArgumentForm(name: "INPUT", kind: .path),
                "a file, a folder with --recursive, or - for standard input"
            ),
            values: { FileOptions(task) },
            options: FileOptions.sections(task),
            lists: [KeyOptions.help],
            notes: KeyOptions.notes,
            exitCodes: [
                .success: "everything was done",
                .failure: "a message does not open",
                .unusable:
                    "wrong usage, input that cannot be read, output that cannot be written, or an unreachable AWS",
                .interrupted: "interrupted",
                .nothing: "there was no file to work on",
            ],
            examples: examples
        ) { options, inputs in
            try await FileRun(inputs.map { SystemPath(bytes: $0.bytes) }, options).run()
        }
    }
}
