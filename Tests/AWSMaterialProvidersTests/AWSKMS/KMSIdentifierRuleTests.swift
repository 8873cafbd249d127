import AWSMaterialProviders
import TestSupport
import Testing

@Suite struct KMSIdentifierRuleTests {
    @Test(
        "M01: what is no KMS key identifier is refused",
        arguments: [
            "", "alias/", "key/1234", "arn:", "arn:aws:kms:us-west-2:111122223333:key/",
            "arn-not:aws:kms:us-west-2:111122223333:key/1234", ":aws:kms:us-west-2:111122223333:key/1234",
            "aws:kms:us-west-2:111122223333:key/1234", "arn:aws:s3:us-west-2:111122223333:key/1234",
            "arn::kms:us-west-2:111122223333:key/1234", "arn:aws::us-west-2:111122223333:key/1234",
            "arn:aws:kms::111122223333:key/1234", "arn:aws:kms:us-west-2::key/1234",
            "arn:aws:kms:us-west-2:111122223333:", "arn:aws:kms:us-west-2:111122223333:key",
            "arn:aws:kms:us-west-2:111122223333:key1234", "arn:aws:kms:us-west-2:111122223333:grant/1234",
            "arn:aws:kms:us-west-2:111122223333:alias/", "arn:aws:kms:us-west-2:111122223333:key/1234:5",
            "arn:aws:kms:us-west-2:111122223333:key/12 34", "key id", "clé", "alias/a b", "alias/clé", "alias/a\nb",
            "ARN:aws:kms:us-west-2:111122223333:key/1234", "arn:aws:KMS:us-west-2:111122223333:key/1234",
            "arn:aws:kms:us-west-2:111122223333:KEY/1234", "arn:aws:kms:us-west-2:111122223333:/1234",
            String(repeating: "1", count: 2049),
        ]
    )
    func m01InvalidIdentifier(text: String) async {
        let kms = StandInKMS()
        await expectError(.invalidConfiguration) { _ = try AWSKMSKeyring(kmsKeyID: text, kmsClient: kms) }
        await expectError(.invalidConfiguration) { _ = try AWSKMSMRKKeyring(kmsKeyID: text, kmsClient: kms) }
        await expectError(.invalidConfiguration) {
            _ = try AWSKMSRSAKeyring(kmsKeyID: text, encryptionAlgorithm: .rsaesOAEPSHA256, kmsClient: kms)
        }
    }

    @Test(
        "every form of identifier is accepted",
        arguments: [
            Keys.west, Keys.mrkWest, Keys.alias, "1234abcd-12ab-34cd-56ef-1234567890ab", "alias/example",
            "alias/mrk-example/part", "mrk-1234abcd12ab34cd56ef1234567890ab",
            "arn:aws:kms:us-west-2:111122223333:alias/a/b", "arn:aws-cn:kms:cn-north-1:111122223333:alias/mrk-x/y/z",
        ] + Keys.legal
    )
    func everyForm(text: String) throws {
        let keyring = try AWSKMSKeyring(kmsKeyID: text, kmsClient: StandInKMS())
        #expect(keyring.description.contains(text))
    }

    @Test("M08: only the same multi-Region key matches another ARN, whatever its region")
    func m08MultiRegionMatch() throws {
        func matches(_ configured: String, _ other: String) throws -> Bool {
            try KMSKeyIdentifier(configured).matchesForDecrypt(#require(KMSKeyARN(other)))
        }
        #expect(try matches(Keys.mrkWest, Keys.mrkEast))
        #expect(try matches(Keys.west, Keys.west))
        #expect(try !matches(Keys.west, Keys.west.replacing("us-west-2", with: "us-east-1")))
        #expect(try !matches(Keys.mrkWest, Keys.mrkEast.replacing("arn:aws:", with: "arn:aws-cn:")))
        #expect(try !matches(Keys.mrkWest, Keys.mrkEast.replacing("111122223333", with: "444455556666")))
        #expect(try !matches(Keys.mrkWest, Keys.mrkEast.replacing("mrk-1", with: "mrk-2")))
        #expect(try !matches(Keys.mrkWest, Keys.mrkEast.replacing(":key/", with: ":alias/")))
        let alias = "arn:aws:kms:us-west-2:111122223333:alias/mrk-1234"
        #expect(try !matches(alias, alias.replacing("us-west-2", with: "us-east-1")))
        #expect(try !KMSKeyIdentifier("alias/mrk-1234").isMultiRegion)
        #expect(try KMSKeyIdentifier("mrk-1234").isMultiRegion)
    }

    @Test("M09: an MRK multi-keyring names every multi-Region key that is given twice")
    func m09RepeatedMultiRegionKeys() async throws {
        let clients = StandInClients(clients: ["us-west-2": StandInKMS(), "us-east-1": StandInKMS()])
        let second = Keys.mrkWest.replacing("mrk-1", with: "mrk-2")
        let secondEast = second.replacing("us-west-2", with: "us-east-1")
        let error = await expectError(.invalidConfiguration) {
            _ = try MultiKeyring.awsKMSMRK(
                generator: Keys.mrkWest,
                kmsKeyIDs: [second, Keys.west, Keys.mrkEast, secondEast],
                clientSupplier: clients
            )
        }
        for repeated in [Keys.mrkWest, Keys.mrkEast, second, secondEast] {
            #expect(error?.reason.contains(repeated) == true)
        }
        #expect(error?.reason.contains(Keys.west) == false)
        _ = try MultiKeyring.awsKMSMRK(
            generator: Keys.mrkWest,
            kmsKeyIDs: [Keys.west, Keys.west],
            clientSupplier: clients
        )
        _ = try MultiKeyring.awsKMS(generator: Keys.mrkWest, kmsKeyIDs: [Keys.mrkEast], clientSupplier: clients)
    }

    @Test("M09: an alias that looks like a multi-Region key is not one, so it may be named beside the key")
    func m09AliasLikeMultiRegionKey() throws {
        let clients = StandInClients(clients: ["us-west-2": StandInKMS(), "us-east-1": StandInKMS()])
        for alias in [Keys.mrkWest, Keys.mrkEast].map({ $0.replacing(":key/", with: ":alias/") }) {
            _ = try MultiKeyring.awsKMSMRK(generator: alias, kmsKeyIDs: [Keys.mrkWest], clientSupplier: clients)
        }
    }

    @Test(
        "M10: a multi-keyring takes ARNs alone, and names the identifier that is not one",
        arguments: ["alias/example", "mrk-1234abcd12ab34cd56ef1234567890ab", "1234abcd-12ab-34cd-56ef-1234567890ab"]
    )
    func m10MultiKeyringsTakeARNs(identifier: String) async throws {
        let clients = StandInClients(clients: ["us-west-2": StandInKMS(), "default": StandInKMS()])
        for make in [MultiKeyring.awsKMS, MultiKeyring.awsKMSMRK] {
            for (generator, others) in [(identifier, [Keys.west]), (Keys.west, [identifier]), (nil, [identifier])] {
                let error = await expectError(.invalidConfiguration) { _ = try make(generator, others, clients, []) }
                #expect(error?.reason.contains(identifier) == true)
            }
            let alias = Keys.west.replacing(":key/", with: ":alias/")
            _ = try make(alias, [alias], clients, [])
        }
    }

    @Test("M10: multi-keyrings need valid identifiers and regions")
    func m10MultiKeyringConfiguration() async throws {
        let clients = StandInClients(clients: ["us-west-2": StandInKMS(region: "us-west-2")])
        await expectError(.invalidConfiguration) { _ = try MultiKeyring.awsKMS(clientSupplier: clients) }
        await expectError(.invalidConfiguration) {
            _ = try MultiKeyring.awsKMS(generator: Keys.west, kmsKeyIDs: ["arn:aws:kms"], clientSupplier: clients)
        }
        await expectError(.invalidConfiguration) {
            _ = try MultiKeyring.awsKMSMRK(generator: "", kmsKeyIDs: [Keys.west], clientSupplier: clients)
        }
        for regions in [[], [""], ["us-west-2", ""]] {
            await expectError(.invalidConfiguration) {
                _ = try MultiKeyring.awsKMSDiscovery(regions: regions, clientSupplier: clients)
            }
            await expectError(.invalidConfiguration) {
                _ = try MultiKeyring.awsKMSMRKDiscovery(regions: regions, clientSupplier: clients)
            }
        }
        _ = try MultiKeyring.awsKMSDiscovery(regions: ["us-west-2"], clientSupplier: clients)
        _ = try MultiKeyring.awsKMSMRKDiscovery(regions: ["us-west-2"], clientSupplier: clients)
        await expectError(.invalidConfiguration) {
            _ = try AWSKMSMRKDiscoveryKeyring(kmsClient: StandInKMS(), region: "")
        }
        await expectError(.invalidConfiguration) {
            _ = try AWSKMSMRKDiscoveryKeyring(kmsClient: StandInKMS(region: "us-west-2"), region: "us-east-1")
        }
        await expectError(.invalidConfiguration) { _ = try AWSKMSDiscoveryFilter(partition: "aws", accountIDs: []) }
        await expectError(.invalidConfiguration) { _ = try AWSKMSDiscoveryFilter(partition: "", accountIDs: ["1"]) }
    }
}
