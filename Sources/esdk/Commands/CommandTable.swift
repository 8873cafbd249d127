extension Command {
    /// Every command; a new one is a file in this folder and a line here.
    static let esdk: Command = group(
        "esdk",
        "The AWS Encryption SDK and its interoperability test vectors",
        [
            group(
                "vectors",
                "Test vectors of the AWS Encryption SDK",
                [.decryptVectors, .encryptVectors, .generateVectors, .reproduceVectors]
            ),
            .completions,
        ]
    )
}
