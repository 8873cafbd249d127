import AWSHTTPTransport
package import AWSMaterialProviders
package import AWSServiceClients
import Foundation

/// The seeded KMS and DynamoDB of `scripts/local-aws`, when the environment names them.
package enum LocalAWS {
    package static let endpoint = ProcessInfo.processInfo.environment["ESDK_LOCAL_AWS"]
    package static let isRunning = endpoint != nil
    /// Why a test does not run.
    package static let comment = "needs ESDK_LOCAL_AWS: eval \"$(scripts/local-aws env)\""

    package static let firstAccount = "658956600833"
    package static let secondAccount = "370957321024"
    package static let west = arn("b3537ef1-d8dc-4780-9f5a-55776cbb2f7f")
    package static let ireland = arn("5d6c9a3e-0d0b-4a3e-9d2c-0e57a1e0f001", region: "eu-west-1")
    package static let disabled = arn("00000000-0000-4000-8000-00000000dead")
    package static let encryptOnly = arn("590fd781-ddde-4036-abec-3e1ab5a5d2ad")
    package static let multiRegionWest = arn("mrk-80bd8ecdcd4342aebd84b7dc9da498a7")
    package static let multiRegionIreland = arn("mrk-80bd8ecdcd4342aebd84b7dc9da498a7", region: "eu-west-1")

    package static func arn(_ id: String, account: String = firstAccount, region: String = "us-west-2") -> String {
        "arn:aws:kms:\(region):\(account):key/\(id)"
    }

    package static func configuration(
        region: String = "us-west-2",
        endpoint: String? = endpoint,
        retries: RetrySettings = RetrySettings()
    ) throws -> AWSClientConfiguration {
        AWSClientConfiguration(
            transport: try CurlTransport(),
            credentials: StaticCredentialsProvider(AWSCredentials(accessKeyID: "local", secretAccessKey: "local")),
            region: region,
            endpoint: endpoint,
            retries: retries
        )
    }

    /// A key store over a new table, which does not exist yet.
    package static func keyStore(
        _ configuration: KeyStoreKMSConfiguration = .kmsKeyARN(west),
        table: String = "table-\(UUID().uuidString)",
        region: String = "us-west-2"
    ) throws -> KeyStore {
        let client = try Self.configuration(region: region)
        // DynamoDB tables are in one region.
        return try KeyStore(
            tableName: table,
            logicalKeyStoreName: table,
            kmsConfiguration: configuration,
            dynamoDBClient: AWSDynamoDBClient(Self.configuration(region: "us-west-2")),
            kmsClient: AWSKMSClient(client)
        )
    }
}
