internal import AWSMaterialProviders

extension AWSClientConfiguration {
    /// Where a service is called under this configuration.
    ///
    /// - Parameters:
    ///   - service: the service.
    /// - Throws: `AWSServiceError` with code `invalidConfiguration`.
    func endpoint(for service: ServiceDescription) throws(AWSServiceError) -> ServiceEndpoint {
        func refusal(_ message: String) -> AWSServiceError {
            AWSServiceError(
                .invalidConfiguration,
                message,
                service: service.name,
                operation: "configuration",
                attempts: 0
            )
        }
        guard let region, !region.isEmpty else {
            throw refusal(
                "no region: give one, or set AWS_REGION or the region of the profile"
                    + (regionProblem.map { " (\($0))" } ?? "")
            )
        }
        let given = endpoint.flatMap { $0.isEmpty ? nil : $0 } ?? configuredEndpoints[service.endpointName]
        guard let given else {
            guard
                let regional = ServiceEndpoint.regional(
                    service,
                    region: region,
                    usesFIPS: usesFIPS,
                    usesDualStack: usesDualStack
                )
            else { throw refusal("\"\(region)\" is no region") }
            return regional
        }
        guard !usesFIPS, !usesDualStack else {
            throw refusal("FIPS and dual-stack choose among AWS's own endpoints: leave them off where one is given")
        }
        guard let custom = ServiceEndpoint(url: given, signingRegion: region) else {
            throw refusal("the endpoint is no http or https URL of host, port and path")
        }
        return custom
    }
}
