/// An IPv4 or IPv6 address. An IPv4 address is held in its IPv6 form, `::ffff:0:0/96`.
final class IPAddress: CELOpaque {
    static let name = "net.IP"

    /// 128 bits.
    let bits: UInt128
    let isVersion4: Bool

    private static let mapped: UInt128 = 0xFFFF << 32

    init(bits: UInt128, isVersion4: Bool) {
        self.bits = bits
        self.isVersion4 = isVersion4
    }

    /// The longest text that is an address: eight groups of IPv6, the last two with dots.
    static let longest = 45

    /// Reads an address; nil where it is malformed. Zones are refused, and so is an IPv4 address in the form of IPv6 with its
    /// dots: in hexadecimal the public test suite wants it taken, which Kubernetes does not.
    init?(_ text: String) {
        guard text.utf8.count <= IPAddress.longest else { return nil }
        let bytes = Array(text.utf8)
        if bytes.contains(UInt8(ascii: ":")) {
            guard let value = IPAddress.version6(bytes),
                value >> 32 != 0xFFFF || !bytes.contains(UInt8(ascii: "."))
            else { return nil }
            bits = value
            isVersion4 = false
        } else {
            guard let value = IPAddress.version4(bytes) else { return nil }
            bits = IPAddress.mapped | UInt128(value)
            isVersion4 = true
        }
    }

    private static func version4(_ bytes: [UInt8]) -> UInt32? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard !part.isEmpty, part.count <= 3, part.count == 1 || part.first != UInt8(ascii: "0"),
                part.allSatisfy({ Lexer.isDigit($0) }),
                let octet = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return value
    }

    private static func version6(_ bytes: [UInt8]) -> UInt128? {
        var groups = [UInt16]()
        var gap: Int?
        var position = 0
        if bytes.starts(with: "::".utf8) {
            gap = 0
            position = 2
        }
        while position < bytes.count {
            var value: UInt32 = 0
            var digits = 0
            while position < bytes.count, let digit = Lexer.hexDigit(bytes[position]), digits < 4 {
                value = value << 4 | digit
                digits += 1
                position += 1
            }
            if position < bytes.count, bytes[position] == UInt8(ascii: "."), digits > 0, groups.count <= 6 {
                // The last two groups may be written as IPv4 is.
                guard let tail = version4(Array(bytes[(position - digits)...])) else { return nil }
                groups += [UInt16(tail >> 16), UInt16(truncatingIfNeeded: tail)]
                break
            }
            guard digits > 0, groups.count < 8 else { return nil }
            groups.append(UInt16(value))
            if position == bytes.count { break }
            guard bytes[position] == UInt8(ascii: ":") else { return nil }
            position += 1
            guard position < bytes.count else { return nil }
            if bytes[position] == UInt8(ascii: ":") {
                guard gap == nil else { return nil }
                gap = groups.count
                position += 1
            }
        }
        guard gap == nil ? groups.count == 8 : groups.count < 8 else { return nil }
        if let gap { groups.insert(contentsOf: [UInt16](repeating: 0, count: 8 - groups.count), at: gap) }
        return groups.reduce(UInt128(0)) { $0 << 16 | UInt128($1) }
    }

    var typeName: String { IPAddress.name }
    var text: String? { description }

    func isEqual(to other: any CELOpaque) -> Bool {
        (other as? IPAddress).map { $0.bits == bits } ?? false
    }

    /// Whether the address is an IPv4 address, in either form.
    private var isMapped: Bool { bits >> 32 == 0xFFFF }

    private var last32: UInt32 { UInt32(truncatingIfNeeded: bits) }

    var isUnspecified: Bool { bits == 0 || bits == IPAddress.mapped }

    var isLoopback: Bool { isMapped ? last32 >> 24 == 127 : bits == 1 }

    private var isMulticast: Bool { isMapped ? last32 >> 28 == 0xE : bits >> 120 == 0xFF }

    var isLinkLocalMulticast: Bool {
        isMapped ? last32 >> 8 == 0xE0_0000 : bits >> 120 == 0xFF && (bits >> 112) & 0xF == 2
    }

    var isLinkLocalUnicast: Bool { isMapped ? last32 >> 16 == 0xA9FE : bits >> 118 == 0x3FA }

    var isGlobalUnicast: Bool {
        !isUnspecified && !isLoopback && !isMulticast && !isLinkLocalUnicast && !(isMapped && last32 == UInt32.max)
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical form of RFC 5952.
    var description: String {
        if isMapped {
            let octets = (0..<4).map { String(last32 >> UInt32(24 - 8 * $0) & 0xFF) }.joined(separator: ".")
            return isVersion4 ? octets : "::ffff:" + octets
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> UInt128(112 - 16 * $0)) }
        // The longest run of zeros, the first of several, two at least.
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = max(end, start + 1)
        }
        func text(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        if best.isEmpty { return text(groups[...]) }
        return text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
    }
}

/// An address and how many of its leading bits name a network.
final class CIDRBlock: CELOpaque {
    static let name = "net.CIDR"

    let address: IPAddress
    let prefixLength: Int

    private init(_ address: IPAddress, _ prefixLength: Int) {
        self.address = address
        self.prefixLength = prefixLength
    }

    /// Reads `address/length`; nil where it is malformed.
    init?(_ text: String) {
        guard text.utf8.count <= IPAddress.longest + 4 else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])), let length = Int(parts[1]),
            parts[1].utf8.allSatisfy({ Lexer.isDigit($0) }), parts[1] == "0" || !parts[1].hasPrefix("0"),
            length <= (address.isVersion4 ? 32 : 128)
        else { return nil }
        self.address = address
        prefixLength = length
    }

    var typeName: String { CIDRBlock.name }
    var text: String? { description }

    func isEqual(to other: any CELOpaque) -> Bool {
        (other as? CIDRBlock).map { $0.address.isEqual(to: address) && $0.prefixLength == prefixLength } ?? false
    }

    private var mask: UInt128 {
        let length = address.isVersion4 ? prefixLength + 96 : prefixLength
        return length == 0 ? 0 : UInt128.max << UInt128(128 - length)
    }

    func contains(_ other: IPAddress) -> Bool {
        other.isVersion4 == address.isVersion4 && (other.bits & mask) == (address.bits & mask)
    }

    var masked: CIDRBlock {
        CIDRBlock(IPAddress(bits: address.bits & mask, isVersion4: address.isVersion4), prefixLength)
    }

    var description: String { "\(address.description)/\(prefixLength)" }
}
