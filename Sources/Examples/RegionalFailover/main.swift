// One message for three keys: AWS KMS in us-west-2 and in eu-west-1, and an RSA key in escrow. Whichever is there opens it.
//
//     eval "$(scripts/local-aws env)"                # or a profile and keys of your own
//     swift run RegionalFailover escrow.pem
//
// escrow.pem is an RSA private key, such as `openssl genrsa 3072` writes.
import AWSEncryptionSDK
import AWSHTTPTransport
import AWSServiceClients
import CryptoPrimitives
import Foundation
import MaterialProviders

let oregon = "arn:aws:kms:us-west-2:658956600833:key/b3537ef1-d8dc-4780-9f5a-55776cbb2f7f"
let ireland = "arn:aws:kms:eu-west-1:658956600833:key/5d6c9a3e-0d0b-4a3e-9d2c-0e57a1e0f001"

/// Clients that find credentials as AWS tools do, and give a region up soon; regions in `down` are called where nobody answers.
func clients(down: Set<String> = []) throws -> some KMSClientSupplier {
    var configuration = try AWSClientConfiguration(transport: CurlTransport())
    configuration.retries = RetrySettings(
        maximumAttempts: 2,
        connectTimeout: .seconds(1),
        attemptTimeout: .seconds(2),
        operationTimeout: .seconds(4)
    )
    return SomeRegions(all: AWSKMSClientSupplier(configuration), configuration: configuration, down: down)
}

struct SomeRegions: KMSClientSupplier {
    let all: AWSKMSClientSupplier
    let configuration: AWSClientConfiguration
    let down: Set<String>

    func client(forRegion region: String?) throws -> any KMSClient {
        guard let region, down.contains(region) else { return try all.client(forRegion: region) }
        var nowhere = configuration
        nowhere.region = region
        nowhere.endpoint = "http://127.0.0.1:1"
        return try AWSKMSClient(nowhere)
    }
}

guard CommandLine.arguments.count == 2 else {
    print("usage: RegionalFailover ESCROW.PEM")
    exit(2)
}
let escrow = try RawRSAKeyring(
    keyNamespace: "escrow",
    keyName: "vault-1",
    paddingScheme: .oaep(.sha256),
    privateKey: RSAPrivateKey(pem: String(contentsOfFile: CommandLine.arguments[1], encoding: .utf8))
)

/// The regions, and after them the escrow key if it is at hand.
func keyring(down: Set<String> = [], withEscrow: Bool) throws -> MultiKeyring {
    let regions = try MultiKeyring.awsKMS(
        generator: oregon,
        kmsKeyIDs: [ireland],
        clientSupplier: clients(down: down)
    )
    return try MultiKeyring(generator: regions, childKeyrings: withEscrow ? [escrow] : [])
}

let sdk = try EncryptionSDK()
let message = try await sdk.encrypt(
    Array("the books of the year".utf8),
    keyring: keyring(withEscrow: true),
    encryptionContext: ["year": "2026"]
).ciphertext
print("\(message.count) bytes for three keys")

for (down, withEscrow) in [
    ([], false), (["us-west-2"], false), (["us-west-2", "eu-west-1"], true), (["us-west-2", "eu-west-1"], false),
] as [(Set<String>, Bool)] {
    print(down.isEmpty ? "\nall regions there:" : "\n\(down.sorted().joined(separator: " and ")) gone:")
    do {
        let result = try await sdk.decrypt(
            message,
            keyring: keyring(down: down, withEscrow: withEscrow),
            encryptionContext: ["year": "2026"]
        )
        print("opened by \(result.message.dataKeyOrigin?.keyring ?? "?")")
    } catch {
        print(error)
    }
}
