import StrictJSON

/// Why a set cannot be loaded at all: the command ends with exit code 2.
package struct LoadError: Error, Sendable {
    /// The kind of an error; equality of errors is equality of this.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as text.
        package let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// There is no such file or folder.
        package static let notFound = Code("not found")
        /// A file cannot be read.
        package static let unreadable = Code("unreadable")
        /// A manifest is not JSON.
        package static let notJSON = Code("not JSON")
        /// A manifest does not have the members of its type.
        package static let malformed = Code("malformed")
        /// The type is not known.
        package static let unknownType = Code("unknown type")
        /// The version is not known.
        package static let unknownVersion = Code("unknown version")
        /// The manifest is known, but there is nothing in it to decrypt.
        package static let nothingToDecrypt = Code("nothing to decrypt")
        /// The manifest is known, but it does not say what to encrypt.
        package static let nothingToEncrypt = Code("nothing to encrypt")
        /// A folder holds no manifest.
        package static let noManifest = Code("no manifest")
        /// The set has no tests.
        package static let emptySet = Code("empty set")
        /// The keys manifest cannot be loaded.
        package static let keys = Code("keys")
    }

    /// The kind of the error.
    package let code: Code

    /// The file or folder.
    package let path: String

    /// What is wrong and what to do about it, in one line without the path.
    package let reason: String

    /// An error.
    package init(_ code: Code, path: String, reason: String) {
        self.code = code
        self.path = path
        self.reason = reason
    }
}

extension LoadError: Hashable {
    /// Whether both errors are of one kind.
    package static func == (left: LoadError, right: LoadError) -> Bool {
        left.code == right.code
    }

    /// Hashes the code.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }
}

extension LoadError: CustomStringConvertible {
    /// The error as one line.
    package var description: String { "\(ManifestText.plain(path)): \(reason)" }
}

/// Why a test cannot be run as its manifest has it.
package struct TestProblem: Error, Hashable, Sendable {
    /// What becomes of the test.
    package enum Verdict: Hashable, Sendable {
        /// The manifest is broken here, which is a failure.
        case fails
        /// The manifest asks for something that is not supported, which is a skip.
        case skipped
    }

    /// What becomes of the test.
    package let verdict: Verdict

    /// The reason in one line.
    package let reason: String

    /// A problem.
    package init(_ verdict: Verdict, _ reason: String) {
        self.verdict = verdict
        self.reason = reason
    }

    /// Broken data in the manifest.
    static func broken(_ reason: String) -> TestProblem {
        TestProblem(.fails, reason)
    }

    /// Something that is not supported.
    static func unsupported(_ reason: String) -> TestProblem {
        TestProblem(.skipped, reason)
    }
}

extension TestProblem: CustomStringConvertible {
    /// The reason.
    package var description: String { reason }
}

/// Why a file cannot be read.
package struct VectorFileError: Error, Sendable {
    /// The kind of an error; equality of errors is equality of this.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as text.
        package let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// There is no such file.
        package static let missing = Code("missing")
        /// It is a folder, a device or the like.
        package static let notRegular = Code("not a regular file")
        /// A symbolic link on its path leaves the set's folder.
        package static let leavesFolder = Code("leaves the folder")
        /// It is larger than the caller accepts.
        package static let tooLarge = Code("too large")
        /// The system refuses to read it.
        package static let unreadable = Code("unreadable")
    }

    /// The kind of the error.
    package let code: Code

    /// The file, as the message names it.
    package let path: String

    /// What is wrong, in words.
    package let reason: String

    /// An error.
    package init(_ code: Code, path: String, reason: String) {
        self.code = code
        self.path = path
        self.reason = reason
    }
}

extension VectorFileError: Hashable {
    /// Whether both errors are of one kind.
    package static func == (left: VectorFileError, right: VectorFileError) -> Bool {
        left.code == right.code
    }

    /// Hashes the code.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }
}

extension VectorFileError: CustomStringConvertible {
    /// The error as one line.
    package var description: String { "\(path): \(reason)" }
}

/// Texts from outside in messages.
enum ManifestText {
    /// A text from a manifest in quotation marks, fit for one line of a terminal.
    static func quoted(_ text: String) -> String {
        StrictJSON.quoted(text)
    }

    /// A path as it is, or quoted where it would break the line.
    static func plain(_ path: String) -> String {
        path.utf8.contains { $0 < 0x20 || $0 == 0x7F } || path.isEmpty ? quoted(path) : path
    }
}
