import AWSEncryptionSDK
import AWSMaterialProviders
import Foundation
import Testing

/// A way to decrypt: in one go, by one thread or by several, or streamed in chunks of one length, or in one chunk that is read byte by byte.
enum Reading: Hashable, CustomStringConvertible {
    case oneShot
    case inLanes
    case streamed(chunkLength: Int)
    case streamedInPieces

    static let all: [Reading] = [.oneShot, .inLanes] + streams
    static let streams: [Reading] = [
        .streamed(chunkLength: 1), .streamed(chunkLength: 7), .streamed(chunkLength: .max),
        .streamedInPieces,
    ]

    var description: String {
        switch self {
        case .oneShot: "one-shot"
        case .inLanes: "one-shot in lanes"
        case .streamed(.max): "streamed whole"
        case .streamed(let length): "streamed in chunks of \(length)"
        case .streamedInPieces: "streamed whole and read byte by byte"
        }
    }
}

/// Who decrypts: client, keys and supplied context.
struct Reader {
    var client: EncryptionSDK
    var materialsManager: any CryptographicMaterialsManager
    var context: EncryptionContext = [:]
    var policy = SignedMessagePolicy.holdUntilVerified(.inMemory)

    init(_ keyring: any Keyring, client: EncryptionSDK? = nil, context: EncryptionContext = [:]) throws {
        try self.init(DefaultCMM(keyring: keyring), client: client, context: context)
    }

    init(
        _ materialsManager: any CryptographicMaterialsManager,
        client: EncryptionSDK? = nil,
        context: EncryptionContext = [:]
    ) throws {
        self.client = try client ?? EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
        self.materialsManager = materialsManager
        self.context = context
    }

    /// The plaintext and what is known of the message.
    func read(_ message: [UInt8], _ reading: Reading) async throws -> (plaintext: [UInt8], message: VerifiedMessage) {
        switch reading {
        case .oneShot:
            let result = try await client.decrypt(
                message,
                using: materialsManager,
                encryptionContext: context
            )
            return (result.plaintext, result.message)
        case .inLanes:
            var reader = self
            reader.client = client.withLanes(3)
            return try await reader.read(message, .oneShot)
        case .streamed(let chunkLength):
            let chunks = message.chunks(of: chunkLength)
            var output: [UInt8] = []
            let verified = try await stream(chunks, appendingTo: &output)
            return (output, verified)
        case .streamedInPieces:
            var output: [UInt8] = []
            let verified = try await stream([message], pieceLength: 1, appendingTo: &output)
            return (output, verified)
        }
    }

    /// Pushes the chunks through a decryptor; `output` keeps what was released even when this throws.
    @discardableResult
    func stream(
        _ chunks: [[UInt8]],
        pieceLength: Int = .max,
        appendingTo output: inout [UInt8]
    ) async throws -> VerifiedMessage {
        let decryptor = client.decryptor(
            using: materialsManager,
            encryptionContext: context,
            signedMessages: policy,
            pieceLength: pieceLength
        )
        for chunk in chunks { try await decryptor.update(chunk, appendingTo: &output) }
        return try await decryptor.finish(appendingTo: &output)
    }
}

extension EncryptionSDK {
    /// The client with so many threads for messages of any length, a frame to each in turn.
    func withLanes(_ count: Int) -> EncryptionSDK {
        var client = self
        client.lanes.count = count
        client.lanes.batchLength = 1
        client.lanes.minimumLength = 0
        return client
    }
}

extension [UInt8] {
    /// Pieces of `length` bytes; the last may be shorter.
    func chunks(of length: Int) -> [[UInt8]] {
        guard count > length else { return [self] }
        return stride(from: 0, to: count, by: length).map { Array(self[$0..<Swift.min($0 + length, count)]) }
    }
}

extension SignedMessagePolicy {
    /// Holds signed messages in a temporary file where the system has them.
    static let holdInTemporaryFile = holdUntilVerified(.temporaryFile(directory: NSTemporaryDirectory()))
}
