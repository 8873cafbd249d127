import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKSystem

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

    enum Chunking {
        case whole, bytes, random

        /// How many bytes a decryptor looks at together, however many it is given.
        var pieceLength: Int { self == .bytes ? 1 : .max }
    }

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

/// A message with everything that is needed to decrypt it, to be tried in several ways.
struct DecryptAttempt {
    private let message: [UInt8]
    private let materialsManager: any CryptographicMaterialsManager
    private let context: EncryptionContext
    private let sdk: EncryptionSDK
    private let seed: UInt64
    private let signedMessages: SignedMessagePolicy

    /// An attempt.
    ///
    /// - Parameters:
    ///   - message: the message.
    ///   - materialsManager: gives what it is decrypted with.
    ///   - context: the encryption context that is passed to decryption.
    ///   - options: commitment policy and retry policy decide what is opened.
    ///   - seed: what the lengths of random chunks follow from.
    ///   - signedMessages: what becomes of signed messages that are streamed where the test does not forbid them. Any
    ///     policy that does not hold their plaintext back makes them leak.
    init(
        message: [UInt8],
        materialsManager: any CryptographicMaterialsManager,
        context: EncryptionContext,
        options: RunOptions,
        seed: UInt64,
        signedMessages: SignedMessagePolicy = .holdUntilVerified(.inMemory)
    ) throws(EncryptionSDKError) {
        self.message = message
        self.materialsManager = MaterialsOfOneMessage(materialsManager)
        self.context = context
        self.seed = seed
        self.signedMessages = signedMessages
        sdk = try EncryptionSDK(
            commitmentPolicy: options.commitmentPolicy,
            netV4_0_0RetryPolicy: options.allowsNetV4_0_0Retry ? .allowRetry : .forbidRetry,
            // What a message needs to be held is never more than the message, so no vector is refused for its size.
            maximumBufferedBytes: max(message.count, EncryptionSDK.defaultMaximumBufferedBytes)
        )
    }

    /// Decrypts in one way; returns the outcome and the oddities that were accepted.
    func decrypt(_ kind: DecryptCase) async -> (Judge.Outcome, [MessageDiagnostic]) {
        do {
            return kind == .oneShot ? try await oneShot() : try await stream(kind)
        } catch {
            return (.error(error), [])
        }
    }

    /// What a stream has released in the end that releases each frame as soon as it is verified.
    ///
    /// - Parameter isUnsignedOnly: whether it refuses signed messages.
    func released(unsignedOnly isUnsignedOnly: Bool) async -> [UInt8] {
        let chunking: DecryptCase.Chunking = message.count <= DecryptCase.byteStreamLimit ? .bytes : .random
        let decryptor = sdk.decryptor(
            using: materialsManager,
            encryptionContext: context,
            signedMessages: isUnsignedOnly ? .refuse : .releaseFramesBeforeSignatureIsVerified,
            pieceLength: chunking.pieceLength
        )
        var plaintext: [UInt8] = []
        do {
            for part in MessageChunks(message.count, chunking, seed: seed) {
                try await decryptor.update(message.span.extracting(part), appendingTo: &plaintext)
            }
            _ = try await decryptor.finish(appendingTo: &plaintext)
        } catch {
            // What was released before counts.
        }
        return plaintext
    }

    private func oneShot() async throws -> (Judge.Outcome, [MessageDiagnostic]) {
        let result = try await sdk.decrypt(message, using: materialsManager, encryptionContext: context)
        return (.plaintext(result.plaintext), result.message.diagnostics)
    }

    private func stream(_ kind: DecryptCase) async throws -> (Judge.Outcome, [MessageDiagnostic]) {
        let decryptor = sdk.decryptor(
            using: materialsManager,
            encryptionContext: context,
            signedMessages: kind.isUnsignedOnly ? .refuse : signedMessages,
            pieceLength: kind.chunking.pieceLength
        )
        var plaintext: [UInt8] = []
        var failure: (any Error)?
        do {
            for part in MessageChunks(message.count, kind.chunking, seed: seed) {
                try await decryptor.update(message.span.extracting(part), appendingTo: &plaintext)
            }
        } catch {
            failure = error
        }
        // By the bytes of the message: after a failure the decryptor need not know any more what it was.
        if !plaintext.isEmpty, TestPreparation.suite(in: message)?.signature != nil {
            return (.leaked(byteCount: plaintext.count), [])
        }
        if let failure { throw failure }
        let verified = try await decryptor.finish(appendingTo: &plaintext)
        return (.plaintext(plaintext), verified.diagnostics)
    }
}

/// Asks the materials manager of a test once for a message and gives all of its cases the same materials.
///
/// Unwrapping a data key may take a private-key operation or a call to AWS, and does not depend on how the message arrives. Nor does
/// whether a signature is one of a digest: each case computes its digest, and one that has been verified is not verified again.
///
/// A request that differs from the first one in anything is passed on, and so is every request until one succeeds: a refusal is never
/// remembered, each case must be refused by itself.
private final class MaterialsOfOneMessage: CryptographicMaterialsManager {
    private let underlying: any CryptographicMaterialsManager
    private let known = Guarded<(request: DecryptMaterialsRequest, materials: DecryptionMaterials)?>(nil)

    init(_ underlying: any CryptographicMaterialsManager) { self.underlying = underlying }

    func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
        try await underlying.encryptionMaterials(for: request)
    }

    func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials {
        if let known = known.withLock({ $0 }), Self.areEqual(known.request, request) { return known.materials }
        let materials = try await underlying.decryptMaterials(for: request).rememberingSignatureCheck()
        known.withLock { $0 = (request, materials) }
        return materials
    }

    private static func areEqual(_ left: DecryptMaterialsRequest, _ right: DecryptMaterialsRequest) -> Bool {
        left.algorithmSuite == right.algorithmSuite && left.commitmentPolicy == right.commitmentPolicy
            && left.encryptedDataKeys == right.encryptedDataKeys && left.encryptionContext == right.encryptionContext
            && left.reproducedEncryptionContext == right.reproducedEncryptionContext
    }
}

/// The places where a message is cut into chunks, in order.
struct MessageChunks: Sequence, IteratorProtocol {
    /// How many bytes are handed over one by one.
    ///
    /// Those that follow come together: the decryptor reads each by itself all the same, and ten thousand calls take longer than a
    /// private-key operation.
    static let mostSingleBytes = 2048
    /// The longest random chunk in bytes.
    private static let longestRandomChunk = 4096

    private let count: Int
    private let chunking: DecryptCase.Chunking
    private var offset = 0
    private var state: UInt64

    /// Cuts a message of `count` bytes.
    init(_ count: Int, _ chunking: DecryptCase.Chunking, seed: UInt64) {
        self.count = count
        self.chunking = chunking
        state = seed | 1
    }

    mutating func next() -> Range<Int>? {
        guard offset < count else { return nil }
        let start = offset
        switch chunking {
        case .whole: offset = count
        case .bytes: offset = offset < Self.mostSingleBytes ? offset + 1 : count
        case .random: offset = Swift.min(count, offset + randomLength())
        }
        return start..<offset
    }

    /// Short and long chunks alike: the number of bits is drawn first (xorshift64).
    private mutating func randomLength() -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        let limit = 1 << (state % 13)
        return 1 + Int((state >> 8) % UInt64(Swift.min(limit, Self.longestRandomChunk)))
    }
}
