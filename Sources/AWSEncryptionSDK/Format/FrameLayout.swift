import AWSMaterialProviders
import ESDKCrypto

// spec: message-body/sequence-number-end, message-body-aad/body-aad-content
/// What a body consists of: regular frames and a final one, or a single block (data-format/message-body.md).
///
/// The raw value is what the additional data calls it (data-format/message-body-aad.md).
enum FrameKind: String {
    case regular = "AWSKMSEncryptionClient Frame"
    case final = "AWSKMSEncryptionClient Final Frame"
    case singleBlock = "AWSKMSEncryptionClient Single Block"

    /// What stands before the sequence number of a final frame, and so is the sequence number of no regular one.
    static let finalFrameMarker = UInt32.max

    /// The offset of the sequence number in the frame; a single block has none.
    var sequenceNumberOffset: Int { self == .final ? 4 : 0 }

    /// The offset of the IV in the frame.
    var ivOffset: Int {
        switch self {
        case .regular: 4
        case .final: 8
        case .singleBlock: 0
        }
    }

    /// The offset of the content's length; 4 bytes in a final frame, 8 in a single block, none in a regular frame.
    var contentLengthOffset: Int { ivOffset + AESGCM.ivLength }

    /// The length of what stands before the content.
    var prefixLength: Int {
        switch self {
        case .regular: contentLengthOffset
        case .final: contentLengthOffset + 4
        case .singleBlock: contentLengthOffset + 8
        }
    }
}

// spec: message-body/regular-frame/encrypted-content, message-body/regular-frame/authentication-tag
// spec: message-body/final-frame/authentication-tag, message-body/encrypted-content-length
/// A frame, or a single block: where its parts lie, in bytes from its start.
struct FrameLayout {
    /// The longest content that AES-GCM allows, in bytes.
    static let maximumContentLength: UInt64 = (1 << 36) - 32

    let kind: FrameKind
    /// The length of the content in bytes.
    let contentLength: Int

    var isLast: Bool { kind != .regular }
    var ivRange: Range<Int> { kind.ivOffset..<kind.ivOffset + AESGCM.ivLength }
    var contentRange: Range<Int> { kind.prefixLength..<tagOffset }
    var tagOffset: Int { kind.prefixLength + contentLength }
    var length: Int { tagOffset + AESGCM.tagLength }

    /// Appends what stands before the content of a regular or final frame.
    @inline(__always)
    func appendPrefix(sequenceNumber: UInt32, iv: Span<UInt8>, to output: inout OutputSpan<UInt8>) throws(CryptoError) {
        if kind == .final { output.append(bigEndian: FrameKind.finalFrameMarker) }
        output.append(bigEndian: sequenceNumber)
        try output.appendBytes(iv)
        // At most the frame length, which has 32 bits.
        if kind == .final { output.append(bigEndian: UInt32(truncatingIfNeeded: contentLength)) }
    }
}

/// How a framed body is laid out: frames of equal length and a final frame, which holds from one byte to a whole frame, or nothing
/// when there is no plaintext at all.
struct BodyLayout {
    /// The length of a regular frame in bytes of plaintext, at least 1.
    let frameLength: Int

    /// The length of a regular frame on the wire.
    var regularLength: Int { FrameLayout(kind: .regular, contentLength: frameLength).length }

    /// The number of regular frames, all those before the final one.
    func regularFrameCount(plaintextLength: Int) -> Int { max(plaintextLength - 1, 0) / frameLength }

    /// The offset of the frame with this sequence number, from 1, in bytes from the start of the body.
    func offset(ofFrame sequenceNumber: Int) -> Int { (sequenceNumber - 1) * regularLength }

    /// How many regular frames a body of this length has, and its final frame: the length allows one answer at most.
    ///
    /// - Returns: nil for a length that no body has.
    func frames(bodyLength: UInt64) -> (regularCount: UInt32, final: FrameLayout)? {
        let overhead = UInt64(FrameLayout(kind: .final, contentLength: 0).length)
        guard bodyLength >= overhead else { return nil }
        let (count, rest) = (bodyLength - overhead).quotientAndRemainder(dividingBy: UInt64(regularLength))
        // The final frame has the next number, which has 32 bits.
        guard count < UInt64(UInt32.max), rest <= UInt64(frameLength) else { return nil }
        return (UInt32(count), FrameLayout(kind: .final, contentLength: Int(rest)))
    }

    /// The length of the body of a plaintext, in bytes.
    func length(plaintextLength: Int) -> Int {
        let regularFrames = regularFrameCount(plaintextLength: plaintextLength)
        let rest = plaintextLength - regularFrames * frameLength
        return offset(ofFrame: regularFrames + 1) + FrameLayout(kind: .final, contentLength: rest).length
    }
}

// spec: message-body-aad/sequence-number, message-body-aad/content-length
/// The additional data of frames: message id, a text for the kind of frame, sequence number, content length
/// (data-format/message-body-aad.md).
///
/// From one regular frame to the next only the sequence number changes; it is patched in place.
struct BodyAAD {
    private let messageID: [UInt8]
    private var kind: FrameKind?
    private var contentLength = 0
    private(set) var bytes: [UInt8] = []

    init(messageID: [UInt8]) { self.messageID = messageID }

    mutating func set(_ kind: FrameKind, sequenceNumber: UInt32, contentLength: Int) {
        if kind != self.kind || contentLength != self.contentLength { begin(kind, contentLength: contentLength) }
        let numberOffset = numberOffset
        var bytes = bytes.mutableSpan
        for index in 0..<4 {
            bytes[numberOffset + index] = UInt8(truncatingIfNeeded: sequenceNumber >> UInt32(24 - 8 * index))
        }
    }

    /// Where the sequence number stands.
    private var numberOffset: Int { bytes.count - 12 }

    /// Lends the bytes for frames of one kind and length, and where to put the sequence number of each.
    mutating func withBytes<Result>(
        _ body: (_ bytes: UnsafeMutablePointer<UInt8>, _ length: Int, _ number: UnsafeMutableRawPointer) -> Result?
    ) -> Result? {
        let numberOffset = numberOffset
        return unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return nil }
            return unsafe body(start, buffer.count, UnsafeMutableRawPointer(start + numberOffset))
        }
    }

    private mutating func begin(_ kind: FrameKind, contentLength: Int) {
        self.kind = kind
        self.contentLength = contentLength
        let text = kind.rawValue.utf8
        bytes.removeAll(keepingCapacity: true)
        bytes.reserveCapacity(messageID.count + text.count + 12)
        bytes.append(contentsOf: messageID)
        bytes.append(contentsOf: text)
        bytes.append(bigEndian: 0 as UInt32)
        bytes.append(bigEndian: UInt64(contentLength))
    }
}

extension OutputSpan<UInt8> {
    /// Appends an integer, most significant byte first.
    fileprivate mutating func append(bigEndian value: UInt32) {
        append(UInt8(value >> 24))
        append(UInt8(truncatingIfNeeded: value >> 16))
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }
}
