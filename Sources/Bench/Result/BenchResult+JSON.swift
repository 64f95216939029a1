import ClusterModel
import Foundation
import Manifests

extension BenchResult {
    /// The result as one line of JSON, its keys sorted, without a newline at the end.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // What is not a number (a division by nothing) is no reason to lose all the rest.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let data = try? encoder.encode(self) else { preconditionFailure("a result is made of plain values") }
        return String(decoding: data, as: UTF8.self)
    }

    /// Reads what `bench run -o json` or `--save` wrote.
    public init(path: String) throws(InputError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw InputError(
                .notFound, file: path, expected: "a result of bench run", found: "no file that can be read")
        }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        struct Header: Decodable {
            var kind: String
            var version: Int
        }
        do {
            let header = try decoder.decode(Header.self, from: data)
            guard header.kind == BenchResult.kind, header.version == BenchResult.version else {
                throw InputError(
                    .field, file: path, path: FieldPath("kind"),
                    expected: "\(BenchResult.kind), version \(BenchResult.version)",
                    found: "\(header.kind), version \(header.version)")
            }
            self = try decoder.decode(BenchResult.self, from: data)
        } catch let error as InputError {
            throw error
        } catch let error as DecodingError {
            throw BenchResult.inputError(error, path)
        } catch {
            throw InputError(.syntax, file: path, expected: "a result of bench run", found: error.localizedDescription)
        }
    }

    private static func inputError(_ error: DecodingError, _ file: String) -> InputError {
        func path(_ keys: [any CodingKey]) -> FieldPath {
            FieldPath(keys.map { key in key.intValue.map { .index($0) } ?? .key(key.stringValue) })
        }
        switch error {
        case .keyNotFound(let key, let context):
            return InputError(
                .field, file: file, path: path(context.codingPath + [key]), expected: "a value", found: "nothing")
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            return InputError(
                .field, file: file, path: path(context.codingPath), expected: "\(type)", found: context.debugDescription
            )
        case .dataCorrupted(let context):
            return InputError(
                .syntax, file: file, path: path(context.codingPath), expected: "a result of bench run",
                found: context.debugDescription)
        @unknown default:
            return InputError(.syntax, file: file, expected: "a result of bench run", found: "\(error)")
        }
    }
}
