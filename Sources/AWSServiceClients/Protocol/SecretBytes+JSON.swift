internal import ESDKCrypto
internal import StrictJSON

extension SecretBytes {
    /// A text within this JSON document, without its escapes.
    ///
    /// - Parameter range: where it stands, without its quotation marks.
    /// - Returns: nil when escapes stand for other characters than ASCII.
    func unescapedText(in range: Range<Int>) -> SecretBytes? {
        var isComplete = false
        let text = SecretBytes(count: range.count) { output in
            isComplete = StrictJSON.unescapeASCII(span.extracting(range), appendingTo: &output)
        }
        return isComplete ? text : nil
    }

    /// This JSON object with one more member, at its end: Base64 text, of which there is no other copy.
    ///
    /// - Parameters:
    ///   - object: an object as JSON without blanks around it.
    ///   - name: the member's name, of letters only.
    ///   - value: what the text stands for.
    init(object: Span<UInt8>, adding name: String, _ value: SecretBytes) throws(CryptoError) {
        let isEmpty = object.count <= 2
        let opening = Array("\(isEmpty ? "" : ",")\"\(name)\":\"".utf8)
        let closing = Array("\"}".utf8)
        let length = Base64.encodedLength(of: value.count)
        try self.init(count: object.count - 1 + opening.count + length + closing.count) {
            (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try output.appendBytes(object.extracting(0..<(object.count - 1)))
            try output.appendBytes(opening.span)
            Base64.encode(value.span, appendingTo: &output)
            try output.appendBytes(closing.span)
        }
    }

    /// The Base64 text that stands for these bytes.
    var base64: SecretBytes {
        SecretBytes(count: Base64.encodedLength(of: count)) { Base64.encode(span, appendingTo: &$0) }
    }
}
