import ESDKSystem

/// One file to be encrypted or decrypted.
struct FileJob: Sendable {
    enum Place: Sendable, Equatable {
        /// Standard input or standard output.
        case standard
        case path(SystemPath)

        /// The path; nil for the standard ones.
        var path: SystemPath? {
            switch self {
            case .standard: nil
            case .path(let path): path
            }
        }

        /// The place in messages.
        func shown(_ standard: String) -> String {
            switch self {
            case .standard: standard
            case .path(let path): path.description
            }
        }
    }

    let input: Place
    /// Where it goes; nil for nowhere.
    let output: Place?
    /// The bytes of a regular file; nil where that is not known.
    let size: Int?

    var goesToStandardOutput: Bool { output.map { $0.path == nil } ?? false }

    /// The input in messages.
    var name: String { input.shown("standard input") }
}

/// Which files become which, decided before the first one is written.
struct FilePlan: Sendable {
    /// What is wrong with one of the inputs, which does not hinder the others.
    struct Problem: Sendable {
        let name: String
        let reason: String
    }

    private(set) var jobs: [FileJob] = []
    private(set) var problems: [Problem] = []
    /// Files in folders that are left out because of their suffix, and what is there besides regular files.
    private(set) var leftOut = (bySuffix: 0, otherThings: 0)

    private let options: FileOptions
    private var origins: [SystemPath: String] = [:]
    /// The folder for the output: what is in it is not input.
    private var outputFolder: FileStatus.Identity?

    /// Finds the files.
    ///
    /// - Parameters:
    ///   - inputs: the operands.
    ///   - options: where the files go, and what they are called.
    /// - Throws: `UsageError` for what cannot go together; `SystemError` where the folder for the output cannot be made.
    init(_ inputs: [SystemPath], _ options: FileOptions) throws {
        self.options = options
        let isOutputStandard = options.output == "-"
        if options.verifiesOnly, options.output != nil { throw UsageError("--verify writes nothing: leave out -o") }
        if options.range != nil {
            if options.verifiesOnly { throw UsageError("--verify reads all of a message: leave out --range") }
            if options.isInputBase64 { throw UsageError("--range needs a message that is not Base64 text") }
            guard inputs.count == 1, !options.isRecursive else { throw UsageError("--range takes one file") }
        } else if options.readsSignedRanges {
            throw UsageError("--signature-not-verified goes with --range")
        }
        if inputs == ["-"] {
            guard !options.keys.readsStandardInput else {
                throw UsageError("the key and INPUT cannot both be standard input")
            }
            let output: FileJob.Place? =
                options.verifiesOnly
                ? nil : isOutputStandard ? .standard : options.output.map { .path($0) } ?? .standard
            jobs = [FileJob(input: .standard, output: output, size: nil)]
            return
        }
        guard !inputs.contains("-") else {
            throw UsageError("standard input (-) is taken alone: name a file ./- as such")
        }
        let kinds = inputs.map { try? FileStatus(of: $0).kind }
        guard options.isRecursive || !kinds.contains(.folder) else {
            let folder = zip(inputs, kinds).first { $0.1 == .folder }.map { "\($0.0)" } ?? ""
            throw UsageError("\(folder) is a folder: --recursive takes the files in it")
        }
        if inputs.count == 1, kinds[0] != .folder {
            try planOne(inputs[0], isOutputStandard)
        } else {
            try planSeveral(inputs, kinds, isOutputStandard)
        }
    }

    private mutating func planOne(_ input: SystemPath, _ isOutputStandard: Bool) throws {
        if options.verifiesOnly { return add(input, to: nil) }
        if isOutputStandard { return add(input, to: .standard) }
        guard let output = options.output else {
            guard let name = outputName(of: input) else { throw UsageError(unnamed(input) + ": give -o OUT") }
            return add(input, to: .path(name))
        }
        guard output.bytes.last == UInt8(ascii: "/") || (try? FileStatus(of: output))?.kind == .folder else {
            return add(input, to: .path(output))
        }
        guard let name = outputName(of: input.lastComponent) else {
            throw UsageError(unnamed(input) + ": name the file with -o")
        }
        add(input, to: .path(output.appending(name)))
    }

    private mutating func planSeveral(
        _ inputs: [SystemPath],
        _ kinds: [FileStatus.Kind?],
        _ isOutputStandard: Bool
    ) throws {
        guard !isOutputStandard else { throw UsageError("only one file can go to standard output") }
        if let output = options.output {
            if let kind = (try? FileStatus(of: output))?.kind, kind != .folder {
                let advice = options.task.readsMessages ? ", or --verify to write nothing" : ""
                throw UsageError("\(output) is \(kind.words): several files need a folder for -o\(advice)")
            }
            try Folder.makeAll(output)
            outputFolder = try FileStatus(of: output).identity
        }
        for (input, kind) in zip(inputs, kinds) {
            guard kind == .folder else {
                guard let name = outputName(of: options.output == nil ? input : input.lastComponent) else {
                    if options.verifiesOnly {
                        add(input, to: nil)
                    } else {
                        problem(input, unnamed(input.lastComponent))
                    }
                    continue
                }
                add(input, to: options.output?.appending(name) ?? name, named: input)
                continue
            }
            // What is in one folder keeps its path in it; of several folders, the names are kept, too.
            let place = inputs.count == 1 ? options.output : options.output?.appending(input.lastComponent)
            walk(input, to: place)
        }
    }

    // MARK: - Folders

    private mutating func walk(_ folder: SystemPath, to output: SystemPath?) {
        var found: [FolderWalk.Entry] = []
        var unread: [SystemError] = []
        FolderWalk(skipping: outputFolder) { unread.append($0) }.visit(folder) { found.append($0) }
        for error in unread { problems.append(Problem(name: "\(error.path ?? folder)", reason: error.description)) }
        for entry in found {
            guard entry.status.kind == .regular else {
                leftOut.otherThings += 1
                continue
            }
            let name = entry.path.lastComponent
            // A file that is being written.
            if name.bytes.starts(with: ".esdk-".utf8) { continue }
            let isMessage = hasSuffix(name)
            guard options.task == .encrypt ? !isMessage || options.suffix.isEmpty : isMessage,
                let target = outputName(of: output == nil ? entry.path : entry.relative)
            else {
                leftOut.bySuffix += 1
                continue
            }
            add(entry.path, to: output?.appending(target) ?? target, named: entry.path, size: entry.status.size)
        }
    }

    // MARK: - Names

    private func hasSuffix(_ name: SystemPath) -> Bool {
        let suffix = options.suffix
        return name.bytes.count > suffix.count && name.bytes.suffix(suffix.count).elementsEqual(suffix)
    }

    /// What the output is called; nil where the name does not say.
    private func outputName(of input: SystemPath) -> SystemPath? {
        switch options.task {
        case .encrypt: return SystemPath(bytes: input.bytes + options.suffix)
        case .rescue where options.rewrapKeys != nil: return input
        case .decrypt, .rescue:
            guard hasSuffix(input.lastComponent) else { return nil }
            return SystemPath(bytes: input.bytes.dropLast(options.suffix.count))
        }
    }

    private func unnamed(_ input: SystemPath) -> String {
        "\(input) does not end in \(String(decoding: options.suffix, as: UTF8.self))"
    }

    private mutating func problem(_ path: SystemPath, _ reason: String) {
        problems.append(Problem(name: path.description, reason: reason))
    }

    private mutating func add(_ input: SystemPath, to output: SystemPath, named name: SystemPath, size: Int? = nil) {
        if options.verifiesOnly { return add(input, to: nil, size: size) }
        if let other = origins.updateValue(name.description, forKey: output) {
            return problem(input, "\(output) would be overwritten, which \(other) becomes")
        }
        add(input, to: .path(output), size: size)
    }

    private mutating func add(_ input: SystemPath, to output: FileJob.Place?, size: Int? = nil) {
        let status = size == nil ? try? FileStatus(of: input) : nil
        let known = size ?? (status?.kind == .regular ? status?.size : nil)
        jobs.append(FileJob(input: .path(input), output: output, size: known))
    }
}
