/// What the scan of a document keeps for the passes after it.
struct JSONScan {
    /// A member name as met in the document.
    struct Name {
        /// The name, unescaped.
        let text: String
        /// Its bytes in the document, quotation marks included.
        let range: Range<Int>
    }

    /// Every member name, in the order of the document.
    var names: [Name] = []

    /// Whether a name holds U+0000, at which json-c would cut it.
    var hasNameWithNUL = false

    /// Where integer literals end that do not fit 64 bits, at which json-c would saturate.
    var wideIntegerEnds: [Int] = []

    /// The members of the outermost object that are withheld from the tree, with the range of each one's string,
    /// quotation marks included.
    var withheld: [JSONName: Range<Int>] = [:]

    /// The bytes of the value, without what surrounds it.
    var value: Range<Int> = 0..<0

    /// Whether json-c would read something else than the document says, or something that it must not see.
    var needsRewriting: Bool { hasNameWithNUL || !wideIntegerEnds.isEmpty || !withheld.isEmpty }
}
