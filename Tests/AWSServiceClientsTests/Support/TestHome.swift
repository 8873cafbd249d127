import Foundation

@testable import AWSServiceClients

/// A folder of settings of its own, and an environment that knows nothing else.
final class TestHome {
    let folder: URL

    init(config: String = "", credentials: String = "") throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "home-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder.appending(path: ".aws"), withIntermediateDirectories: true)
        try write(config, to: ".aws/config")
        try write(credentials, to: ".aws/credentials")
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    @discardableResult
    func write(_ text: String, to path: String) throws -> String {
        let file = folder.appending(path: path)
        try Data(text.utf8).write(to: file)
        return file.path()
    }

    func environment(_ variables: [String: String] = [:]) -> AWSEnvironment {
        AWSEnvironment(
            variables.merging(["HOME": folder.path(), "AWS_EC2_METADATA_DISABLED": "true"]) { given, _ in given }
        )
    }
}
