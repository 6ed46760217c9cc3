using System.Text.Json;

namespace Lockstep.Model.Specs;

/// <summary>Writes a layer as JSON: its kind unless it is the default, its name, then its settings.</summary>
public static class LayerJson
{
    /// <summary>Writes the properties of a layer into the open object.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="withInputs">Whether to write settings that the layer below determines.</param>
    public static void Write(Utf8JsonWriter writer, LayerSpec layer, bool withInputs)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(layer);
        if (layer.Kind != LayerKind.Default)
            writer.WriteString("kind", layer.Kind.Name);
        writer.WriteString("name", layer.Name);
        foreach ((LayerField field, object value) in layer.Kind.Fields.Zip(layer.Kind.ValuesOf(layer)))
        {
            switch (field)
            {
                case IntegerField { FollowsFromBelow: true } when !withInputs:
                    break;
                case IntegerField:
                    writer.WriteNumber(field.Key, (int)value);
                    break;
                case NumberField:
                    writer.WriteNumber(field.Key, (double)value);
                    break;
                case ChoiceField choice:
                    writer.WriteString(field.Key, choice.Names[(int)value]);
                    break;
                case ParameterField:
                    writer.WriteStartObject(field.Key);
                    WriteParameter(writer, (ParameterSpec)value);
                    writer.WriteEndObject();
                    break;
            }
        }
    }

    private static void WriteParameter(Utf8JsonWriter writer, ParameterSpec parameter)
    {
        writer.WriteString("name", parameter.Name);
        writer.WriteString("initializer", parameter.Initializer.ToString());
        writer.WriteBoolean("trainable", parameter.IsTrainable);
        if (parameter.L2 is { } l2)
            writer.WriteNumber("l2", l2);
        if (parameter.LearningRate is { } rate)
            writer.WriteNumber("learningRate", rate);
    }
}
