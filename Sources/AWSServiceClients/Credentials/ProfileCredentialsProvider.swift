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
