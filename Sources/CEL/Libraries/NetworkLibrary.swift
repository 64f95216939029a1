/// IP addresses and address blocks.
enum NetworkLibrary {
    private static let ipName = IPAddress.name
    private static let blockName = CIDRBlock.name

    static let functions: [Function] = [
        .unary("ip", "(string) -> \(ipName)") { (value, _) throws(Failure) in .opaque(try ip(parsing: value, "ip")) },
        .unary("isIP", "(string) -> bool") { (value, _) throws(Failure) in
            .bool(IPAddress(try string(value, "isIP")) != nil)
        },
        .unary("ip.isCanonical", "(string) -> bool") { (value, _) throws(Failure) in
            .bool(sameText(try ip(parsing: value, "ip.isCanonical").description, try string(value, "ip.isCanonical")))
        },
        .unary("cidr", "(string) -> \(blockName)") { (value, _) throws(Failure) in
            .opaque(try block(parsing: value, "cidr"))
        },
        .unary("isCIDR", "(string) -> bool") { (value, _) throws(Failure) in
            .bool(CIDRBlock(try string(value, "isCIDR")) != nil)
        },
        .unary("string", "(\(ipName)) -> string") { (value, _) throws(Failure) in
            .string(try ip(value, "string").description)
        },
        .unary("string", "(\(blockName)) -> string") { (value, _) throws(Failure) in
            .string(try block(value, "string").description)
        },
        .unary("family", "\(ipName).() -> int") { (value, _) throws(Failure) in
            .int(try ip(value, "family").isVersion4 ? 4 : 6)
        },
        test("isUnspecified") { $0.isUnspecified },
        test("isLoopback") { $0.isLoopback },
        test("isGlobalUnicast") { $0.isGlobalUnicast },
        test("isLinkLocalMulticast") { $0.isLinkLocalMulticast },
        test("isLinkLocalUnicast") { $0.isLinkLocalUnicast },
        .binary("containsIP", "\(blockName).(\(ipName)) -> bool", "\(blockName).(string) -> bool") {
            (value, address, _) throws(Failure) in
            let block = try block(value, "containsIP")
            if case .string = address { return .bool(block.contains(try ip(parsing: address, "containsIP"))) }
            return .bool(block.contains(try ip(address, "containsIP")))
        },
        .binary("containsCIDR", "\(blockName).(\(blockName)) -> bool", "\(blockName).(string) -> bool") {
            (value, inner, _) throws(Failure) in
            let outer = try block(value, "containsCIDR")
            let inner =
                if case .string = inner {
                    try block(parsing: inner, "containsCIDR")
                } else {
                    try block(inner, "containsCIDR")
                }
            return .bool(inner.prefixLength >= outer.prefixLength && outer.contains(inner.address))
        },
        .unary("ip", "\(blockName).() -> \(ipName)") { (value, _) throws(Failure) in
            .opaque(try block(value, "ip").address)
        },
        .unary("masked", "\(blockName).() -> \(blockName)") { (value, _) throws(Failure) in
            .opaque(try block(value, "masked").masked)
        },
        .unary("prefixLength", "\(blockName).() -> int") { (value, _) throws(Failure) in
            .int(Int64(try block(value, "prefixLength").prefixLength))
        },
    ]

    private static func string(_ value: CELValue, _ name: String) throws(Failure) -> String {
        guard case .string(let text) = value else { throw Failure.noOverload(name, value) }
        return text
    }

    private static func ip(parsing value: CELValue, _ name: String) throws(Failure) -> IPAddress {
        let text = try string(value, name)
        guard let address = IPAddress(text) else {
            throw .invalid("'\(StandardLibrary.shortened(text))' is no IP address")
        }
        return address
    }

    private static func block(parsing value: CELValue, _ name: String) throws(Failure) -> CIDRBlock {
        let text = try string(value, name)
        guard let block = CIDRBlock(text) else {
            throw .invalid("'\(StandardLibrary.shortened(text))' is no CIDR block")
        }
        return block
    }

    private static func ip(_ value: CELValue, _ name: String) throws(Failure) -> IPAddress {
        guard case .opaque(let opaque) = value, let address = opaque as? IPAddress else {
            throw Failure.noOverload(name, value)
        }
        return address
    }

    private static func block(_ value: CELValue, _ name: String) throws(Failure) -> CIDRBlock {
        guard case .opaque(let opaque) = value, let block = opaque as? CIDRBlock else {
            throw Failure.noOverload(name, value)
        }
        return block
    }

    private static func test(_ name: String, _ test: @escaping @Sendable (IPAddress) -> Bool) -> Function {
        .unary(name, "\(ipName).() -> bool") { (value, _) throws(Failure) in .bool(test(try ip(value, name))) }
    }
}
