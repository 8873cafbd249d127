// swift-tools-version: 6.2
import PackageDescription

// Maintainer switch: warnings become errors. It changes nothing of what a dependent package builds.
let strict = Context.environment["ESDK_STRICT"] != nil

let package = Package(
    name: "aws-encryption-sdk-swift",
    platforms: [.macOS(.v26)],  // Span and InlineArray without availability checks; Linux is unaffected
    products: [
        .library(name: "AWSEncryptionSDK", targets: ["AWSEncryptionSDK"]),
        .library(name: "AWSEncryptionSDKFoundation", targets: ["AWSEncryptionSDKFoundation"]),
        .library(name: "AWSServiceClients", targets: ["AWSServiceClients"]),
        .executable(name: "esdk", targets: ["esdk"]),
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

        .systemLibrary(name: "CLinux"),  // glibc's own: what it declares to GNU programs only

        // What is asked of the operating system. Imports nothing but the C library.
        .target(name: "ESDKSystem", dependencies: ["CLinux"]),
        // The only target that imports COpenSSL, but for the benchmark, which measures libcrypto alone.
        .target(name: "ESDKCrypto", dependencies: ["COpenSSL", "ESDKSystem"]),
        // The only target that imports CJSONC.
        .target(name: "StrictJSON", dependencies: ["CJSONC"]),
        // Algorithm suites, encryption context, keyrings and materials managers. Knows no network.
        .target(name: "AWSMaterialProviders", dependencies: ["ESDKCrypto", "ESDKSystem"]),
        // The message format and the client.
        .target(name: "AWSEncryptionSDK", dependencies: ["AWSMaterialProviders", "ESDKCrypto", "ESDKSystem"]),
        // Conveniences for users of Foundation: URLs, file handles, localized errors.
        .target(name: "AWSEncryptionSDKFoundation", dependencies: ["AWSEncryptionSDK"]),
        // HTTP over libcurl. The only target that imports CCurl.
        .target(name: "AWSHTTPTransport", dependencies: ["ESDKCrypto", "ESDKSystem", "CCurl"]),
        // The clients of AWS: signing, credentials, retries, KMS and DynamoDB.
        .target(
            name: "AWSServiceClients",
            dependencies: ["AWSHTTPTransport", "AWSMaterialProviders", "ESDKCrypto", "ESDKSystem", "StrictJSON"]
        ),
        // A second reading and writing of the message format. May never import AWSEncryptionSDK: the library is checked against it.
        .target(name: "MessageForge", dependencies: ["AWSMaterialProviders", "ESDKCrypto"]),
        // The harness: manifests, planner, runner, judge, reports.
        .target(
            name: "ESDKTestVectors",
            dependencies: [
                "AWSEncryptionSDK", "AWSMaterialProviders", "ESDKCrypto", "ESDKSystem", "MessageForge", "StrictJSON",
            ],
            resources: [
                .embedInCode("Report/Page/page.html"), .embedInCode("Report/Page/page.css"),
                .embedInCode("Report/Page/page.js"), .embedInCode("Report/Page/matrix.html"),
                .embedInCode("Report/Page/matrix.js"),
            ]
        ),

        .executableTarget(
            name: "esdk",
            dependencies: [
                "ESDKTestVectors", "AWSEncryptionSDK", "AWSMaterialProviders", "ESDKCrypto", "ESDKSystem",
                "AWSServiceClients", "AWSHTTPTransport", "MessageForge", "StrictJSON",
            ]
        ),
        .executableTarget(
            name: "esdk-bench",
            dependencies: [
                "AWSEncryptionSDK", "AWSMaterialProviders", "ESDKCrypto", "ESDKSystem", "AWSServiceClients",
                "AWSHTTPTransport", "COpenSSL",
            ]
        ),

        // What a user can write, as a program.
        .executableTarget(
            name: "RegionalFailover",
            dependencies: ["AWSEncryptionSDK", "AWSServiceClients"],
            path: "Sources/Examples/RegionalFailover"
        ),

        // What several test targets need: servers on loopback, files, child processes, stand-ins.
        .target(
            name: "TestSupport",
            dependencies: [
                "AWSEncryptionSDK", "AWSMaterialProviders", "ESDKCrypto", "ESDKSystem", "AWSServiceClients",
                "AWSHTTPTransport", "MessageForge", "StrictJSON",
            ],
            path: "Tests/Support"
        ),
    ],
    swiftLanguageModes: [.v6]
)

let tests: [String: [Target.Dependency]] = [
    "ESDKSystemTests": [],
    "ESDKCryptoTests": ["ESDKCrypto"],
    "StrictJSONTests": ["StrictJSON"],
    "AWSMaterialProvidersTests": ["AWSMaterialProviders", "ESDKCrypto"],
    "MessageForgeTests": ["MessageForge", "AWSMaterialProviders", "ESDKCrypto"],
    "AWSEncryptionSDKTests": ["AWSEncryptionSDK", "AWSMaterialProviders", "ESDKCrypto", "MessageForge", "StrictJSON"],
    "AWSEncryptionSDKFoundationTests": ["AWSEncryptionSDKFoundation"],
    "AWSServiceClientsTests": [
        "AWSServiceClients", "AWSHTTPTransport", "AWSMaterialProviders", "ESDKCrypto", "StrictJSON",
    ],
    "ESDKTestVectorsTests": [
        "ESDKTestVectors", "AWSEncryptionSDK", "AWSMaterialProviders", "ESDKCrypto", "MessageForge", "StrictJSON",
    ],
    "EndToEndTests": [
        "ESDKTestVectors", "AWSEncryptionSDK", "AWSMaterialProviders", "ESDKCrypto", "AWSServiceClients",
        "AWSHTTPTransport", "RegionalFailover",
    ],
    "CommandLineTests": ["esdk", "StrictJSON", "ESDKCrypto"],
]
// Every test target has these besides what it tests.
let testBasics: [Target.Dependency] = ["ESDKSystem", "TestSupport"]
for (name, dependencies) in tests.sorted(by: { $0.key < $1.key }) {
    package.targets.append(.testTarget(name: name, dependencies: dependencies + testBasics))
}

// The fuzz targets have no `main` but libFuzzer's: they are there only for `scripts/fuzz`.
if Context.environment["ESDK_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "esdk-fuzz",
            dependencies: [
                "ESDKTestVectors", "AWSEncryptionSDK", "AWSMaterialProviders", "ESDKCrypto", "ESDKSystem",
                "MessageForge", "StrictJSON", "AWSServiceClients", "AWSHTTPTransport",
            ],
            path: "Tests/Fuzz",
            exclude: ["corpus", "compare_json.py"]
        )
    )
}

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
    if target.type != .test && target.name != "TestSupport" { settings.append(.strictMemorySafety()) }
    if strict { settings.append(.treatAllWarnings(as: .error)) }
    target.swiftSettings = settings
}
