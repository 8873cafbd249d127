import Foundation
import TestSupport
import Testing

/// The cases of AWS's published suite for signers that concern requests without a query and with normalised paths.
struct SigningSuite: Decodable {
    struct Case: Decodable, CustomTestStringConvertible {
        let name: String
        let request: String
        let signsBody: Bool
        let omitsToken: Bool
        let token: String?
        let canonicalRequest: String
        let stringToSign: String
        let signature: String

        var testDescription: String { name }
    }

    let accessKeyID: String
    let secretAccessKey: String
    let region: String
    let service: String
    let time: String
    let cases: [Case]

    static func load() throws -> SigningSuite {
        let bytes = try RepositoryFiles.bytes("Tests/Vectors/signature-v4/aws-c-auth.json")
        return try JSONDecoder().decode(SigningSuite.self, from: Data(bytes))
    }
}
