import CoreBench
import Placement
import Testing

/// The core benchmark at a size that takes no time: same input, same seed, same placements.
@Suite struct BenchSmokeTests {
    @Test(arguments: CoreBench.Workload.allCases)
    func placesTheSameTwice(workload: CoreBench.Workload) {
        let pods = workload == .preemption ? 5 : 300
        let first = CoreBench(profile: .kubeDefault).run(workload, nodes: 60, pods: pods)
        let second = CoreBench(profile: .kubeDefault).run(workload, nodes: 60, pods: pods)
        #expect(first.pods == pods)
        #expect(first.checksum == second.checksum)
    }
}
