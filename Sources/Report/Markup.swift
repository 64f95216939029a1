/// Text as it may stand in HTML and SVG, in content and in quoted attributes.
func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        // Control characters are not allowed in documents, whatever stands for them.
        case "\n", "\t": result.unicodeScalars.append(scalar)
        case _ where scalar.value < 0x20: result += "�"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// A coordinate with one digit after the point: a tenth of a pixel is finer than anybody sees.
func coordinate(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "0" }
    let tenths = Int((value * 10).rounded())
    if tenths % 10 == 0 { return String(tenths / 10) }
    let sign = tenths < 0 ? "-" : ""
    return "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10)"
}
