import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Putting the branch keys of manifests into a key store")
struct BranchKeySeedingTests {
    /// A DynamoDB in which somebody else makes the table after it was looked for; it takes no items.
    private final class Contended: DynamoDBClient {
        private let isThere = Guarded(false)

        private func error(_ code: AWSServiceError.Code, _ operation: String) -> AWSServiceError {
            AWSServiceError(code, "stand-in", service: "DynamoDB", operation: operation)
        }

        func describeTable(name: String) async throws -> DynamoDB.TableDescription {
            guard isThere.withLock({ $0 }) else { throw error(.resourceNotFound, "DescribeTable") }
            return DynamoDB.TableDescription(
                arn: "arn",
                status: "ACTIVE",
                keySchema: [.init(name: "branch-key-id", role: .hash), .init(name: "type", role: .range)]
            )
        }

        func createTable(_ request: DynamoDB.CreateTableRequest) async throws -> DynamoDB.TableDescription {
            isThere.withLock { $0 = true }
            throw error(.resourceInUse, "CreateTable")
        }

        func getItem(_ request: DynamoDB.GetItemRequest) async throws -> DynamoDB.Item? { nil }
        func putItem(_ request: DynamoDB.Put) async throws { throw error(.accessDenied, "PutItem") }
        func transactWriteItems(_ puts: [DynamoDB.Put]) async throws {
            throw error(.accessDenied, "TransactWriteItems")
        }
        func query(_ request: DynamoDB.QueryRequest) async throws -> [DynamoDB.Item] { [] }
    }

    @Test(
        "a table that another process makes at the same time is used, and what goes wrong with a key is said of that key"
    )
    func contendedTable() async throws {
        let services = try AWSServices(
            kmsClients: StandInClients(clients: ["us-west-2": StandInKMS(region: "us-west-2")]),
            loopbackDynamoDB: Contended()
        )
        let key = KeyMaterial.staticBranchKey(
            version: "83eec007-5659-4554-bf11-699b90f41ac6",
            branchKey: [UInt8](repeating: 1, count: 32),
            beaconKey: nil
        )
        let table = KeyTable(declaredVersion: 3, entries: [KeySamples.entry("k", key)])
        let problems = try await services.seed([table])
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("key \"k\" is used as it is in its manifest") == true, "\(problems)")
        #expect(services.lostConnection == nil)
    }
}
