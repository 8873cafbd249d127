internal import ESDKCrypto
internal import ESDKSystem
internal import StrictJSON

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
        let profiles = AWSProfiles(context.environment)
        guard profiles[name] != nil || isChosen else {
            throw CredentialsError(.notConfigured, source: source(name), profiles.missing(name))
        }
        return try await ProfileResolution(
            profiles: profiles,
            context: context,
            region: context.region,
            forcesRefresh: forcesRefresh
        ).credentials(of: name, reachedFrom: [])
    }

    private func source(_ name: String) -> String { "profile \(name)" }
}

/// Follows the settings of profiles to credentials.
struct ProfileResolution {
    let profiles: AWSProfiles
    let context: CredentialsContext
    /// The region of STS, when the caller has chosen one.
    let region: String?
    /// Whether kept sessions are passed over: the service has refused them.
    var forcesRefresh = false

    private typealias Settings = [String: String]

    /// The credentials of a profile.
    ///
    /// - Parameters:
    ///   - name: the profile's name.
    ///   - earlier: the profiles whose `source_profile` led here.
    /// - Throws: `CredentialsError`, or `CancellationError`.
    func credentials(of name: String, reachedFrom earlier: [String]) async throws -> AWSCredentials {
        guard let settings = profiles[name] else { throw invalid(name, profiles.missing(name)) }
        if let problem = profiles.problem(with: name) { throw invalid(name, problem.description) }
        // A profile that is the source of another gives its own keys, even where it also names a role.
        if !earlier.isEmpty, let keys = try staticKeys(name) { return keys }
        if let roleARN = settings["role_arn"] {
            return try await credentials(ofRole: roleARN, name, settings, reachedFrom: earlier)
        }
        guard settings["web_identity_token_file"] == nil else {
            throw invalid(name, "the profile has web_identity_token_file and no role_arn")
        }
        if let keys = try staticKeys(name, from: profiles.credentials[name]) { return keys }
        if let command = settings["credential_process"] {
            return try await ProcessCredentialsProvider(command: command, source: source(name))
                .credentials(forcesRefresh: false)
        }
        if let keys = try staticKeys(name) { return keys }
        for key in ["sso_session", "sso_start_url", "sso_account_id", "login_session"] where settings[key] != nil {
            throw invalid(
                name,
                "\(key == "login_session" ? "aws login" : "IAM Identity Center (SSO)") is not supported; use "
                    + "credential_process = aws configure export-credentials --profile \(name) --format process "
                    + "in another profile"
            )
        }
        throw CredentialsError(
            earlier.isEmpty ? .notConfigured : .invalidConfiguration,
            source: source(name),
            "the profile has no setting that gives credentials\(profiles.unreadFiles)"
        )
    }

    /// The keys that a profile has in either file.
    private func staticKeys(_ name: String) throws(CredentialsError) -> AWSCredentials? {
        try staticKeys(name, from: profiles[name])
    }

    private func staticKeys(_ name: String, from settings: Settings?) throws(CredentialsError) -> AWSCredentials? {
        guard let settings = settings?.filter({ !$0.value.isEmpty }) else { return nil }
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
            sessionToken: settings["aws_session_token"] ?? settings["aws_security_token"]
        )
    }

    private func credentials(
        ofRole roleARN: String,
        _ name: String,
        _ settings: Settings,
        reachedFrom earlier: [String]
    ) async throws -> AWSCredentials {
        var duration: Int?
        if let text = settings["duration_seconds"] {
            guard let seconds = Int(text), (900...43_200).contains(seconds) else {
                throw invalid(name, "duration_seconds is not a number from 900 to 43200")
            }
            duration = seconds
        }
        let role = RoleRequest(
            roleARN: roleARN,
            sessionName: settings["role_session_name"] ?? RoleSessionName.make(context),
            durationSeconds: duration,
            externalID: settings["external_id"],
            mfaSerial: settings["mfa_serial"],
            hasGivenName: settings["role_session_name"] != nil
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
        return try await CachedRole(role, context).credentials(forcesRefresh: forcesRefresh) {
            let base = try await sourceCredentials(name, settings, reachedFrom: earlier)
                .valid(at: context.clock.now, from: source(name))
            var code: String?
            if let device = role.mfaSerial { code = try await mfaCode(for: device, name) }
            return try await client.assume(role, with: base, mfaCode: code)
        }
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
            if next == name, let keys = try staticKeys(name) { return keys }
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

    /// Asks for the code that a device shows.
    private func mfaCode(for device: String, _ name: String) async throws -> String {
        do {
            let code = try await context.mfaPrompt("Enter MFA code for \(TerminalText.oneLine(device)): ")
            let trimmed = String(code.filter { !$0.isWhitespace })
            guard !trimmed.isEmpty else {
                throw CredentialsError(.failed, source: source(name), "no MFA code was entered")
            }
            return trimmed
        } catch let error as SystemError {
            throw CredentialsError(
                .failed,
                source: source(name),
                "the role needs a code from \(TerminalText.oneLine(device)) (mfa_serial), and there is no terminal to ask "
                    + "for it: \(error.reason); run a command on a terminal first, which keeps the session in "
                    + "~/.aws/cli/cache, or use credential_process"
            )
        }
    }

    private func source(_ name: String) -> String { "profile \(name)" }

    private func invalid(_ name: String, _ reason: String) -> CredentialsError {
        CredentialsError(.invalidConfiguration, source: source(name), reason)
    }
}

// MARK: - Kept sessions

/// A session of a role, kept where the AWS command line keeps its own: a session that needed a code serves all commands.
private struct CachedRole {
    /// What a session that is used must last at least: as AWS tools have it.
    private static let margin = 900.0

    private let role: RoleRequest
    private let context: CredentialsContext

    init(_ role: RoleRequest, _ context: CredentialsContext) {
        self.role = role
        self.context = context
    }

    /// The kept session, or a new one, which is kept.
    func credentials(
        forcesRefresh: Bool,
        orFrom fetch: () async throws -> AWSCredentials
    ) async throws -> AWSCredentials {
        let path = path
        if !forcesRefresh, let path, let kept = read(path) { return kept }
        let fresh = try await fetch()
        // A role that cannot be kept can still be used.
        if let path { try? write(fresh, to: path) }
        return fresh
    }

    /// The file: named after what the role is asked for with, as botocore names it.
    private var path: String? {
        let folder = context.environment.expanded("~/.aws/cli/cache")
        guard !folder.hasPrefix("~") else { return nil }
        // As Python writes it: members in order, blanks after separators, ASCII.
        var members: [(String, String)] = []
        if let seconds = role.durationSeconds { members.append(("DurationSeconds", String(seconds))) }
        if let id = role.externalID { members.append(("ExternalId", Self.quoted(id))) }
        members.append(("RoleArn", Self.quoted(role.roleARN)))
        if role.hasGivenName { members.append(("RoleSessionName", Self.quoted(role.sessionName))) }
        if let device = role.mfaSerial { members.append(("SerialNumber", Self.quoted(device))) }
        let text = "{" + members.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
        guard let digest = try? Digest.hash(.sha1, of: Array(text.utf8).span) else { return nil }
        return "\(folder)/\(Hex.encode(digest)).json"
    }

    private static func quoted(_ text: String) -> String {
        var output = "\""
        for unit in text.utf16 {
            switch unit {
            case 0x22: output += "\\\""
            case 0x5C: output += "\\\\"
            case 0x0A: output += "\\n"
            case 0x0D: output += "\\r"
            case 0x09: output += "\\t"
            case 0x20..<0x7F: output.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default:
                let digits = String(unit, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return output + "\""
    }

    private func read(_ path: String) -> AWSCredentials? {
        guard var bytes = try? SystemFile.read(SystemPath(path), limit: 1 << 20) else { return nil }
        defer { zeroize(&bytes) }
        guard let object = try? StrictJSON.parse(bytes.span, source: path)["Credentials"]?.object,
            let id = object["AccessKeyId"]?.string, let key = object["SecretAccessKey"]?.string,
            let token = object["SessionToken"]?.string,
            let end = object["Expiration"]?.string.flatMap({ Timestamp($0) }),
            end >= context.clock.now.advanced(bySeconds: Self.margin)
        else { return nil }
        return AWSCredentials(accessKeyID: id, secretAccessKey: key, sessionToken: token, expiration: end)
    }

    private func write(_ credentials: AWSCredentials, to path: String) throws {
        guard let end = credentials.expiration, let token = credentials.sessionToken else { return }
        let members: [(String, String)] = [
            ("AccessKeyId", credentials.accessKeyID),
            ("SecretAccessKey", String(copying: credentials.secretAccessKey.span)),
            ("SessionToken", String(copying: token.span)),
            ("Expiration", "\("\(end)".dropLast())UTC"),
        ]
        let text = members.map { "\"\($0)\": \(Self.quoted($1))" }.joined(separator: ", ")
        try Folder.makeAll(SystemPath(path).parent, permissions: 0o700)
        var rules = FileOutput.Rules()
        (rules.isPrivate, rules.keepsPermissions) = (true, false)
        let output = try FileOutput(SystemPath(path), rules)
        try output.file.write("{\"Credentials\": {\(text)}}")
        try output.commit()
    }
}
