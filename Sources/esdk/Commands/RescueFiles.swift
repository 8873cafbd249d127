import ESDKSystem
import ESDKTestVectors

extension Command {
    /// `esdk rescue`: opens messages that other programs wrote wrongly.
    static let rescueFiles = Command(
        name: "rescue",
        summary: "open messages that other programs wrote wrongly",
        body: .action(
            Action(
                description:
                    "Decrypts each message INPUT that departs from the specification in a way that is known, says what was wrong, "
                    + "who writes so and what was done, and writes the plaintext, or with --rewrap a clean message. Without --as "
                    + "nothing is written: all of DEVIATION are tried, and what would help is told.",
                operands: .oneOrMore(
                    ArgumentForm(name: "INPUT", kind: .path),
                    "a file, a folder with --recursive, or - for standard input"
                ),
                values: { FileOptions(.rescue) },
                options: FileOptions.sections(.rescue),
                lists: [
                    HelpList(
                        title: "DEVIATION is one of",
                        entries: Deviation.allCases.map { deviation in
                            (
                                deviation.rawValue,
                                "\(deviation.fault). Written by: \(deviation.writer). Remedy: \(deviation.remedy)"
                            )
                        }
                    ), KeyOptions.help,
                ],
                notes: [
                    "Nothing is released that is not authentic under the data key. Of a truncated message the frames that are whole "
                        + "go to OUT\(FileRescue.incompleteSuffix), and the exit code is 1. A truncated message that is signed is not "
                        + "rescued: only its signature, at the end, says who wrote it."
                ] + KeyOptions.notes,
                exitCodes: [
                    .success: "everything was rescued, or needed no rescue",
                    .failure: "a message does not open, is incomplete, or without --as would need a rescue",
                    .unusable:
                        "wrong usage, input that cannot be read, output that cannot be written, or an unreachable AWS",
                    .interrupted: "interrupted",
                    .nothing: "there was no file to work on",
                ],
                examples: [
                    (
                        "esdk rescue old.esdk --key @old",
                        "See whether a message that does not open can be rescued, and how"
                    ),
                    (
                        "esdk rescue old.esdk -o notes.txt --as javascript-locale-order --key @old",
                        "Decrypt what JavaScript wrote by default"
                    ),
                    (
                        "esdk rescue -r backup -o clean --as net-4.0.0 --key @old --to @kms",
                        "Write clean messages under another key"
                    ),
                ]
            ) { options, inputs in
                try options.checkRescue()
                return try await FileRun(inputs.map { SystemPath(bytes: $0.bytes) }, options).run()
            }
        )
    )
}

extension FileOptions {
    /// Checks what `rescue` asks for.
    fileprivate func checkRescue() throws(UsageError) {
        guard !deviations.isEmpty || output == nil && rewrapKeys == nil else {
            throw UsageError(
                "--as DEVIATION is missing: without it, esdk rescue says what would help and writes nothing"
            )
        }
        guard rewrapKeys == nil || verifiesOnly || output != nil else {
            throw UsageError("--rewrap needs -o OUT: the place of the clean message")
        }
    }
}
