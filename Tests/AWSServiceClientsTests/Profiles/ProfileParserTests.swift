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

    private func read(_ example: Case) throws -> (
        profiles: [String: [String: String]], sessions: [String: [String: String]]
    ) {
        let config = try ProfileParser(Array(example.config.utf8), kind: .config, file: "config")
        let credentials = try ProfileParser(Array(example.credentials.utf8), kind: .credentials, file: "credentials")
        return (config.profiles.merging(credentials.profiles) { $0.merging($1) { $1 } }, config.sessions)
    }

    @Test("The cases of smithy-rs", arguments: try cases())
    func readsAsTheOtherLibrariesDo(example: Case) throws {
        guard !example.isError else {
            #expect(throws: ProfileError.self) { try read(example) }
            return
        }
        let (profiles, sessions) = try read(example)
        #expect(profiles == example.profiles)
        if let expected = example.sessions { #expect(sessions == expected) }
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
        let parser = try ProfileParser(Array(text.utf8), kind: .config, file: "config")
        let local = try #require(parser.services["local"])
        #expect(ProfileParser.nested(in: local["kms"] ?? "") == ["endpoint_url": "http://127.0.0.1:1", "other": "2"])
        #expect(ProfileParser.nested(in: local["dynamodb"] ?? "") == ["endpoint_url": "http://127.0.0.1:2"])
    }

    @Test func anErrorNamesFileAndLineAndNoValue() {
        let error = #expect(throws: ProfileError.self) {
            _ = try ProfileParser(Array("[profile a]\n# c\nsecret value".utf8), kind: .config, file: "f")
        }
        #expect(error?.description == "f:3: there is no = in the setting")
    }
}
