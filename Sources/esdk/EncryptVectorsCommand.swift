import ESDKTestVectors

/// `esdk vectors encrypt`: makes a decrypt set of an encrypt manifest.
enum EncryptVectorsCommand {
    static let command = WriteVectorsCommand(
        name: "encrypt",
        kind: .encrypt,
        summary:
            "Encrypts every scenario of MANIFEST (awses-encrypt), and writes messages, plaintexts, keys and a decrypt manifest "
            + "for other implementations to DIR.",
        formats:
            "The format is v5 unless another one is chosen: decrypt-manifest.json, which can express every keyring. v2 and v4 "
            + "are written as manifest.json, with the keys that their tests use."
    )
}
