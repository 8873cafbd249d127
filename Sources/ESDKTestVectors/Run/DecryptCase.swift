/// One way to decrypt a message.
///
/// Each test becomes several cases, which must all agree.
enum DecryptCase: Hashable, Sendable, CaseIterable {
    case oneShot
    case streamWhole
    case streamBytes
    case streamRandom
    case unsignedOnlyWhole
    case unsignedOnlyBytes
    case unsignedOnlyRandom

    var name: String {
        switch self {
        case .oneShot: "one-shot"
        case .streamWhole: "stream whole"
        case .streamBytes: "stream 1-byte"
        case .streamRandom: "stream random"
        case .unsignedOnlyWhole: "unsigned-only whole"
        case .unsignedOnlyBytes: "unsigned-only 1-byte"
        case .unsignedOnlyRandom: "unsigned-only random"
        }
    }

    /// The longest message, in bytes, that is streamed byte by byte.
    static let byteStreamLimit = 64 << 10

    /// The cases of a test.
    static func plan(_ method: DecryptionMethod, messageLength: Int) -> [DecryptCase] {
        let all: [DecryptCase] =
            switch method {
            case .any: [.oneShot, .streamWhole, .streamBytes, .streamRandom]
            case .streamingUnsignedOnly: [.unsignedOnlyWhole, .unsignedOnlyBytes, .unsignedOnlyRandom]
            }
        return messageLength <= byteStreamLimit ? all : all.filter { $0.chunking != .bytes }
    }

    enum Chunking { case whole, bytes, random }

    var chunking: Chunking {
        switch self {
        case .oneShot, .streamWhole, .unsignedOnlyWhole: .whole
        case .streamBytes, .unsignedOnlyBytes: .bytes
        case .streamRandom, .unsignedOnlyRandom: .random
        }
    }

    var isUnsignedOnly: Bool {
        switch self {
        case .unsignedOnlyWhole, .unsignedOnlyBytes, .unsignedOnlyRandom: true
        default: false
        }
    }
}
