using System.Text.Json.Serialization;
using Lockstep.Runs;

namespace Lockstep.Chaos.Results;

/// <summary>How results become JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(ResultJson))]
internal sealed partial class ResultContext : JsonSerializerContext;
