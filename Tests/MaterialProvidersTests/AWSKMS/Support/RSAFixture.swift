import CryptoPrimitives
import Foundation

/// RSA keys for the tests.
enum RSAFixture {
    /// The private key of Tests/Vectors/keys/rsa-pkcs8.pem, which openssl wrote: 2,048 bits.
    static func privateKey() throws -> RSAPrivateKey {
        var path = #filePath.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        while path.last != "Tests" { path.removeLast() }
        return try RSAPrivateKey(
            pem: String(contentsOfFile: path.joined(separator: "/") + "/Vectors/keys/rsa-pkcs8.pem", encoding: .utf8)
        )
    }

    /// A public key of 1,024 bits, which openssl wrote.
    static let small = """
        -----BEGIN PUBLIC KEY-----
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC9GJjo4U+gydrywaSsK6i6CNQK
        GNJpYc4lrBTgE69+nbBXADnUKU1FSWW3ExN47D0P9GOEzH0OFtkBrER2YLSOC1GM
        N+EY5tfxoB2b+2XO9eweg1KK5hdN8BMGa3r0owkjOO6HzmnyOfBkz5A30gG96TBI
        Exj/cY+XL+gCC8xmaQIDAQAB
        -----END PUBLIC KEY-----
        """
}
