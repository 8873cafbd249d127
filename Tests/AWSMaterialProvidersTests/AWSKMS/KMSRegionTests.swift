import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// A KMS client calls one region; what that means for a key of another one is said before or after the call.
@Suite struct KMSRegionTests {
    private let east = StandInKMS(region: "us-east-1", keys: [Keys.mrkEast])

    private func expectRegions(
        sourceLocation: SourceLocation = #_sourceLocation,
        _ make: () async throws -> Void
    ) async {
        let error = await expectError(.invalidConfiguration, sourceLocation: sourceLocation, make)
        #expect(error?.reason.contains("us-west-2") == true, sourceLocation: sourceLocation)
        #expect(error?.reason.contains("us-east-1") == true, sourceLocation: sourceLocation)
    }

    @Test(
        "a keyring whose client calls another region than the key's is refused, and the error names both",
        .spec("aws-kms-mrk-discovery-keyring/initialization.3")
    )
    func clientOfAnotherRegion() async throws {
        let publicKey = try ECPrivateKey.generate(.p256).publicKey
        for arn in [Keys.west, Keys.mrkWest, Keys.alias] {
            await expectRegions { _ = try AWSKMSKeyring(kmsKeyID: arn, kmsClient: east) }
            await expectRegions { _ = try AWSKMSMRKKeyring(kmsKeyID: arn, kmsClient: east) }
            await expectRegions {
                _ = try await AWSKMSECDHKeyring(
                    keyAgreementScheme: .kmsPublicKeyDiscovery(
                        recipientKMSIdentifier: arn,
                        recipientPublicKey: publicKey
                    ),
                    curve: .p256,
                    kmsClient: east
                )
            }
        }
        await expectRegions {
            _ = try AWSKMSRSAKeyring(kmsKeyID: Keys.west, encryptionAlgorithm: .rsaesOAEPSHA256, kmsClient: east)
        }
        await expectRegions { _ = try AWSKMSMRKDiscoveryKeyring(kmsClient: east, region: "us-west-2") }
        // What has no region, or a client that does not tell its own, is not refused.
        _ = try AWSKMSKeyring(kmsKeyID: "alias/example", kmsClient: east)
        _ = try AWSKMSKeyring(kmsKeyID: Keys.west, kmsClient: StandInKMS())
        _ = try AWSKMSKeyring(kmsKeyID: Keys.mrkEast, kmsClient: east)
    }

    @Test("a key store whose KMS client calls another region than its key's is refused")
    func keyStore() async throws {
        func store(_ configuration: KeyStoreKMSConfiguration) throws {
            _ = try KeyStore(
                tableName: "table",
                logicalKeyStoreName: "logical",
                kmsConfiguration: configuration,
                dynamoDBClient: StandInDynamoDB(),
                kmsClient: east
            )
        }
        await expectRegions { try store(.kmsKeyARN(Keys.west)) }
        await expectRegions { try store(.kmsMRKeyARN(Keys.mrkWest)) }
        await expectRegions { try store(.mrDiscovery(region: "us-west-2")) }
        try store(.kmsMRKeyARN(Keys.mrkEast))
        try store(.mrDiscovery(region: "us-east-1"))
        try store(.discovery)
    }

    @Test("a message of a replica names the keyring that opens it")
    func messageOfReplica() async throws {
        let west = StandInKMS(region: "us-west-2", keys: [Keys.mrkWest])
        let message = try await AWSKMSKeyring(kmsKeyID: Keys.mrkWest, kmsClient: west).onEncrypt(encryptionMaterials())
        let plain = try AWSKMSKeyring(kmsKeyID: Keys.mrkEast, kmsClient: east)
        let error = await expectRefusals([.notForThisKeyring], of: plain, message.encryptedDataKeys)
        for part in ["AWSKMSMRKKeyring", Keys.mrkWest, Keys.mrkEast] {
            #expect(error?.description.contains(part) == true, "\(part)")
        }
        let aware = try AWSKMSMRKKeyring(kmsKeyID: Keys.mrkEast, kmsClient: east)
        _ = try await aware.onDecrypt(decryptionMaterials(), encryptedDataKeys: message.encryptedDataKeys)
        // A key that is not its replica does not.
        let other = try AWSKMSKeyring(kmsKeyID: "arn:aws:kms:us-east-1:111122223333:key/mrk-2", kmsClient: east)
        let refusal = await expectRefusals([.notForThisKeyring], of: other, message.encryptedDataKeys)
        #expect(refusal?.description.contains("AWSKMSMRKKeyring") == false)
    }

    @Test("a discovery keyring that finds no key says when the message's is in another region")
    func discovery() async throws {
        let west = StandInKMS(region: "us-west-2", keys: [Keys.west])
        let message = try await AWSKMSKeyring(kmsKeyID: Keys.west, kmsClient: west).onEncrypt(encryptionMaterials())
        let discovery = AWSKMSDiscoveryKeyring(kmsClient: east)
        let error = await expectRefusals([.awsRefusal], of: discovery, message.encryptedDataKeys)
        #expect(
            error?.refusals.first?.error.reason.contains("(in another region than the client calls, us-east-1)") == true
        )
    }
}
