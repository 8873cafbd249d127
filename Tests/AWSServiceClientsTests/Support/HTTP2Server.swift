import AWSHTTPTransport
import AWSServiceClients
import Foundation
import TestSupport
import Testing

/// A server that speaks HTTP/2 over TLS: `Tests/Servers/http2_server.py`, which says what its paths are for.
final class HTTP2Server {
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
        if: python != nil && TestCertificate.isThere,
        "needs the openssl command, and ESDK_PYTHON: scripts/python-environment makes it and prints its path"
    )

    static let answer =
        #"{"CiphertextBlob":"AQID","KeyId":"\#(TestValues.keyARN)","Plaintext":"\#(TestValues.plaintext)"}"#

    let certificate: TestCertificate
    let port: Int
    private let process: TestProcess

    init(name: String = "localhost") throws {
        certificate = try TestCertificate(for: name)
        // The server ends with its input: when this process is gone.
        process = try TestProcess(talkingTo: [
            Self.python ?? "", "-B", RepositoryFiles.path("Tests/Servers/http2_server.py"), certificate.file,
            certificate.key, Self.answer,
        ])
        let line = try process.line()
        guard let port = Int(line) else { throw TestProcess.Failure(line) }
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

    func stop() { process.stop() }
}
