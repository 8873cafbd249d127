import AWSHTTPTransport
import AWSServiceClients
import Foundation
import TestSupport
import Testing

/// A server that speaks HTTP/2 over TLS: `Tests/Servers/http2_server.py`, which says what its paths are for.
final class HTTP2Server {
    struct Failure: Error {
        let text: String
    }

    struct Statistics: Decodable {
        let connections: Int
        let requests: Int
        let mostAtOnce: Int
        let cancelled: Int
        let authorities: [String]
    }

    private static let python = ProcessInfo.processInfo.environment["ESDK_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }

    /// Lets tests run where there is a Python that has what the server needs.
    static let isThere = ConditionTrait.enabled(
        if: python != nil && TestCertificate.command != nil,
        "needs the openssl command, and ESDK_PYTHON: scripts/python-environment makes it and prints its path"
    )

    static let answer =
        #"{"CiphertextBlob":"AQID","KeyId":"\#(TestValues.keyARN)","Plaintext":"\#(TestValues.plaintext)"}"#

    let certificate: TestCertificate
    let port: Int
    private let process = Process()
    private let input = Pipe()

    init(name: String = "localhost") throws {
        certificate = try TestCertificate(for: name)
        process.executableURL = URL(filePath: Self.python ?? "")
        process.arguments = [
            "-B", RepositoryFiles.root.appending(path: "Tests/Servers/http2_server.py").path(), certificate.file,
            certificate.key, Self.answer,
        ]
        // The server ends with its input: when this process is gone.
        process.standardInput = input
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var text = ""
        while !text.contains("\n") {
            let part = output.fileHandleForReading.availableData
            guard !part.isEmpty else { throw Failure(text: "the HTTP/2 server does not start") }
            text += String(decoding: part, as: UTF8.self)
        }
        guard let port = Int(text.split(separator: "\n").first ?? "") else { throw Failure(text: text) }
        self.port = port
    }

    func url(_ path: String = "/") -> String { "https://localhost:\(port)\(path)" }

    /// A transport that trusts the server, and nobody else.
    func transport(_ variables: [String: String] = [:]) throws -> CurlTransport {
        try CurlTransport(certificateAuthorities: certificate.file, environment: AWSEnvironment(variables))
    }

    /// What the server has counted, over one more connection where the transport has none.
    func statistics(over transport: CurlTransport, url: String? = nil) async throws -> Statistics {
        let response = try await transport.send(HTTPRequest(method: .get, url: url ?? self.url("/statistics")))
        return try JSONDecoder().decode(Statistics.self, from: Data(response.text.utf8))
    }

    func stop() {
        // Closing its input is not enough: another child that was started meanwhile may have inherited our side of it.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
