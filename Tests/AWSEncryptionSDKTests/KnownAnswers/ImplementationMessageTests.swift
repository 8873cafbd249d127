import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import Testing

/// Messages that the implementations in Python, Java, JavaScript, Rust and Go wrote through their public APIs.
///
/// `implementations.json` names producer and version of each.
@Suite("Known answers: messages of other implementations")
struct ImplementationMessageTests {
    static let file = Result { try MessageFile.load("implementations.json", as: ImplementationMessages.self) }

    @Test("The set covers every suite, keyring and padding, and five producers")
    func coverage() throws {
        let messages = try Self.file.get().messages
        #expect(Set(messages.map(\.suite)) == Set(AlgorithmSuite.all.map(\.description)))
        let kinds = Set(messages.map(\.keyring.type))
        #expect(kinds == ["aes", "rsa", "ecdh-static", "ecdh-discovery", "hierarchical", "multi"])
        #expect(Set(messages.compactMap(\.keyring.padding)).count == 5)
        #expect(Set(messages.filter { $0.keyring.type.hasPrefix("ecdh") }.map(\.keyring.key)).count == 3)
        #expect(Set(messages.map { $0.producer.split(separator: " ").dropLast().last ?? "" }).count >= 5)
        #expect(messages.contains { $0.requiredKeys != nil })
    }

    @Test("The messages open, however they are read", arguments: try file.get().messages)
    func opens(known: ImplementationMessages.Message) async throws {
        let keys = try Self.file.get().keys
        for keyring in try keys.keyrings(for: known.keyring) {
            let reader = try known.reader(keyring)
            for reading in Reading.all {
                let result = try await reader.read(known.message.bytes, reading)
                #expect(try known.digest.matches(result.plaintext), "\(reading)")
                #expect(result.message.algorithmSuite.description == known.suite)
                #expect(result.message.diagnostics.isEmpty)
                for (key, value) in known.context { #expect(result.message.encryptionContext[key] == value) }
            }
        }
    }

    @Test("The messages open beside a keyring that cannot open them", arguments: try file.get().messages)
    func opensInCompany(known: ImplementationMessages.Message) async throws {
        let keys = try Self.file.get().keys
        let keyring = try #require(try keys.keyrings(for: known.keyring).first)
        let company = try MultiKeyring(generator: WrappingKey().keyring(), childKeyrings: [keyring])
        let result = try await known.reader(company).read(known.message.bytes, .oneShot)
        #expect(try known.digest.matches(result.plaintext))
        #expect(result.message.dataKeyOrigin?.keyring != (try WrappingKey().keyring().description))
    }

    @Test(
        "Required context that is not supplied refuses its messages",
        arguments: try file.get().messages.filter { $0.requiredKeys != nil }
    )
    func requiredContext(known: ImplementationMessages.Message) async throws {
        let keyring = try #require(try Self.file.get().keys.keyrings(for: known.keyring).first)
        let message = known.message.bytes
        // The data key is bound to the whole context, so that it does not open either.
        await expectRefusal(of: message, by: try Reader(keyring), .noDataKey)
        var missing = try known.reader(keyring)
        missing.context = [:]
        await expectRefusal(of: message, by: missing, .missingRequiredEncryptionContext)
    }
}
