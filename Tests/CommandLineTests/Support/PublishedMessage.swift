import Foundation

/// A message that another implementation wrote with its public API, for the key `aes-256` of `VectorSetText.keys`.
struct PublishedMessage: Sendable {
    let bytes: [UInt8]
    let plaintext: [UInt8]

    private init(_ base64: String, plaintext: [UInt8]) {
        bytes = Data(base64Encoded: base64, options: .ignoreUnknownCharacters).map { [UInt8]($0) } ?? []
        self.plaintext = plaintext
    }

    /// Suite 0478, unsigned, one frame; aws-encryption-sdk-python 4.0.7.
    static let unsigned = PublishedMessage(
        """
        AgR4uSzhUZ/oAIRv5G56Z6HI1HlQs+lYIOPiE9jtlwCVAjQAGAACAAMBAgMAAyAiRAAEa2V5MQAEdmFsMQABAA9pbnRlcm9wLXZl
        Y3RvcnMAG2Flcy0yNTYAAACAAAAADEqe+Yy216GLnITKtQAwq6Y78k/h6yvDYmFywTMIN95Yr9qr+GMngLpeFXwScaHar8oxj1L1
        Ge89zmV8Q216AgAAAgBG6qh3Jb08ZI+UBKvcScBG57EtQv5+OmKuM5jKpnrDLsmck2oQDs+8/Ty9E1LF1BD/////AAAAAQAAAAAA
        AAAAAAAAAQAAAAH5YIhaVqucgFCKqPf+O02NzQ==
        """,
        plaintext: [UInt8(ascii: "A")]
    )

    /// Suite 0578, signed, one frame; aws-encryption-sdk-python 4.0.7.
    static let signed = PublishedMessage(
        """
        AgV4l+iHAhY5QZHqO/hW3Q8/523wH4mVad5iy6fmdTUWcL0AdwADABVhd3MtY3J5cHRvLXB1YmxpYy1rZXkAREF4dGcxbGtVUFVs
        SUk3cW04SS9QVnQza1NvVzBjc2F6emRsTVhnOUVDNkhLQjFHL2N1b1J5eHJsSE1kSWx4MmtFUT09AARrZXkxAAR2YWwxAARrZXky
        AAR2YWwyAAEAD2ludGVyb3AtdmVjdG9ycwAbYWVzLTI1NgAAAIAAAAAMZ3zmJikfaMGmMrMfADAjJVEsWMEAwRdlUUXucIbd0+BS
        3cJCsc3xOi2kIi1cGq/m3GVEwm4mxYd351LMye0CAAAAgGIptLtlWLVSvH/tUAVC6C9kkGuJavSI74TEsSHjf2yINOh0I1dxyUoh
        iDOmS2gXlf////8AAAABAAAAAAAAAAAAAAABAAAAAVeMbO5KfeXwqM4TU/wU/y0FAGcwZQIxANfNWTsME5WSosmMtQbVohQNVzg7
        5FBrTHCppeMwe2qc11BOHRCNa3tPa7kJN9mveQIwS7OuhGTqoijf7LWik6n+5+AMnxJe1kiLBE+mYyiAklQOV7xcLdb+vfPxTNiq
        5YO7
        """,
        plaintext: [UInt8(ascii: "A")]
    )

    /// Suite 0014, version 1, frames of one byte; aws-encryption-sdk-java 3.0.2.
    static let versionOne = PublishedMessage(
        """
        AYAAFAZyX1Ph+Gaq8Br/hRYX5IkAGgACAARrZXkxAAR2YWwxAARrZXkyAAR2YWwyAAEAD2ludGVyb3AtdmVjdG9ycwAbYWVzLTI1
        NgAAAIAAAAAM7Ly+jwrwSb4bp+2kACCNlSP5LD6HHPIf+L+9hRJcv9vRq/1NhP3pkShXJZagfAIAAAAADAAAAAEAAAAAAAAAAAAA
        AACCyJHBJEDBJK+1VMoZSwRbAAAAAQAAAAAAAAAAAAAAARNk7oSrAhAqqeHCNm0vQW+IAAAAAgAAAAAAAAAAAAAAAoPx9KgX21mX
        DhWdebS6lccUAAAAAwAAAAAAAAAAAAAAA68/veC8iUeuoRQBQvpq2lQWAAAABAAAAAAAAAAAAAAABJkLryxb1HWGgaR1NZrmAAra
        AAAABQAAAAAAAAAAAAAABWwdvXLIl7t1O+11xqaTKAZ8/////wAAAAYAAAAAAAAAAAAAAAYAAAAAy1Eh1gukuy7t6lVcrv/yNw==
        """,
        plaintext: [0xB0, 0x1C, 0x1E, 0xD4, 0x15]
    )

    /// Suite 0114, version 1, for the seeded KMS key that `VectorSetText.keys` calls `us-west-2`; aws-encryption-sdk-python 4.0.7.
    static let kms = PublishedMessage(
        """
        AYABFNamV7YaAYXJ0+ZTRX8ZZl4AGgACAARrZXkxAAR2YWwxAARrZXkyAAR2YWwyAAEAB2F3cy1rbXMAS2Fybjphd3M6a21zOnVzLXdl
        c3QtMjo2NTg5NTY2MDA4MzM6a2V5L2IzNTM3ZWYxLWQ4ZGMtNDc4MC05ZjVhLTU1Nzc2Y2JiMmY3ZgBQYjM1MzdlZjEtZDhkYy00Nzgw
        LTlmNWEtNTU3NzZjYmIyZjdm1AinxwtarsOw70yis2o3iHiIdKnMGqzTmm2OhPGWcs89fVddWNUWj6Tl9h0CAAAAAAwAAAIAAAAAAAAA
        AAAAAAAARp6vfKD/AR4B9Qo13yRphP////8AAAABAAAAAAAAAAAAAAABAAAAAYBSAadDoK3OgTefg4hPDmRT
        """,
        plaintext: [UInt8(ascii: "A")]
    )

    /// The message with its last byte changed: a tag or a signature does not verify.
    var damaged: [UInt8] { bytes.dropLast() + [(bytes.last ?? 0) ^ 1] }
}
