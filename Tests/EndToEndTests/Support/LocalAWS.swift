import AWSHTTPTransport
import AWSMaterialProviders
import AWSServiceClients
import Foundation
import Testing

/// The seeded KMS and DynamoDB of `scripts/local-aws`, when the environment names them.
enum LocalAWS {
    static let endpoint = ProcessInfo.processInfo.environment["ESDK_LOCAL_AWS"]
    static let isRunning = endpoint != nil
    static let comment: Comment = "needs ESDK_LOCAL_AWS: eval \"$(scripts/local-aws env)\""

    static let west = "arn:aws:kms:us-west-2:658956600833:key/b3537ef1-d8dc-4780-9f5a-55776cbb2f7f"
    static let ireland = "arn:aws:kms:eu-west-1:658956600833:key/5d6c9a3e-0d0b-4a3e-9d2c-0e57a1e0f001"
    static let disabled = "arn:aws:kms:us-west-2:658956600833:key/00000000-0000-4000-8000-00000000dead"
    static let encryptOnly = "arn:aws:kms:us-west-2:658956600833:key/590fd781-ddde-4036-abec-3e1ab5a5d2ad"
    static let multiRegionWest = "arn:aws:kms:us-west-2:658956600833:key/mrk-80bd8ecdcd4342aebd84b7dc9da498a7"
    static let multiRegionIreland = "arn:aws:kms:eu-west-1:658956600833:key/mrk-80bd8ecdcd4342aebd84b7dc9da498a7"

    static func configuration(
        region: String,
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

    /// A key store over a table of its own, which does not exist yet.
    static func keyStore(
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
