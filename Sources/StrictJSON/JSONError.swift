/// Why a document was refused, and where.
package struct JSONError: Error, Sendable {
    /// The kind of an error; equality of errors is equality of this.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as text.
        package let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// The text is not JSON (RFC 8259).
        package static let syntax = Code("syntax")
        /// The text is not UTF-8, or an escape spells half of a surrogate pair.
        package static let encoding = Code("encoding")
        /// An object has two members of one name.
        package static let duplicateMember = Code("duplicate member")
        /// A number lies beyond what a double can hold.
        package static let numberRange = Code("number range")
        /// Arrays and objects are nested more deeply than is accepted.
        package static let tooDeep = Code("too deep")
        /// The document is larger than json-c can address.
        package static let tooLarge = Code("too large")
        /// json-c failed, or disagreed with our own reading of the document.
        package static let library = Code("library")
        /// The value cannot be written as JSON.
        package static let unwritable = Code("unwritable")
    }

    /// A place in a document.
    package struct Location: Hashable, Sendable {
        /// The offset in bytes, from 0.
        package let offset: Int
        /// The line, from 1; a line ends with U+000A.
        package let line: Int
        /// The column in bytes, from 1; a byte order mark is not counted.
        package let column: Int
    }

    /// The kind of the error.
    package let code: Code

    /// What is wrong, in words.
    package let reason: String

    /// The name of the document: a file's path, say.
    package let source: String

    /// Where it is wrong; `nil` where no place can be named.
    package let location: Location?

    /// An error.
    ///
    /// - Parameters:
    ///   - code: its kind.
    ///   - reason: what is wrong, in words.
    ///   - source: the name of the document.
    ///   - location: where it is wrong.
    package init(code: Code, reason: String, source: String, location: Location?) {
        self.code = code
        self.reason = reason
        self.source = source
        self.location = location
    }

    /// The offset in bytes, from 0.
    package var offset: Int { location?.offset ?? 0 }

    /// The line, from 1.
    package var line: Int { location?.line ?? 1 }

    /// The column in bytes, from 1.
    package var column: Int { location?.column ?? 1 }
}

extension JSONError: Hashable {
    /// Whether both errors are of one kind.
    package static func == (left: JSONError, right: JSONError) -> Bool {
        left.code == right.code
    }

    /// Hashes the code.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }
}

extension JSONError: CustomStringConvertible {
    /// The error as one line, in the form of a compiler's: `source:line:column: reason`.
    package var description: String {
        if let location {
            "\(source):\(location.line):\(location.column): \(reason)"
        } else {
            "\(source): \(reason)"
        }
    }
}

extension JSONError.Location {
    /// The place of an offset in a document.
    ///
    /// - Parameters:
    ///   - offset: the offset in bytes, at most the document's length.
    ///   - bytes: the document.
    init(offset: Int, in bytes: Span<UInt8>) {
        var line = 1
        var lineStart = StrictJSON.lengthOfByteOrderMark(bytes)
        var place = lineStart
        let end = min(offset, bytes.count)
        while place < end {
            if bytes[place] == 0x0A {
                line += 1
                lineStart = place + 1
            }
            place += 1
        }
        self.init(offset: offset, line: line, column: max(offset - lineStart, 0) + 1)
    }
}
