using System.Text.Json.Serialization;

namespace Lockstep.Chaos.Plans;

/// <summary>How plans become JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(PlanJson.Plan))]
internal sealed partial class PlanContext : JsonSerializerContext;
