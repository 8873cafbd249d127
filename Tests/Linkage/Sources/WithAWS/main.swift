// One import besides the library's: transport, credentials, KMS and DynamoDB.
import AWSEncryptionSDK
import AWSServiceClients

let environment = AWSEnvironment([
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_REGION": "us-west-2",
])
let configuration = try await AWSClientConfiguration.load(environment: environment)
let keyring = try MultiKeyring.awsKMS(
    generator: "arn:aws:kms:us-west-2:658956600833:key/b3537ef1-d8dc-4780-9f5a-55776cbb2f7f",
    clientSupplier: AWSKMSClientSupplier(configuration)
)
let sdk = try EncryptionSDK()
_ = sdk.encryptor(using: keyring)
_ = try AWSDynamoDBClient(configuration)
