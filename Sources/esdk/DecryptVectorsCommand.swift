import ESDKTestVectors

/// `esdk vectors decrypt`: runs decrypt vectors.
enum DecryptVectorsCommand {
    static let command = VectorRunCommand(
        task: .decrypt,
        summary:
            "Decrypts every test of the vector sets at PATH, a manifest or a directory, in several ways, and says whether "
            + "each met its expectation.",
        success: "every test met its expectation"
    )
}
