using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lockstep.Cli.Results;

/// <summary>
/// Writes NaN and the infinities as null, because JSON has no form for them, and a finite number in the fewest digits that give the same
/// float.
/// </summary>
internal sealed class FiniteSingleConverter : JsonConverter<float>
{
    public override float Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetSingle();

    public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options)
    {
        if (float.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteNullValue();
    }
}
