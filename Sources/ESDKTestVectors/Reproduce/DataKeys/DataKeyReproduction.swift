/// What came of wrapping a message's data key again like one of its encrypted data keys.
package struct DataKeyReproduction: Sendable {
    /// The position of the encrypted data key in the header, from 0.
    package let index: Int
    /// What came of it.
    package let outcome: Outcome

    /// What came of it.
    package enum Outcome: Sendable {
        /// It was wrapped again, to the same bytes.
        case identical(key: String, randomness: [RecoveredRandomness])
        /// No key that could wrap it again is here.
        case carriedOver(reason: String)
        /// It was wrapped again, to other bytes.
        case different(key: String, reason: String)
    }
}
