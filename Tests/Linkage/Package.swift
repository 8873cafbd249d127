// swift-tools-version: 6.2
import PackageDescription

// A package of a user's, built by scripts/check-linkage, which puts it beside the package that it depends on. It asks for no upcoming
// features: what compiles here compiles for everybody.
let sdk = "aws-encryption-sdk-swift"

let package = Package(
    name: "consumer",
    platforms: [.macOS(.v26)],
    dependencies: [.package(path: "../aws-encryption-sdk-swift")],
    targets: [
        .executableTarget(name: "LocalKeys", dependencies: [.product(name: "AWSEncryptionSDK", package: sdk)]),
        .executableTarget(
            name: "WithFoundation",
            dependencies: [.product(name: "AWSEncryptionSDKFoundation", package: sdk)]
        ),
        .executableTarget(
            name: "WithAWS",
            dependencies: [
                .product(name: "AWSEncryptionSDK", package: sdk), .product(name: "AWSServiceClients", package: sdk),
            ]
        ),
        // Names that a user is likely to have taken already.
        .target(name: "TestVectors"),
        .target(name: "CryptoPrimitives"),
        .executableTarget(
            name: "OwnNames",
            dependencies: ["TestVectors", "CryptoPrimitives", .product(name: "AWSEncryptionSDK", package: sdk)]
        ),
    ]
)
