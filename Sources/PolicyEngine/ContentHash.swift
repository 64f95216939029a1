import ClusterModel

/// A 64-bit FNV-1a hash over the content of values: the same on every machine and in every run.
struct ContentHash {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ value: Value) {
        switch value {
        case .null: add(byte: 0)
        case .bool(let flag): add(byte: flag ? 2 : 1)
        case .int(let number): add("i\(number)")
        case .double(let number): add("d\(number)")
        case .string(let text): add("s\(text)")
        case .array(let items):
            add("[\(items.count)")
            for item in items { add(item) }
        case .object(let fields):
            add("{\(fields.count)")
            for field in fields.sorted(by: { $0.key < $1.key }) {
                add(field.key)
                add(field.value)
            }
        }
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte: byte) }
        add(byte: 0xff)
    }

    private mutating func add(byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

    /// The hash with its bits stirred (the finaliser of MurmurHash3), so that its high bits are as even as its low ones.
    var mixed: UInt64 {
        var bits = state
        bits = (bits ^ (bits >> 33)) &* 0xff51_afd7_ed55_8ccd
        bits = (bits ^ (bits >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return bits ^ (bits >> 33)
    }

    /// The hash as ten hexadecimal digits.
    var text: String {
        let digits = String(state >> 24, radix: 16)
        return String(repeating: "0", count: 10 - digits.count) + digits
    }
}
