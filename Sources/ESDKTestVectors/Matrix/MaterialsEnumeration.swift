import AWSMaterialProviders
import ESDKCrypto
import StrictJSON

// spec: default-cmm/basic-tests, default-cmm/required-and-reproduced-encryption-context-success-cases
// spec: default-cmm/required-encryption-context-keys-failures-on-encrypt
// spec: default-cmm/reproduced-encryption-context-failures-on-decrypt
// spec: required-encryption-context-cmm/basic-tests
// spec: required-encryption-context-cmm/required-encryption-context-cmm-failures-on-encrypt
// spec: required-encryption-context-cmm/required-encryption-context-cmm-failures-on-decrypt
// spec: required-encryption-context-cmm/required-encryption-context-cmm-success-cases
// spec: required-encryption-context-cmm/encrypt, required-encryption-context-cmm/decrypt
// spec: required-encryption-context-cmm/representative-required-encryption-context-keys
// spec: required-encryption-context-cmm/representative-reproduced-encryption-context
// spec: required-encryption-context-cmm/test-vector-evaluation-rules
// spec: hierarchy/representative-branch-keys, hierarchy/evaluation-rules
/// Tests of materials managers without messages: every way to require, to reproduce and to get wrong the pairs of a context, and keyrings that
/// give no or a wrong data key (framework/test-vectors/complete-vectors, Default CMM and Required Encryption Context CMM).
struct MaterialsEnumeration: Sendable {
    /// The tests of an `awses-mpl-encrypt` manifest, by id.
    private(set) var tests = JSONObject()

    /// The context of the tests.
    private static let context = [("a", "a"), ("b", "b")]

    /// What of a reproduced context is wrong.
    private enum Reproduced: CaseIterable {
        case absent, right, wrong

        var value: String? {
            switch self {
            case .absent: nil
            case .right: "right"
            case .wrong: "c"
            }
        }
    }

    /// The tests of a matrix; nil where it does not ask for any.
    init?(_ matrix: TestMatrix) throws(VectorError) {
        guard let (suites, keyring) = matrix.materials else { return nil }
        for suite in suites {
            for required in Self.subsets(Self.context.map(\.0)) {
                try addReproduced(required, suite, keyring)
                try add(
                    "negative-encrypt-keyring",
                    "a required key that is not in the context",
                    suite,
                    required: required + ["c"],
                    keyring: keyring.encrypt
                )
                try add(
                    "negative-encrypt-keyring",
                    "a manager that requires a key that is not in the context",
                    suite,
                    keyring: Self.requiring(required + ["c"], keyring.encrypt)
                )
            }
            try add(
                "negative-encrypt-keyring",
                "a manager that requires nothing",
                suite,
                keyring: Self.requiring([], keyring.encrypt)
            )
            try addGiven(suite, keyring)
            if let hierarchical = matrix.keyrings.first(where: { $0.description.kind is Hierarchical }) {
                try addForeign(suite, keyring, hierarchical)
            }
        }
    }

    private static func subsets(_ keys: [String]) -> [[String]] {
        keys.reduce([[]]) { sets, key in sets + sets.map { $0 + [key] } }
    }

    private static func requiring(_ keys: [String], _ keyring: JSONValue) -> JSONValue {
        [
            "type": "required-encryption-context-cmm", "underlying": keyring,
            "requiredEncryptionContextKeys": .array(keys.map(JSONValue.string)),
        ]
    }

    /// Every reproduced context, of each key the right value, a wrong one or none, and a key that is not in the context or not.
    private mutating func addReproduced(
        _ required: [String],
        _ suite: AlgorithmSuite,
        _ keyring: TestMatrix.Keyring
    ) throws(VectorError) {
        for first in Reproduced.allCases {
            for second in Reproduced.allCases {
                for unknown in [Reproduced.absent, .wrong] {
                    var pairs: [(String, String)] = []
                    for (key, reproduced) in zip(["a", "b", "c"], [first, second, unknown]) {
                        if let value = reproduced.value { pairs.append((key, value == "right" ? key : value)) }
                    }
                    let isRight = ![first, second, unknown].contains(.wrong)
                    let keys = pairs.map(\.0)
                    let isEnough = required.allSatisfy(keys.contains)
                    let what =
                        "requiring \(Self.list(required)), reproducing \(Self.list(pairs.map { "\($0.0):\($0.1)" }))"
                    let type = isRight && isEnough ? "positive-keyring" : "negative-decrypt-keyring"
                    try add(
                        type,
                        what,
                        suite,
                        required: required,
                        reproduced: pairs,
                        keyring: keyring.encrypt,
                        keyring.decrypt
                    )
                    // More than what is required is left out: see the matrix.
                    guard !required.isEmpty, !(isRight && isEnough && keys.count > required.count) else { continue }
                    try add(
                        type,
                        "a manager \(what)",
                        suite,
                        reproduced: pairs,
                        keyring: Self.requiring(required, keyring.encrypt),
                        Self.requiring(required, keyring.decrypt)
                    )
                }
            }
        }
    }

    private static func list(_ texts: [String]) -> String { texts.isEmpty ? "nothing" : texts.joined(separator: " ") }

    // MARK: Wrong data keys

    private static func given(_ name: String) -> JSONValue {
        ["type": "static-material-keyring", "key": .string(name)]
    }

    /// Materials that are spelled out: right, without a data key, and with one of a length that no suite has.
    private static let givenKeys: [JSONObject.Member] = [
        ("given-data-key-16", 16), ("given-data-key-32", 32), ("given-no-data-key", nil), ("given-data-key-17", 17),
    ]
    .map { name, length in
        var entry: JSONObject = [
            "type": "static-material", "encrypt": true, "decrypt": true, "key-id": .string(name),
            "algorithmSuiteId": "0478",
            "encryptionContext": [:], "requiredEncryptionContextKeys": [],
            "encryptedDataKeys": [
                ["keyProviderId": "given", "keyProviderInfo": "Z2l2ZW4=", "ciphertext": "AQEBAQEBAQEBAQEBAQEBAQ=="]
            ],
        ]
        if let length {
            entry["plaintextDataKey"] = .string(Base64.encode([UInt8](repeating: 1, count: length)))
        }
        return JSONObject.Member(name: name, value: .object(entry))
    }

    /// What is added to the keys of a matrix.
    static let keys = givenKeys + [otherBranchKey]

    private mutating func addGiven(_ suite: AlgorithmSuite, _ keyring: TestMatrix.Keyring) throws(VectorError) {
        guard [16, 32].contains(suite.dataKeyLength) else { return }
        let right = Self.given("given-data-key-\(suite.dataKeyLength)")
        for (name, wrap) in [
            ("default manager", { $0 }), ("requiring manager", { Self.requiring(["a"], $0) }),
        ] as [(String, (JSONValue) -> JSONValue)] {
            let reproduced = [("a", "a")]
            try add(
                "positive-keyring",
                "\(name), a given data key",
                suite,
                reproduced: reproduced,
                keyring: wrap(right),
                wrap(right)
            )
            for wrong in ["given-no-data-key", "given-data-key-17"] {
                let description = wrap(Self.given(wrong))
                try add("negative-encrypt-keyring", "\(name), \(wrong)", suite, keyring: description)
                try add(
                    "negative-decrypt-keyring",
                    "\(name), \(wrong)",
                    suite,
                    reproduced: reproduced,
                    keyring: wrap(right),
                    description
                )
            }
        }
    }

    // MARK: Keys of others

    private static let otherBranchKey = JSONObject.Member(
        name: "other-branch-key",
        value: [
            "type": "static-branch-key", "encrypt": true, "decrypt": true,
            "key-id": "0c5d3a51-7a2e-4f0e-8b0a-6f1e1f6c2a01",
            "branchKeyVersion": "6e2b8b1e-52c4-4c1d-9d59-2f6f5a7c3b02",
            "branchKey": .string(Base64.encode([UInt8](32..<64))),
            "beaconKey": .string(Base64.encode([UInt8](64..<96))),
        ]
    )

    /// What a branch key wrapped opens under no other key, and the other way round.
    private mutating func addForeign(
        _ suite: AlgorithmSuite,
        _ keyring: TestMatrix.Keyring,
        _ hierarchical: TestMatrix.Keyring
    ) throws(VectorError) {
        let other: JSONValue = ["type": "aws-kms-hierarchy", "key": .string(Self.otherBranchKey.name)]
        let branch = hierarchical.encrypt
        try add("positive-keyring", "a branch key", suite, keyring: branch, branch)
        try add("positive-keyring", "another branch key", suite, keyring: other, other)
        for (what, encrypt, decrypt) in [
            ("another branch key opens", branch, other),
            ("\(keyring.name) opens what a branch key wrapped", branch, keyring.decrypt),
            ("a branch key opens what \(keyring.name) wrapped", keyring.encrypt, branch),
        ] { try add("negative-decrypt-keyring", what, suite, keyring: encrypt, decrypt) }
    }

    // MARK: Tests

    private mutating func add(
        _ type: String,
        _ what: String,
        _ suite: AlgorithmSuite,
        required: [String] = [],
        reproduced: [(String, String)]? = nil,
        keyring: JSONValue,
        _ decryptKeyring: JSONValue? = nil
    ) throws(VectorError) {
        func object(_ pairs: [(String, String)]) -> JSONValue {
            .object(JSONObject(pairs.map { .init(name: $0.0, value: .string($0.1)) }))
        }
        var test: JSONObject = [
            "type": .string(type),
            "algorithmSuiteId": .string(suite.idText),
            "encryptionContext": object(Self.context),
            "requiredEncryptionContextKeys": .array(required.map(JSONValue.string)),
        ]
        if let decryptKeyring {
            test["encryptKeyDescription"] = keyring
            test["decryptKeyDescription"] = decryptKeyring
        } else {
            test["keyDescription"] = keyring
        }
        test["reproducedEncryptionContext"] = reproduced.map(object)
        let id = try MatrixEnumeration.id(of: test)
        test["description"] = .string("\(suite.idText) \(what)")
        switch type {
        case "negative-encrypt-keyring": test["errorDescription"] = .string(what)
        case "negative-decrypt-keyring": test["decryptErrorDescription"] = .string(what)
        default: break
        }
        tests[id] = .object(test)
    }

    /// The manifest.
    var manifest: JSONValue {
        [
            "manifest": ["type": "awses-mpl-encrypt", "version": 4], "keys": "file://keys.json",
            "tests": .object(tests),
        ]
    }
}
