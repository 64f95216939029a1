// The C library inside of Yams: its events carry places, and nothing is built of them that we do not ask for.
import CYaml

/// The events that libyaml makes of a text, one after another.
///
/// This file alone sees the C library. The trees of Yams around it are of no use here: it compares the keys of a mapping
/// with one another, whole trees of them where aliases are keys, and follows aliases without any limit.
struct YAMLEvents: ~Copyable {
    /// A scalar as it is written.
    struct Scalar {
        var text: String
        /// Its tag, written in full; nil where it has none.
        var tag: String?
        /// Whether its type shows in its text alone: it has neither quotes nor a tag.
        var isPlain: Bool
    }

    /// What libyaml saw.
    enum Event {
        case alias(String)
        case scalar(Scalar, anchor: String?)
        case listStart(anchor: String?)
        case listEnd
        case mappingStart(anchor: String?)
        case mappingEnd
        case documentStart
        case documentEnd
        case streamEnd
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// Reads a text in UTF-8, which must stay where it is.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        yaml_parser_initialize(parser)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deinitialize(count: 1)
        parser.deallocate()
    }

    /// The next event, and the offset of its first character, counted in characters.
    mutating func next() throws(GeneralYAML.Fault) -> (event: Event, at: Int) {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw fault }
        defer { yaml_event_delete(&event) }
        let at = Int(event.start_mark.index)
        switch event.type {
        case YAML_ALIAS_EVENT: return (.alias(YAMLEvents.string(event.data.alias.anchor) ?? ""), at)
        case YAML_SCALAR_EVENT: return (YAMLEvents.scalar(event), at)
        case YAML_SEQUENCE_START_EVENT:
            return (.listStart(anchor: YAMLEvents.string(event.data.sequence_start.anchor)), at)
        case YAML_SEQUENCE_END_EVENT: return (.listEnd, at)
        case YAML_MAPPING_START_EVENT:
            return (.mappingStart(anchor: YAMLEvents.string(event.data.mapping_start.anchor)), at)
        case YAML_MAPPING_END_EVENT: return (.mappingEnd, at)
        case YAML_DOCUMENT_START_EVENT: return (.documentStart, at)
        case YAML_DOCUMENT_END_EVENT: return (.documentEnd, at)
        // The start of the stream says nothing.
        case YAML_STREAM_START_EVENT: return try next()
        default: return (.streamEnd, at)
        }
    }

    private static func scalar(_ event: yaml_event_t) -> Event {
        let data = event.data.scalar
        let text = String(decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
        let tag = string(data.tag)
        return .scalar(
            Scalar(text: text, tag: tag, isPlain: data.plain_implicit != 0 && tag == nil), anchor: string(data.anchor))
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        text.map { String(cString: $0) }
    }

    /// What libyaml had to say.
    private var fault: GeneralYAML.Fault {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "out of memory"
        switch state.error {
        case YAML_READER_ERROR:
            let found =
                state.problem_value > 0 ? YAMLEvents.character(state.problem_value) : "a syntax error (\(problem))"
            return GeneralYAML.Fault(code: .syntax, place: .byte(Int(state.problem_offset)), found: found)
        case YAML_SCANNER_ERROR, YAML_PARSER_ERROR:
            let place = GeneralYAML.Place.character(Int(state.problem_mark.index))
            if problem.contains("nesting level") {
                return GeneralYAML.Fault(code: .tooLarge, place: place, found: "nesting that is too deep")
            }
            var fault = GeneralYAML.Fault(code: .syntax, place: place, found: problem)
            fault.context = (state.context.map { String(cString: $0) } ?? "", Int(state.context_mark.index))
            return fault
        default: return GeneralYAML.Fault(code: .syntax, place: .character(0), found: "a syntax error (\(problem))")
        }
    }

    private static func character(_ value: Int32) -> String {
        let code = String(value, radix: 16, uppercase: true)
        return "the character U+\(String(repeating: "0", count: max(0, 4 - code.utf8.count)))\(code), "
            + "which YAML wants escaped in double quotes"
    }
}
