import ESDKSystem
import StrictJSON

/// What is wrong with a vector set: with a file of it, a manifest, one of its tests, or the place that it is written to.
package struct VectorError: Error, Sendable {
    /// The kind of an error; equality of errors is equality of this.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as text.
        package let description: String

        private init(_ description: String) {
            self.description = description
        }

        // MARK: Tests

        /// The manifest is broken here: the test fails.
        package static let broken = Code("broken")
        /// The manifest asks for something that is not supported: the test is skipped.
        package static let unsupported = Code("unsupported")

        // MARK: Files

        /// There is no such file or folder.
        package static let notFound = Code("not found")
        /// It is a folder, a device or the like.
        package static let notRegular = Code("not a regular file")
        /// A symbolic link on its path leaves the set's folder.
        package static let leavesFolder = Code("leaves the folder")
        /// It is larger than the caller accepts.
        package static let tooLarge = Code("too large")
        /// The system refuses to read it.
        package static let unreadable = Code("unreadable")
        /// The system refuses to write it, or something else is in its place.
        package static let notWritable = Code("not writable")

        // MARK: Manifests

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

    /// The file or folder; `nil` for what is wrong inside a manifest that has been read.
    package let path: String?

    /// What is wrong, and what to do about it where that is not obvious: one line, without the path.
    package let reason: String

    /// An error.
    package init(_ code: Code, path: String? = nil, reason: String) {
        self.code = code
        self.path = path
        self.reason = TerminalText.harmless(reason)
    }

    /// A manifest that is broken at this place.
    package static func broken(_ reason: String) -> VectorError {
        VectorError(.broken, reason: reason)
    }

    /// A manifest that asks for something that is not supported.
    package static func unsupported(_ reason: String) -> VectorError {
        VectorError(.unsupported, reason: reason)
    }

    /// Output that cannot be written.
    static func output(_ path: String, _ reason: String) -> VectorError {
        VectorError(.notWritable, path: path, reason: reason)
    }
}

extension VectorError: Hashable {
    /// Whether both errors are of one kind.
    package static func == (left: VectorError, right: VectorError) -> Bool {
        left.code == right.code
    }

    /// Hashes the code.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }
}

extension VectorError: CustomStringConvertible {
    /// The error as one line, which starts with the path if there is one.
    package var description: String {
        path.map { "\(ManifestText.plain($0)): \(reason)" } ?? reason
    }
}

/// Text that comes from outside, made fit for an error or a report.
enum ManifestText {
    /// Text from a manifest in quotation marks, on one line.
    static func quoted(_ text: String) -> String {
        StrictJSON.quoted(text)
    }

    /// A path as it is, or quoted where it would break the line.
    static func plain(_ path: String) -> String {
        TerminalText.harmless(path) != path || path.isEmpty ? quoted(path) : path
    }
}
