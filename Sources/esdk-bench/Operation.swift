/// What is measured: one call on arrays in memory.
enum Operation: String, CaseIterable {
    /// Into an array whose storage is used again.
    case decrypt
    /// Into an array whose storage is used again.
    case encrypt
    /// Into a new array, for which the system clears fresh memory.
    case decryptNewArray = "decrypt-new-array"
    /// Into a new array, for which the system clears fresh memory.
    case encryptNewArray = "encrypt-new-array"
}
