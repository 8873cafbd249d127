import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import MessageForge

/// A plaintext that is encrypted with the options that the input chooses, at once or in chunks, and decrypted again.
///
/// What the library writes must also be legal by the forge's reading.
func fuzzRoundTrip(_ input: [UInt8]) throws {
    var choices = Choices(input)
    let first = choices.byte()
    // A signature takes as long as everything else together.
    let suites = AlgorithmSuite.all.filter { first < 0xF0 ? $0.signature == nil : $0.signature?.curve == .p256 }
    let suite = suites[choices.index(below: suites.count)]
    let frameLength = 1 + choices.index(below: 64)
    let isStreamed = choices.bool()
    var entries: [EncryptionContext.Entry] = []
    for _ in 0..<choices.index(below: 4) {
        let key = choices.bytes(choices.index(below: 6))
        entries.append(.init(keyBytes: key, valueBytes: choices.bytes(choices.index(below: 6))))
    }
    let context = try? EncryptionContext(entries: entries)
    let plaintext = choices.bytes(min(choices.index(below: 256), 12 * frameLength))
    guard let context, let sdk = try? EncryptionSDK(commitmentPolicy: suite.policy) else { return }

    let dataKey = SecretBytes([UInt8](1...UInt8(suite.dataKeyLength)))
    let keyring = DataKeyring(dataKey: dataKey)
    let chunk = 1 + choices.index(below: 100)
    let written = runToEnd { () -> Result<[UInt8], any Error> in
        do {
            guard isStreamed else {
                let random = InputRandomSource(input)
                let result = try await sdk.encrypt(
                    plaintext,
                    using: keyring,
                    encryptionContext: context,
                    algorithmSuite: suite,
                    frameLength: frameLength,
                    randomSource: random
                )
                return .success(result.ciphertext)
            }
            let encryptor = sdk.encryptor(
                using: keyring,
                encryptionContext: context,
                algorithmSuite: suite,
                frameLength: frameLength
            )
            var message: [UInt8] = []
            for start in stride(from: 0, to: plaintext.count, by: chunk) {
                message += try await encryptor.update(plaintext[start..<min(start + chunk, plaintext.count)])
            }
            try await encryptor.finish(appendingTo: &message)
            return .success(message)
        } catch { return .failure(error) }
    }
    let message: [UInt8]
    switch written {
    case .success(let bytes): message = bytes
    case .failure(let error):
        guard let error = error as? EncryptionSDKError, error.code == .reservedEncryptionContextKey else {
            finding("cannot be encrypted: \(error)")
        }
        return
    }
    guard compareWays(of: message, using: keyring) == plaintext else { finding("another plaintext comes back") }
    if let fault = fault(of: message, plaintext: plaintext, dataKey) { finding("what is written is illegal: \(fault)") }
}

extension AlgorithmSuite {
    fileprivate var policy: CommitmentPolicy {
        commitmentLength > 0 ? .requireEncryptAllowDecrypt : .forbidEncryptAllowDecrypt
    }
}

/// Message ids that an input decides.
private final class InputRandomSource: RandomSource {
    private let state: Guarded<InputRandom>

    init(_ input: [UInt8]) { state = Guarded(InputRandom(input)) }

    func fill(_ output: inout OutputSpan<UInt8>, count: Int) throws(CryptoError) {
        for _ in 0..<count {
            let byte = state.withLock { UInt8(truncatingIfNeeded: $0.next()) }
            output.append(byte)
        }
    }
}
