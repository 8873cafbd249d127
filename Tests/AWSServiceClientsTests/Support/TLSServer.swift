import Foundation

/// An HTTPS server with a certificate of its own: the `openssl` command.
final class TLSServer {
    struct Failure: Error {}

    let certificate: TestCertificate
    let port: Int
    private let process = Process()

    init(name: String = "localhost") throws {
        guard let command = TestCertificate.command else { throw Failure() }
        certificate = try TestCertificate(for: name)
        process.executableURL = URL(filePath: command)
        process.arguments = [
            "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificate.file, "-key", certificate.key,
        ]
        process.standardError = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var text = ""
        while !text.contains("\n") || !text.contains("ACCEPT") {
            let part = output.fileHandleForReading.availableData
            guard !part.isEmpty else { throw Failure() }
            text += String(decoding: part, as: UTF8.self)
        }
        guard
            let digits = text.split(separator: "ACCEPT").last?.split(separator: "\n").first?.split(separator: ":").last,
            let port = Int(digits)
        else { throw Failure() }
        self.port = port
    }

    func stop() {
        // It inherits the signals that this thread holds back, SIGTERM among them.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

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
