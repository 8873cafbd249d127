import AWSEncryptionSDK
import AWSServiceClients
import Foundation

/// Clients that find credentials as AWS tools do, and give a region up soon; some regions can be told to be gone.
struct Regions: KMSClientSupplier {
    private let all: AWSKMSClientSupplier
    private let configuration: AWSClientConfiguration
    /// The regions that are gone, with the endpoint that is called in their place.
    private let gone: [String: String]

    init(gone: [String: String] = [:]) throws {
        var configuration = try AWSClientConfiguration()
        configuration.retries = RetrySettings(
            maximumAttempts: 2,
            connectTimeout: .milliseconds(500),
            attemptTimeout: .seconds(1),
            operationTimeout: .seconds(3)
        )
        self.configuration = configuration
        self.gone = gone
        all = AWSKMSClientSupplier(configuration)
    }

    func client(forRegion region: String?) throws -> any KMSClient {
        guard let region, let endpoint = gone[region] else { return try all.client(forRegion: region) }
        var nowhere = configuration
        nowhere.region = region
        nowhere.endpoint = endpoint
        return try AWSKMSClient(nowhere)
    }
}

/// How a region can be gone, played on this machine.
enum Outage: CaseIterable, CustomStringConvertible {
    /// Nothing listens: connections are refused at once.
    case refusesConnections
    /// Something listens and never answers: only a time-out ends the wait.
    case neverAnswers

    var description: String {
        switch self {
        case .refusesConnections: "refuses connections"
        case .neverAnswers: "never answers"
        }
    }

    /// The URL of a port on this machine that plays the outage for as long as the process lives.
    ///
    /// - Throws: `POSIXError` when no port is free.
    func endpoint() throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                unsafe bind(descriptor, name, length) == 0 && getsockname(descriptor, name, &length) == 0
            }
        }
        // A bound socket that does not listen refuses, and no other program gets its port.
        guard isBound, self == .refusesConnections || listen(descriptor, 16) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        return "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    }
}
