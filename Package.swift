// swift-tools-version: 6.2
import PackageDescription

// Maintainer switch: warnings become errors. It changes nothing of what a dependent package builds.
let strict = Context.environment["ESDK_STRICT"] != nil

let package = Package(
    name: "aws-encryption-sdk-swift",
    platforms: [.macOS(.v26)],  // Span and InlineArray without availability checks; Linux is unaffected
    products: [
        .library(name: "AWSEncryptionSDK", targets: ["AWSEncryptionSDK", "MaterialProviders", "CryptoPrimitives"]),
        .library(name: "AWSServiceClients", targets: ["AWSServiceClients", "AWSHTTPTransport"]),
        .executable(name: "esdk", targets: ["esdk"]),
        .executable(name: "esdk-bench", targets: ["esdk-bench"]),
    ],
    targets: [
        // C libraries of the system, found by pkg-config.
        .systemLibrary(
            name: "COpenSSL",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]
        ),
        .systemLibrary(name: "CJSONC", pkgConfig: "json-c", providers: [.apt(["libjson-c-dev"]), .brew(["json-c"])]),
        .systemLibrary(
            name: "CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]
        ),
        .systemLibrary(name: "CArgp"),  // glibc's own: a header, no library to link

        // The only target that imports COpenSSL.
        .target(name: "CryptoPrimitives", dependencies: ["COpenSSL"]),
        // The only target that imports CJSONC.
        .target(name: "StrictJSON", dependencies: ["CJSONC"]),
        // Algorithm suites, encryption context, keyrings and materials managers. Knows no network.
        .target(name: "MaterialProviders", dependencies: ["CryptoPrimitives"]),
        // The message format and the client.
        .target(name: "AWSEncryptionSDK", dependencies: ["MaterialProviders", "CryptoPrimitives"]),
        // The clients of AWS: signing, credentials, retries, KMS and DynamoDB, over a transport that is handed in.
        .target(name: "AWSServiceClients", dependencies: ["MaterialProviders", "CryptoPrimitives", "StrictJSON"]),
        // HTTP over libcurl. The only target that imports CCurl.
        .target(name: "AWSHTTPTransport", dependencies: ["AWSServiceClients", "CryptoPrimitives", "CCurl"]),
        // The harness: manifests, planner, runner, judge, reports.
        .target(
            name: "TestVectors",
            dependencies: ["AWSEncryptionSDK", "MaterialProviders", "CryptoPrimitives", "StrictJSON"]
        ),

        // The only target that imports CArgp.
        .executableTarget(
            name: "esdk",
            dependencies: [
                "TestVectors", "AWSEncryptionSDK", "MaterialProviders", "CryptoPrimitives", "AWSServiceClients",
                "AWSHTTPTransport", "CArgp",
            ]
        ),
        .executableTarget(
            name: "esdk-bench",
            dependencies: [
                "AWSEncryptionSDK", "MaterialProviders", "CryptoPrimitives", "AWSServiceClients", "AWSHTTPTransport",
            ]
        ),

        // What a user can write, as a program.
        .executableTarget(
            name: "RegionalFailover",
            dependencies: [
                "AWSEncryptionSDK", "MaterialProviders", "CryptoPrimitives", "AWSServiceClients", "AWSHTTPTransport",
            ],
            path: "Sources/Examples/RegionalFailover"
        ),

        .testTarget(name: "CryptoPrimitivesTests", dependencies: ["CryptoPrimitives"]),
        .testTarget(name: "StrictJSONTests", dependencies: ["StrictJSON"]),
        .testTarget(name: "MaterialProvidersTests", dependencies: ["MaterialProviders", "CryptoPrimitives"]),
        .testTarget(
            name: "AWSEncryptionSDKTests",
            dependencies: ["AWSEncryptionSDK", "MaterialProviders", "CryptoPrimitives", "StrictJSON"]
        ),
        .testTarget(
            name: "AWSServiceClientsTests",
            dependencies: [
                "AWSServiceClients", "AWSHTTPTransport", "MaterialProviders", "CryptoPrimitives", "StrictJSON",
            ]
        ),
        .testTarget(
            name: "TestVectorsTests",
            dependencies: ["TestVectors", "AWSEncryptionSDK", "MaterialProviders", "CryptoPrimitives", "StrictJSON"]
        ),
        // What it takes several products to do, against the local AWS.
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "TestVectors", "AWSEncryptionSDK", "MaterialProviders", "CryptoPrimitives", "AWSServiceClients",
                "AWSHTTPTransport", "RegionalFailover",
            ]
        ),
        .testTarget(name: "CommandLineTests", dependencies: ["esdk", "StrictJSON", "CryptoPrimitives"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where [.regular, .executable, .test].contains(target.type) {
    var settings = target.swiftSettings ?? []
    settings += [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableExperimentalFeature("Lifetimes"),
    ]
    if target.type != .test { settings.append(.strictMemorySafety()) }
    if strict { settings.append(.treatAllWarnings(as: .error)) }
    target.swiftSettings = settings
}
