import Foundation

/// Keys under `Tests/Vectors/keys`, which openssl wrote.
enum SampleKeys {
    static var rsa: String {
        get throws { try text("rsa-pkcs8.pem") }
    }

    private static func text(_ name: String) throws -> String {
        var tests = URL(filePath: #filePath)
        for _ in 0..<3 { tests.deleteLastPathComponent() }
        return try String(contentsOf: tests.appending(path: "Vectors/keys/\(name)"), encoding: .utf8)
    }
}
