import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors

/// `Tests/Vectors/small-published`: what implementations keep next to their tests.
@Suite("Small published sets")
struct SmallPublishedSetsTests {
    private func counts(_ name: String) async throws -> Counts {
        let sets = try VectorSetLoader.load(VectorFile.path("small-published/\(name)"))
        let options = RunOptions(jobs: 2, task: .decrypt)
        return await VectorRun(sets, selection: TestSelection(sets, options: options), options: options).run { _, _ in }
            .counts
    }

    @Test("the vectors of Python's decrypt oracle, under data keys of zeros and of counted bytes")
    func decryptOracle() async throws {
        let counts = try await counts("python-decrypt-oracle")
        #expect(counts.passed == 18)
        #expect(counts.failed == 0)
        // Under a key in AWS KMS that only AWS has.
        #expect(counts.skipped == 9)
    }

    @Test("the messages that the C library keeps, those that must be refused included")
    func cData() async throws {
        let counts = try await counts("c-data")
        #expect(counts.passed == 6)
        #expect(counts.total == 6)
    }

    @Test(
        "headers of the C library authenticate under their data keys, and no bit of the tag or the message id can change"
    )
    func headers() async throws {
        let name = "small-published/c-header-authentication.json"
        let tests = try #require(try StrictJSON.parse(VectorFile.bytes(name), source: name)["tests"]?.array)
        #expect(tests.count == 10)
        let sdk = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
        for test in tests {
            func bytes(_ member: String) throws -> [UInt8] { try #require(Base64.decode(test[member]?.string ?? "")) }
            let (header, authentication) = (try bytes("header"), try bytes("authentication"))
            let keyring = DataKeyKeyring(dataKey: SecretBytes(try bytes("dataKey")))
            func error(_ message: [UInt8]) async throws -> EncryptionSDKError? {
                await #expect(throws: EncryptionSDKError.self) { try await sdk.decrypt(message, using: keyring) }
            }
            // There is no body: reading ends after the header has been found authentic.
            #expect(try await error(header + authentication)?.code == .truncatedMessage)
            let messageID = header[0] == 1 ? 4..<20 : 3..<35
            for place in Array(messageID)
                + Array(header.count + authentication.count - 16..<header.count + authentication.count)
            {
                var message = header + authentication
                message[place] ^= 0x10
                let code = try await error(message)?.code
                #expect(
                    code == .headerTagMismatch || code == .commitmentMismatch,
                    "\(test["suite"] ?? .null) at \(place)"
                )
            }
        }
    }
}
