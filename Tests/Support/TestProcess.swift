package import ESDKSystem
import Foundation
import Glibc

/// A program that a test runs.
///
/// It gets the usual handling of every signal, whatever the runner of the tests does with them, and the environment of the tests.
package final class TestProcess: Sendable {
    /// What a program left behind.
    package struct Output: Equatable, Sendable {
        /// The exit status; of a program that a signal ended, 128 and the signal's number, as a shell has it.
        package let status: Int32
        package let standardOutput: String
        package let standardError: String

        package init(status: Int32, standardOutput: String, standardError: String) {
            self.status = status
            self.standardOutput = standardOutput
            self.standardError = standardError
        }
    }

    package struct Failure: Error {
        package let text: String

        package init(_ text: String) { self.text = text }
    }

    private let child: ChildProcess
    /// Its output lies here unless it goes elsewhere, so that it never waits for a reader.
    private let scratch: TemporaryFolder
    private let input: FileDescriptor?
    private let output: FileDescriptor?
    private let received = Guarded<[UInt8]>([])

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - words: the program and its arguments, as bytes.
    ///   - variables: what is set besides the environment of the tests.
    ///   - folder: where it runs; nil for the folder of the tests.
    ///   - input: its standard input; nil for none.
    ///   - output: its standard output; nil to keep it for `finish`.
    package convenience init(
        _ words: [[UInt8]],
        variables: [String: String] = [:],
        in folder: String? = nil,
        input: FileDescriptor? = nil,
        output: FileDescriptor? = nil
    ) throws {
        try self.init(words, variables, folder, input, output, talks: false)
    }

    /// Starts a program that the test talks to, line by line.
    ///
    /// - Parameter words: the program and its arguments.
    package convenience init(talkingTo words: [String]) throws {
        try self.init(words.map { Array($0.utf8) }, [:], nil, nil, nil, talks: true)
    }

    private init(
        _ words: [[UInt8]],
        _ variables: [String: String],
        _ folder: String?,
        _ input: FileDescriptor?,
        _ output: FileDescriptor?,
        talks: Bool
    ) throws {
        let scratch = try TemporaryFolder()
        let incoming = talks ? try FileDescriptor.pipe() : nil
        let outgoing = talks ? try FileDescriptor.pipe() : nil
        func file(_ name: String) throws -> FileDescriptor {
            try .open(SystemPath(scratch.file(name)), O_WRONLY | O_CREAT, permissions: 0o600)
        }
        self.scratch = scratch
        self.input = incoming?.write
        self.output = outgoing?.read
        let standardInput = input ?? incoming?.read
        // `env` becomes the program, in the folder.
        let launcher = ["/usr/bin/env", "--default-signal"] + (folder.map { ["-C", $0] } ?? [])
        child = try ChildProcess(
            launcher.map { SystemPath($0) } + words.map { SystemPath(bytes: $0) },
            environment: ProcessInfo.processInfo.environment.merging(variables) { $1 }.map {
                SystemPath("\($0)=\($1)")
            },
            input: standardInput.map { .file($0) } ?? .null,
            output: .file(try output ?? outgoing?.write ?? file("output")),
            errors: talks ? .inherited : .file(try file("errors"))
        )
    }

    /// Whether it has ended.
    package var hasEnded: Bool { child.ending() != nil }

    /// Waits for the end.
    package func finish() throws -> Output {
        let ending = child.wait()
        func text(_ name: String) throws -> String { scratch.names.contains(name) ? try scratch.text(name) : "" }
        return Output(
            status: ending.exitStatus.map(Int32.init) ?? 128 + (ending.signal ?? 0),
            standardOutput: try text("output"),
            standardError: try text("errors")
        )
    }

    /// Sends a signal.
    package func send(_ signal: Int32) { child.send(signal) }

    /// Ends the program at once.
    package func stop() {
        // Not by closing its input: another child that was started meanwhile may hold our side of it.
        child.send(SIGKILL)
        _ = child.wait()
    }

    /// Runs a program to its end and returns what it wrote.
    package static func run(
        _ words: [String],
        variables: [String: String] = [:],
        in folder: String? = nil,
        input: FileDescriptor? = nil
    ) throws -> Output {
        let bytes = words.map { Array($0.utf8) }
        return try TestProcess(bytes, variables: variables, in: folder, input: input).finish()
    }

    // MARK: - Talking

    /// Writes a line to its standard input.
    package func send(line: String) throws { try input?.write(line + "\n") }

    /// Closes its standard input.
    package func closeInput() { try? input?.close() }

    /// Waits for the next line of its standard output.
    ///
    /// - Throws: when the program ends before.
    package func line() throws -> String {
        guard let output else { throw Failure("nothing is read of this program's output") }
        return try received.withLock { received in
            while true {
                if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                    defer { received.removeFirst(end + 1) }
                    return String(decoding: received[..<end], as: UTF8.self)
                }
                guard try output.append(upTo: 65_536, to: &received) > 0 else {
                    throw Failure("the program ended: \(String(decoding: received, as: UTF8.self))")
                }
            }
        }
    }

    /// The path of a built program, which lies in the folder of the tests.
    package static func built(_ name: String) -> String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: own).deletingLastPathComponent().appending(path: name).path
    }
}

/// Whether a child process may be given less memory, or smaller files: sanitizers need their own.
package let canLimitResources = dlsym(nil, "__asan_init") == nil && dlsym(nil, "__tsan_init") == nil
