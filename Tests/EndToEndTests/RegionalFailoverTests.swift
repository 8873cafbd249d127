import AWSEncryptionSDK
import AWSMaterialProviders
import AWSServiceClients
import ESDKCrypto
import Foundation
import TestSupport
import Testing

/// KMS keys in two regions and an RSA escrow key in one message: each of the three opens it when the others are gone.
@Suite(.enabled(if: LocalAWS.isRunning, Comment(rawValue: LocalAWS.comment)), .timeLimit(.minutes(5)))
struct RegionalFailoverTests {
    /// Clients of which some regions are elsewhere.
    private struct Clients: KMSClientSupplier {
        var elsewhere: [String: String] = [:]

        func client(forRegion region: String?) throws -> any KMSClient {
            let region = region ?? "us-west-2"
            return try AWSKMSClient(
                LocalAWS.configuration(
                    region: region,
                    endpoint: elsewhere[region] ?? LocalAWS.endpoint,
                    retries: RetrySettings(
                        maximumAttempts: 2,
                        connectTimeout: .milliseconds(500),
                        attemptTimeout: .milliseconds(500),
                        operationTimeout: .seconds(2)
                    )
                )
            )
        }
    }

    private let sdk: EncryptionSDK
    private static let plaintext = Array("the books of the year".utf8)
    private static let context: EncryptionContext = ["year": "2026"]

    private static let escrowFile = "keys/rsa-pkcs8.pem"

    private static func escrowKey() throws -> RSAPrivateKey { try RSAPrivateKey(pem: VectorFile.text(escrowFile)) }

    private static func escrow() throws -> RawRSAKeyring {
        try RawRSAKeyring(
            keyNamespace: "escrow",
            keyName: "vault-1",
            paddingScheme: .oaep(.sha256),
            publicKey: escrowKey().publicKey,
            privateKey: escrowKey()
        )
    }

    private static func regions(_ clients: Clients) throws -> MultiKeyring {
        try MultiKeyring.awsKMS(
            generator: LocalAWS.west,
            kmsKeyIDs: [LocalAWS.ireland],
            clientSupplier: clients
        )
    }

    init() throws { sdk = try EncryptionSDK() }

    private func message() async throws -> [UInt8] {
        let keyring = try MultiKeyring(generator: Self.regions(Clients()), childKeyrings: [Self.escrow()])
        return try await sdk.encrypt(Self.plaintext, using: keyring, encryptionContext: Self.context).ciphertext
    }

    private func decrypt(_ message: [UInt8], with keyring: any Keyring) async throws -> DecryptionResult {
        try await sdk.decrypt(message, using: keyring, encryptionContext: Self.context)
    }

    @Test("with one region gone, the other one opens the message", arguments: [false, true])
    func oneRegionGone(acceptsConnections: Bool) async throws {
        let message = try await message()
        let gone = try LoopbackSocket(listens: acceptsConnections)
        let clients = Clients(elsewhere: ["us-west-2": gone.url])
        let result = try await decrypt(message, with: Self.regions(clients))
        #expect(result.plaintext == Self.plaintext)
        #expect(result.message.dataKeyOrigin?.encryptedDataKey == 1)
    }

    @Test("with both regions gone, the escrow key opens the message", arguments: [false, true])
    func bothRegionsGone(acceptsConnections: Bool) async throws {
        let message = try await message()
        let gone = try LoopbackSocket(listens: acceptsConnections)
        let clients = Clients(elsewhere: ["us-west-2": gone.url, "eu-west-1": gone.url])
        let keyring = try MultiKeyring(generator: nil, childKeyrings: [Self.regions(clients), Self.escrow()])
        let result = try await decrypt(message, with: keyring)
        #expect(result.plaintext == Self.plaintext)
        #expect(result.message.dataKeyOrigin?.encryptedDataKey == 2)
    }

    @Test("when nothing opens, the error names each key that was tried and why it failed")
    func nothingOpens() async throws {
        let message = try await message()
        let refusing = try LoopbackSocket(listens: false)
        let silent = try LoopbackSocket(listens: true)
        let clients = Clients(elsewhere: ["us-west-2": refusing.url, "eu-west-1": silent.url])
        let other = try RawRSAKeyring(
            keyNamespace: "escrow",
            keyName: "vault-1",
            paddingScheme: .oaep(.sha1),
            privateKey: Self.escrowKey()
        )
        let keyring = try MultiKeyring(generator: nil, childKeyrings: [Self.regions(clients), other])
        do {
            _ = try await decrypt(message, with: keyring)
            Issue.record("it opened")
        } catch let error as EncryptionSDKError {
            #expect(error.code == .awsUnavailable)
            #expect(error.isRetryable)
            let tried = error.refusals.filter(\.isOfTriedKey)
            #expect(tried.map(\.error.code) == [.awsUnavailable, .awsUnavailable, .unwrappingFailed])
            #expect(tried.map(\.encryptedDataKey) == [0, 1, 2])
            #expect(tried[0].keyring.contains(LocalAWS.west))
            #expect(tried[0].error.serviceError?.code == .endpointUnreachable)
            #expect(tried[1].keyring.contains(LocalAWS.ireland))
            #expect(tried[1].error.serviceError?.code == .noResponse)
            #expect(tried[1].error.reason.contains("timed out"))
            // Two attempts of half a second each are within the two seconds that a call may take, on a machine that is not busy.
            for refusal in tried.prefix(2) { #expect((1...2).contains(refusal.error.serviceError?.attempts ?? 0)) }
            #expect(tried[2].keyring.contains("escrow/vault-1"))
            for text in [LocalAWS.west, LocalAWS.ireland, "escrow/vault-1", refusing.url, silent.url] {
                #expect(error.description.contains(text))
            }
        }
    }

    @Test("the example shows it all: each outage, each key that opens, and what is said when none does")
    func example() throws {
        let output = try TestProcess.run(
            [TestProcess.built("RegionalFailover"), VectorFile.path(Self.escrowFile)],
            variables: [
                "AWS_ENDPOINT_URL": LocalAWS.endpoint ?? "", "AWS_ACCESS_KEY_ID": "local",
                "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "us-west-2", "AWS_CONFIG_FILE": "/dev/null",
                "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                // What top-level code holds when it exits is not a leak.
                "ASAN_OPTIONS": "detect_leaks=0",
            ]
        )
        #expect(output.status == 0, "\(output.standardError)")
        let parts = output.standardOutput.split(separator: "\n\n").dropFirst().map { $0.split(separator: "\n") }
        #expect(
            parts.compactMap(\.first) == [
                "every region there:", "us-west-2 refuses connections:",
                "each region refuses connections, the escrow key at hand:",
                "each region refuses connections, no escrow key:", "us-west-2 never answers:",
                "each region never answers, the escrow key at hand:", "each region never answers, no escrow key:",
            ]
        )
        let west = "opened by AWS KMS keyring \(LocalAWS.west)"
        let ireland = "opened by AWS KMS keyring \(LocalAWS.ireland)"
        for (part, opened) in zip(parts, [west, ireland, "escrow/vault-1", nil, ireland, "escrow/vault-1", nil]) {
            guard let opened else {
                #expect(part.contains { $0.contains("EndpointUnreachable") || $0.contains("NoResponse") })
                for key in [LocalAWS.west, LocalAWS.ireland] {
                    #expect(part.contains { $0.contains("keyring \(key): awsUnavailable: KMS Decrypt: ") })
                }
                continue
            }
            #expect(part.count == 2)
            #expect(part.last?.hasPrefix("opened by ") == true)
            #expect(part.last?.contains(opened) == true)
        }
    }

    @Test("a multi-Region key opens the message in its other region")
    func replica() async throws {
        let clients = Clients()
        let here = try MultiKeyring.awsKMSMRK(generator: LocalAWS.multiRegionWest, clientSupplier: clients)
        let message = try await sdk.encrypt(Self.plaintext, using: here).ciphertext
        let gone = try LoopbackSocket(listens: false)
        let remote = Clients(elsewhere: ["us-west-2": gone.url])
        for keyring in [
            try MultiKeyring.awsKMSMRK(generator: LocalAWS.multiRegionIreland, clientSupplier: remote),
            try MultiKeyring.awsKMSMRKDiscovery(regions: ["us-west-2", "eu-west-1"], clientSupplier: remote),
        ] {
            let result = try await sdk.decrypt(message, using: keyring)
            #expect(result.plaintext == Self.plaintext)
        }
    }
}
