import AWSEncryptionSDK
import Glibc

/// Measurements of the library, in CPU seconds; `esdk-bench --help` says what there is.
@main
struct Bench {
    static func main() async {
        do {
            let options = try BenchOptions(arguments: Array(CommandLine.arguments.dropFirst()))
            switch options.mode {
            case .help: print(BenchOptions.usage)
            case .throughput: try await ThroughputBench(options).run()
            case .stream: try StreamBench(options).run()
            case .smallMessages: try await SmallMessageBench(options).run()
            case .keyrings: try await KeyringBench(options).run()
            case .kms: try await KMSBench(options).run()
            case .lanes: try await LaneBench(options).run()
            case .tasks: try await TaskBench(options).run()
            case .streamStep(let step): try await StreamBench.perform(step, options)
            }
        } catch let error as BenchError {
            ErrorOutput.write("esdk-bench: \(error.reason)\n")
            exit(error.isUsage ? 2 : 1)
        } catch {
            ErrorOutput.write("esdk-bench: \(error)\n")
            exit(1)
        }
    }
}

/// The command line.
struct BenchOptions {
    enum Mode: Equatable {
        case help, throughput, stream, smallMessages, keyrings, kms, lanes, tasks
        /// What `stream` runs in separate processes.
        case streamStep(StreamStep)
    }

    static let usage = """
        Usage: esdk-bench [--operation NAME] [--row TEXT] [--runs N] [--size BYTES] [--json FILE]
               esdk-bench stream [--size BYTES]
               esdk-bench small [--row TEXT] [--runs N]
               esdk-bench keyrings [--row TEXT] [--runs N]
               esdk-bench lanes [--row TEXT] [--runs N] [--size BYTES]
               esdk-bench tasks [--row TEXT] [--runs N]
               esdk-bench kms --kms-endpoint URL --kms-key ARN [--runs N] [--json FILE]

        Without a word: throughput of the suites 0014, 0178, 0478 and 0578 at frames of 64 bytes to 1 MiB over 64 MiB in
        memory, beside a loop over libcrypto alone in the same run; best of N rounds (default 5). --row "0478 4096" measures
        that suite and frame alone.
        Operations: decrypt, encrypt (into an array whose storage is used again), decrypt-new-array, encrypt-new-array.
        stream: peak memory of encrypting and decrypting a file of 1 GiB in frames of 1 MiB, unsigned.
        small: CPU time to encrypt and decrypt a message of 100 bytes, called from the main actor and from no actor, beside the
        calls of libcrypto that it takes.
        keyrings: the same under hierarchical keyrings with warm caches of each kind, and under an AWS KMS keyring without a
        network, beside a raw AES keyring and the cryptography alone; --row measures only rows with TEXT in their name.
        lanes: one message of 64 MiB on one thread and on as many as there are cores, in wall time, beside libcrypto alone.
        tasks: 100,000 messages of 1 KiB under one keyring, by one task and by as many as there are cores, in wall time.
        kms: small messages under an AWS KMS keyring over HTTP, and the two calls alone; this process's CPU time only.
        """

    var mode = Mode.throughput
    var operations: [Operation] = Operation.allCases
    var runs = 5
    var size: Int?
    var jsonPath: String?
    var kmsEndpoint: String?
    var kmsKey: String?
    var row: String?
    /// The files that a step of `stream` works on.
    var paths: [String] = []

    init(arguments: [String]) throws(BenchError) {
        var rest = arguments[...]
        switch rest.first {
        case "stream": mode = .stream
        case "small": mode = .smallMessages
        case "keyrings": mode = .keyrings
        case "kms": mode = .kms
        case "lanes": mode = .lanes
        case "tasks": mode = .tasks
        case let word?:
            if let step = StreamStep(rawValue: word) { mode = .streamStep(step) }
        case nil: break
        }
        if mode != .throughput { rest.removeFirst() }
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h":
                mode = .help
            case "--operation":
                guard let operation = Operation(rawValue: try Self.value(of: argument, &rest)) else {
                    let names = Operation.allCases.map(\.rawValue).joined(separator: ", ")
                    throw BenchError("--operation is one of \(names)", isUsage: true)
                }
                operations = [operation]
            case "--runs": runs = try Self.number(of: argument, &rest)
            case "--size": size = try Self.number(of: argument, &rest)
            case "--json": jsonPath = try Self.value(of: argument, &rest)
            case "--kms-endpoint": kmsEndpoint = try Self.value(of: argument, &rest)
            case "--kms-key": kmsKey = try Self.value(of: argument, &rest)
            case "--row": row = try Self.value(of: argument, &rest)
            default:
                guard case .streamStep = mode else {
                    throw BenchError("unknown argument \(argument); see esdk-bench --help", isUsage: true)
                }
                paths.append(argument)
            }
        }
    }

    private static func value(of option: String, _ rest: inout ArraySlice<String>) throws(BenchError) -> String {
        guard let value = rest.popFirst() else { throw BenchError("\(option) needs a value", isUsage: true) }
        return value
    }

    private static func number(of option: String, _ rest: inout ArraySlice<String>) throws(BenchError) -> Int {
        guard let number = Int(try value(of: option, &rest)), number > 0 else {
            throw BenchError("\(option) needs a positive number", isUsage: true)
        }
        return number
    }
}

/// Why a measurement could not be carried out.
struct BenchError: Error {
    let reason: String
    /// Whether the command line is to blame.
    let isUsage: Bool

    init(_ reason: String, isUsage: Bool = false) {
        self.reason = reason
        self.isUsage = isUsage
    }
}
