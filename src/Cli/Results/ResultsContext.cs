using System.Text.Json.Serialization;
using Lockstep.Runs;

namespace Lockstep.Cli.Results;

/// <summary>
/// How results become JSON. The names and the order of a record's properties are those of its JSON object, so both are a contract with the
/// programs that read them.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [typeof(FiniteDoubleConverter), typeof(FiniteSingleConverter), typeof(RunSpecConverter)])]
[JsonSerializable(typeof(BenchmarkJson))]
[JsonSerializable(typeof(CheckpointJson))]
[JsonSerializable(typeof(ComparisonJson))]
[JsonSerializable(typeof(DatasetJson))]
[JsonSerializable(typeof(DifferenceJson))]
[JsonSerializable(typeof(EvaluationJson))]
[JsonSerializable(typeof(ExportJson))]
[JsonSerializable(typeof(ImportJson))]
[JsonSerializable(typeof(MetricsJson))]
[JsonSerializable(typeof(PredictionsJson))]
[JsonSerializable(typeof(RowAnswersJson))]
[JsonSerializable(typeof(RowTargetsJson))]
[JsonSerializable(typeof(ReplayJson))]
[JsonSerializable(typeof(RestoreJson))]
[JsonSerializable(typeof(RunsJson))]
[JsonSerializable(typeof(RateTestJson))]
[JsonSerializable(typeof(SweepJson))]
[JsonSerializable(typeof(VerificationJson))]
internal sealed partial class ResultsContext : JsonSerializerContext;
