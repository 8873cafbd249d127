import ESDKTestVectors

/// `esdk vectors reproduce`: rebuilds the messages of decrypt vectors.
enum ReproduceVectorsCommand {
    static let command = VectorRunCommand(
        task: .reproduce,
        summary:
            "Rebuilds every message of the vector sets at PATH, a manifest or a directory, that decryption opens, byte for "
            + "byte from what went into it, and its encrypted data keys as well; explains the first difference.",
        success: "every message that was opened came out identical"
    )
}
