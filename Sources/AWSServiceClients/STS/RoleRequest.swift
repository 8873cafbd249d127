/// A role to assume.
struct RoleRequest: Sendable {
    /// The role's ARN.
    let roleARN: String
    /// The name of the session, 2 to 64 characters.
    let sessionName: String
    /// How long the session lasts, in seconds; nil for the role's default.
    var durationSeconds: Int?
    /// What the role's owner asks of third parties.
    var externalID: String?
}
