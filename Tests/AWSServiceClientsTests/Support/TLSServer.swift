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
