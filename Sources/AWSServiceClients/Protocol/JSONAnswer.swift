internal import AWSMaterialProviders
internal import ESDKCrypto
internal import StrictJSON

/// The answer of an operation, with readers for its members; `null` counts as absent.
///
/// Members that are secret are read from the body, in the memory that it was received in: no text is made of them.
struct JSONAnswer: Sendable {
    /// The service's name.
    let service: String
    /// The operation.
    let operation: String
    /// The id that the service gave the request.
    let requestID: String?
    /// The status of the response.
    let status: Int
    /// The members; those in `secrets` are empty texts.
    let members: JSONObject
    /// The body.
    let body: SecretBytes
    /// Where in the body the texts of secret members stand.
    let secrets: [JSONName: Range<Int>]

    /// The members that are secret, in whatever answer.
    static let secretNames: Set<JSONName> = [JSONName("Plaintext"), JSONName("SharedSecret")]

    /// A text that must be there.
    ///
    /// - Parameter name: the member's name.
    /// - Throws: `AWSServiceError` with code `invalidResponse`.
    func text(_ name: String) throws(AWSServiceError) -> String {
        guard let text = try optionalText(name) else { throw broken("has no \(name)") }
        return text
    }

    /// A text that may be there.
    ///
    /// - Parameter name: the member's name.
    /// - Throws: `AWSServiceError` with code `invalidResponse`.
    func optionalText(_ name: String) throws(AWSServiceError) -> String? {
        guard let value = members[name], !value.isNull else { return nil }
        guard let text = value.string else { throw broken("has \(value.kind) as \(name)") }
        return text
    }

    /// Bytes that must be there.
    ///
    /// - Parameter name: the member's name.
    /// - Throws: `AWSServiceError` with code `invalidResponse`.
    func bytes(_ name: String) throws(AWSServiceError) -> [UInt8] {
        guard let bytes = Base64.decode(try text(name)) else { throw broken("has a \(name) that is not Base64") }
        return bytes
    }

    /// Secret bytes that must be there.
    ///
    /// - Parameter name: the member's name, one of `secretNames`.
    /// - Throws: `AWSServiceError` with code `invalidResponse`.
    func secret(_ name: String) throws(AWSServiceError) -> SecretBytes {
        guard let range = secrets[JSONName(name)] else {
            // It is absent, or no text.
            _ = try text(name)
            throw broken("has a \(name) that cannot be read")
        }
        guard let text = body.unescapedText(in: range), let bytes = Base64.decodeSecret(text.span) else {
            throw broken("has a \(name) that is not Base64")
        }
        return bytes
    }

    /// The error for an answer that is not as it should be.
    ///
    /// - Parameter problem: what follows "the answer"; never a part of the answer.
    func broken(_ problem: String) -> AWSServiceError {
        AWSServiceError(
            .invalidResponse,
            "the answer \(problem)",
            service: service,
            operation: operation,
            requestID: requestID,
            httpStatus: status
        )
    }
}

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

extension String {
    /// The text of some UTF-8 bytes; malformed ones become U+FFFD.
    ///
    /// - Parameter bytes: the bytes.
    init(copying bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

/// A response with a status of 2xx that is none that the protocol allows.
package struct BrokenResponse: Error {
    /// What is wrong with it, without any part of it.
    let problem: String
}

/// The checksum of IEEE 802.3, which DynamoDB sends along with its answers.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    /// Whether the body of a response is what the service sent, as far as the response says.
    ///
    /// - Parameter response: any response; one without `x-amz-crc32` passes.
    static func matches(_ response: HTTPResponse) -> Bool {
        guard let text = response.headers.first(named: "x-amz-crc32"), let sum = UInt32(text) else { return true }
        return checksum(response.body.span) == sum
    }

    /// The checksum of some bytes.
    ///
    /// - Parameter bytes: the bytes.
    static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
        let table = table.span
        var value: UInt32 = 0xFFFF_FFFF
        for index in bytes.indices {
            value = value >> 8 ^ table[Int(UInt8(truncatingIfNeeded: value) ^ bytes[index])]
        }
        return value ^ 0xFFFF_FFFF
    }
}
