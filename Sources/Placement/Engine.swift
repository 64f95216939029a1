import ClusterModel

/// What a scheduler decided about one pod.
public enum Selection: Hashable, Sendable {
    /// The pod goes to this node, on these GPU devices.
    case node(NodeIndex, DeviceSet)
    /// No node takes it; `diagnose` says why.
    case none
}

/// One scheduler's way of choosing nodes: a profile, with what it has worked out about the classes so far.
///
/// It reads a cell that its owner keeps up to date and never changes what is placed there. The same cell, seed and
/// sequence of questions give the same answers.
public struct Engine {
    /// What the scheduler cares about.
    public let profile: Profile
    var random: SplitMix64
    var rules: [ClassIndex: ScoringRules] = [:]

    /// A chooser by the given profile; `seed` decides among equal nodes.
    public init(profile: Profile, seed: UInt64) {
        self.profile = profile
        self.random = SplitMix64(seed)
    }

    /// The best node for a pod of the class.
    public mutating func select(_ index: ClassIndex, in cell: inout Cell) -> Selection {
        select(index, in: &cell, within: nil)
    }

    /// The best node among some; nil is all.
    mutating func select(_ index: ClassIndex, in cell: inout Cell, within scope: Bits?) -> Selection {
        prepare(index, &cell)
        return selectPlainly(index, cell, within: scope)
    }

    /// Chooses by the plain loop over all nodes: the reference that every faster way must agree with.
    mutating func selectPlainly(_ index: ClassIndex, _ cell: Cell, within scope: Bits? = nil) -> Selection {
        guard let rules = rules[index] else { return .none }
        let feasible = cell.nodeIndices.filter {
            scope?[Int($0)] ?? true && cell.fit(index, on: $0, adding: rules.added).isFit
        }
        let table = ScoreTable(rules, index, feasible, cell)
        guard let best = table.totals.max() else { return .none }
        let ties = feasible.indices.filter { table.totals[$0] == best }
        let choice = profile.tieBreaking == .first ? ties[0] : ties[random.below(ties.count)]
        guard let devices = cell.chooseDevices(index, feasible[choice]) else { return .none }
        return .node(feasible[choice], devices)
    }

    /// Compiles the profile for a class, if that is not done yet.
    mutating func prepare(_ index: ClassIndex, _ cell: inout Cell) {
        precondition(cell.hasClass(index), "no such class")
        if rules[index]?.generation == cell.classes[Int(index)].generation { return }
        rules[index] = cell.compile(profile, for: index)
    }
}

/// A small generator of random numbers with a seed (SplitMix64, by Steele, Lea and Flood).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    @inline(__always)
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number from 0 to `bound` − 1, by multiplication instead of division.
    @inline(__always)
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(truncatingIfNeeded: bound)).high)
    }
}
