import AWSEncryptionSDK
import AWSHTTPTransport
import ESDKCrypto
import StrictJSON

extension Command {
    /// Runs the command that the words name, and returns its exit code.
    ///
    /// - Parameters:
    ///   - words: the words after this command's name.
    ///   - path: this command as the user types it, such as `esdk vectors`.
    func run(_ words: ArraySlice<Word>, as path: String) async -> ExitCode {
        do {
            let forms: [OptionForm]
            let isGroup: Bool
            switch body {
            case .group: (forms, isGroup) = ([], true)
            case .action(let action): (forms, isGroup) = (action.forms, false)
            }
            switch try ArgumentParser(forms, stopsAtOperand: isGroup).parse(words) {
            case .help: return show(help(as: path, columns: Terminal.outputColumns))
            case .usage: return show(usage(as: path, columns: Terminal.outputColumns))
            case .version:

                let libraries = [OpenSSLVersion.text, StrictJSON.libraryVersion, CurlTransport.libraryVersion]
                let parts = [EncryptionSDK.clientName] + libraries
                return show("esdk \(EncryptionSDK.version) (\(parts.joined(separator: ", ")))\n")
            case .run(let arguments):
                switch body {
                case .action(let action): return try await action.run(arguments)
                case .group: return try await runCommand(arguments.operands[...], as: path)
                }
            }
        } catch let error as UsageError {
            Terminal.complain(error.text, as: path)
            Terminal.complain("Try '\(path) --help'.", as: nil)
        } catch {
            Terminal.complain("\(error)")
        }
        return .unusable
    }

    /// Runs one of a group's commands, or tells about one of them.
    private func runCommand(_ words: ArraySlice<Word>, as path: String) async throws -> ExitCode {
        guard let name = try words.first?.text() else { throw UsageError("COMMAND is missing") }
        if name == "help" {
            var (command, path) = (self, path)
            for word in words.dropFirst() { (command, path) = try command.command(word.text(), as: path) }
            return show(command.help(as: path, columns: Terminal.outputColumns))
        }
        let (command, path) = try command(name, as: path)
        return await command.run(words.dropFirst(), as: path)
    }

    private func command(_ name: String, as path: String) throws -> (Command, path: String) {
        if let command = commands.first(where: { $0.name == name }) { return (command, "\(path) \(name)") }
        // What was meant may be in a group below.
        let candidates = commands.map { [$0.name] } + actions.map(\.path)
        let near = Suggestion.nearest(to: name, among: candidates.compactMap(\.last)).flatMap { last in
            candidates.first { $0.last == last }
        }
        let suggestion = near.map { "; did you mean '\(path) \($0.joined(separator: " "))'?" } ?? ""
        throw UsageError("unknown command '\(name)'\(suggestion)")
    }

    private func show(_ text: String) -> ExitCode {
        Terminal.write(text)
        return .success
    }
}
