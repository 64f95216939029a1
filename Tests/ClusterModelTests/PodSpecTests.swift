import ClusterModel
import ClusterTestKit
import JSON
import Testing

@Suite struct EffectiveRequestsTests {
    @Test(arguments: [
        // Containers add up; limits stand in for requests; zeros vanish.
        (
            #"{"containers":[{"resources":{"requests":{"cpu":"100m"},"limits":{"cpu":"1","memory":"1Gi"}}},"#
                + #"{"resources":{"requests":{"cpu":"250m","x/y":"0"}}}]}"#,
            ["cpu": "350m", "memory": "1Gi"]
        ),
        // The largest init container counts, not their sum.
        (
            #"{"initContainers":[{"resources":{"requests":{"cpu":"2"}}},{"resources":{"requests":{"cpu":"1","memory":"3Gi"}}}],"#
                + #""containers":[{"resources":{"requests":{"cpu":"500m","memory":"1Gi"}}}]}"#,
            ["cpu": "2", "memory": "3Gi"]
        ),
        // Sidecars add to the containers, and to the init containers after them alone.
        (
            #"{"initContainers":[{"resources":{"requests":{"cpu":"3"}}},"#
                + #"{"restartPolicy":"Always","resources":{"requests":{"cpu":"1","memory":"1Gi"}}},"#
                + #"{"resources":{"requests":{"cpu":"2500m"}}}],"containers":[{"resources":{"requests":{"cpu":"2"}}}]}"#,
            ["cpu": "3500m", "memory": "1Gi"]
        ),
        // Overhead comes on top.
        (
            #"{"overhead":{"cpu":"20m","memory":"16Mi"},"containers":[{"resources":{"requests":{"cpu":"1"}}}]}"#,
            ["cpu": "1020m", "memory": "16Mi"]
        ),
        // Requests of the whole pod stand in for cpu, memory and huge pages, and for nothing else.
        (
            #"{"resources":{"requests":{"cpu":"4","hugepages-2Mi":"4Mi"}},"containers":[{"resources":{"requests":"#
                + #"{"cpu":"1","memory":"1Gi","nvidia.com/gpu":"2"}}}],"overhead":{"cpu":"1"}}"#,
            ["cpu": "5", "memory": "1Gi", "nvidia.com/gpu": "2", "hugepages-2Mi": "4Mi"]
        ),
        (#"{"containers":[{"name":"a"}]}"#, [:]),
    ])
    func sumsContainers(json: String, expected: [String: String]) throws {
        #expect(try spec(json).effectiveRequests == .sample(expected))
    }

    @Test func countsDefaultsForScoring() throws {
        let json = #"{"containers":[{"name":"a"},{"resources":{"requests":{"cpu":"1"}}}],"overhead":{"cpu":"10m"}}"#
        let scoring = try spec(json).scoringRequests
        #expect(scoring.cpuMilli == 1_110)
        #expect(scoring.memoryBytes == 400 << 20)
        #expect(SchedulingSpec(namespace: "a").scoringCPUMilli == 100)
    }

    /// With requests of the whole pod the defaults stand in for what neither it nor any container requests.
    ///
    /// Source of the rows: Kubernetes' `getNonMissingContainerRequests` and `PodRequests`.
    @Test(arguments: [
        (#"{"memory":"1Gi"}"#, #"{"cpu":"500m"}"#, 500, 1024), (#"{"memory":"1Gi"}"#, "{}", 200, 1024),
        (#"{"cpu":"1"}"#, "{}", 1000, 400), (#"{"cpu":"1","memory":"1Gi"}"#, #"{"cpu":"500m"}"#, 1000, 1024),
        (#"{"hugepages-2Mi":"2Mi"}"#, #"{"cpu":"500m"}"#, 500, 400), (#"{"memory":"1Gi"}"#, #"{"cpu":"0"}"#, 0, 1024),
        ("{}", #"{"cpu":"500m"}"#, 600, 400),
    ])
    func requestsOfThePodLeaveNoGaps(whole: String, first: String, cpuMilli: Int64, mebibytes: Int64) throws {
        let json =
            #"{"resources":{"requests":\#(whole)},"containers":[{"resources":{"requests":\#(first)}},{"name":"b"}]}"#
        let scoring = try spec(json).scoringRequests
        #expect(scoring.cpuMilli == cpuMilli)
        #expect(scoring.memoryBytes == mebibytes << 20)
    }

    @Test func keepsWhatFewPodsState() throws {
        let plain = try spec("{}")
        #expect(plain.runtimeClassName.isEmpty && plain.resourceClaims.isEmpty && plain.volumes.isEmpty)
        let json =
            #"{"runtimeClassName":"kata","activeDeadlineSeconds":9,"resourceClaims":[{"name":"gpu"}],"volumes":["#
            + #"{"name":"a","configMap":{"name":"c"}},{"name":"b","persistentVolumeClaim":{"claimName":"data"}},"#
            + #"{"name":"c","ephemeral":{"volumeClaimTemplate":{"spec":{"storageClassName":"fast","#
            + #""accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"5Gi"}}}}}},"#
            + #"{"name":"d","gcePersistentDisk":{"pdName":"disk","readOnly":true}},"#
            + #"{"name":"e","rbd":{"image":"i","monitors":["m1","m2"]}},{"name":"f","emptyDir":{}}]}"#
        var read = try spec(json)
        #expect(read.runtimeClassName == "kata" && read.activeDeadlineSeconds == 9 && read.resourceClaims == ["gpu"])
        #expect(read.volumes.map(\.name) == ["b", "c", "d", "e"])
        #expect(read.volumes[0].source == .claim(name: "data", template: nil))
        #expect(try PodSpec(ObjectReader(read.value)) == read)
        #expect(read != plain)
        (read.runtimeClassName, read.activeDeadlineSeconds) = ("", nil)
        (read.resourceClaims, read.volumes) = ([], [])
        #expect(read == plain && read.hashValue == plain.hashValue)
    }

    @Test func refusesRequestsAboveLimits() {
        let json = #"{"containers":[{"name":"b"},{"resources":{"requests":{"cpu":"2"},"limits":{"cpu":"1"}}}]}"#
        #expect(
            fault { try spec(json) } == "containers[1].resources.requests.cpu: expected at most the limit, 1, found 2")
    }

    @Test(arguments: [
        (#"[{"resources":{"limits":{"cpu":"1","memory":"1Gi"}}}]"#, QoSClass.guaranteed),
        (#"[{"resources":{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}}}]"#, .burstable),
        (#"[{"resources":{"limits":{"cpu":"1","memory":"1Gi"}}},{"name":"b"}]"#, .burstable),
        (#"[{"resources":{"limits":{"cpu":"1"}}}]"#, .burstable),
        (#"[{"resources":{"requests":{"memory":"1"}}}]"#, .burstable),
        (#"[{"resources":{"requests":{"nvidia.com/gpu":"1"}}}]"#, .bestEffort),
        (#"[{"resources":{"requests":{"cpu":"0"}}}]"#, .bestEffort),
        (#"[{"name":"a"}]"#, .bestEffort),
    ])
    func derivesTheQualityOfService(containers: String, expected: QoSClass) throws {
        #expect(try spec("{\"containers\":\(containers)}").qosClass == expected)
    }

    @Test(arguments: [
        (#"{"limits":{"cpu":"1","memory":"1Gi"}}"#, QoSClass.guaranteed),
        (#"{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"1"}}"#, .guaranteed),
        (#"{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}}"#, .burstable),
        (#"{"limits":{"cpu":"1"}}"#, .burstable), (#"{"requests":{"cpu":"1","memory":"1Gi"}}"#, .burstable),
        (#"{"requests":{"hugepages-2Mi":"2Mi"},"limits":{"hugepages-2Mi":"2Mi"}}"#, .bestEffort),
    ])
    func resourcesOfThePodDecideItsQuality(resources: String, expected: QoSClass) throws {
        #expect(try spec("{\"containers\":[{\"name\":\"a\"}],\"resources\":\(resources)}").qosClass == expected)
    }

    @Test func requestsOfThePodAreCompletedFromItsContainers() throws {
        let json =
            #"{"containers":[{"resources":{"requests":{"cpu":"300m"}}},{"resources":{"requests":{"cpu":"200m"}}}],"#
            + #""resources":{"limits":{"cpu":"2","memory":"1Gi"}}}"#
        let read = try spec(json)
        #expect(read.podRequests == ["cpu": Quantity(milli: 500), "memory": Quantity(1 << 30)])
        #expect(read.qosClass == .burstable)
        #expect(read.value["resources"]?["limits"] != nil)
    }

    @Test func collectsHostPorts() throws {
        let json =
            #"{"containers":[{"ports":[{"containerPort":80,"hostPort":8080},{"containerPort":81}]}],"#
            + #""initContainers":[{"ports":[{"hostPort":1}]},"#
            + #"{"restartPolicy":"Always","ports":[{"hostPort":2,"protocol":"UDP","hostIP":"10.0.0.1"}]}]}"#
        #expect(
            try spec(json).hostPorts == [HostPort(port: 8080), HostPort(ip: "10.0.0.1", protocol: "UDP", port: 2)])
        let onHost = #"{"hostNetwork":true,"containers":[{"ports":[{"containerPort":80}]}]}"#
        #expect(try spec(onHost).hostPorts == [HostPort(port: 80)])
        #expect(fault { try spec(#"{"containers":[{"ports":[{"hostPort":70000}]}]}"#) }.contains("ports[0].hostPort"))
    }

    @Test func hostPortsConflictOnCommonAddresses() {
        let any = HostPort(port: 80)
        let one = HostPort(ip: "10.0.0.1", port: 80)
        #expect(any.conflicts(with: one) && one.conflicts(with: any) && any.conflicts(with: any))
        #expect(!one.conflicts(with: HostPort(ip: "10.0.0.2", port: 80)))
        #expect(!any.conflicts(with: HostPort(protocol: "UDP", port: 80)))
        #expect(!any.conflicts(with: HostPort(port: 81)))
    }
}

@Suite struct PodTests {
    @Test(
        arguments: [
            (#"{"spec":{"schedulingGroup":{"podGroupName":"a"}},"#, "a"), (#"{"spec":{"#, nil),
        ] as [(String, String?)])
    func takesTheGroupFromTheFirstSource(start: String, expected: String?) throws {
        let spec =
            start.hasSuffix("\"spec\":{")
            ? start + #""containers":[{}]},"# : String(start.dropLast(2)) + #","containers":[{}]},"#
        let labels = #""labels":{"scheduling.x-k8s.io/pod-group":"b","pod-group.scheduling.sigs.k8s.io":"c"},"#
        let notes = #""annotations":{"scheduling.k8s.io/group-name":"d"}"#
        let group = { (meta: String) in
            try pod(spec + #""metadata":{"name":"p","namespace":"n","# + meta + "}}").groupKey
        }
        let key = { (name: String) in ObjectKey(namespace: "n", name: expected ?? name) }
        #expect(try group(labels + notes) == key("b"))
        #expect(try group(#""labels":{"pod-group.scheduling.sigs.k8s.io":"c"},"# + notes) == key("c"))
        #expect(try group(notes) == key("d"))
        #expect(
            try group(#""labels":{"scheduling.x-k8s.io/pod-group":""}"#)
                == expected.map { ObjectKey(namespace: "n", name: $0) })
    }

    @Test func namesTheFieldThatIsWrong() {
        #expect(
            fault { try pod(#"{"spec":{"containers":[{}],"priority":"high"}}"#) }
                == "spec.priority: expected a whole number, found the string \"high\"")
        #expect(
            fault { try pod(#"{"spec":{"containers":[{"resources":{"requests":{"a.b/c":"-1"}}}]}}"#) }
                == "spec.containers[0].resources.requests[a.b/c]: expected a quantity that is not negative, found the string \"-1\""
        )
        #expect(
            fault { try pod(#"{"spec":{"containers":[{}],"tolerations":[{"value":"x"}]}}"#) }
                == "spec.tolerations[0].operator: expected \"Exists\" where the key is empty, found nothing")
        #expect(fault { try pod(#"{"spec":{"containers":[]}}"#) }.hasPrefix("spec.containers: expected at least one"))
        #expect(fault { try pod(#"{"metadata":{},"spec":{}}"#) } == "metadata.name: expected a name, found nothing")
        #expect(fault { try pod("{}") } == "spec: expected a pod's spec, found nothing")
        #expect(fault { try Pod(.string("x")) } == "expected a mapping, found the string \"x\"")
        #expect(
            fault { try pod(#"{"spec":{"containers":[{}],"preemptionPolicy":"no"}}"#) }
                == "spec.preemptionPolicy: expected one of \"Never\", \"PreemptLowerPriority\", found the string \"no\""
        )
    }

    @Test func roundTrips() throws {
        let json =
            #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"n","uid":"u","labels":{"a":"b"},"#
            + #""annotations":{"c":"d"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"r","#
            + #""uid":"x","controller":true}],"creationTimestamp":"2024-01-01T00:00:00Z"},"spec":{"containers":[{"name":"a","#
            + #""image":"i","resources":{"requests":{"cpu":"1"},"limits":{"cpu":"1","memory":"1Gi"}},"ports":[{"containerPort":1,"#
            + #""hostPort":1,"protocol":"UDP","hostIP":"10.0.0.1"}]}],"initContainers":[{"name":"s","restartPolicy":"Always"}],"#
            + #""overhead":{"cpu":"1m"},"resources":{"requests":{"cpu":"2"}},"nodeName":"m","nodeSelector":{"x":"y"},"#
            + #""affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":["#
            + #"{"matchExpressions":[{"key":"k","operator":"Gt","values":["4"]}],"matchFields":[{"key":"metadata.name","#
            + #""operator":"In","values":["m"]}]}]},"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":5,"preference":"#
            + #"{"matchExpressions":[{"key":"k","operator":"Exists"}]}}]},"podAffinity":{"#
            + #""requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"z","labelSelector":{"matchLabels":{"a":"b"}},"#
            + #""namespaces":["q"],"namespaceSelector":{},"matchLabelKeys":["a"],"mismatchLabelKeys":["e"]}]},"podAntiAffinity":"#
            + #"{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"podAffinityTerm":{"topologyKey":"h"}}]}},"#
            + #""tolerations":[{"key":"t","operator":"Exists","effect":"NoExecute","tolerationSeconds":3},"#
            + #"{"operator":"Exists"},{"key":"v","value":"w"}],"topologySpreadConstraints":[{"maxSkew":2,"topologyKey":"z","#
            + #""whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchExpressions":[{"key":"a","operator":"NotIn","values":["c"]}]},"#
            + #""minDomains":3,"nodeAffinityPolicy":"Ignore","nodeTaintsPolicy":"Honor","matchLabelKeys":["a"]}],"priority":-7,"#
            + #""priorityClassName":"low","preemptionPolicy":"Never","schedulerName":"s","schedulingGates":[{"name":"g"}],"#
            + #""schedulingGroup":{"podGroupName":"gg"},"hostNetwork":true},"status":{"phase":"Pending","#
            + #""nominatedNodeName":"o","startTime":"2024-01-02T00:00:00Z"}}"#
        let first = try Pod(Value(json: json))
        #expect(try Pod(first.value) == first)
        #expect(first.spec.affinity.requiredPods.first?.namespaceSelector?.isEmpty == true)
        #expect(first.spec.tolerations.count == 3)
        #expect(first.spec.topologySpreadConstraints.first?.minDomains == 3)
        let selector = LabelSelector(matchLabels: ["svc": "x"])
        let template = SchedulingSpec(first, serviceSelector: selector)
        #expect(try SchedulingSpec(ObjectReader(template.value)) == template)
        #expect(template.priority == -7 && !template.mayPreempt && template.images == ["", "i"])
        #expect(template.requests == first.spec.effectiveRequests)
        // What another process reads is what this one wrote, byte for byte.
        let text = template.value.json
        #expect(try SchedulingSpec(ObjectReader(Value(json: text))) == template)
        var leaving = first
        leaving.metadata.deletionTimestamp = "2024-01-02T00:00:00Z"
        #expect(try Pod(leaving.value) == leaving)
        let left = SchedulingSpec(leaving, serviceSelector: selector)
        #expect(left.isTerminating && left != template)
        #expect(try SchedulingSpec(ObjectReader(left.value)) == left)
        let plain = SchedulingSpec(Pod.sample())
        #expect(try SchedulingSpec(ObjectReader(plain.value)) == plain)
    }
}
