import Foundation

/// A certificate of its own authority and its key, in files of a folder of their own; made by the `openssl` command.
final class TestCertificate {
    struct Failure: Error {}

    static let command = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    let file: String
    let key: String
    private let folder: URL

    init(for name: String = "localhost") throws {
        guard let command = Self.command else { throw Failure() }
        folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        file = folder.appending(path: "certificate.pem").path()
        key = folder.appending(path: "key.pem").path()
        let maker = Process()
        maker.executableURL = URL(filePath: command)
        maker.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout", key, "-out", file,
        ]
        maker.standardError = FileHandle.nullDevice
        try maker.run()
        maker.waitUntilExit()
        guard maker.terminationStatus == 0 else { throw Failure() }
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }
}
