/// What the measurement of streams does in processes of their own, so that each has its own peak.
enum StreamStep: String {
    case encryptFile = "stream-step-encrypt"
    case decryptFile = "stream-step-decrypt"
}
