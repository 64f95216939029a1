import ClusterModel
import Dispatcher

/// Pods of one operation on their way to the dispatcher.
struct PodStream {
    var order: Operation.CreatePods
    /// Seconds after which each pod is deleted again, or nil.
    let lifetime: Double?
    /// When its first pod is meant to arrive.
    var start = Instant.start
    private var maker: PodMaker
    /// Pods made before what is measured began, in the order of their numbers.
    private var prepared: [Pod] = []
    /// Pods put through admission so far.
    var made = 0
    /// Admitted pods that have not been handed over; `head` of them have.
    var ready: [Ready] = []
    var head = 0
    /// Pods handed to the dispatcher, held back by gates, refused by admission.
    var submitted = 0
    var gated = 0
    var refused = 0
    /// Pods bound at least once.
    var bound = 0
    /// Keys of pods handed over and not deleted, oldest first from `firstAlive`, and when each came.
    var alive: [(key: ObjectKey, arrived: Int64)] = []
    var firstAlive = 0
    var isStopped = false

    /// An admitted pod, with its number in the stream.
    struct Ready {
        var arrival: Arrival
        var number: Int
        /// The scheduler that it goes to, by index.
        var scheduler: Int
    }

    init(_ order: Operation.CreatePods, lifetime: Double? = nil) {
        self.order = order
        self.lifetime = lifetime
        let isGrouped = order.groupSize > 1
        self.maker = PodMaker(
            order.template, name: order.name, group: isGrouped ? order.name : nil, groupSize: order.groupSize)
    }

    /// Makes pods ahead: in a cluster somebody else makes them, on a machine of his own.
    mutating func prepare() throws(FieldError) {
        let count = min(order.count, BenchmarkLimits.preparedPods)
        prepared.reserveCapacity(count)
        for number in 0..<count { prepared.append(try maker.pod(number)) }
    }

    /// The pod of a number.
    mutating func pod(_ number: Int) throws(FieldError) -> Pod {
        try number < prepared.count ? prepared[number] : maker.pod(number)
    }

    /// Whether all its pods were handed over.
    var isExhausted: Bool { (isStopped || made >= order.count) && head >= ready.count }

    /// Whether all its pods were handed over and bound, as far as they need to be.
    var isDone: Bool { isExhausted && bound >= submitted }

    /// When the pod of a number is meant to arrive, in nanoseconds; nil in a closed loop.
    func intended(_ number: Int) -> Int64? {
        order.perSecond.map { start.advanced(bySeconds: Double(number) / $0).nanoseconds }
    }
}
