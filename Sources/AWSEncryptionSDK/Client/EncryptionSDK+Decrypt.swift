public import AWSMaterialProviders
import ESDKCrypto

extension EncryptionSDK {
    // spec: client/decrypt, decrypt/overview, decrypt/behavior, decrypt/keyring
    // spec: decrypt/cryptographic-materials-manager, decrypt/algorithm-suite, decrypt/authenticated-data
    /// Decrypts a message that is in memory (client-apis/decrypt.md).
    ///
    /// The plaintext is returned as a whole, and only after everything, including the signature, has been verified.
    ///
    /// A long message, and any that is signed, is decrypted off the caller's actor; a short one is not, because changing threads would
    /// take longer (see <doc:Concurrency>).
    ///
    /// - Parameters:
    ///   - message: the complete message: an array, `Data`, a slice, or any other collection of bytes.
    ///   - materialsManager: a keyring or a cryptographic materials manager, which opens the data key.
    ///   - encryptionContext: pairs that the message must have been encrypted with. Pairs that are not stored in the message are
    ///     authenticated with it. Any key is allowed.
    /// - Throws: `EncryptionSDKError`; `CancellationError`; whatever a custom keyring or materials manager throws.
    public func decrypt(
        _ message: some Collection<UInt8> & Sendable,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> DecryptionResult {
        var plaintext: [UInt8] = []
        let verified = try await open(message, into: &plaintext, materialsManager, encryptionContext)
        return DecryptionResult(plaintext: plaintext, message: verified)
    }

    /// Decrypts a message that is in memory into an array whose storage is reused.
    ///
    /// When many or large messages are decrypted one after another, this saves the system from clearing fresh memory for each.
    ///
    /// - Parameters:
    ///   - message: the complete message.
    ///   - plaintext: its contents are replaced by the whole plaintext after everything has been verified. It is empty if this throws.
    ///   - materialsManager: a keyring or a cryptographic materials manager, which opens the data key.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    /// - Throws: as `decrypt(_:using:encryptionContext:)`.
    public func decrypt(
        _ message: some Collection<UInt8> & Sendable,
        into plaintext: inout [UInt8],
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> VerifiedMessage {
        try await open(message, into: &plaintext, materialsManager, encryptionContext)
    }

    /// Decrypts borrowed bytes: `decrypt(_:using:encryptionContext:)` for a span.
    public func decrypt(
        _ message: Span<UInt8>,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> DecryptionResult {
        var plaintext: [UInt8] = []
        let verified = try await open(message, into: &plaintext, materialsManager, encryptionContext)
        return DecryptionResult(plaintext: plaintext, message: verified)
    }

    /// Decrypts borrowed bytes: `decrypt(_:into:using:encryptionContext:)` for a span.
    public func decrypt(
        _ message: Span<UInt8>,
        into plaintext: inout [UInt8],
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> VerifiedMessage {
        try await open(message, into: &plaintext, materialsManager, encryptionContext)
    }

    /// Verifies a message that is in memory without releasing any plaintext.
    ///
    /// Everything that decryption checks is checked: the data key is opened, and header, frames and signature are authenticated. Memory
    /// for the plaintext is bounded: each thread holds a megabyte, or one frame if that is longer.
    ///
    /// - Parameters:
    ///   - message: the complete message.
    ///   - materialsManager: a keyring or a cryptographic materials manager, which opens the data key.
    ///   - encryptionContext: pairs that the message must have been encrypted with.
    /// - Throws: as `decrypt(_:using:encryptionContext:)`.
    @discardableResult
    public func verify(
        _ message: some Collection<UInt8> & Sendable,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> VerifiedMessage {
        if let array = message.array {
            return try await verify(
                array.span,
                using: materialsManager,
                encryptionContext: encryptionContext
            )
        }
        let actor = Self.actor(forLength: message.count, message.announcedSuite)
        return try await verify(message, materialsManager, encryptionContext, on: actor)
    }

    /// Verifies borrowed bytes: `verify(_:using:encryptionContext:)` for a span.
    @discardableResult
    public func verify(
        _ message: Span<UInt8>,
        using materialsManager: any CryptographicMaterialsManager,
        encryptionContext: EncryptionContext = EncryptionContext()
    ) async throws -> VerifiedMessage {
        let actor = Self.actor(forLength: message.count, MessageHeader.announcedSuite(of: message))
        return try await verify(message, materialsManager, encryptionContext, on: actor)
    }

    // MARK: - The work

    private func verify(
        _ message: some Collection<UInt8> & Sendable,
        _ materialsManager: any CryptographicMaterialsManager,
        _ encryptionContext: EncryptionContext,
        on actor: isolated (any Actor)?
    ) async throws -> VerifiedMessage {
        var reader = oneShotReader()
        var scratch: [UInt8] = []
        let headerLength = try reader.readHeader(of: message, appendingTo: &scratch)
        let verified = try await reader.begin(using: materialsManager, reproducing: encryptionContext)
        try reader.verify(message, from: headerLength, scratch: &scratch)
        return verified
    }

    private func verify(
        _ message: Span<UInt8>,
        _ materialsManager: any CryptographicMaterialsManager,
        _ encryptionContext: EncryptionContext,
        on actor: isolated (any Actor)?
    ) async throws -> VerifiedMessage {
        var reader = oneShotReader()
        var scratch: [UInt8] = []
        let headerLength = try reader.read(message, appendingTo: &scratch)
        let verified = try await reader.begin(using: materialsManager, reproducing: encryptionContext)
        try reader.verify(message.extracting(headerLength...), scratch: &scratch)
        return verified
    }

    private func open(
        _ message: some Collection<UInt8> & Sendable,
        into plaintext: inout [UInt8],
        _ materialsManager: any CryptographicMaterialsManager,
        _ encryptionContext: EncryptionContext
    ) async throws -> VerifiedMessage {
        if let array = message.array {
            return try await open(array.span, into: &plaintext, materialsManager, encryptionContext)
        }
        let actor = Self.actor(forLength: message.count, message.announcedSuite)
        return try await open(message, into: &plaintext, materialsManager, encryptionContext, on: actor)
    }

    private func open(
        _ message: Span<UInt8>,
        into plaintext: inout [UInt8],
        _ materialsManager: any CryptographicMaterialsManager,
        _ encryptionContext: EncryptionContext
    ) async throws -> VerifiedMessage {
        let actor = Self.actor(forLength: message.count, MessageHeader.announcedSuite(of: message))
        return try await open(message, into: &plaintext, materialsManager, encryptionContext, on: actor)
    }

    private func open(
        _ message: some Collection<UInt8> & Sendable,
        into plaintext: inout [UInt8],
        _ materialsManager: any CryptographicMaterialsManager,
        _ encryptionContext: EncryptionContext,
        on actor: isolated (any Actor)?
    ) async throws -> VerifiedMessage {
        try await Self.replacing(&plaintext) { output in
            var reader = oneShotReader()
            let headerLength = try reader.readHeader(of: message, appendingTo: &output)
            let verified = try await reader.begin(using: materialsManager, reproducing: encryptionContext)
            try reader.readToEnd(of: message, from: headerLength, appendingTo: &output)
            return verified
        }
    }

    private func open(
        _ message: Span<UInt8>,
        into plaintext: inout [UInt8],
        _ materialsManager: any CryptographicMaterialsManager,
        _ encryptionContext: EncryptionContext,
        on actor: isolated (any Actor)?
    ) async throws -> VerifiedMessage {
        try await Self.replacing(&plaintext) { output in
            var reader = oneShotReader()
            let headerLength = try reader.read(message, appendingTo: &output)
            let verified = try await reader.begin(using: materialsManager, reproducing: encryptionContext)
            try reader.readToEnd(message.extracting(headerLength...), appendingTo: &output)
            return verified
        }
    }

    /// Lets `body` fill the storage of `plaintext`, which stays empty until `body` has succeeded and is wiped if it fails.
    private static func replacing(
        _ plaintext: inout [UInt8],
        with body: (inout [UInt8]) async throws -> VerifiedMessage
    ) async throws -> VerifiedMessage {
        // A local array while frames arrive: the caller's stays empty until the end of the message has been verified.
        var output: [UInt8] = []
        swap(&output, &plaintext)
        output.removeAll(keepingCapacity: true)
        do {
            let verified = try await body(&output)
            swap(&output, &plaintext)
            return verified
        } catch {
            // Only what was opened: what is reserved beyond that may be gigabytes that were never touched.
            zeroize(&output, from: 0)
            throw error
        }
    }

    private func oneShotReader() -> MessageReader {
        // Nothing is released before the end, so nothing need be held back for the signature.
        var configuration = readerConfiguration(maximumUnitLength: .max)
        configuration.holdsBackFinalFrame = false
        return MessageReader(configuration)
    }
}

extension Collection<UInt8> {
    /// The algorithm suite that a message names, or nil if it names none.
    fileprivate var announcedSuite: AlgorithmSuite? {
        withSpan { MessageHeader.announcedSuite(of: $0) }
    }
}

extension MessageReader {
    /// How much of a framed body is read before the plaintext that it gave is dropped, in bytes.
    private static let verifiedPartLength = 256 << 10

    /// Gets the materials and verifies the header, which the bytes so far must hold completely.
    fileprivate mutating func begin(
        using materialsManager: any CryptographicMaterialsManager,
        reproducing context: EncryptionContext
    ) async throws -> VerifiedMessage {
        guard needsMaterials else {
            try finish()
            throw EncryptionSDKError(.truncatedMessage, "the input ends inside the header")
        }
        return try await start(using: materialsManager, reproducing: context)
    }

    // The three that follow are not inlined, and have untyped errors: the optimizer of Swift 6.3.1 crashes on typed ones in an
    // asynchronous function.

    @inline(never)
    fileprivate mutating func readHeader(
        of message: some Collection<UInt8>,
        appendingTo output: inout [UInt8]
    ) throws -> Int {
        try message.withSpan { (bytes) throws(EncryptionSDKError) in try read(bytes, appendingTo: &output) }
    }

    @inline(never)
    fileprivate mutating func readToEnd(
        of message: some Collection<UInt8>,
        from offset: Int,
        appendingTo output: inout [UInt8]
    ) throws {
        try message.withSpan { (bytes) throws(EncryptionSDKError) in
            try readToEnd(bytes.extracting(offset...), appendingTo: &output)
        }
    }

    @inline(never)
    fileprivate mutating func verify(
        _ message: some Collection<UInt8>,
        from offset: Int,
        scratch: inout [UInt8]
    ) throws {
        try message.withSpan { (bytes) throws(EncryptionSDKError) in
            try verify(bytes.extracting(offset...), scratch: &scratch)
        }
    }

    /// Reads the rest of a message whose header has been verified.
    fileprivate mutating func readToEnd(
        _ bytes: Span<UInt8>,
        appendingTo output: inout [UInt8]
    ) throws(EncryptionSDKError) {
        // A plaintext is never longer than the body that it comes from.
        output.reserveLargeCapacity(bytes.count)
        _ = try read(bytes, appendingTo: &output)
        try finish()
    }

    /// Reads the rest of a message whose header has been verified, and wipes the plaintext.
    fileprivate mutating func verify(
        _ bytes: Span<UInt8>,
        scratch: inout [UInt8]
    ) throws(EncryptionSDKError) {
        defer { zeroize(&scratch) }
        // A non-framed body is one unit; in parts it would be gathered first.
        let partLength = header?.contentType == .framed ? Self.verifiedPartLength : max(bytes.count, 1)
        var rest = bytes.extracting(try verifyFramesInLanes(bytes)...)
        while !rest.isEmpty {
            let part = rest.extracting(..<min(partLength, rest.count))
            _ = try read(part, appendingTo: &scratch)
            scratch.removeAll(keepingCapacity: true)
            rest = rest.extracting(part.count...)
        }
        try finish()
    }
}

/// A decrypted message.
///
/// Printing one shows the length of the plaintext, never its bytes.
public struct DecryptionResult: Sendable {
    /// The plaintext, all of it authenticated.
    public let plaintext: [UInt8]
    /// What else is known about the message.
    public let message: VerifiedMessage

    /// The header.
    public var header: MessageHeader { message.header }
    /// Every authenticated pair, whether stored in the header or supplied by the caller.
    public var encryptionContext: EncryptionContext { message.encryptionContext }
    /// The algorithm suite.
    public var algorithmSuite: AlgorithmSuite { message.algorithmSuite }
}

extension DecryptionResult: CustomStringConvertible, CustomReflectable {
    /// The length of the plaintext, and the message.
    public var description: String { "\(plaintext.count) bytes of plaintext, \(message)" }

    /// The length of the plaintext, and the message.
    public var customMirror: Mirror {
        Mirror(self, children: ["plaintext": "\(plaintext.count) bytes", "message": message], displayStyle: .struct)
    }
}

extension VerifiedMessage: CustomStringConvertible {
    /// Algorithm suite, encryption context, and the key that opened the message.
    public var description: String {
        let origin = dataKeyOrigin.map { ", encrypted data key \($0.encryptedDataKey) opened by \($0.keyring)" } ?? ""
        return "algorithm suite \(algorithmSuite), encryption context \(encryptionContext)\(origin)"
    }
}
