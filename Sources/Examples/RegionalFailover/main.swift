// One message for three keys: AWS KMS in us-west-2 and in eu-west-1, and an RSA key in escrow. Whichever is there opens it.
//
//     eval "$(scripts/local-aws env)"                # or a profile and keys of your own
//     swift run RegionalFailover escrow.pem
//
// escrow.pem is an RSA private key, such as `openssl genrsa 3072` writes.
import AWSEncryptionSDK
import Foundation

let oregon = "arn:aws:kms:us-west-2:658956600833:key/b3537ef1-d8dc-4780-9f5a-55776cbb2f7f"
let ireland = "arn:aws:kms:eu-west-1:658956600833:key/5d6c9a3e-0d0b-4a3e-9d2c-0e57a1e0f001"

guard CommandLine.arguments.count == 2 else {
    print("usage: RegionalFailover ESCROW.PEM")
    exit(2)
}
let escrowKey = try RSAPrivateKey(pem: String(contentsOfFile: CommandLine.arguments[1], encoding: .utf8))
let escrow = try RawRSAKeyring(
    keyNamespace: "escrow",
    keyName: "vault-1",
    paddingScheme: .oaep(.sha256),
    publicKey: escrowKey.publicKey,
    privateKey: escrowKey
)

/// The regions, and after them the escrow key if it is at hand.
func keyring(gone: [String: String] = [:], withEscrow: Bool) throws -> MultiKeyring {
    let regions = try MultiKeyring.awsKMS(
        generator: oregon,
        kmsKeyIDs: [ireland],
        clientSupplier: Regions(gone: gone)
    )
    return try MultiKeyring(generator: regions, childKeyrings: withEscrow ? [escrow] : [])
}

let sdk = try EncryptionSDK()
let message = try await sdk.encrypt(
    Array("the books of the year".utf8),
    using: keyring(withEscrow: true),
    encryptionContext: ["year": "2026"]
).ciphertext
print("\(message.count) bytes for three keys")

func open(_ heading: String, gone: [String: String] = [:], withEscrow: Bool = false) async throws {
    print("\n\(heading):")
    do {
        let result = try await sdk.decrypt(
            message,
            using: keyring(gone: gone, withEscrow: withEscrow),
            encryptionContext: ["year": "2026"]
        )
        print("opened by \(result.message.dataKeyOrigin?.keyring ?? "?")")
    } catch let error as EncryptionSDKError {
        print(error)
    }
}

try await open("every region there")
for outage in Outage.allCases {
    let endpoint = try outage.endpoint()
    try await open("us-west-2 \(outage)", gone: ["us-west-2": endpoint])
    let both = ["us-west-2": endpoint, "eu-west-1": endpoint]
    try await open("each region \(outage), the escrow key at hand", gone: both, withEscrow: true)
    try await open("each region \(outage), no escrow key", gone: both)
}
