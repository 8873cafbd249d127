import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

@Suite struct KMSMultiKeyringTests {
    private static let mrkIreland = Keys.mrkWest.replacing("us-west-2", with: "eu-west-1")

    /// A replica of one multi-Region key in each of three regions, and a key of another account in the last.
    private let regions = [
        "us-west-2": StandInKMS(region: "us-west-2", keys: [Keys.mrkWest, Keys.west, Keys.otherAccount]),
        "us-east-1": StandInKMS(region: "us-east-1", keys: [Keys.mrkEast]),
        "eu-west-1": StandInKMS(region: "eu-west-1", keys: [mrkIreland]),
    ]
    private var clients: StandInClients { StandInClients(clients: regions) }

    private func expectOpening(
        _ message: EncryptionMaterials,
        by keyring: any Keyring,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let opened = try await keyring.onDecrypt(
            decryptionMaterials(),
            encryptedDataKeys: message.encryptedDataKeys
        )
        #expect(opened.plaintextDataKey == message.plaintextDataKey, sourceLocation: sourceLocation)
    }

    @Test(
        "what one replica of a multi-Region key wrapped, every other one opens in its own region",
        .spec(
            "aws-kms-mrk-multi-keyrings/aws-kms-mrk-multi-keyring.4",
            "aws-kms-mrk-multi-keyrings/aws-kms-mrk-multi-keyring.5",
            "aws-kms-mrk-multi-keyrings/aws-kms-mrk-multi-keyring.6",
            "aws-kms-mrk-multi-keyrings/aws-kms-mrk-multi-keyring.7",
            "aws-kms-mrk-multi-keyrings/aws-kms-mrk-multi-keyring.9",
            "aws-kms-mrk-multi-keyrings/aws-kms-mrk-discovery-multi-keyring.5",
            "aws-kms-mrk-multi-keyrings/aws-kms-mrk-discovery-multi-keyring.6",
            "aws-kms-mrk-multi-keyrings/aws-kms-mrk-discovery-multi-keyring.7",
            "aws-kms-mrk-discovery-keyring/ondecrypt.10",
            "aws-kms-mrk-discovery-keyring/ondecrypt.11",
            "aws-kms-mrk-discovery-keyring/ondecrypt.12",
            "aws-kms-mrk-discovery-keyring/ondecrypt.13",
            "aws-kms-mrk-discovery-keyring/ondecrypt.17"
        )
    )
    func threeRegions() async throws {
        let replicas = [Keys.mrkWest, Keys.mrkEast, Self.mrkIreland]
        for writer in replicas {
            let message = try await MultiKeyring.awsKMSMRK(generator: writer, clientSupplier: clients)
                .onEncrypt(encryptionMaterials())
            for reader in replicas {
                let keyring = try MultiKeyring.awsKMSMRK(generator: reader, clientSupplier: clients)
                try await expectOpening(message, by: keyring)
            }
            for region in regions.keys {
                let keyring = try MultiKeyring.awsKMSMRKDiscovery(regions: [region], clientSupplier: clients)
                try await expectOpening(message, by: keyring)
            }
        }
        for (region, client) in regions {
            #expect(client.calls.allSatisfy { $0.keyID.contains(region) })
        }
    }

    @Test("a generator alone encrypts; children alone wrap a data key that is there, and none of their own")
    func generatorAndChildren() async throws {
        let generatorOnly = try MultiKeyring.awsKMS(generator: Keys.west, clientSupplier: clients)
        let message = try await generatorOnly.onEncrypt(encryptionMaterials())
        try await expectOpening(message, by: generatorOnly)
        for childrenOnly in [
            try MultiKeyring.awsKMS(kmsKeyIDs: [Keys.west, Keys.otherAccount], clientSupplier: clients),
            try MultiKeyring.awsKMSMRK(kmsKeyIDs: [Keys.west, Keys.mrkEast], clientSupplier: clients),
        ] {
            try await expectOpening(message, by: childrenOnly)
            await expectError(.invalidMaterials) { _ = try await childrenOnly.onEncrypt(encryptionMaterials()) }
            let wrapped = try await childrenOnly.onEncrypt(encryptionMaterials().generatingDataKeyIfNeeded())
            #expect(wrapped.encryptedDataKeys.count == 2)
            try await expectOpening(wrapped, by: childrenOnly)
        }
    }

    @Test("a supplier that has no client for a region fails the keyring, with its own error and before any call")
    func supplierThrows() async throws {
        let somewhere = StandInClients(clients: ["us-west-2": try #require(regions["us-west-2"])])
        let makers: [(StandInClients) throws -> MultiKeyring] = [
            { try .awsKMS(generator: Keys.west, kmsKeyIDs: [Keys.mrkEast], clientSupplier: $0) },
            { try .awsKMSMRK(generator: Keys.west, kmsKeyIDs: [Keys.mrkEast], clientSupplier: $0) },
            { try .awsKMSDiscovery(regions: ["us-west-2", "us-east-1"], clientSupplier: $0) },
            { try .awsKMSMRKDiscovery(regions: ["us-west-2", "us-east-1"], clientSupplier: $0) },
        ]
        for make in makers {
            let error = await expectError(.invalidConfiguration) { _ = try make(somewhere) }
            #expect(error?.reason.hasPrefix("no client for ") == true)
        }
        #expect(somewhere.clients.values.allSatisfy { $0.calls.isEmpty })
    }

    @Test(
        "a discovery filter with several accounts opens what any of them wrapped",
        .spec(
            "aws-kms-multi-keyrings/aws-kms-discovery-multi-keyring.5",
            "aws-kms-multi-keyrings/aws-kms-discovery-multi-keyring.6",
            "aws-kms-multi-keyrings/aws-kms-discovery-multi-keyring.7"
        )
    )
    func severalAccounts() async throws {
        let filter = try AWSKMSDiscoveryFilter(partition: "aws", accountIDs: ["444455556666", "111122223333"])
        let one = try AWSKMSDiscoveryFilter(partition: "aws", accountIDs: ["111122223333"])
        for key in [Keys.west, Keys.otherAccount] {
            let message = try await MultiKeyring.awsKMS(generator: key, clientSupplier: clients)
                .onEncrypt(encryptionMaterials())
            for filter in [filter, one] {
                let discovery = try MultiKeyring.awsKMSDiscovery(
                    regions: ["eu-west-1", "us-west-2"],
                    discoveryFilter: filter,
                    clientSupplier: clients
                )
                let mrkDiscovery = try MultiKeyring.awsKMSMRKDiscovery(
                    regions: ["eu-west-1", "us-west-2"],
                    discoveryFilter: filter,
                    clientSupplier: clients
                )
                for keyring in [discovery, mrkDiscovery] {
                    guard key == Keys.otherAccount && filter == one else {
                        try await expectOpening(message, by: keyring)
                        continue
                    }
                    let codes = [EncryptionSDKError.Code.notForThisKeyring, .notForThisKeyring]
                    let error = await expectRefusals(codes, of: keyring, message.encryptedDataKeys)
                    #expect(error?.description.contains("444455556666") == true)
                }
            }
        }
    }

    @Test("unusual ARNs go through every keyring, in every suite", arguments: Keys.legal)
    func legalARNs(text: String) async throws {
        let arn = try #require(KMSKeyARN(text))
        let kms = StandInKMS(region: arn.region, keys: [text])
        let clients = StandInClients(clients: [arn.region: kms])
        let filter = try AWSKMSDiscoveryFilter(partition: arn.partition, accountIDs: ["9", arn.account])
        let keyrings = [
            try MultiKeyring.awsKMS(generator: text, clientSupplier: clients, grantTokens: ["a", "b"]),
            try MultiKeyring.awsKMSMRK(generator: text, clientSupplier: clients),
            try MultiKeyring.awsKMSDiscovery(
                regions: [arn.region],
                discoveryFilter: filter,
                clientSupplier: clients
            ),
            try MultiKeyring.awsKMSMRKDiscovery(
                regions: [arn.region],
                discoveryFilter: filter,
                clientSupplier: clients,
                grantTokens: ["a", "b"]
            ),
        ]
        for suite in AlgorithmSuite.all where suite.signature == nil {
            for writer in keyrings.prefix(2) {
                let message = try await writer.onEncrypt(encryptionMaterials(suite))
                #expect(message.plaintextDataKey?.count == suite.dataKeyLength)
                for reader in keyrings {
                    let opened = try await reader.onDecrypt(
                        decryptionMaterials(suite: suite),
                        encryptedDataKeys: message.encryptedDataKeys
                    )
                    #expect(opened.plaintextDataKey == message.plaintextDataKey)
                }
            }
        }
        #expect(Set(kms.calls.map(\.grantTokens)) == [[], ["a", "b"]])
    }
}
