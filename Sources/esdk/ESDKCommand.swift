import AWSEncryptionSDK
import CArgp
import ESDKCrypto
import Glibc

/// The command `esdk`.
@main
struct ESDKCommand {
    /// The exit code of a usage error, and of an entry or keys manifest that cannot be read.
    static let usageError: Int32 = 2

    static func main() async {
        Terminal.reserveStandardDescriptors()
        let version = "esdk \(EncryptionSDK.version) (\(EncryptionSDK.clientName), \(OpenSSLVersion.text))"
        unsafe esdk_argp_configure(strdup(version), usageError)
        // Patterns of --filter count characters, and manifests are UTF-8 wherever this runs.
        _ = unsafe setlocale(LC_CTYPE, "C.UTF-8")
        if let complaint = complaintAboutArguments() {
            Terminal.complain(complaint)
            exit(usageError)
        }
        exit(await run(Array(CommandLine.arguments.dropFirst())))
    }

    /// What to say about the first argument that is not UTF-8: as a text it would name something else.
    private static func complaintAboutArguments() -> String? {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = unsafe CommandLine.unsafeArgv[index] else { break }
            let bytes = unsafe UnsafeBufferPointer(start: argument, count: strlen(argument)).map(
                UInt8.init(bitPattern:)
            )
            guard String(validating: bytes, as: UTF8.self) == nil else { continue }
            let shown = bytes.map { 0x20..<0x7F ~= $0 ? String(UnicodeScalar($0)) : "\\x" + hexadecimal($0) }.joined()
            return "argument \(index) is not UTF-8 (\(shown)); rename the file or folder"
        }
        return nil
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count < 2 ? "0" + digits : digits
    }

    private static func run(_ arguments: [String]) async -> Int32 {
        let parser = ArgumentParser(
            command: "esdk",
            argumentsHelp: "COMMAND…",
            summary: "The AWS Encryption SDK and its interoperability test vectors.",
            details:
                """
                Commands:
                  vectors decrypt PATH…             run decrypt vectors
                  vectors encrypt MANIFEST -o DIR   run an encrypt manifest: make a set for other implementations
                  vectors generate MANIFEST -o DIR  run a decrypt-generate manifest, tampering included
                  vectors reproduce PATH…           rebuild their messages byte for byte

                `esdk COMMAND --help' tells more of one.
                """,
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
                """
                Commands:
                  decrypt PATH…             run decrypt vectors
                  encrypt MANIFEST -o DIR   run an encrypt manifest: make a set for other implementations
                  generate MANIFEST -o DIR  run a decrypt-generate manifest, tampering included
                  reproduce PATH…           rebuild their messages byte for byte

                `esdk vectors COMMAND --help' tells more of one.
                """,
            options: []
        )
        let words = parser.parse(arguments, stopsAtArgument: true, requires: "a command is missing")
        switch words.first {
        case "decrypt": return await DecryptVectorsCommand.command.run(Array(words.dropFirst()))
        case "encrypt": return await EncryptVectorsCommand.command.run(Array(words.dropFirst()))
        case "generate": return await GenerateVectorsCommand.command.run(Array(words.dropFirst()))
        case "reproduce": return await ReproduceVectorsCommand.command.run(Array(words.dropFirst()))
        default:
            Terminal.complain(
                "unknown command `vectors \(words.first ?? "")'; `esdk vectors --help' lists the commands"
            )
            return usageError
        }
    }
}
