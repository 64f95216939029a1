import ClusterModel
import JSON
import Testing

@Suite struct TolerationTests {
    private static let huge = "9223372036854775807"

    /// Source of the rows: Kubernetes' `Toleration.ToleratesTaint` and KEP-5471.
    @Test(
        arguments: [
            ("Gt", "900", "950", true), ("Gt", "950", "950", false), ("Gt", "950", "900", false),
            ("Lt", "800", "700", true), ("Lt", "700", "700", false), ("Lt", "700", "800", false),
            ("Gt", "-5", "0", true), ("Lt", "0", "-5", true), ("Gt", "10", "9", false), ("Lt", "10", "9", true),
            ("Gt", "1", "high", false), ("Lt", "1", "", false), ("Gt", "1", "2.5", false), ("Gt", "1", "+2", false),
            ("Gt", "1", "02", false), ("Lt", "1", "-0", false), ("Gt", "1", huge, true),
            ("Gt", "1", "9223372036854775808", false), ("Gt", "1", " 2", false),
        ])
    func comparesNumbers(operator name: String, mine: String, other: String, holds: Bool) throws {
        let value = try Value(json: #"{"key":"sla","operator":"\#(name)","value":"\#(mine)"}"#)
        let toleration = try Toleration(ObjectReader(value))
        #expect(toleration.tolerates(Taint(key: "sla", value: other, effect: .noSchedule)) == holds)
        #expect(!toleration.tolerates(Taint(key: "other", value: other, effect: .noSchedule)))
        #expect(try Toleration(ObjectReader(toleration.manifest)) == toleration)
    }

    @Test func looksAtTheEffectToo() {
        let toleration = Toleration(key: "sla", operator: .greaterThan, value: "1", effect: .noExecute)
        #expect(toleration.tolerates(Taint(key: "sla", value: "2", effect: .noExecute)))
        #expect(!toleration.tolerates(Taint(key: "sla", value: "2", effect: .noSchedule)))
    }

    @Test(arguments: ["", "x", "1.5", "+1", "01", "-0", "9223372036854775808", "٣"])
    func refusesWhatIsNoWholeNumber(value: String) throws {
        let object = try Value(json: #"{"key":"sla","operator":"Gt","value":"\#(value)"}"#)
        let error = #expect(throws: FieldError.self) { try Toleration(ObjectReader(object)) }
        #expect(error?.path == FieldPath("value"))
        #expect(error?.expected.contains("whole number") == true)
    }

    @Test func refusesNumbersWithoutAKey() throws {
        let object = try Value(json: #"{"operator":"Lt","value":"1"}"#)
        let error = #expect(throws: FieldError.self) { try Toleration(ObjectReader(object)) }
        #expect(error?.path == FieldPath("operator"))
    }

    /// Source of the rows: Kubernetes' `MergeTolerations` (pkg/util/tolerations).
    @Test func mergesWhatOthersCover() {
        let all = Toleration(operator: .exists)
        let gpu = Toleration(key: "gpu", value: "a", effect: .noSchedule)
        let anyGPU = Toleration(key: "gpu", operator: .exists)
        #expect(Toleration.merged([gpu, gpu]) == [gpu])
        #expect(Toleration.merged([gpu, anyGPU]) == [anyGPU])
        #expect(Toleration.merged([anyGPU, gpu]) == [anyGPU])
        #expect(Toleration.merged([gpu, anyGPU, all]) == [all])
        let short = Toleration(key: "x", operator: .exists, effect: .noExecute, tolerationSeconds: 5)
        let long = Toleration(key: "x", operator: .exists, effect: .noExecute, tolerationSeconds: 50)
        let forever = Toleration(key: "x", operator: .exists, effect: .noExecute)
        #expect(Toleration.merged([short, long]) == [long])
        #expect(Toleration.merged([long, forever]) == [forever])
        let other = Toleration(key: "gpu", value: "b", effect: .noSchedule)
        #expect(Toleration.merged([gpu, other]) == [gpu, other])
        let number = Toleration(key: "gpu", operator: .greaterThan, value: "1")
        #expect(Toleration.merged([number, gpu]) == [number, gpu])
    }
}
