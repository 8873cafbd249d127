/// What is measured.
enum Operation: String, CaseIterable {
    case decrypt, encrypt
}
