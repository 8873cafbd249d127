import ESDKSystem
import ESDKTestVectors

extension Command {
    /// `esdk adapter`: this command as one implementation among others, by the contract of `scripts/interop`.
    static let adapter = Command(
        name: "adapter",
        summary: "take part in the interoperability runner as one implementation among others",
        body: .action(
            Action(
                description:
                    "Encrypts or decrypts every test of a manifest and writes the outputs, and what came of each to report.jsonl, as the "
                    + "adapter contract of scripts/interop says. It does not judge.",
                operands: .one(
                    ArgumentForm(name: "ACTION", kind: .choice(AdapterRun.Action.allCases.map(\.rawValue))),
                    "encrypt or decrypt"
                ),
                values: AdapterOptions.init,
                options: [AdapterOptions.section, AWSOptions.section.of(\AdapterOptions.aws)],
                exitCodes: [
                    .success: "the report is complete, whatever it says",
                    .unusable: "wrong usage, a manifest or file that cannot be read or written, or an unreachable AWS",
                    .interrupted: "interrupted",
                ],
                examples: [("esdk adapter decrypt --manifest FILE --out DIR", "As the runner calls it")]
            ) { options, operands in
                let name = try operands.first?.text() ?? ""
                guard let action = AdapterRun.Action(rawValue: name) else {
                    throw UsageError("ACTION is encrypt or decrypt, not '\(name)'")
                }
                Interruption.catchSignals()
                return try await Interruption.cancelling { try await run(action, options) }
            }
        )
    )

    private static func run(_ action: AdapterRun.Action, _ options: AdapterOptions) async throws -> ExitCode {
        let services = Guarded<AWSServices?>(nil)
        let run = try await AdapterRun(
            action,
            manifest: options.manifest,
            conventions: options.conventions
        ) { keys in
            let found = try await options.aws.services(for: [keys])
            services.withLock { $0 = found }
            return found
        }
        try await run.run(to: options.output)
        // What it could not reach would pass for what it refuses.
        if let reason = services.withLock({ $0?.lostConnection }) {
            Terminal.complain("AWS could no longer be reached: \(reason)")
            return .unusable
        }
        return Interruption.hasHappened ? .interrupted : .success
    }
}

/// What the options of `esdk adapter` set.
private struct AdapterOptions: Sendable {
    var manifest = ""
    var output = SystemPath(".")
    var conventions: Set<WireConvention> = []
    var aws = AWSOptions()

    static let section = OptionSection<Self>(
        "Adapter",
        [
            .text("manifest", ArgumentForm(name: "FILE", kind: .path), help: "The manifest", isRequired: true) {
                $0.manifest = $1
            },
            .path(
                "out",
                ArgumentForm(name: "DIR", kind: .folder),
                help: "The folder for the outputs and the report, which exists",
                isRequired: true
            ) { $0.output = $1 },
            .choice(
                "convention",
                "NAME",
                of: WireConvention.self,
                help: "Encrypt as some other implementation does (repeatable)"
            ) { $0.conventions.insert($1) },
        ]
    )
}
