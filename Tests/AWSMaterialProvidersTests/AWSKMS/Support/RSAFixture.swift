import AWSMaterialProviders
import ESDKCrypto
import Foundation
import TestSupport

/// RSA keys for the tests.
enum RSAFixture {
    /// A private key of Tests/Vectors/keys, which openssl wrote: of 2,048, 3,072 or 4,096 bits.
    static func privateKey(bits: Int = 2048) throws -> RSAPrivateKey {
        let file = bits == 2048 ? "rsa-pkcs8.pem" : "rsa-\(bits)-pkcs8.pem"
        return try RSAPrivateKey(pem: VectorFile.text("keys/\(file)"))
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
