// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "RegionalFailover",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "aws-encryption-sdk-swift", path: "../..")],
    targets: [
        .executableTarget(
            name: "RegionalFailover",
            dependencies: [
                .product(name: "AWSEncryptionSDK", package: "aws-encryption-sdk-swift"),
                .product(name: "AWSServiceClients", package: "aws-encryption-sdk-swift"),
            ]
        )
    ]
)
