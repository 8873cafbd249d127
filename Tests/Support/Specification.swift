package import Testing

/// Says which statements of the specification a test is about: `FILE/SECTION.N` for one, `FILE/SECTION` for all of a section.
///
/// `scripts/check-specification` reads it in the sources, and asks whether the test passed.
package struct SpecificationTrait: TestTrait, SuiteTrait {
    package let statements: [String]
    package var isRecursive: Bool { true }
}

extension Trait where Self == SpecificationTrait {
    /// Says which statements of the specification a test is about.
    package static func spec(_ statements: String...) -> Self { Self(statements: statements) }
}
