import AWSMaterialProviders
import ESDKCrypto
import TestSupport

/// A key store over stand-ins.
struct KeyStoreFixture {
    let dynamoDB = StandInDynamoDB()
    let kms: StandInKMS
    let clock = TestClock("2023-06-03T19:03:29.358000Z", sleepsAdvance: false)

    init(keys: [String] = [Keys.west, Keys.mrkWest, Keys.mrkEast], delay: Duration? = nil) {
        kms = StandInKMS(keys: keys, delay: delay)
    }

    func store(
        _ configuration: KeyStoreKMSConfiguration = .kmsKeyARN(Keys.west),
        name: String = "logical"
    ) throws -> KeyStore {
        try KeyStore(
            tableName: "table",
            logicalKeyStoreName: name,
            kmsConfiguration: configuration,
            id: nil,
            grantTokens: ["token"],
            dynamoDBClient: dynamoDB,
            kmsClient: kms,
            clock: clock
        )
    }
}
