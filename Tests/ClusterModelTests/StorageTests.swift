import ClusterModel
import JSON
import Testing

/// What the volumes of a pod come to, by the rules of Kubernetes' VolumeBinding and VolumeZone plug-ins.
@Suite struct StorageTests {
    private func storage(
        volumes: [String] = [], claims: [String] = [], classes: [String] = [], nodes: [String] = []
    ) throws -> StorageObjects {
        var result = StorageObjects()
        result.volumes = try volumes.map { try PersistentVolume(Value(json: $0)) }
        result.claims = try claims.map { try PersistentVolumeClaim(Value(json: $0)) }
        result.classes = try classes.map { try StorageClass(Value(json: $0)) }
        result.csiNodes = try nodes.map { try CSINode(Value(json: $0)) }
        return result
    }

    private func needs(_ storage: StorageObjects, _ volumes: String...) throws -> (VolumeNeeds?, StorageObjects.Gaps) {
        let list = volumes.joined(separator: ",")
        var pods = [try pod(#"{"spec":{"containers":[{"name":"c"}],"volumes":[\#(list)]}}"#)]
        let gaps = storage.resolve(&pods)
        return (pods[0].spec.volumeNeeds, gaps)
    }

    private static let uses = #"{"name":"v","persistentVolumeClaim":{"claimName":"data"}}"#
    private static let nodeA =
        #""nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"host","operator":"In","values":["a"]}]}]}}"#
    private static let local =
        #"{"metadata":{"name":"local"},"provisioner":"kubernetes.io/no-provisioner","volumeBindingMode":"WaitForFirstConsumer"}"#
    private static let bound = #"{"metadata":{"name":"data"},"spec":{"volumeName":"pv"},"status":{"phase":"Bound"}}"#

    private func claim(_ spec: String, phase: String = "Pending") -> String {
        #"{"metadata":{"name":"data"},"spec":\#(spec),"status":{"phase":"\#(phase)"}}"#
    }

    @Test func podsWithoutClaimsAskNothing() throws {
        let (found, gaps) = try needs(storage(classes: [Self.local]), #"{"name":"v","emptyDir":{}}"#)
        #expect(found == nil && gaps == StorageObjects.Gaps())
    }

    @Test func boundClaimsFollowTheirVolume() throws {
        let volume =
            #"{"metadata":{"name":"pv","labels":{"topology.kubernetes.io/zone":"x__y"}},"spec":{\#(Self.nodeA)}}"#
        let found = try #require(needs(storage(volumes: [volume], claims: [Self.bound]), Self.uses).0)
        #expect(found.bound.count == 1 && found.claims.isEmpty && found.blockers.isEmpty)
        #expect(found.bound[0].matches(name: "n", labels: ["host": "a"]))
        let zones = try #require(found.zones.first)
        // Nodes without any zone or region are taken as they are; the others must be in one of the zones.
        #expect(zones.matches(name: "n", labels: [:]))
        #expect(zones.matches(name: "n", labels: ["topology.kubernetes.io/zone": "y"]))
        #expect(!zones.matches(name: "n", labels: ["topology.kubernetes.io/zone": "z"]))
        #expect(!zones.matches(name: "n", labels: ["topology.kubernetes.io/region": "x"]))
    }

    @Test func oldZoneLabelsMeanTheNewOnes() throws {
        let old = "failure-domain.beta.kubernetes.io/zone"
        let volume = #"{"metadata":{"name":"pv","labels":{"\#(old)":"x"}},"spec":{}}"#
        let found = try #require(needs(storage(volumes: [volume], claims: [Self.bound]), Self.uses).0)
        #expect(found.zones[0].matches(name: "n", labels: ["topology.kubernetes.io/zone": "x"]))
        #expect(found.zones[0].matches(name: "n", labels: [old: "x", "topology.kubernetes.io/zone": "y"]))
        #expect(!found.zones[0].matches(name: "n", labels: [old: "y", "topology.kubernetes.io/zone": "x"]))
    }

    @Test(arguments: [
        (#"{"metadata":{"name":"else"}}"#, "persistentvolumeclaim \"data\" not found"),
        (bound, "persistentvolume \"pv\" not found"),
        (
            #"{"metadata":{"name":"data"},"spec":{"volumeName":"pv"},"status":{"phase":"Lost"}}"#,
            "persistentvolumeclaim \"data\" bound to non-existent persistentvolume \"pv\""
        ),
        (
            #"{"metadata":{"name":"data","deletionTimestamp":"2026-01-01T00:00:00Z"}}"#,
            "persistentvolumeclaim \"data\" is being deleted"
        ),
        (
            #"{"metadata":{"name":"data"},"spec":{"storageClassName":"now"}}"#,
            "pod has unbound immediate PersistentVolumeClaims"
        ),
        (#"{"metadata":{"name":"data"},"spec":{}}"#, "pod has unbound immediate PersistentVolumeClaims"),
        (
            #"{"metadata":{"name":"data"},"spec":{"storageClassName":"gone"}}"#,
            "storageclass.storage.k8s.io \"gone\" not found"
        ),
    ])
    func claimsThatMustBeMended(claim: String, words: String) throws {
        let now = #"{"metadata":{"name":"now"},"provisioner":"p"}"#
        let all = try storage(volumes: [#"{"metadata":{"name":"x"}}"#], claims: [claim], classes: [now])
        #expect(try needs(all, Self.uses).0?.blockers == [words])
    }

    /// Source of the rows: `FindMatchingVolume`. Of each row: a volume's spec, and whether it would do.
    @Test(arguments: [
        (#""storageClassName":"local""#, true), (#""storageClassName":"other""#, false),
        (#""storageClassName":"local","volumeMode":"Block""#, false),
        (#""storageClassName":"local","claimRef":{"namespace":"default","name":"else"}"#, false),
        (#""storageClassName":"local","claimRef":{"namespace":"default","name":"data"}"#, true),
    ])
    func claimsThatWaitHaveCandidates(spec: String, fits: Bool) throws {
        let volume =
            #"{"metadata":{"name":"pv","labels":{"tier":"x"}},"spec":{\#(spec),"capacity":{"storage":"5Gi"},"accessModes":["ReadWriteOnce"]}}"#
        let wish = { (more: String, size: String) in
            #"{"storageClassName":"local","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"\#(size)"}}\#(more)}"#
        }
        func found(_ more: String = "", _ size: String = "5Gi") throws -> [String] {
            let all = try storage(volumes: [volume], claims: [claim(wish(more, size))], classes: [Self.local])
            let claim = try #require(needs(all, Self.uses).0?.claims.first)
            #expect(!claim.isMade)
            return claim.candidates.map(\.volume)
        }
        #expect(try found() == (fits ? ["pv"] : []))
        #expect(try found("", "6Gi") == [])
        let isKept = spec.contains("\"data\"")
        #expect(try found(#","selector":{"matchLabels":{"tier":"y"}}"#) == (isKept ? ["pv"] : []))
    }

    @Test func smallVolumesComeFirst() throws {
        let volumes = ["9", "3", "5"].map {
            #"{"metadata":{"name":"pv-\#($0)"},"spec":{"storageClassName":"local","capacity":{"storage":"\#($0)Gi"}}}"#
        }
        let all = try storage(
            volumes: volumes,
            claims: [claim(#"{"storageClassName":"local","resources":{"requests":{"storage":"4Gi"}}}"#)],
            classes: [Self.local])
        #expect(try needs(all, Self.uses).0?.claims.first?.candidates.map(\.volume) == ["pv-5", "pv-9"])
    }

    @Test func volumesAreMadeByTheDefaultClass() throws {
        let topologies = #"[{"matchLabelExpressions":[{"key":"zone","values":["a","b"]}]}]"#
        let standard =
            #"{"metadata":{"name":"std","annotations":{"storageclass.kubernetes.io/is-default-class":"true"}},"#
            + #""provisioner":"disk","volumeBindingMode":"WaitForFirstConsumer","allowedTopologies":\#(topologies)}"#
        let limits = #"{"metadata":{"name":"n"},"spec":{"drivers":[{"name":"disk","allocatable":{"count":3}}]}}"#
        let all = try storage(claims: [claim("{}")], classes: [standard], nodes: [limits])
        let found = try #require(needs(all, Self.uses).0)
        #expect(found.claims.first?.isMade == true)
        #expect(found.claims.first?.madeIn?.matches(name: "n", labels: ["zone": "b"]) == true)
        #expect(found.attachments == [.init(driver: "disk", volume: "default/data")])
        // A claim that is made with its pod is not waited for.
        let ephemeral = #"{"name":"v","ephemeral":{"volumeClaimTemplate":{"spec":{}}}}"#
        #expect(try needs(all, ephemeral).0?.claims.first?.name == "default/p-v")
        // The empty class is no class.
        let none = try storage(claims: [claim(#"{"storageClassName":""}"#)], classes: [standard])
        #expect(try needs(none, Self.uses).0?.blockers == ["pod has unbound immediate PersistentVolumeClaims"])
        var nodes = [Node(metadata: ObjectMeta(name: "n"), allocatable: [:])]
        all.limit(&nodes)
        #expect(nodes[0].allocatable["attachable-volumes-csi-disk"] == Quantity(3))
    }

    @Test func saysWhatIsNotKnown() throws {
        let (none, gaps) = try needs(StorageObjects(), Self.uses)
        #expect(none == nil && gaps.withoutStorage == 1)
        #expect(gaps.warnings.count == 1 && gaps.warnings[0].contains("not looked at"))
        #expect(try needs(storage(claims: [Self.bound]), Self.uses).1.withoutVolumes == 1)
        let (open, more) = try needs(storage(claims: [claim(#"{"storageClassName":"x"}"#)]), Self.uses)
        #expect(open == nil && more.withoutClasses == 1)
    }

    @Test func manyVolumesAreNotToldApart() throws {
        let volumes = (0..<300).map {
            #"{"metadata":{"name":"pv-\#($0)"},"spec":{"storageClassName":"local",\#(Self.nodeA)}}"#
        }
        let all = try storage(
            volumes: volumes, claims: [claim(#"{"storageClassName":"local"}"#)], classes: [Self.local])
        let (found, gaps) = try needs(all, Self.uses)
        #expect(gaps.withManyVolumes == 1)
        #expect(found?.claims.first?.candidates.isEmpty == true)
        #expect(found?.claims.first?.madeIn?.matches(name: "n", labels: ["host": "a"]) == true)
        #expect(found?.claims.first?.madeIn?.matches(name: "n", labels: ["host": "b"]) == false)
    }

    @Test func claimsAndDisksOfOnePod() throws {
        let once = claim(#"{"accessModes":["ReadWriteOncePod"],"volumeName":"pv"}"#, phase: "Bound")
        let all = try storage(volumes: [#"{"metadata":{"name":"pv"}}"#], claims: [once])
        #expect(try needs(all, Self.uses).0?.exclusive == ["default/data"])
        let disks = try needs(
            StorageObjects(), #"{"name":"a","gcePersistentDisk":{"pdName":"x","readOnly":true}}"#,
            #"{"name":"b","awsElasticBlockStore":{"volumeID":"y","readOnly":true}}"#,
            #"{"name":"c","rbd":{"image":"i","monitors":["m","n"]}}"#
        ).0?.disks
        #expect(disks?.map(\.mayShare) == [true, false, false, false])
        #expect(Set(disks?.map(\.name) ?? []).count == 4)
    }

    @Test func statefulSetsMakeClaims() throws {
        let set = try PodCollection(
            Value(
                json: #"{"metadata":{"name":"db"},"spec":{"replicas":2,"selector":{"matchLabels":{"a":"b"}},"#
                    + #""volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"storageClassName":"local"}}],"#
                    + #""template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c"}],"volumes":"#
                    + #"[{"name":"data","persistentVolumeClaim":{"claimName":"hidden"}}]}}}}"#), kind: .statefulSet)
        var pods = set.expanded(nodes: [])
        let template = ClaimSpec(storageClass: "local")
        #expect(
            pods.map(\.spec.volumes) == [
                [PodVolume(name: "data", source: .claim(name: "data-db-0", template: template))],
                [PodVolume(name: "data", source: .claim(name: "data-db-1", template: template))],
            ])
        // What is not there yet is made with the pod, of the volumes that are free.
        let volume = #"{"metadata":{"name":"pv"},"spec":{"storageClassName":"local",\#(Self.nodeA)}}"#
        _ = try storage(volumes: [volume], classes: [Self.local]).resolve(&pods)
        #expect(pods.map { $0.spec.volumeNeeds?.claims.first?.name } == ["default/data-db-0", "default/data-db-1"])
        #expect(pods[0].spec.volumeNeeds?.claims.first?.candidates.map(\.volume) == ["pv"])
    }
}
