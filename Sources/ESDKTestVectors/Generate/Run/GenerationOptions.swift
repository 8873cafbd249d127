/// How an encrypt or decrypt-generate manifest is run.
package struct GenerationOptions: Sendable {
    /// Which tests run, and how many at the same time.
    package var run: RunOptions
    /// The folder to write.
    package var output: String
    /// Whether a set that lies there is replaced.
    package var replacesOutput = false
    /// The format of the set; nil for the one that answers the manifest.
    package var format: SetFormat?
    /// What all randomness follows from; nil for the system's.
    package var seed: String?
    /// What is written as some other implementation does.
    package var conventions: Set<WireConvention> = []

    /// Default options.
    package init(run: RunOptions, output: String) {
        self.run = run
        self.output = output
    }
}
