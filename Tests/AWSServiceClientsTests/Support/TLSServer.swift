import Foundation
import TestSupport

/// An HTTPS server with a certificate of its own: the `openssl` command.
final class TLSServer {
    let certificate: TestCertificate
    let port: Int
    private let process: TestProcess

    init(name: String = "localhost") throws {
        certificate = try TestCertificate(for: name)
        process = try TestProcess(talkingTo: [
            "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificate.file, "-key", certificate.key,
        ])
        var port: Int?
        while port == nil {
            let words = try process.line().split(separator: "ACCEPT")
            port = words.last?.split(separator: ":").last.flatMap { Int($0) }
        }
        self.port = port ?? 0
    }

    func stop() { process.stop() }
}

/// A certificate of its own authority and its key, in files of a folder of their own; made by the `openssl` command.
final class TestCertificate {
    static let isThere = ["/usr/bin/openssl", "/usr/local/bin/openssl"].contains {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    let file: String
    let key: String
    private let folder: TemporaryFolder

    init(for name: String = "localhost") throws {
        folder = try TemporaryFolder()
        file = folder.file("certificate.pem")
        key = folder.file("key.pem")
        let maker = try TestProcess.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout", key, "-out", file,
        ])
        guard maker.status == 0 else { throw TestProcess.Failure(maker.standardError) }
    }
}
