/// What all requests of a transport have in common.
struct TransportSettings: Sendable {
    /// The path of a PEM file with the certificate authorities to trust instead of the system's.
    let certificateAuthorities: String?
    /// The proxies.
    let proxies: ProxySettings
}
