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
