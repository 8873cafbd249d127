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
