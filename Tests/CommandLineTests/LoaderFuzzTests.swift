import ClusterModel
import ClusterTestKit
import Foundation
import JSON
import Manifests
import Testing

/// Manifests with extreme and wrong values wherever one can stand: the loader takes them or names what is wrong.
@Suite struct LoaderFuzzTests {
    private static let documents = 4_000

    private static let object = """
        {"apiVersion":"v1","kind":"List","items":[
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"n0","labels":{"zone":"a"}},
         "spec":{"taints":[{"key":"k","value":"v","effect":"NoSchedule"}],"unschedulable":false},
         "status":{"allocatable":{"cpu":"4","memory":"15277216Ki","pods":"110","nvidia.com/gpu":"2"},
          "images":[{"names":["x"],"sizeBytes":1}]}},
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p0","namespace":"default","labels":{"app":"a"}},
         "spec":{"priority":1,"nodeSelector":{"zone":"a"},"tolerations":[{"key":"k","operator":"Exists","tolerationSeconds":3}],
          "topologySpreadConstraints":[{"maxSkew":1,"minDomains":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule",
           "labelSelector":{"matchLabels":{"app":"a"}}}],
          "affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"preference":
           {"matchExpressions":[{"key":"zone","operator":"In","values":["a"]}]}}]}},
          "containers":[{"name":"c","image":"x","ports":[{"containerPort":80,"hostPort":80}],
           "resources":{"requests":{"cpu":"500m","memory":"1Gi","nvidia.com/gpu":"1"}}}]}},
        {"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"b","namespace":"default"},
         "spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"a"}}},"status":{"disruptionsAllowed":1}},
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","namespace":"default"},
         "spec":{"replicas":2,"selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"a"}},
          "spec":{"containers":[{"name":"c","image":"x"}]}}}},
        {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j","namespace":"default"},
         "spec":{"parallelism":2,"completions":2,"template":{"spec":{"containers":[{"name":"c","image":"x"}]}}}},
        {"apiVersion":"scheduling.x-k8s.io/v1alpha1","kind":"PodGroup","metadata":{"name":"g","namespace":"default"},
         "spec":{"minMember":2}},
        {"apiVersion":"scheduling.k8s.io/v1","kind":"PriorityClass","metadata":{"name":"high"},"value":1000}
        ]}
        """

    private static let extremes: [Value] =
        [
            .null, .bool(true), .string(""), .string("\u{0}"), .string(String(repeating: "9", count: 400)), .array([]),
            .object([]), .array([.null]), .double(.infinity), .double(.nan), .double(1e308), .double(-1e308),
            .double(.leastNonzeroMagnitude), .double(0.5), .string("1e999999999"), .string("-1"),
            .string("9223372036854775807Ei"),
            .string("1e-999999999"), .string("NaN"), .string("../.."), .string("💥"),
        ] + [0, -1, 1, 65_536, .max, .min, Int64(Int32.max), Int64(Int32.max) + 1, Int64(Int32.min)].map { .int($0) }

    @Test(arguments: Array(1...UInt64(8)))
    func nothingEndsTheLoader(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let original = try Array(Self.object.utf8).withUnsafeBytes { bytes in
            try JSONDocument(bytes).withRoot { Value($0) }
        }
        var loaded = 0
        for number in 0..<Self.documents / 8 {
            var changed = original
            for _ in 0...Int.random(in: 0...2, using: &random) { changed = change(changed, &random) }
            let text = changed.prettyJSON
            do throws(InputErrors) {
                _ = try ClusterInput(texts: [("document-\(number).json", text)])
                loaded += 1
            } catch {
                #expect(!error.description.isEmpty)
            }
        }
        #expect(loaded > 0, "some of what was changed must be harmless")
    }

    /// The document with one value, chosen at random, replaced by an extreme one.
    private func change(_ value: Value, _ random: inout SeededGenerator) -> Value {
        switch value {
        case .object(var fields) where !fields.isEmpty && Int.random(in: 0..<8, using: &random) > 0:
            let index = Int.random(in: 0..<fields.count, using: &random)
            fields[index] = .init(fields[index].key, change(fields[index].value, &random))
            return .object(fields)
        case .array(var items) where !items.isEmpty && Int.random(in: 0..<8, using: &random) > 0:
            let index = Int.random(in: 0..<items.count, using: &random)
            items[index] = change(items[index], &random)
            return .array(items)
        default: return Self.extremes.randomElement(using: &random) ?? .null
        }
    }
}
