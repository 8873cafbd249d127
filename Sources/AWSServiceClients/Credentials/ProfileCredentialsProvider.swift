/// Credentials as a profile of the shared files describes them.
///
/// The files are read anew each time, so that what another tool has renewed is seen.
struct ProfileCredentialsProvider: AWSCredentialsProvider {
    /// The profile's name.
    let name: String
    /// Whether the user has chosen the profile, which then must exist.
    let isChosen: Bool
    let context: CredentialsContext

    func credentials(forcesRefresh: Bool) async throws -> AWSCredentials {
        let profiles: AWSProfiles
        do throws(ProfileError) {
            profiles = try AWSProfiles(context.environment)
        } catch {
            throw CredentialsError(.invalidConfiguration, source: source(name), error.description)
        }
        guard profiles[name] != nil || isChosen else {
            throw CredentialsError(
                .notConfigured,
                source: source(name),
                "there is no such profile in \(profiles.files.joined(separator: " and "))"
            )
        }
        return try await ProfileResolution(profiles: profiles, context: context, region: context.region)
            .credentials(of: name, reachedFrom: [])
    }

    private func source(_ name: String) -> String { "profile \(name)" }
}

/// Follows the settings of profiles to credentials.
struct ProfileResolution {
    let profiles: AWSProfiles
    let context: CredentialsContext
    /// The region of STS, when the caller has chosen one.
    let region: String?

    private typealias Settings = [String: String]

    /// The credentials of a profile.
    ///
    /// - Parameters:
    ///   - name: the profile's name.
    ///   - earlier: the profiles whose `source_profile` led here.
    /// - Throws: `CredentialsError`, or `CancellationError`.
    func credentials(of name: String, reachedFrom earlier: [String]) async throws -> AWSCredentials {
        guard let settings = profiles[name] else {
            throw invalid(name, "there is no such profile in \(profiles.files.joined(separator: " and "))")
        }
        // A profile that is the source of another gives its own keys, even where it also names a role.
        if !earlier.isEmpty, let keys = try staticKeys(name, settings) { return keys }
        if let roleARN = settings["role_arn"] {
            return try await credentials(ofRole: roleARN, name, settings, reachedFrom: earlier)
        }
        guard settings["web_identity_token_file"] == nil else {
            throw invalid(name, "the profile has web_identity_token_file and no role_arn")
        }
        for key in ["sso_session", "sso_start_url", "sso_account_id", "login_session"] where settings[key] != nil {
            throw invalid(
                name,
                "\(key == "login_session" ? "aws login" : "IAM Identity Center (SSO)") is not supported; use "
                    + "credential_process = aws configure export-credentials --profile \(name) --format process "
                    + "in another profile"
            )
        }
        if let keys = try staticKeys(name, settings) { return keys }
        if let command = settings["credential_process"] {
            return try await ProcessCredentialsProvider(command: command, source: source(name))
                .credentials(forcesRefresh: false)
        }
        throw CredentialsError(
            earlier.isEmpty ? .notConfigured : .invalidConfiguration,
            source: source(name),
            "the profile has no setting that gives credentials"
        )
    }

    private func staticKeys(_ name: String, _ settings: Settings) throws(CredentialsError) -> AWSCredentials? {
        let id = settings["aws_access_key_id"]
        let secret = settings["aws_secret_access_key"]
        guard id != nil || secret != nil else { return nil }
        guard let id, let secret else {
            throw invalid(
                name,
                "the profile has only one of aws_access_key_id and aws_secret_access_key"
            )
        }
        return AWSCredentials(
            accessKeyID: id,
            secretAccessKey: secret,
            sessionToken: settings["aws_session_token"]
        )
    }

    private func credentials(
        ofRole roleARN: String,
        _ name: String,
        _ settings: Settings,
        reachedFrom earlier: [String]
    ) async throws -> AWSCredentials {
        guard settings["mfa_serial"] == nil else {
            throw invalid(
                name,
                "the role asks for a code (mfa_serial), which cannot be entered here; use credential_process"
            )
        }
        var duration: Int?
        if let text = settings["duration_seconds"] {
            guard let seconds = Int(text), (900...43_200).contains(seconds) else {
                throw invalid(name, "duration_seconds is no number from 900 to 43200")
            }
            duration = seconds
        }
        let role = RoleRequest(
            roleARN: roleARN,
            sessionName: settings["role_session_name"] ?? RoleSessionName.make(context),
            durationSeconds: duration,
            externalID: settings["external_id"]
        )
        let client = try STSClient(
            source: source(name),
            context: context,
            region: region ?? settings["region"] ?? context.environment["AWS_REGION"]
                ?? context.environment["AWS_DEFAULT_REGION"],
            endpoint: ConfiguredEndpoints(context.environment, profiles: profiles, profile: name)["sts"]
        )
        if let file = settings["web_identity_token_file"] {
            return try await WebIdentityCredentialsProvider(
                role: role,
                tokenFile: context.environment.expanded(file),
                client: client
            ).credentials(forcesRefresh: false)
        }
        let base = try await sourceCredentials(name, settings, reachedFrom: earlier)
        return try await client.assume(role, with: base)
    }

    /// The credentials that a role is assumed with.
    private func sourceCredentials(
        _ name: String,
        _ settings: Settings,
        reachedFrom earlier: [String]
    ) async throws -> AWSCredentials {
        switch (settings["source_profile"], settings["credential_source"]) {
        case (nil, nil), (_?, _?):
            throw invalid(name, "a role needs exactly one of source_profile and credential_source")
        case (let next?, nil):
            if next == name, let keys = try staticKeys(name, settings) { return keys }
            guard next != name, !earlier.contains(next) else {
                throw invalid(name, "source_profile leads in a circle, through \(next)")
            }
            return try await credentials(of: next, reachedFrom: earlier + [name])
        case (nil, let kind?):
            let provider: any AWSCredentialsProvider
            switch kind {
            case "Environment": provider = EnvironmentCredentialsProvider(context.environment)
            case "Ec2InstanceMetadata": provider = InstanceMetadataCredentialsProvider(context: context)
            case "EcsContainer": provider = ContainerCredentialsProvider(context: context)
            default:
                throw invalid(
                    name,
                    "credential_source is none of Environment, Ec2InstanceMetadata and EcsContainer"
                )
            }
            do {
                return try await provider.credentials(forcesRefresh: false)
            } catch let error as CredentialsError {
                throw CredentialsError(.failed, source: source(name), "its credential_source: \(error)")
            }
        }
    }

    private func source(_ name: String) -> String { "profile \(name)" }

    private func invalid(_ name: String, _ reason: String) -> CredentialsError {
        CredentialsError(.invalidConfiguration, source: source(name), reason)
    }
}
