import ESDKSystem

/// Cells of a table.
enum Text {
    /// The text with blanks after it.
    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 0))
    }

    /// The text with blanks before it.
    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 0)) + text
    }
}

/// Numbers as text, rounded, without Foundation.
enum Decimal {
    /// One decimal.
    static func tenths(_ value: Double) -> String { text(value, decimals: 1) }

    /// Two decimals.
    static func hundredths(_ value: Double) -> String { text(value, decimals: 2) }

    /// Three decimals.
    static func thousandths(_ value: Double) -> String { text(value, decimals: 3) }

    private static func text(_ value: Double, decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1) { scale, _ in scale * 10 }
        let rounded = Int((value * Double(scale)).rounded())
        let fraction = String(rounded % scale)
        return "\(rounded / scale)." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}

/// Standard error.
enum ErrorOutput {
    /// Writes a text as it is; what cannot be written is lost.
    static func write(_ text: String) {
        try? FileDescriptor.standardError.write(text)
    }
}

/// The files that `--json` names.
enum OutputFile {
    /// Writes a text in the place of what is there.
    ///
    /// - Throws: `BenchError`.
    static func write(_ text: String, to path: String) throws(BenchError) {
        do throws(SystemError) {
            let output = try FileOutput(SystemPath(path))
            try output.file.write(text)
            try output.commit()
        } catch {
            throw BenchError(error.description)
        }
    }
}
