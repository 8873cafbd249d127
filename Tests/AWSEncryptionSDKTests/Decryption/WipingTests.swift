import AWSMaterialProviders
import ESDKSystem
import TestSupport
import Testing

@testable import AWSEncryptionSDK

/// What a refused message leaves in memory of its plaintext.
@Suite("Wiping")
struct WipingTests {
    /// What memory held after it was wiped.
    private final class Witness: Sendable {
        private let pieces = Guarded<[[UInt8]]>([])

        /// The pieces that were not empty.
        var seen: [[UInt8]] { pieces.withLock { $0 }.filter { !$0.isEmpty } }

        /// Whether there was one piece, which had room for so many bytes, and held nothing.
        func sawWiped(_ count: Int) -> Bool {
            seen.count == 1 && seen[0].count >= count && seen[0].allSatisfy { $0 == 0 }
        }

        @Sendable func look(_ bytes: Span<UInt8>) {
            let copy = bytes.indices.map { bytes[$0] }
            pieces.withLock { $0.append(copy) }
        }
    }

    @Test(
        "The last frame of a signed message is wiped when its signature does not verify",
        arguments: Forge.signedSuites
    )
    func finalFrame(suite: AlgorithmSuite) async throws {
        for forge in [try Forge(suite), try Forge.nonFramed(suite)] {
            let witness = Witness()
            var configuration = try EncryptionSDK(commitmentPolicy: .requireEncryptAllowDecrypt)
                .readerConfiguration(maximumUnitLength: .max)
            configuration.inspection = witness.look
            var message = try forge.sealed().bytes
            message[message.count - 1] ^= 1
            var reader = MessageReader(configuration)
            var output: [UInt8] = []
            let headerLength = try reader.read(message.span, appendingTo: &output)
            _ = try await reader.start(using: StubKeyring(dataKey: forge.dataKey), reproducing: [:])
            do throws(EncryptionSDKError) {
                _ = try reader.read(message.span.extracting(headerLength...), appendingTo: &output)
                Issue.record("opened")
            } catch {
                #expect(error.code == .signatureMismatch)
            }
            let length = forge.frames.last?.plaintext.count ?? 0
            #expect(witness.sawWiped(length))
        }
    }

    @Test("Held plaintext is wiped when the message is refused")
    func held() {
        let witness = Witness()
        var held = HeldPlaintext(maximumLength: 1000)
        held.inspection = witness.look
        do throws(EncryptionSDKError) {
            _ = try held.append { (bytes) throws(EncryptionSDKError) in
                bytes += [UInt8](repeating: 7, count: 500)
                return 500
            }
            #expect(witness.seen.isEmpty)
            _ = try held.append { (_) throws(EncryptionSDKError) -> Int in
                throw EncryptionSDKError(.signatureMismatch, "refused")
            }
            Issue.record("held")
        } catch {
            #expect(error.code == .signatureMismatch)
        }
        #expect(witness.sawWiped(500))
    }

    @Test("Held plaintext is wiped when there is too much of it")
    func tooMuch() {
        let witness = Witness()
        var held = HeldPlaintext(maximumLength: 100)
        held.inspection = witness.look
        do throws(EncryptionSDKError) {
            _ = try held.append { (bytes) throws(EncryptionSDKError) in
                bytes += [UInt8](repeating: 7, count: 101)
                return 101
            }
            Issue.record("held")
        } catch {
            #expect(error.code == .bufferLimitExceeded)
        }
        #expect(witness.sawWiped(101))
    }
}
