/// Logarithms without a C library, which this module does without.
enum Logarithm {
    /// The natural logarithm, to the last bit or two.
    ///
    /// `ln x = e·ln 2 + 2·artanh((m − 1)/(m + 1))` for `x = m·2ᵉ` with `m` in [√½, √2).
    static func natural(_ x: Double) -> Double {
        guard x > 0, x.isFinite else { return x == 0 ? -.infinity : x > 0 ? x : .nan }
        var mantissa = x.significand
        var exponent = Double(x.exponent)
        if mantissa > 1.4142135623730951 {
            mantissa /= 2
            exponent += 1
        }
        let z = (mantissa - 1) / (mantissa + 1)
        let square = z * z
        var term = z
        var sum = 0.0
        var divisor = 1.0
        while divisor < 41 {
            sum += term / divisor
            term *= square
            divisor += 2
        }
        return exponent * 0.6931471805599453 + 2 * sum
    }
}
