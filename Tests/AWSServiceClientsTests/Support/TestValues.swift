import AWSMaterialProviders
import ESDKCrypto

@testable import AWSServiceClients

/// What the tests of clients have in common.
enum TestValues {
    static let keyARN = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    /// 32 bytes of 0x61 in Base64.
    static let plaintext = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="
    static let secretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    static let token = "TOKEN-that-nobody-may-see"

    static let credentials = AWSCredentials(
        accessKeyID: "AKIDEXAMPLE",
        secretAccessKey: secretKey,
        sessionToken: token
    )

    static let dataKeyRequest = KMS.GenerateDataKeyRequest(
        keyID: keyARN,
        numberOfBytes: 32,
        encryptionContext: ["purpose": "test"]
    )
}
