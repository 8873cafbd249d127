import Glibc

/// The command `esdk`.
@main
struct ESDKCommand {
    static func main() async {
        Terminal.reserveStandardDescriptors()
        // Patterns of --filter count characters, and manifests are UTF-8 wherever this runs.
        _ = unsafe setlocale(LC_CTYPE, "C.UTF-8")
        let words = arguments()
        // Swift reads the arguments there.
        if words.isEmpty, unsafe access("/proc/self/cmdline", R_OK) != 0 {
            Terminal.complain("the arguments cannot be read: /proc is not there; mount it")
            exit(ExitCode.unusable.rawValue)
        }
        exit(await Command.esdk.run(words[...], as: "esdk").rawValue)
    }

    /// The words after the command's name, as the bytes that they are.
    private static func arguments() -> [Word] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            guard let argument = unsafe CommandLine.unsafeArgv[index] else { return nil }
            return Word(
                unsafe UnsafeBufferPointer(start: argument, count: strlen(argument)).map(UInt8.init(bitPattern:))
            )
        }
    }
}

extension Command {
    /// Every command; a new one is a file in `Commands` and a line here.
    static let esdk: Command = group(
        "esdk",
        "The AWS Encryption SDK and its interoperability test vectors",
        [
            group(
                "vectors",
                "Test vectors of the AWS Encryption SDK",
                [
                    .decryptVectors, .encryptVectors, .generateVectors, .reproduceVectors, .forgeVectors,
                    .materialsVectors, .lintVectors,
                    .enumerateVectors,
                    .vectorCoverage,
                ]
            ),
            .encryptFiles,
            .decryptFiles,
            .inspectMessages,
            .rewrapMessages,
            .rescueFiles,
            .keyGeneration,
            .keyStore,
            .report,
            .adapter,
            .completions,
        ]
    )
}
