import AWSMaterialProviders
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
