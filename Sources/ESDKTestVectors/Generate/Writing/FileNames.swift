/// The names of the files of a set.
enum FileNames {
    /// Whether a text can be a file name on every system as it is.
    ///
    /// Names that start with an underscore are left for texts that cannot.
    static func isPlain(_ text: String) -> Bool {
        guard 1...150 ~= text.utf8.count, let first = text.utf8.first else { return false }
        guard first != UInt8(ascii: "."), first != UInt8(ascii: "-"), first != UInt8(ascii: "_") else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    /// The file name for a text, or for its position where the text cannot be one.
    static func name(for text: String, at position: Int) -> String {
        isPlain(text) ? text : "_\(position)"
    }
}
