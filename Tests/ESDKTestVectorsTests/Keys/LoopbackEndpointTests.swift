import Testing

@testable import ESDKTestVectors

@Suite("Which endpoints are on this machine")
struct LoopbackEndpointTests {
    @Test(
        "this machine",
        arguments: [
            "http://127.0.0.1:5000", "http://127.0.0.1", "https://127.8.9.10:1/path", "http://localhost:4566/",
            "HTTP://LOCALHOST", "http://[::1]:5000", "http://[::1]", "http://127.0.0.1?x",
            "http://127.0.0.2:8000", "http://127.0.0.1/@example.com",
        ]
    )
    func loopback(url: String) { #expect(LoopbackEndpoint.isLoopback(url)) }

    @Test(
        "others, and what only looks like this machine",
        arguments: [
            "https://kms.us-west-2.amazonaws.com", "http://127.0.0.1.example.com", "http://localhost.example.com",
            "http://127.0.0.1@example.com", "http://localhost:80@example.com/", "http://example.com/127.0.0.1",
            "http://127.0.0.1\\@example.com", "http://127.0.0.1:5000:6000", "http://[::1].example.com",
            "http://[::2]", "http://10.0.0.1", "http://127.0.0", "http://127.0.0.256", "http://127.0.0.+1", "localhost",
            "http://127.0.0.1@evil", "http://127.0.0.1:80@evil", "http://[::1]@evil", "http://evil@127.0.0.1",
            "http://@127.0.0.1", "http://127.0.0.1%40evil", "http://127.0.0.1%2eevil", "http://127.1",
            "http://2130706433", "http://0x7f.0.0.1", "http://0177.0.0.1", "http://localhost.",
            "http://[::ffff:10.0.0.1]", "http://[::1", "http://[::1%25lo]", "http://ⓛocalhost", "http://127。0。0。1",
            "http://127.0.0.1 .evil", "http://localhost\u{301}", "http:/127.0.0.1", "//127.0.0.1", "http://\\127.0.0.1",
            "ftp://localhost", "", "http://", "http://0.0.0.0", "http://localhost:99999",
        ]
    )
    func elsewhere(url: String) { #expect(!LoopbackEndpoint.isLoopback(url)) }
}
