/// One element of DER (X.690): its tag and where its content lies.
///
/// It reads strictly: lengths are definite and in their shortest form, and everything lies within the given range.
struct DERElement: Equatable {
    /// The identifier octet; tags of more than one octet are not read.
    let tag: UInt8
    /// Where the content lies in the bytes that were read.
    let content: Range<Int>

    static let integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03
    static let octetString: UInt8 = 0x04
    static let objectIdentifier: UInt8 = 0x06
    static let sequence: UInt8 = 0x30

    /// Reads the element at the start of a range.
    ///
    /// - Parameters:
    ///   - bytes: the bytes.
    ///   - range: a range of `bytes` whose beginning is that of the element.
    /// - Returns: nil when there is no well-formed element, or when it is longer than the range.
    init?(_ bytes: Span<UInt8>, in range: Range<Int>) {
        guard range.count >= 2 else { return nil }
        let tag = bytes[range.lowerBound]
        guard tag & 0x1F != 0x1F else { return nil }
        var start = range.lowerBound + 2
        var length = Int(bytes[range.lowerBound + 1])
        if length >= 0x80 {
            // 0x80 alone is the indefinite length; more than four octets describe more than any key or signature.
            let octets = length & 0x7F
            guard (1...4).contains(octets), range.upperBound - start >= octets else { return nil }
            length = 0
            for index in start..<(start + octets) { length = length << 8 | Int(bytes[index]) }
            guard length >= 0x80, octets == 1 || length >> (8 * (octets - 1)) != 0 else { return nil }
            start += octets
        }
        guard length <= range.upperBound - start else { return nil }
        self.tag = tag
        self.content = start..<(start + length)
    }

    /// Reads the element at the start of a range and requires its tag.
    ///
    /// - Parameters:
    ///   - tag: the identifier octet that must be there.
    ///   - bytes: the bytes.
    ///   - range: a range of `bytes` whose beginning is that of the element.
    /// - Returns: nil when there is no well-formed element with this tag.
    init?(_ tag: UInt8, _ bytes: Span<UInt8>, in range: Range<Int>) {
        guard let element = DERElement(bytes, in: range), element.tag == tag else { return nil }
        self = element
    }

    /// Reads a sequence of integers that are not negative, each in its shortest form, which fills a range.
    ///
    /// - Parameters:
    ///   - bytes: the bytes.
    ///   - range: a range of `bytes`.
    /// - Returns: where the digits of each number lie, most significant first, without leading zeros: an empty range is a zero. Nil
    ///   for anything else, and for more than 16 numbers.
    static func naturalNumbers(_ bytes: Span<UInt8>, in range: Range<Int>) -> [Range<Int>]? {
        guard let whole = DERElement(sequence, bytes, in: range), whole.content.upperBound == range.upperBound else {
            return nil
        }
        var numbers: [Range<Int>] = []
        var position = whole.content.lowerBound
        while position < whole.content.upperBound {
            guard
                numbers.count < 16,
                let number = DERElement(integer, bytes, in: position..<whole.content.upperBound),
                var first = number.content.first, bytes[first] < 0x80
            else { return nil }
            if bytes[first] == 0 {
                first += 1
                // A zero is only written before a digit that would otherwise be a sign, or alone.
                guard first == number.content.upperBound || bytes[first] >= 0x80 else { return nil }
            }
            numbers.append(first..<number.content.upperBound)
            position = number.content.upperBound
        }
        return numbers
    }
}
