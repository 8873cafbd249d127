/// For whom a signature is.
package struct SigningScope: Hashable, Sendable {
    /// The region.
    package let region: String
    /// The service's signing name: `kms`, `dynamodb`, `sts`.
    package let service: String

    /// A scope.
    ///
    /// - Parameters:
    ///   - region: the region.
    ///   - service: the service's signing name.
    package init(region: String, service: String) {
        self.region = region
        self.service = service
    }
}
