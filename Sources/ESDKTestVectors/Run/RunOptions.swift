package import AWSMaterialProviders
import ESDKSystem

/// How decrypt vectors are run.
package struct RunOptions: Sendable {
    /// A part of the tests, for runs on several machines: part `index`, from 1, of `count`.
    package struct Shard: Sendable, Hashable {
        /// Which part, from 1.
        package let index: Int
        /// How many parts.
        package let count: Int

        /// A part; nil unless `1 <= index <= count`.
        package init?(index: Int, count: Int) {
            guard count >= 1, 1...count ~= index else { return nil }
            self.index = index
            self.count = count
        }

        /// Whether a test belongs to this part: decided by its id, so that new tests do not move the others.
        func contains(_ id: String) -> Bool { StableHash.of(id) % UInt64(count) == UInt64(index - 1) }
    }

    /// What the run does with the tests.
    package let task: VectorTask
    /// How many tests run at the same time.
    package var jobs: Int
    /// What ids or descriptions to run: patterns (as the shell's), or plain text that is in them; none for all.
    package var filters: [String] = []
    /// What ids or descriptions not to run, in the same forms.
    package var exclusions: [String] = []
    /// How many failures end the run; nil for any number.
    package var maximumFailures: Int?
    /// The part of the tests to run.
    package var shard: Shard?
    /// The client's policy.
    package var commitmentPolicy = CommitmentPolicy.forbidEncryptAllowDecrypt
    /// Whether messages of ESDK-NET 4.0.0 may be read by its own rules.
    package var allowsNetV4_0_0Retry = false
    /// What key descriptions of AWS KMS run against; nil to skip the tests that need it.
    package var aws: AWSServices?
    /// Whether results show the fields of their messages where nothing failed, too.
    var dissectsEveryMessage = false
    /// What is known of the tests beyond their manifest; nil to go by the manifest alone.
    package var rules: RuleBook?
    /// What failed in an earlier run, where nothing else is to run.
    package var rerun: FailedTests?

    /// Options that are not further specified.
    ///
    /// - Parameters:
    ///   - jobs: how many tests run at the same time, at least 1.
    ///   - task: what the run does with the tests.
    package init(jobs: Int, task: VectorTask) {
        self.jobs = max(1, jobs)
        self.task = task
    }
}

extension RunOptions {
    /// How a test of a run with these options is run again.
    var repetition: Repetition {
        var text = ""
        if commitmentPolicy != RunOptions(jobs: 1, task: task).commitmentPolicy {
            text += " --commitment-policy \(commitmentPolicy.rawValue)"
        }
        if allowsNetV4_0_0Retry { text += " --net-4.0.0-retry-policy" }
        if let path = rules?.path { text += " --rules " + TerminalText.shellWord(path) }
        for word in aws?.commandLine ?? [] { text += " " + TerminalText.shellWord(word) }
        return Repetition(command: task.command, options: text)
    }
}

extension TextReport {
    /// A report on a run with these options, with tables of so many columns.
    package init(repeating options: RunOptions, columns: Int = 80) {
        self.init(options.repetition, columns: columns)
    }
}

/// A hash of a text that is the same in every process and on every machine (64-bit FNV-1a).
enum StableHash {
    static func of(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 {
            hash ^= UInt64(byte)
            hash &*= 0x0000_0100_0000_01B3
        }
        return hash
    }
}
