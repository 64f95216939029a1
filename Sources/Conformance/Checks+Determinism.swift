import SchedulerProtocol

extension Check {
    /// Two processes with the same seed and the same input decide the same.
    ///
    /// Nobody is bound to: how pods fall into batches depends on time, and a scheduler may let them. It is told for
    /// information, because a simulation can only be repeated with a scheduler that does.
    static var determinism: Check {
        Check(
            name: "determinism", purpose: "the same seed and input give the same placements", isRequired: false,
            run: determinism)
    }

    private static func determinism(_ open: Open) throws(Stop) -> String {
        try played { () throws(Fault) in
            let runs = [try decisions(open()), try decisions(open())]
            for (index, pair) in zip(runs[0], runs[1]).enumerated() where pair.0 != pair.1 {
                throw Fault("pod \(index + 1) of \(runs[0].count) was decided differently in a second run")
            }
            return "2 runs, the same placements"
        }
    }

    private static func decisions(_ stage: Rehearsal) throws(Fault) -> [Ledger.Decision?] {
        stage.join((0..<8).map { Scene.node("node-\($0)", cpu: 4 + Int64($0 % 3) * 4) })
        var all: [Ledger.Decision?] = []
        for round in 0..<15 {
            let pods = stage.give(
                (0..<min(4, stage.ready.window)).map { offset in
                    Scene.pod(milliCPU: 200 + 150 * Int64((round * 7 + offset * 3) % 5))
                })
            try stage.settle(pods)
            all += pods.map { stage.ledger.decisions[$0] }
        }
        return all
    }
}
