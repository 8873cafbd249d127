import AWSEncryptionSDK
import CArgp
import CryptoPrimitives
import Glibc

/// The command `esdk`.
@main
struct ESDKCommand {
    /// The exit code of a usage error, and of an entry or keys manifest that cannot be read.
    static let usageError: Int32 = 2

    static func main() async {
        let version = "esdk \(EncryptionSDK.version) (\(EncryptionSDK.clientName), \(OpenSSLVersion.text))"
        unsafe esdk_argp_configure(strdup(version), usageError)
        exit(await run(Array(CommandLine.arguments.dropFirst())))
    }

    private static func run(_ arguments: [String]) async -> Int32 {
        let parser = ArgumentParser(
            command: "esdk",
            argumentsHelp: "COMMAND…",
            summary: "The AWS Encryption SDK and its interoperability test vectors.",
            details:
                "Commands:\n  vectors decrypt PATH…   run decrypt vectors\n\n`esdk COMMAND --help' tells more of one.",
            options: []
        )
        let words = parser.parse(arguments, stopsAtArgument: true, requires: "a command is missing")
        switch words.first {
        case "vectors": return await vectors(Array(words.dropFirst()))
        default:
            Terminal.complain("unknown command `\(words.first ?? "")'; `esdk --help' lists the commands")
            return usageError
        }
    }

    private static func vectors(_ arguments: [String]) async -> Int32 {
        let parser = ArgumentParser(
            command: "esdk vectors",
            argumentsHelp: "COMMAND…",
            summary: "Test vectors of the AWS Encryption SDK.",
            details:
                "Commands:\n  decrypt PATH…   run decrypt vectors\n\n`esdk vectors COMMAND --help' tells more of one.",
            options: []
        )
        let words = parser.parse(arguments, stopsAtArgument: true, requires: "a command is missing")
        switch words.first {
        case "decrypt": return await DecryptVectorsCommand().run(Array(words.dropFirst()))
        default:
            Terminal.complain(
                "unknown command `vectors \(words.first ?? "")'; `esdk vectors --help' lists the commands"
            )
            return usageError
        }
    }
}
