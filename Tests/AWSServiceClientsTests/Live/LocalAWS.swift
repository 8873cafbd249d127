import AWSHTTPTransport
import Foundation

@testable import AWSServiceClients

/// The seeded KMS and DynamoDB of `scripts/local-aws`, when the environment names them.
enum LocalAWS {
    static let endpoint = ProcessInfo.processInfo.environment["ESDK_LOCAL_AWS"]
    static let isRunning = endpoint != nil
    static let comment = "needs ESDK_LOCAL_AWS: eval \"$(scripts/local-aws env)\""

    static let firstAccount = "658956600833"
    static let secondAccount = "370957321024"

    static func configuration(region: String = "us-west-2") throws -> AWSClientConfiguration {
        AWSClientConfiguration(
            transport: try CurlTransport(),
            credentials: StaticCredentialsProvider(AWSCredentials(accessKeyID: "local", secretAccessKey: "local")),
            region: region,
            endpoint: endpoint
        )
    }

    static func arn(_ id: String, account: String = firstAccount, region: String = "us-west-2") -> String {
        "arn:aws:kms:\(region):\(account):key/\(id)"
    }
}
