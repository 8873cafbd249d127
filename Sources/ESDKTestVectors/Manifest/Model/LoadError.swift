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
