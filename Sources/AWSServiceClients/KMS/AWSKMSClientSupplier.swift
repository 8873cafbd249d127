public import AWSMaterialProviders
internal import ESDKCrypto
import ESDKSystem

/// Gives keyrings the KMS client of a region: one for each, made when it is first asked for.
public final class AWSKMSClientSupplier: KMSClientSupplier {
    private let configuration: AWSClientConfiguration
    private let clients = Guarded<[String: AWSKMSClient]>([:])

    /// A supplier of clients that differ in their region only.
    ///
    /// - Parameter configuration: what they need to know; its region is the default one.
    public init(_ configuration: AWSClientConfiguration) {
        self.configuration = configuration
    }

    /// The client for a region.
    ///
    /// - Parameter region: the region; the configuration's when it is nil.
    /// - Returns: the client.
    /// - Throws: `AWSServiceError` with code `invalidConfiguration`.
    public func client(forRegion region: String?) throws -> any KMSClient {
        var configuration = configuration
        if let region { configuration.region = region }
        let name = configuration.region ?? ""
        return try clients.withLock { clients in
            if let client = clients[name] { return client }
            let client = try AWSKMSClient(configuration)
            clients[name] = client
            return client
        }
    }
}
