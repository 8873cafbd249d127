/// Where the parts of a document lie, part for part as in its value.
///
/// A parsed value does not remember places; a tool that points at parts of a document walks both.
package struct JSONPlaces: Sendable {
    /// The offset in bytes of the member's name, at its quotation mark; nil for what is not a member.
    package let name: Int?
    /// The offset in bytes of the value.
    package let value: Int
    /// The places of an array's elements or an object's members, in their order.
    package let parts: [JSONPlaces]

    /// The places in a document.
    ///
    /// - Parameter document: JSON that `StrictJSON.parse` accepts: its depth is bounded, and nothing is checked again.
    package init(of document: [UInt8]) {
        var walk = Walk(bytes: document.span)
        self = walk.places(name: nil)
    }

    private init(name: Int?, value: Int, parts: [JSONPlaces]) {
        self.name = name
        self.value = value
        self.parts = parts
    }

    private struct Walk: ~Escapable {
        let bytes: Span<UInt8>
        var position: Int

        @_lifetime(copy bytes)
        init(bytes: Span<UInt8>) {
            self.bytes = bytes
            position = StrictJSON.lengthOfByteOrderMark(bytes)
        }

        mutating func places(name: Int?) -> JSONPlaces {
            skipFiller()
            let start = position
            var parts: [JSONPlaces] = []
            switch current {
            case UInt8(ascii: "{"): enter(closing: UInt8(ascii: "}"), isObject: true, into: &parts)
            case UInt8(ascii: "["): enter(closing: UInt8(ascii: "]"), isObject: false, into: &parts)
            case UInt8(ascii: "\""): skipString()
            default: while !Self.endsWord(current) { position += 1 }
            }
            return JSONPlaces(name: name, value: start, parts: parts)
        }

        private mutating func enter(closing bracket: UInt8, isObject: Bool, into parts: inout [JSONPlaces]) {
            position += 1
            skipFiller()
            while let byte = current, byte != bracket {
                let name = isObject ? position : nil
                if isObject {
                    skipString()
                    skipFiller()
                }
                parts.append(places(name: name))
                skipFiller()
            }
            position += 1
        }

        /// What stands at the position; nil at the end of the document.
        private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

        /// Skips what separates the parts: white space, commas and colons.
        private mutating func skipFiller() {
            while let byte = current, Self.isFiller(byte) { position += 1 }
        }

        private mutating func skipString() {
            position += 1
            while let byte = current, byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
            position += 1
        }

        private static func isFiller(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: ":"): true
            default: false
            }
        }

        private static func endsWord(_ byte: UInt8?) -> Bool {
            guard let byte else { return true }
            return isFiller(byte) || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
        }
    }
}

/// The lines of a document, for places in it.
package struct JSONLines: Sendable {
    /// The offsets at which lines begin, the byte order mark aside.
    private let starts: [Int]

    /// The lines of a document.
    package init(of document: [UInt8]) {
        var starts = [StrictJSON.lengthOfByteOrderMark(document.span)]
        for (offset, byte) in document.enumerated() where byte == 0x0A { starts.append(offset + 1) }
        self.starts = starts
    }

    /// The place of an offset.
    package func location(of offset: Int) -> JSONError.Location {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return JSONError.Location(offset: offset, line: low + 1, column: max(offset - starts[low], 0) + 1)
    }
}
