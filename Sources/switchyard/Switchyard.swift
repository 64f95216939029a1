import ArgumentParser
import DispatcherShell
import Manifests

@main
struct Switchyard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switchyard",
        abstract: "Runs several schedulers on one cluster: policies route each pod, every placement is checked.",
        discussion: """
            Try it:
              switchyard demo
              switchyard simulate --nodes nodes.yaml --pods pods.yaml --policies policies
              switchyard explain --nodes nodes.yaml --pods pods.yaml --pod default/web-0
              switchyard scheduler check python3 examples/python/first_fit.py
              switchyard bench run benchmarks/basic.yaml

            Exit codes: 0 done; 1 the work itself found a failure, or its result could not be written; 2 bad usage or \
            bad input; 130 and 143 after SIGINT and SIGTERM, with what was known by then.
            """,
        version: "switchyard 0.1.0",
        subcommands: [
            Demo.self, Simulate.self, Explain.self, Convert.self, PolicyCommand.self, SchedulerCommand.self,
            BenchCommand.self,
        ])

    static func main() async {
        Descriptor.reserveStandardOnes()
        Interruption.catchSignals()
        do {
            var command = try parseAsRoot()
            if var asyncCommand = command as? any AsyncParsableCommand {
                try await asyncCommand.run()
            } else {
                try command.run()
            }
            // A run that a signal ended in order has told what it knew.
            if Interruption.signal != nil { Terminal.exit(0) }
        } catch let failure as Failure {
            failure.report()
        } catch let errors as InputErrors {
            Failure.input([errors.description]).report()
        } catch let error as InputError {
            Failure.input([error.description]).report()
        } catch let error as FaultPlan.ParseError {
            Failure.input([error.description]).report()
        } catch {
            // The parser's own errors: its help exits with 0, everything else is bad usage.
            let code = exitCode(for: error)
            if code == .success { exit(withError: error) }
            Terminal.complain(lines: fullMessage(for: error))
            Terminal.exit(2)
        }
    }
}
