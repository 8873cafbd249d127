/// Tells whether an endpoint is on this machine.
package enum LoopbackEndpoint {
    /// Whether `url` names this machine: `localhost`, an address of 127.0.0.0/8, or `::1`.
    ///
    /// A URL with a user name is never taken for one: what stands before `@` looks like a host.
    package static func isLoopback(_ url: String) -> Bool {
        let lowered = url.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lowered.hasPrefix) else { return false }
        let rest = lowered.dropFirst(scheme.count)
        let authority = rest.prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else { return false }
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return false }
            return authority[..<end] == "[::1" && isPort(authority[end...].dropFirst())
        }
        let host = authority.prefix { $0 != ":" }
        guard isPort(authority.dropFirst(host.count)) else { return false }
        if host == "localhost" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil && $0.utf8.first != 0x2B }
    }

    /// Nothing, or a colon and a number.
    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || text.first == ":" && UInt16(text.dropFirst()) != nil
    }
}
