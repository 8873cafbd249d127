/// A response with a status of 2xx that is none that the protocol allows.
struct BrokenResponse: Error {
    /// What is wrong with it, without any part of it.
    let problem: String
}
