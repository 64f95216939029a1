import ClusterModel
import SchedulerProtocol
import Testing

/// Errors name the field, what was expected, and what was found.
@Suite struct DecodingErrorTests {
    @Test(arguments: [
        (#"[]"#, #"expected a message, which is an object with a "type", found an empty list"#),
        (#"{"type":17}"#, #"expected an object with a string "type", found a mapping of 1"#),
        (#"{"type":"ready","window":8}"#, "protocol: expected a whole number, found nothing"),
        (#"{"type":"ready","protocol":1,"window":"8"}"#, #"window: expected a whole number, found the string "8""#),
        (#"{"type":"ready","protocol":1,"window":0}"#, "window: expected at least 1, found 0"),
        (
            #"{"type":"ready","protocol":1,"window":8,"capabilities":[7]}"#,
            "capabilities[0]: expected a string, found the number 7"
        ),
        (#"{"type":"place","pods":{}}"#, "pods: expected a list, found an empty mapping"),
        (
            #"{"type":"place","pods":[[1,2],[3]]}"#,
            "pods[1]: expected [pod, node] or [pod, node, [device, ...]], found a list of 1"
        ),
        (
            #"{"type":"place","pods":[[1,2,[64]]]}"#,
            "pods[0][2]: expected different GPU indices below 64, found a list of 1"
        ),
        (#"{"type":"place","revision":1.5,"pods":[]}"#, "revision: expected a whole number, found the number 1.5"),
        (
            #"{"type":"unschedulable","pods":[1],"reasons":{"full":"all"}}"#,
            "reasons: expected an object of reason to node count, found a mapping of 1"
        ),
        (#"{"type":"preempt","pod":1,"victims":[]}"#, "node: expected a whole number, found nothing"),
        (#"{"type":"pong"}"#, "id: expected a whole number, found nothing"),
    ])
    func aSchedulersMistakeIsNamed(line: String, message: String) {
        #expect(throws: MessageError.self) { try decodeScheduler(line) }
        do { _ = try decodeScheduler(line) } catch { #expect("\(error)" == message) }
    }

    @Test(arguments: [
        (
            #"{"type":"hello","protocol":2,"scheduler":"a"}"#, "protocol: expected version 1, found 2"
        ),
        (
            #"{"type":"hello","protocol":1,"scheduler":"a","seed":"x"}"#,
            #"seed: expected a whole number in a string, found "x""#
        ),
        (
            #"{"type":"nodes","revision":1,"upsert":[{"id":1,"name":"a","allocatable":{"cpu":"much"}}]}"#,
            #"upsert[0]: allocatable.cpu: expected a quantity such as 250m or 16Gi, found the string "much""#
        ),
        (
            #"{"type":"namespaces","upsert":[{"name":"a","labels":{"b":1}}]}"#,
            "upsert[0].labels: b: expected a string, found the number 1"
        ),
        (
            #"{"type":"budgets","budgets":[{"namespace":"a","name":"b","allowed":1,"selector":{"matchLabels":[]}}]}"#,
            "budgets[0].selector: matchLabels: expected a mapping, found an empty list"
        ),
        (
            #"{"type":"templates","templates":[{"id":1,"tolerations":[{"key":"a","effect":"Never"}]}]}"#,
            #"templates[0]: tolerations[0].effect: expected one of "NoSchedule", "PreferNoSchedule", "NoExecute", "#
                + #"found the string "Never""#
        ),
        (
            #"{"type":"rejected","pods":[[1,2,"maybe","why"]]}"#,
            "pods[0]: expected [pod, node, verdict, reason] or [pod, node, verdict, reason, {resource: free}], "
                + "found a list of 4"
        ),
    ])
    func theDispatchersMistakeIsNamed(line: String, message: String) {
        #expect(throws: MessageError.self) { try decodeDispatcher(line) }
        do { _ = try decodeDispatcher(line) } catch { #expect("\(error)" == message) }
    }

    @Test(arguments: [
        "", "Warning: something", "{", #"{"type":"pong","id":1"#, "\u{0}", #"{"type":"pong","type":"a"}"#,
    ])
    func textThatIsNotJSONIsNamedSo(line: String) {
        #expect(throws: MessageError.self) { try decodeScheduler(line) }
        do { _ = try decodeScheduler(line) } catch { #expect("\(error)".hasPrefix("not JSON: ")) }
    }

    private func decodeScheduler(_ line: String) throws(MessageError) -> SchedulerMessage {
        var result: Result<SchedulerMessage, MessageError> = .success(.pong(0))
        Array(line.utf8).withUnsafeBytes { bytes in
            do throws(MessageError) { result = .success(try .decode(bytes)) } catch { result = .failure(error) }
        }
        return try result.get()
    }

    private func decodeDispatcher(_ line: String) throws(MessageError) -> DispatcherMessage? {
        var result: Result<DispatcherMessage?, MessageError> = .success(nil)
        Array(line.utf8).withUnsafeBytes { bytes in
            do throws(MessageError) { result = .success(try .decode(bytes)) } catch { result = .failure(error) }
        }
        return try result.get()
    }
}
