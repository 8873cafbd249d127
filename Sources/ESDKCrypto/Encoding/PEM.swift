/// Finds the blocks of PEM text (RFC 7468).
struct PEMReader: ~Escapable {
    /// One block of PEM text.
    struct Block {
        /// The text between `-----BEGIN ` and `-----`.
        let label: String
        /// Where the text between the two boundary lines lies.
        let body: Range<Int>
    }

    private let text: Span<UInt8>
    private var position = 0

    private static let begin: [UInt8] = Array("-----BEGIN ".utf8)
    private static let end: [UInt8] = Array("-----END ".utf8)
    private static let dashes: [UInt8] = Array("-----".utf8)

    /// Starts at the beginning of a text.
    ///
    /// - Parameter text: UTF-8.
    @_lifetime(copy text)
    init(_ text: Span<UInt8>) {
        self.text = text
    }

    /// Finds the next block.
    ///
    /// - Returns: nil when there are no more.
    /// - Throws: ``CryptoError`` with code `invalidKey` when a block does not end, or ends with another label.
    @_lifetime(self: copy self)
    mutating func next() throws(CryptoError) -> Block? {
        guard let boundary = find(PEMReader.begin.span, from: position) else { return nil }
        guard let label = label(at: boundary + PEMReader.begin.count) else {
            throw CryptoError(.invalidKey, "a PEM boundary line is incomplete")
        }
        let start = boundary + PEMReader.begin.count + label.utf8.count + PEMReader.dashes.count
        guard
            let end = find(PEMReader.end.span, from: start),
            let endLabel = self.label(at: end + PEMReader.end.count)
        else { throw CryptoError(.invalidKey, "the PEM block \(label) has no end: it is truncated") }
        guard endLabel == label else {
            throw CryptoError(.invalidKey, "the PEM block \(label) ends as \(endLabel)")
        }
        position = end + PEMReader.end.count + endLabel.utf8.count + PEMReader.dashes.count
        return Block(label: label, body: start..<end)
    }

    /// Whether a text begins as PEM does.
    static func isText(_ text: Span<UInt8>) -> Bool { PEMReader(text).matches(Array("-----BEGIN".utf8).span, at: 0) }

    /// Whether a text begins as the Base64 of PEM does.
    static func isEncodedText(_ text: Span<UInt8>) -> Bool {
        PEMReader(text).matches(Array("LS0tLS1CRUdJTi".utf8).span, at: 0)
    }

    /// Decodes the Base64 of a block.
    ///
    /// Line ends that are written `\n` or `\r\n`, as in environment variables and JSON, are line ends.
    ///
    /// - Parameter block: a block of this text.
    /// - Returns: the bytes.
    /// - Throws: ``CryptoError`` with code `invalidKey` when the block has headers (a key encrypted in the old way)
    ///   or is not Base64.
    func decode(_ block: Block) throws(CryptoError) -> SecretBytes {
        var isEncrypted = false
        var hasHeaders = false
        let compact = try SecretBytes(count: block.body.count) {
            (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            var isEscaped = false
            for index in block.body {
                defer { isEscaped = text[index] == UInt8(ascii: "\\") }
                switch text[index] {
                case UInt8(ascii: "\\"): continue
                case UInt8(ascii: "n") where isEscaped, UInt8(ascii: "r") where isEscaped: continue
                case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): continue
                case UInt8(ascii: ":"): hasHeaders = true
                default: break
                }
                output.append(text[index])
            }
        }
        if hasHeaders {
            let bodyText = text.extracting(block.body)
            isEncrypted = PEMReader(bodyText).find(Array("ENCRYPTED".utf8).span, from: 0) != nil
            throw CryptoError(
                .invalidKey,
                isEncrypted
                    ? "the private key is encrypted: decrypt it first (openssl pkey -in … -out …)"
                    : "the PEM block \(block.label) has headers, which is not supported"
            )
        }
        guard var bytes = Base64.decode(compact.span) else {
            throw CryptoError(.invalidKey, "the PEM block \(block.label) is not Base64")
        }
        defer { zeroize(&bytes) }
        return SecretBytes(bytes)
    }

    /// The label at a position, up to the closing dashes on the same line.
    private func label(at start: Int) -> String? {
        let longest = 64
        var end = start
        while end < text.count, end - start <= longest {
            guard (0x20...0x7E).contains(text[end]) else { return nil }
            if matches(PEMReader.dashes.span, at: end) {
                var label = ""
                for index in start..<end { label.unicodeScalars.append(Unicode.Scalar(text[index])) }
                return label
            }
            end += 1
        }
        return nil
    }

    private func find(_ pattern: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        while index + pattern.count <= text.count {
            if matches(pattern, at: index) { return index }
            index += 1
        }
        return nil
    }

    private func matches(_ pattern: Span<UInt8>, at start: Int) -> Bool {
        guard start + pattern.count <= text.count else { return false }
        for index in pattern.indices where text[start + index] != pattern[index] { return false }
        return true
    }
}
