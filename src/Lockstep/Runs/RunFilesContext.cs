using System.Text.Json.Serialization;
using Lockstep.Coordinator.Runs;

namespace Lockstep.Runs;

/// <summary>
/// How the files of a run folder become JSON and are read again. The names and the order of a record's properties are those of its file, so
/// both are a contract with other versions and with the programs that read them.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(EnvironmentJson))]
[JsonSerializable(typeof(EventJson))]
[JsonSerializable(typeof(FailureJson))]
[JsonSerializable(typeof(MetricsRow))]
[JsonSerializable(typeof(SummaryJson))]
internal sealed partial class RunFilesContext : JsonSerializerContext;
