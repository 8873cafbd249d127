import AWSMaterialProviders
import AWSServiceClients
import ESDKCrypto
import Foundation
import TestSupport
import Testing

/// A key store that another implementation wrote, from the items under `Tests/Vectors/key-store`.
@Suite(.enabled(if: LocalAWS.isRunning, Comment(rawValue: LocalAWS.comment)))
struct ForeignKeyStoreTests {
    private struct Dump: Decodable {
        struct Active: Decodable {
            let version: String
            let key: String
            let beacon: String
            let context: [String: String]
        }

        let logicalName: String
        let branchKeyID: String
        let active: Active
        let items: [[String: [String: String]]]

        private enum CodingKeys: String, CodingKey {
            case logicalName = "logical-key-store-name"
            case branchKeyID = "branch-key-id"
            case active, items
        }

        static func read(_ name: String) throws -> Dump {
            try VectorFile.load("key-store/\(name).json", as: Dump.self)
        }

        func item(_ attributes: [String: [String: String]]) throws -> DynamoDB.Item {
            var item = DynamoDB.Item()
            for (name, value) in attributes {
                let (type, text) = try #require(value.first)
                item[DynamoDB.AttributeName(name)] =
                    switch type {
                    case "S": .string(text)
                    case "N": .number(text)
                    default: .binary(Array(try #require(Data(base64Encoded: text))))
                    }
            }
            return item
        }
    }

    @Test("every key of a key store that the Python library wrote is read, and versioned further")
    func python() async throws {
        let dump = try Dump.read("python-1.11.3")
        let configuration = try LocalAWS.configuration(region: "us-west-2")
        let dynamoDB = try AWSDynamoDBClient(configuration)
        // The table may bear any name; the logical one is bound to the keys.
        let store = try KeyStore(
            tableName: "restored-\(UUID().uuidString)",
            logicalKeyStoreName: dump.logicalName,
            kmsConfiguration: .kmsKeyARN(LocalAWS.west),
            dynamoDBClient: dynamoDB,
            kmsClient: AWSKMSClient(configuration)
        )
        try await store.createKeyStore()
        for item in dump.items {
            try await dynamoDB.putItem(DynamoDB.Put(tableName: store.tableName, item: dump.item(item)))
        }
        let active = try await store.activeBranchKey(id: dump.branchKeyID)
        #expect(active.version == dump.active.version)
        #expect(active.branchKey == SecretBytes(try #require(Hex.decode(dump.active.key))))
        #expect(active.encryptionContext == EncryptionContext(dump.active.context))
        let beacon = try await store.beaconKey(id: dump.branchKeyID)
        #expect(beacon.beaconKey == SecretBytes(try #require(Hex.decode(dump.active.beacon))))
        let versions = dump.items.compactMap { item -> String? in
            let type = item["type"]?["S"] ?? ""
            return type.hasPrefix("branch:version:") ? String(type.dropFirst("branch:version:".count)) : nil
        }
        #expect(versions.count == 2)
        for version in versions {
            let key = try await store.branchKey(id: dump.branchKeyID, version: version)
            #expect((key.branchKey == active.branchKey) == (version == active.version))
        }
        try await store.versionKey(branchKeyID: dump.branchKeyID)
        #expect(try await store.activeBranchKey(id: dump.branchKeyID).version != active.version)
    }
}
