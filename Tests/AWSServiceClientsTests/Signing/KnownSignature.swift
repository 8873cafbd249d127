import Testing

@testable import AWSServiceClients

/// A request that botocore 1.44.5 signed for the key pair of AWS's suite at 2015-08-30T12:36:00Z; a second signer,
/// curl's `--aws-sigv4` among them, agreed.
struct KnownSignature: CustomTestStringConvertible {
    let host: String
    let scope: SigningScope
    var contentType = "application/x-amz-json-1.1"
    var target: String?
    var token: String?
    let body: String
    var signedNames = "content-type;host;x-amz-date;x-amz-target"
    let canonicalRequestHash: String
    let signature: String

    var testDescription: String { "\(target ?? "AssumeRole") at \(host)" }

    private static let dataKey =
        #"{"KeyId":"alias/example","NumberOfBytes":32,"EncryptionContext":{"purpose":"test"}}"#

    static let all = [
        KnownSignature(
            host: "kms.us-west-2.amazonaws.com",
            scope: SigningScope(region: "us-west-2", service: "kms"),
            target: "TrentService.GenerateDataKey",
            body: dataKey,
            canonicalRequestHash: "0a2248c5dfedd534",
            signature: "c536b402df059bc7ca63c9b7f71aa6aa6051d69993cec39c52d7fa5636e8dc73"
        ),
        KnownSignature(
            host: "kms.us-west-2.amazonaws.com",
            scope: SigningScope(region: "us-west-2", service: "kms"),
            target: "TrentService.GenerateDataKey",
            token: "TOKENEXAMPLE+/=",
            body: dataKey,
            signedNames: "content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
            canonicalRequestHash: "7099c13508336b90",
            signature: "18cb56eb98f9b9c37449c3dc500ffc0e3d21d255fbb6bf35636b61f6310a88fb"
        ),
        KnownSignature(
            host: "dynamodb.eu-west-1.amazonaws.com",
            scope: SigningScope(region: "eu-west-1", service: "dynamodb"),
            contentType: "application/x-amz-json-1.0",
            target: "DynamoDB_20120810.GetItem",
            body: #"{"TableName":"KeyStore","Key":{"branch-key-id":{"S":"bk-1"},"type":{"S":"branch:ACTIVE"}}}"#,
            canonicalRequestHash: "136276fd5a04d5ba",
            signature: "76747bb30daf4fec9d005d29ae14c221d26250a593ccb88e7e00ee846760f77f"
        ),
        KnownSignature(
            host: "kms.cn-north-1.amazonaws.com.cn",
            scope: SigningScope(region: "cn-north-1", service: "kms"),
            target: "TrentService.Encrypt",
            body: #"{"KeyId":"alias/example","Plaintext":"AAECAw==","EncryptionContext":{"cl"#
                + "\u{E9}" + #"":"v"# + "\u{E4}" + #"rde"}}"#,
            canonicalRequestHash: "b97373cb9e72dfae",
            signature: "9993986cc8bc1ca3f03afdc9b64bd1ef6fcbc49f74dcb86cf121320de1385709"
        ),
        KnownSignature(
            host: "127.0.0.1:5200",
            scope: SigningScope(region: "us-east-1", service: "kms"),
            target: "TrentService.ListKeys",
            body: "{}",
            canonicalRequestHash: "5899c187f7a97519",
            signature: "8f4c2a714b1cb6e4c0bfb61a19857a321406fc7469a0b1607d3c9c412f3da0c5"
        ),
        KnownSignature(
            host: "sts.us-east-1.amazonaws.com",
            scope: SigningScope(region: "us-east-1", service: "sts"),
            contentType: "application/x-www-form-urlencoded; charset=utf-8",
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fdemo"
                + "&RoleSessionName=demo&DurationSeconds=3600",
            signedNames: "content-type;host;x-amz-date",
            canonicalRequestHash: "f9e3340d41e83786",
            signature: "767dc82fb298440ff9878d45a58db81d8a717c211c07ed210e56535277687de7"
        ),
    ]
}
