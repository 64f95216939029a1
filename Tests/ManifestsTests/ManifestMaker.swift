import ClusterModel

/// Makes random objects as kubectl prints them, with every field that is read and many that are not.
struct ManifestMaker {
    private var generator: SeededGenerator
    /// The annotation `odd` of each pod.
    private(set) var annotations: [String] = []
    /// Whether a container holds something else than it asks for.
    private(set) var hasResize = false

    /// Label values that mean something else without quotes.
    private static let words = [
        "no", "y", "on", "null", "12", "0x10", "1e3", "010", "true", "web", "a.b_c", "2024-01-01",
    ]

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// Nodes, pods and a map of odd strings.
    mutating func objects() -> [Value] {
        let nodes = (0..<2).map { node($0) }
        let pods = (0..<3 + generator.next(below: 3)).map { pod($0) }
        let data = FormsTests.oddStrings.enumerated().map { Value.Field("key-\($0.offset)", .string($0.element)) }
        let map = object([
            ("apiVersion", .string("v1")), ("kind", .string("ConfigMap")),
            ("metadata", object([("name", .string("odd"))])),
            ("data", .object(data)),
        ])
        return nodes + [map] + pods
    }

    private mutating func chance(_ count: Int) -> Bool { generator.next(below: count) == 0 }

    private mutating func word() -> Value {
        .string(ManifestMaker.words[generator.next(below: ManifestMaker.words.count)])
    }

    private mutating func odd() -> String {
        FormsTests.oddStrings[generator.next(below: FormsTests.oddStrings.count)]
    }

    private func object(_ fields: [(String, Value)]) -> Value { .object(fields.map { .init($0.0, $0.1) }) }

    private mutating func metadata(_ name: String, _ extra: [(String, Value)] = []) -> Value {
        object(
            [
                ("name", .string(name)),
                ("labels", object([("app", word()), ("no", word()), ("example.com/on", word())])),
                ("managedFields", managedFields()),
            ] + extra)
    }

    private mutating func managedFields() -> Value {
        .array([
            object([
                ("manager", .string("kubectl")), ("time", .string("2026-01-01T00:00:00Z")),
                ("fieldsV1", object([("f:spec", object([("k:{\"name\":\"a\"}", object([(".", object([]))]))]))])),
            ])
        ])
    }

    private mutating func node(_ index: Int) -> Value {
        let amounts = object([
            ("cpu", chance(2) ? .int(64) : .string("64")), ("memory", .string("256Gi")), ("pods", .string("110")),
        ])
        let taints = (0..<generator.next(below: 3)).map { number in
            object([("key", .string("taint-\(number)")), ("value", word()), ("effect", .string("PreferNoSchedule"))])
        }
        return object([
            ("apiVersion", .string("v1")), ("kind", .string("Node")), ("metadata", metadata("node-\(index)")),
            ("spec", object([("taints", .array(taints)), ("unschedulable", .bool(chance(4)))])),
            (
                "status",
                object([
                    ("allocatable", amounts), ("capacity", amounts),
                    ("nodeInfo", object([("kernelVersion", .string(odd())), ("machineID", .string(odd()))])),
                    ("images", .array([object([("names", .array([.string("x:1")])), ("sizeBytes", .int(1 << 30))])])),
                    ("daemonEndpoints", object([("kubeletEndpoint", object([("Port", .int(10_250))]))])),
                ])
            ),
        ])
    }

    private mutating func pod(_ index: Int) -> Value {
        let text = odd()
        annotations.append(text)
        let count = 1 + generator.next(below: 2)
        let asked = (0..<count).map { _ in 1 + generator.next(below: 4) }
        var spec: [(String, Value)] = [("containers", .array((0..<count).map { container($0, cpus: asked[$0]) }))]
        if chance(2) { spec.append(("initContainers", .array([container(9, cpus: 1)]))) }
        if chance(2) { spec.append(("nodeSelector", object([("disk", word()), ("yes", word())]))) }
        if chance(2) { spec.append(("affinity", affinity())) }
        if chance(2) {
            spec.append(
                (
                    "tolerations",
                    .array([
                        object([("key", .string("taint-0")), ("operator", .string("Equal")), ("value", word())]),
                        object([
                            ("operator", .string("Exists")), ("effect", .string("NoExecute")),
                            ("tolerationSeconds", .int(300)),
                        ]),
                    ])
                ))
        }
        if chance(2) { spec.append(("topologySpreadConstraints", .array([spread()]))) }
        if chance(3) { spec.append(("priority", .int([-5, 0, 1_000_000][generator.next(below: 3)]))) }
        if chance(3) { spec.append(("schedulingGates", .array([object([("name", .string("example.com/gate"))])]))) }
        if chance(3) { spec.append(("overhead", object([("cpu", .string("250m"))]))) }
        if chance(3) { spec.append(("hostNetwork", .bool(true))) }
        spec.append(("securityContext", object([("seLinuxOptions", object([("level", .string(odd()))]))])))
        spec.append(("volumes", .array([object([("name", .string("v")), ("emptyDir", object([]))])])))
        return object([
            ("apiVersion", .string("v1")), ("kind", .string("Pod")),
            (
                "metadata",
                metadata("pod-\(index)", [("annotations", object([("odd", .string(text)), ("no", .string(odd()))]))])
            ),
            ("spec", object(spec)), ("status", status(asked)),
        ])
    }

    private mutating func container(_ index: Int, cpus: Int) -> Value {
        var fields: [(String, Value)] = [
            ("name", .string("c-\(index)")), ("image", .string("registry.example:5000/app:1.0")),
            ("command", .array([.string("sh"), .string("-c"), .string(odd())])),
            (
                "env",
                .array([
                    object([("name", .string("X")), ("value", .string(odd()))]), object([("name", .string(odd()))]),
                ])
            ),
            (
                "resources",
                object([
                    (
                        "requests",
                        object([
                            ("cpu", chance(2) ? .int(Int64(cpus)) : .string("\(cpus)")), ("memory", .string("1Gi")),
                        ])
                    )
                ])
            ),
            ("livenessProbe", object([("exec", object([("command", .array([.string(odd())]))]))])),
            ("volumeMounts", .array([object([("mountPath", .string("/x")), ("name", .string("v"))])])),
        ]
        if chance(2) {
            fields.append(
                ("ports", .array([object([("containerPort", .int(80)), ("hostPort", .int(8_080 + Int64(index)))])])))
        }
        return object(fields)
    }

    private mutating func affinity() -> Value {
        let selector = object([
            ("matchLabels", object([("app", word())])),
            (
                "matchExpressions",
                .array([
                    object([
                        ("key", .string("off")), ("operator", .string("In")), ("values", .array([word(), word()])),
                    ])
                ])
            ),
        ])
        let term = object([("labelSelector", selector), ("topologyKey", .string("kubernetes.io/hostname"))])
        let nodes = object([
            (
                "nodeSelectorTerms",
                .array([
                    object([
                        (
                            "matchExpressions",
                            .array([
                                object([
                                    ("key", .string("zone")), ("operator", .string("NotIn")),
                                    ("values", .array([word()])),
                                ])
                            ])
                        )
                    ])
                ])
            )
        ])
        return object([
            ("nodeAffinity", object([("requiredDuringSchedulingIgnoredDuringExecution", nodes)])),
            (
                "podAntiAffinity",
                object([
                    (
                        "preferredDuringSchedulingIgnoredDuringExecution",
                        .array([object([("weight", .int(10)), ("podAffinityTerm", term)])])
                    )
                ])
            ),
        ])
    }

    private mutating func spread() -> Value {
        object([
            ("maxSkew", .int(1)), ("topologyKey", .string("zone")), ("whenUnsatisfiable", .string("ScheduleAnyway")),
            ("labelSelector", object([("matchLabels", object([("app", word())]))])),
        ])
    }

    private mutating func status(_ asked: [Int]) -> Value {
        let statuses = asked.enumerated().map { index, cpus in
            let held = chance(3) ? cpus + 1 : cpus
            if held != cpus { hasResize = true }
            let amounts = object([("cpu", .string("\(held)")), ("memory", .string("1Gi"))])
            return object([
                ("name", .string("c-\(index)")), ("allocatedResources", amounts),
                ("resources", object([("requests", amounts)])),
                ("state", object([("waiting", object([("message", .string(odd()))]))])), ("lastState", object([])),
            ])
        }
        return object([
            ("phase", .string("Running")), ("containerStatuses", .array(statuses)),
            (
                "conditions",
                .array([object([("type", .string("Ready")), ("status", .string("True")), ("message", .string(odd()))])])
            ),
        ])
    }
}
