import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import Testing

/// Gives the bytes it was made with, in their order, and fails when they are used up.
final class ScriptedRandomSource: RandomSource {
    private let rest: Guarded<[UInt8]>

    init(_ bytes: [UInt8]) { rest = Guarded(bytes) }

    func fill(_ output: inout OutputSpan<UInt8>, count: Int) throws(CryptoError) {
        let next = rest.withLock { rest in
            let next = Array(rest.prefix(count))
            rest.removeFirst(next.count)
            return next
        }
        guard next.count == count else { throw CryptoError(.libraryFailure, "the script has ended") }
        try output.appendBytes(next.span)
    }
}

extension Sample {
    /// Materials to encrypt with; what is random comes from `random`.
    static func encryptionMaterials(
        _ suite: AlgorithmSuite = suite,
        context: EncryptionContext = context,
        random: [UInt8]? = nil
    ) throws -> EncryptionMaterials {
        try EncryptionMaterials(
            algorithmSuite: suite,
            encryptionContext: context,
            requiredKeys: [],
            signingKey: nil,
            randomSource: random.map { ScriptedRandomSource($0) } ?? SystemRandomSource()
        )
    }
}

/// Expects the keyring to refuse to encrypt, with this code.
func expectEncryptionRefusal(
    by keyring: any Keyring,
    _ code: EncryptionSDKError.Code,
    materials: EncryptionMaterials? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let materials = try materials ?? Sample.encryptionMaterials()
    do {
        _ = try await keyring.onEncrypt(materials)
        Issue.record("wrapped", sourceLocation: sourceLocation)
    } catch let error as EncryptionSDKError {
        #expect(error.code == code, sourceLocation: sourceLocation)
    }
}
