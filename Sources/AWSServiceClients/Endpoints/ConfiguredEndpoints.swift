/// The endpoints that variables and profiles name instead of AWS's own.
///
/// Before it is checked a URL may hold a password, so that a mirror shows none.
struct ConfiguredEndpoints: Sendable, CustomReflectable {
    var customMirror: Mirror { Mirror(self, children: [:]) }

    private let general: String?
    private let services: [String: String]

    private init(general: String?, services: [String: String]) {
        self.general = general
        self.services = services
    }

    /// No endpoints.
    init() {
        self.init(general: nil, services: [:])
    }

    /// The endpoints of an environment and a profile.
    ///
    /// - Parameters:
    ///   - environment: the variables.
    ///   - profiles: the profiles.
    ///   - profile: the name of the one that counts.
    /// - Throws: `ProfileError` when the profile names a section of services that is missing.
    init(_ environment: AWSEnvironment, profiles: AWSProfiles, profile: String) throws(ProfileError) {
        let settings = profiles[profile] ?? [:]
        let ignored =
            environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] ?? settings["ignore_configured_endpoint_urls"]
        guard ignored?.lowercased() != "true" else {
            self.init()
            return
        }
        var section: [String: String] = [:]
        if let name = settings["services"] {
            guard let found = profiles.services[name] else {
                throw ProfileError(
                    file: profiles.files.first ?? "",
                    line: nil,
                    reason: "profile \(profile) names the section [services \(name)], which is not there"
                )
            }
            section = found
        }
        let allServices = environment["AWS_ENDPOINT_URL"]
        var services: [String: String] = [:]
        for (name, variable) in [
            ("kms", "AWS_ENDPOINT_URL_KMS"), ("dynamodb", "AWS_ENDPOINT_URL_DYNAMODB"), ("sts", "AWS_ENDPOINT_URL_STS"),
        ] {
            let nested = ProfileParser.nested(in: section[name] ?? "")["endpoint_url"]
            services[name] = environment[variable] ?? allServices ?? nested.flatMap { $0.isEmpty ? nil : $0 }
        }
        self.init(general: allServices ?? settings["endpoint_url"], services: services)
    }

    /// The endpoint of a service; nil for AWS's own.
    ///
    /// - Parameter service: the service's name in host names.
    subscript(service: String) -> String? {
        services[service] ?? general
    }
}
