import AWSEncryptionSDK
import AWSMaterialProviders

/// A message with everything that is needed to decrypt it, to be tried in several ways.
struct Attempt {
    private let message: [UInt8]
    private let materialsManager: any CryptographicMaterialsManager
    private let context: EncryptionContext
    private let sdk: EncryptionSDK
    private let seed: UInt64

    init(
        message: [UInt8],
        materialsManager: any CryptographicMaterialsManager,
        context: EncryptionContext,
        options: RunOptions,
        seed: UInt64
    ) throws(EncryptionSDKError) {
        self.message = message
        self.materialsManager = materialsManager
        self.context = context
        self.seed = seed
        sdk = try EncryptionSDK(
            commitmentPolicy: options.commitmentPolicy,
            netV4_0_0RetryPolicy: options.allowsNetV4_0_0Retry ? .allowRetry : .forbidRetry,
            // What a message needs to be held is never more than the message, so no vector is refused for its size.
            maximumBufferedBytes: max(message.count, EncryptionSDK.defaultMaximumBufferedBytes)
        )
    }

    /// Decrypts in one way; says what came of it and which oddities were accepted.
    func decrypt(_ kind: DecryptCase) async -> (Judge.Outcome, [MessageDiagnostic]) {
        do {
            return kind == .oneShot ? try await oneShot() : try await stream(kind)
        } catch {
            return (.error(error), [])
        }
    }

    private func oneShot() async throws -> (Judge.Outcome, [MessageDiagnostic]) {
        let result = try await sdk.decrypt(message, using: materialsManager, encryptionContext: context)
        return (.plaintext(result.plaintext), result.message.diagnostics)
    }

    private func stream(_ kind: DecryptCase) async throws -> (Judge.Outcome, [MessageDiagnostic]) {
        var decryptor = sdk.decryptor(
            using: materialsManager,
            encryptionContext: context,
            signedMessages: kind.isUnsignedOnly ? .refuse : .holdUntilVerified(.inMemory)
        )
        var plaintext: [UInt8] = []
        var failure: (any Error)?
        do {
            for chunk in MessageChunks(message, kind.chunking, seed: seed) {
                try await decryptor.update(chunk, appendingTo: &plaintext)
            }
        } catch {
            failure = error
        }
        let verified = decryptor.message
        if !plaintext.isEmpty, verified?.algorithmSuite.signature != nil {
            return (.leaked(byteCount: plaintext.count), [])
        }
        if let failure { throw failure }
        var rest = try await decryptor.finish()
        plaintext.append(contentsOf: try rest.collect())
        return (.plaintext(plaintext), verified?.diagnostics ?? [])
    }
}
