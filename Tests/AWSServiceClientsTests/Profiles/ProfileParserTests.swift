import Foundation
import TestSupport
import Testing

@testable import AWSServiceClients

/// The files of settings as the other AWS libraries read them.
struct ProfileParserTests {
    struct Suite: Decodable {
        let cases: [Case]
    }

    struct Case: Decodable, CustomTestStringConvertible {
        let name: String
        let config: String
        let credentials: String
        let isError: Bool
        let profiles: [String: [String: String]]?
        let sessions: [String: [String: String]]?

        var testDescription: String { name }
    }

    static func cases() throws -> [Case] {
        let bytes = try RepositoryFiles.bytes("Tests/Vectors/profiles/smithy-rs.json")
        return try JSONDecoder().decode(Suite.self, from: Data(bytes)).cases
    }

    /// Where botocore reads another way, which is the way of the AWS command line.
    private static let botocores: [String: [String: [String: String]]] = [
        "Property definitions must contain an equals sign.": ["foo": ["key": "value"]],
        "Invalid profile names are ignored.": ["in valid": ["name": "value"], "in valid 2": ["name2": "value2"]],
        "Invalid property names are ignored.": ["foo": ["in valid": "value"]],
        "Profile names support alphanumeric characters and - / . % @ _ : +": [
            "some-thing:long/the_one%only.foo@bar+": [:], "foo!bar": [:],
        ],
        "Credentials profiles with prefix are ignored.": ["profile foo": ["name": "value"]],
        "properties from an invalid profile name are ignored": [
            "foo": ["name": "value"], "in valid": ["x": "1"], "bar": ["name": "value2"],
        ],
        "profile name with extra whitespace in credentials": ["foo": ["name": "value"], "profile bar": [:]],
    ]

    @Test("The cases of smithy-rs", arguments: try cases())
    func readsAsTheOtherLibrariesDo(example: Case) throws {
        let config = ProfileParser(Array(example.config.utf8), kind: .config, file: "config")
        let credentials = ProfileParser(Array(example.credentials.utf8), kind: .credentials, file: "credentials")
        let profiles = config.profiles.merging(credentials.profiles) { $0.merging($1) { $1 } }
        let expected = Self.botocores[example.name] ?? example.profiles
        // An indented line after the name of a section is a setting to botocore.
        if example.isError, Self.botocores[example.name] == nil {
            #expect(!config.problems.isEmpty)
            return
        }
        #expect(config.problems.isEmpty && credentials.problems.isEmpty)
        #expect(profiles == expected)
        if let expected = example.sessions { #expect(config.sessions == expected) }
    }

    @Test func nestedSettingsAndServices() throws {
        let text = """
            [profile dev]
            services = local
            [services local]
            kms =
              endpoint_url = http://127.0.0.1:1
              other = 2 # comment
            dynamodb =
              Endpoint_URL=http://127.0.0.1:2
            """
        let parser = ProfileParser(Array(text.utf8), kind: .config, file: "config")
        let local = try #require(parser.services["local"])
        #expect(ProfileParser.nested(in: local["kms"] ?? "") == ["endpoint_url": "http://127.0.0.1:1", "other": "2"])
        #expect(ProfileParser.nested(in: local["dynamodb"] ?? "") == ["endpoint_url": "http://127.0.0.1:2"])
    }

    @Test func anErrorNamesFileAndLineAndNoValue() {
        let parser = ProfileParser(Array("[profile a]\n# c\nsecret value".utf8), kind: .config, file: "f")
        #expect(parser.problems.map(\.error.description) == ["f:3: there is no = in the setting"])
        #expect(parser.problems.map(\.profile) == ["a"])
    }
}
