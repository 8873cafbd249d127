import ESDKSystem

/// A program run to its end in a separate process.
struct MeasuredRun {
    /// What it wrote to standard output.
    let output: String
    /// The most memory that was resident at one time, in bytes.
    let peakResidentBytes: Int
    /// CPU time, user and system.
    let cpuSeconds: Double

    /// Runs a program that is looked up in the PATH, unless its name has a slash.
    ///
    /// - Throws: `BenchError` when it cannot be started or fails.
    init(_ program: String, _ arguments: [String]) throws(BenchError) {
        do throws(SystemError) {
            let pipe = try FileDescriptor.pipe()
            let child = try ChildProcess(
                ([program] + arguments).map { SystemPath($0) },
                output: .file(pipe.write)
            )
            try pipe.write.close()
            let output = try pipe.read.readAll()
            let ending = child.wait()
            guard ending.exitStatus == 0 else { throw SystemError(0, "run", SystemPath(program), "it failed") }
            self.output = String(decoding: output, as: UTF8.self)
            peakResidentBytes = ending.peakResidentBytes
            cpuSeconds = ending.cpuTime / .seconds(1)
        } catch {
            throw BenchError(error.description)
        }
    }
}
