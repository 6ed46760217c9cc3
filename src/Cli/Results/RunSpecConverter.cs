using System.Text.Json;
using System.Text.Json.Serialization;
using Lockstep.Model.Specs;
using Lockstep.Runs;

namespace Lockstep.Cli.Results;

/// <summary>Writes a run spec as <see cref="RunSpecJson"/> does, the same as in a run's <c>config.json</c>. Reads none.</summary>
internal sealed class RunSpecConverter : JsonConverter<RunSpec>
{
    public override RunSpec Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, RunSpec value, JsonSerializerOptions options) => RunSpecJson.Write(writer, value);
}
